"""The columns of the sheet of cases: who somebody is, then a day for each step of the rulebook."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from domain.rulebook.schema import Field, FieldType, Rulebook, Step

FILE = Path(__file__).with_name("columns.toml")
SIGNS = re.compile(r"[\s,.:;*·/\\|_\-()\[\]<>'\"、。，：；（）【】《》“”]+")
ENDINGS = ("的时间", "的日期", "时间", "日期", "年月日")
"""What titles end with and what says nothing: 提交入党申请时间, 谈话日期."""


class CellKind(StrEnum):
    """How a cell is read."""

    TEXT = "text"
    DAY = "day"
    CHOICE = "choice"
    CHOICES = "choices"
    FLAG = "flag"
    PEOPLE = "people"
    SHOWN = "shown"
    """Only shown: it follows from the rest, and isn't read."""


@dataclass(frozen=True)
class Column:
    """`of`: `case.person`, a step's question such as `1.sex`, `17.day`, or `now.step`. `names`: by
    folded title or alias. `options`: labels by option id. `begins`: something began on its day, and
    ended on a later one."""

    of: str
    title: str
    kind: CellKind
    names: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    step: str = ""
    field: str = ""
    begins: bool = False


def columns_of(book: Rulebook) -> tuple[Column, ...]:
    """Return the columns of cases under a rulebook, in their order."""
    fixed, days = _file()
    listed = [item for item in fixed if "after" not in item and "before" not in item]
    beside: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for item in fixed:
        for side in ("before", "after"):
            if side in item:
                beside.setdefault((side, item[side]), []).append(item)
    # Where a case stands comes last, behind all that can be filled in.
    found = [_listed(item, book) for item in listed if not item["of"].startswith("now.")]
    for step in filter(_has_day, book.steps):
        found += [_listed(item, book) for item in beside.get(("before", step.id), ())]
        found.append(_day(step, days.get(step.id, {})))
        found += [_listed(item, book) for item in beside.get(("after", step.id), ())]
    found += [_listed(item, book) for item in listed if item["of"].startswith("now.")]
    return tuple(column for column in found if column is not None)


def folded(title: str) -> str:
    """Return a title as it is compared: widths folded, no signs, nothing that says it is a day."""
    plain = SIGNS.sub("", unicodedata.normalize("NFKC", title)).casefold()
    for ending in ENDINGS:
        if plain.endswith(ending) and len(plain) > len(ending):
            return plain.removesuffix(ending)
    return plain


def _has_day(step: Step) -> bool:
    """Not what may happen at any time, and not what only an answer calls for."""
    return not (step.anytime or step.by_report or step.called_by)


def _listed(item: Mapping[str, Any], book: Rulebook) -> Column | None:
    step_id, _, field_id = item["of"].partition(".")
    names = _names(item["title"], item.get("aliases", ()))
    if step_id in ("case", "now"):
        shown = step_id == "now" or field_id in ("number", "id")
        return Column(item["of"], item["title"], CellKind.SHOWN if shown else CellKind.TEXT, names)
    step = book.by_id.get(step_id)
    if step is None:
        return None
    field = next((one for one in step.fields if one.id == field_id), None)
    if field is None:
        # A day that follows from the step, such as the last one of a notice.
        known = step.has_notice and field_id == "last_day"
        return (
            Column(item["of"], item["title"], CellKind.SHOWN, names, (), step_id) if known else None
        )
    options = tuple((option.id, option.text.zh) for option in field.options)
    return Column(item["of"], item["title"], _kind(field), names, options, step_id, field_id)


def _day(step: Step, said: Mapping[str, Any]) -> Column:
    title = said.get("title") or step.title.zh
    aliases = (step.title.zh, *said.get("aliases", ()))
    names, begins = _names(title, aliases), step.has_notice
    return Column(f"{step.id}.day", title, CellKind.DAY, names, (), step.id, step.day, begins)


def _kind(field: Field) -> CellKind:
    kinds = {
        FieldType.DATE: CellKind.DAY,
        FieldType.CHOICE: CellKind.CHOICE,
        FieldType.CHOICES: CellKind.CHOICES,
        FieldType.FLAG: CellKind.FLAG,
        FieldType.PERSONS: CellKind.PEOPLE,
    }
    return kinds.get(field.type, CellKind.TEXT)


def _names(title: str, aliases: Iterator[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(folded(name) for name in (title, *aliases)))


@cache
def _file() -> tuple[list[Mapping[str, Any]], Mapping[str, Mapping[str, Any]]]:
    data = tomllib.loads(FILE.read_text("utf-8"))
    return data["columns"], data["days"]
