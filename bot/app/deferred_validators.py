"""The one patch of a library: builds aiogram's validators when they are first used.

Importing aiogram builds those of all its types: seconds and 100 MB in each process, of which two
bots use a few. pydantic has `defer_build` for this, but a loop at the end of aiogram's import
builds them all the same. While that loop runs, `model_rebuild` only puts the names a type's
annotations need beside the type. `YINLU_EAGER_VALIDATORS=1` locks this off.
"""

import os
import re
import sys
from typing import Any

from pydantic import BaseModel

VARIABLE = "YINLU_EAGER_VALIDATORS"
NAME = re.compile(r"[A-Za-z_]\w*")


def load_aiogram() -> None:
    """To be called before anything imports aiogram; does nothing afterwards."""
    if "aiogram" in sys.modules or os.environ.get(VARIABLE):
        return
    # Not loaded where aiogram isn't.
    from unittest.mock import patch

    rebuild = patch.object(BaseModel, "model_rebuild", classmethod(_only_named))
    with patch.dict(BaseModel.model_config, defer_build=True), rebuild:
        import aiogram  # noqa: F401


def _only_named(cls: type[BaseModel], /, **given: Any) -> None:
    module, names = vars(sys.modules[cls.__module__]), given.get("_types_namespace") or {}
    # A subclass inherits fields whose annotations name what only its base's module imports.
    for base in cls.__mro__:
        annotations = vars(base).get("__annotations__", {}).values()
        for name in NAME.findall(" ".join(a for a in annotations if isinstance(a, str))):
            if name in names:
                module.setdefault(name, names[name])
