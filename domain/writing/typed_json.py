"""Values as text: JSON that keeps days, aware times and tuples."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any


def dumps(value: object) -> str:
    return _ENCODER.encode(_encodable(value))


def listed(texts: Iterable[str]) -> str:
    """Return what `dumps` makes of a list, of whose values it was asked already."""
    return f'{{"_all":[{",".join(texts)}]}}'


def loads(text: str) -> Any:
    return _DECODER.decode(text)


PLAIN = frozenset((str, int, bool, float, type(None)))
"""What JSON keeps as it is: most values, which are spared the call."""


def _encodable(value: object) -> object:
    mark = _MARKS.get(type(value))
    if mark is None:
        # What only behaves like one of them, such as a counter.
        mark = next((mark for kind, mark in _MARKS.items() if isinstance(value, kind)), None)
    return value if mark is None else mark(value)


def _marked_time(value: datetime) -> object:
    return {"_time": value.isoformat()}


def _marked_day(value: date) -> object:
    return {"_day": value.isoformat()}


def _marked_list(value: Collection[object]) -> object:
    # JSON has one kind of list: all come back as tuples, which nobody changes by accident.
    return {"_all": [one if type(one) in PLAIN else _encodable(one) for one in value]}


def _with_marks(value: Mapping[object, object]) -> object:
    return {str(key): one if type(one) in PLAIN else _encodable(one) for key, one in value.items()}


# Times first: an aware time is a day as well.
_MARKS: Mapping[type, Callable[[Any], object]] = {
    datetime: _marked_time,
    date: _marked_day,
    dict: _with_marks,
    **dict.fromkeys((tuple, list, set, frozenset), _marked_list),
}


def _decoded(value: dict[str, Any]) -> Any:
    # Only our own marks have exactly one key; what a person wrote has its own.
    if len(value) != 1:
        return value
    [(kind, said)] = value.items()
    if kind == "_day":
        return date.fromisoformat(said)
    if kind == "_time":
        return datetime.fromisoformat(said)
    return tuple(said) if kind == "_all" else value


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
_DECODER = json.JSONDecoder(object_hook=_decoded)
"""Made once: with options of their own, json makes one for every value."""
