"""Parts of a rulebook with something in them changed."""

from dataclasses import replace
from typing import Any, TypeVar

T = TypeVar("T")


def replaced(item: T, **parts: Any) -> T:
    """`item` with these parts: a new one, or itself where they are what it has. A layer leaves most
    of a rulebook as it is, and to make a step anew takes some twenty times as long as to compare
    it."""
    if all(getattr(item, name) == part for name, part in parts.items()):
        return item
    return replace(item, **parts)  # type: ignore[type-var]
