"""Tables, their column types and migrations. Everything that names a column.

Tables are loaded when the first of them is asked for: a process that only handles keys has no use
for them, nor for forty megabytes of SQLAlchemy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.tables import *  # noqa: F403


def __getattr__(name: str) -> Any:
    tables = import_module("models.tables")
    if name not in tables.__all__:
        raise AttributeError(name)
    return getattr(tables, name)
