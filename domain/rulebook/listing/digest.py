"""A digest of a rulebook: the same for the same text in every process, another one where anything
of it differs, a wording too."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from enum import Enum
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from domain.rulebook.schema import Rulebook

REMEMBERED = "_digest"
PLAIN = (str, int, float, date, time, Fraction, type(None))


def digest_of(book: Rulebook) -> str:
    """Return the digest of a rulebook with all earlier texts below it. It is remembered beside the
    fields of what is frozen."""
    known: str | None = book.__dict__.get(REMEMBERED)
    if known is None:
        known = book.__dict__[REMEMBERED] = str(_said(book, {}))
    return known


def _said(value: Any, known: dict[int, str]) -> object:
    """Return a value as lists, texts and numbers, in one order. `known`: what was said of a part,
    by its identity, since an earlier text shares most of its parts. Raises TypeError for what has
    no order of its own."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, PLAIN):
        return str(value) if isinstance(value, Fraction) else value
    if is_dataclass(value):
        if id(value) not in known:
            # What follows from the other fields doesn't count for equality either.
            names = [one.name for one in fields(value) if one.compare]
            said = [(name, _said(getattr(value, name), known)) for name in names]
            whole = repr((type(value).__name__, said)).encode()
            known[id(value)] = blake2b(whole, digest_size=16).hexdigest()
        return known[id(value)]
    if isinstance(value, Mapping):
        return sorted((str(key), repr(_said(one, known))) for key, one in value.items())
    if isinstance(value, set | frozenset):
        return sorted(repr(_said(one, known)) for one in value)
    if isinstance(value, list | tuple):
        return [_said(one, known) for one in value]
    raise TypeError(type(value).__name__)
