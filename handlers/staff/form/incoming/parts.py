"""A message that holds several texts of one screen: numbered, or a line for each."""

from collections.abc import Mapping, Sequence

from domain.case.facts import Problem, Value
from domain.rulebook.schema import Field, FieldType
from domain.writing.parts import Part, lines, numbered, people_first
from handlers.staff.form import texts
from handlers.staff.form.answers import parts_of, still_open
from handlers.staff.form.incoming.reading import from_text, number
from handlers.staff.form.screens import several
from handlers.staff.form.session import Session

Found = Mapping[str, Value] | Problem | str
"""What a text answers, by field; what is wrong with it; or what is said of it."""


def people_of(group: Sequence[Field]) -> Field | None:
    """The question of how many, where a screen has a single one."""
    numbers = [field for field in group if field.type is FieldType.NUMBER and not field.count]
    return numbers[0] if len(numbers) == 1 else None


def in_parts(text: str, session: Session, group: Sequence[Field]) -> Found | None:
    """What stands behind each number; how many people were heard may stand before them. None where
    nothing is numbered, or a screen has but one text, which may hold a list of its own."""
    wanted = [field for field in group if field.type is FieldType.TEXT]
    before, parts = numbered(text)
    if len(wanted) < 2 or not parts:
        return None
    many, rest = _people_before(before, group)
    found: dict[str, Value] = dict(many)
    for part, field in zip(parts, _meant(parts, group, wanted), strict=True):
        # What stands before the first number belongs to the first.
        said = f"{rest}\n{part.text}".strip() if part is parts[0] else part.text
        value = from_text(field, said, session.today) if field and said else None
        if isinstance(value, Problem):
            return value
        if field is None or field.id in found:
            return _not_told(wanted, len(parts))
        if value is not None:
            found[field.id] = value
    return found or _not_told(wanted, 0)


def _not_told(wanted: Sequence[Field], given: int) -> str:
    numbered_here = parts_of(wanted)
    if numbered_here:
        return texts.parts_wanted(numbered_here, given)
    return texts.too_many_parts(len(wanted), given)


def _people_before(before: str, group: Sequence[Field]) -> tuple[Mapping[str, Value], str]:
    """How many people were heard, by field, and the rest of what stands there."""
    asked = people_of(group)
    if asked is None:
        return {}, before
    many, rest = people_first(before)
    if many is None and (plain := number(before)) is not None:
        many, rest = plain, ""
    return ({} if many is None else {asked.id: many}), rest


def _meant(
    parts: Sequence[Part], group: Sequence[Field], wanted: Sequence[Field]
) -> list[Field | None]:
    """The question that each number names: its place among the texts, or its sign on the screen."""
    if [part.number for part in parts] == [*range(1, len(parts) + 1)]:
        return [_at(part.number, wanted) for part in parts]
    return [_named(part, group, wanted) for part in parts]


def _at(place: int, wanted: Sequence[Field]) -> Field | None:
    return wanted[place - 1] if place <= len(wanted) else None


def _named(part: Part, group: Sequence[Field], wanted: Sequence[Field]) -> Field | None:
    signs = several.signed(group)
    sign = several.SIGNS[part.number - 1 : part.number]
    signed = next((one for one in group if signs.get(one.id) == sign), None)
    if signed is not None and signed not in wanted:
        # ③ 8 answers the third question; ③ with words is the third of the texts.
        is_many = signed is people_of(group) and number(part.text) is not None
        signed = signed if part.sign and is_many else None
    at = _at(part.number, wanted)
    return (signed or at) if part.sign else (at or signed)


def by_line(text: str, session: Session, group: Sequence[Field]) -> Found:
    """A line for each of the texts that a rulebook numbers, or for each that is still open. Any
    other number of lines could be meant for several of them, and is asked back."""
    wanted = parts_of(group)
    head, *rest = lines(text)
    many, left = _people_before(head, group)
    if many and not left and not rest:
        return many
    said = [*([left] if left else []), *rest]
    left_open = still_open(group, session.draft.answers)
    fields = next((one for one in (wanted, left_open) if len(one) == len(said)), None)
    if fields is None:
        return texts.parts_wanted(wanted, len(said))
    found: dict[str, Value] = dict(many)
    for field, line in zip(fields, said, strict=True):
        value = from_text(field, line, session.today)
        if isinstance(value, Problem):
            return value
        found[field.id] = value
    return found


def number_again(text: str, session: Session, group: Sequence[Field]) -> str | None:
    """What is said of a plain number where the question for one is answered: it may be a slip of
    the pen in a note."""
    asked = people_of(group)
    if asked is None or asked.id not in session.draft.answers or number(text) is None:
        return None
    return texts.number_again(asked, several.signed(group)[asked.id])
