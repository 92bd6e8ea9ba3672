"""Reads tables of a rulebook file key by key; what is wrong is said with file, key and reason."""

from collections.abc import Iterator
from datetime import date, time
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from domain.rulebook.schema import Text

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
KINDS: dict[type, str] = {
    str: "a text in quotes",
    int: "a whole number",
    bool: "true or false",
    dict: "a table",
    list: "a list",
    date: "a date such as 2026-05-11",
    time: "a time such as 08:30:00",
}


class FileError(Exception):
    """A rulebook file that can't be used: which file, which key, and why."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}")
        self.file, self.key, self.reason = file, key, reason


class Table:
    """One table of a file. Every key that is asked for is used up; `close` refuses the rest.

    `key` is the path as the author knows it: steps[15].fields[held_on]. All methods raise
    FileError; one with a default takes it where the key is missing.
    """

    def __init__(self, file: str, key: str, values: object) -> None:
        self.file, self.key = file, key
        if not isinstance(values, dict):
            raise FileError(file, key or "-", "expected a table")
        self._values: dict[str, Any] = dict(values)
        if isinstance(name := values.get("id", values.get("step")), str) and key.endswith("]"):
            self.key = f"{key[: key.rindex('[')]}[{name}]"

    def wrong(self, name: str, reason: str) -> FileError:
        return FileError(self.file, f"{self.key}.{name}".lstrip("."), reason)

    def close(self) -> None:
        """Raises for keys that nobody asked for."""
        for name in self._values:
            raise self.wrong(name, "unknown key")

    def has(self, name: str) -> bool:
        return name in self._values

    def value(self, name: str, kind: type[T], default: T | None = None) -> T:
        if name not in self._values:
            if default is None:
                raise self.wrong(name, f"is missing; expected {KINDS[kind]}")
            return default
        found = self._values.pop(name)
        if type(found) is not kind:
            raise self.wrong(name, f"expected {KINDS[kind]}, found {found!r}")
        return found

    def string(self, name: str, default: str | None = None) -> str:
        """Not empty, unless that is the default."""
        found = self.value(name, str, default)
        if not found.strip() and found != default:
            raise self.wrong(name, "is empty")
        return found

    def number(self, name: str, default: int | None = None) -> int:
        return self.value(name, int, default)

    def maybe_number(self, name: str) -> int | None:
        return self.number(name) if self.has(name) else None

    def flag(self, name: str) -> bool:
        return self.value(name, bool, False)

    def maybe_flag(self, name: str) -> bool | None:
        return self.value(name, bool) if self.has(name) else None

    def one_of(self, name: str, kind: type[E], default: E | None = None) -> E:
        if default is not None and not self.has(name):
            return default
        return self._member(name, kind, self.string(name))

    def some_of(self, name: str, kind: type[E]) -> tuple[E, ...]:
        return tuple(self._member(name, kind, word) for word in self.strings(name))

    def _member(self, name: str, kind: type[E], word: str) -> E:
        try:
            return kind(word)
        except ValueError:
            expected = ", ".join(member.value for member in kind)
            raise self.wrong(name, f"expected one of {expected}; found {word!r}") from None

    def fraction(self, name: str) -> Fraction:
        written = self.string(name)
        try:
            return Fraction(written)
        except (ValueError, ZeroDivisionError):
            raise self.wrong(name, f"expected a fraction such as 1/2, found {written!r}") from None

    def strings(self, name: str) -> tuple[str, ...]:
        return self._list(name, str)

    def numbers(self, name: str) -> tuple[int, ...]:
        return self._list(name, int)

    def days(self, name: str) -> tuple[date, ...]:
        return self._list(name, date)

    def times(self, name: str) -> tuple[time, ...]:
        return self._list(name, time)

    def _list(self, name: str, kind: type[T]) -> tuple[T, ...]:
        found: list[Any] = self.value(name, list, [])
        for item in found:
            if type(item) is not kind or item == "":
                raise self.wrong(name, f"expected a list, each {KINDS[kind]}; found {item!r}")
        return tuple(found)

    def text(self, name: str) -> Text:
        """Both languages, neither empty."""
        return self.table(name).as_text()

    def maybe_text(self, name: str) -> Text | None:
        return self.text(name) if self.has(name) else None

    def texts(self, name: str) -> tuple[Text, ...]:
        return tuple(table.as_text() for table in self.tables(name))

    def as_text(self) -> Text:
        text = Text(self.string("zh"), self.string("en"))
        self.close()
        return text

    def table(self, name: str) -> "Table":
        return Table(self.file, f"{self.key}.{name}".lstrip("."), self.value(name, dict))

    def tables(self, name: str) -> Iterator["Table"]:
        found: list[Any] = self.value(name, list, [])
        for place, item in enumerate(found):
            yield Table(self.file, f"{self.key}.{name}[{place}]".lstrip("."), item)
