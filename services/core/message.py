"""A message before it is queued: what whoever causes it says, to nobody in particular yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

URGENT, ROUTINE = 0, 1
"""An urgent message goes before all routine ones that are due."""


@dataclass(frozen=True)
class Message:
    """`matter`, `kind`, `slot`: sent once to each person, however often it is queued. `payload`:
    JSON, put into words when it is sent, in the reader's language. `at`: when it is due at the
    earliest, aware."""

    matter: str
    kind: str
    slot: str
    payload: Mapping[str, Any]
    at: datetime
    priority: int = ROUTINE
