"""What a message means as an answer to a question."""

import unicodedata
from dataclasses import dataclass
from datetime import date

from aiogram.types import Message

from domain.case.ballots import read_totals
from domain.case.dates import parse_day, weekday_of
from domain.case.facts import Problem, Value
from domain.case.problem_codes import ProblemCode
from domain.rulebook.schema import Field, FieldType
from domain.writing.names import tidy
from domain.writing.numerals import whole_number
from services.cases.views import Preview
from services.intake.invisible_characters import visible
from services.people.views import PersonChoice

PAPERS = frozenset(
    {
        "application/pdf",
        "application/msword",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    }
)


@dataclass(frozen=True)
class File:
    file_id: str
    size: int
    media_type: str
    name: str


def number(text: str) -> int | None:
    return whole_number(visible(unicodedata.normalize("NFKC", text)))


def from_text(field: Field, text: str, today: date) -> Value | Problem:
    """The answer that a text gives, or why it gives none. People are found by `by_name`."""
    if field.type is FieldType.NUMBER:
        amount = number(text)
        return Problem(ProblemCode.NOT_A_NUMBER, field.id) if amount is None else amount
    if field.type is FieldType.DATE:
        return _day(field, text, today)
    return visible(text)


def _day(field: Field, text: str, today: date) -> date | Problem:
    """A weekday that contradicts the day is asked about: either may be the slip of the pen."""
    day, weekday = parse_day(text, today, field.future), weekday_of(text)
    if day is None:
        return Problem(ProblemCode.NOT_A_DAY, field.id)
    if weekday is not None and weekday != day.weekday():
        return Problem(ProblemCode.OTHER_WEEKDAY, field.id, values={"day": day})
    return day


def by_name(people: tuple[PersonChoice, ...], text: str) -> tuple[PersonChoice, ...]:
    """Everybody whose name holds `text`; only the exact one where there is one."""
    wanted = tidy(text).casefold()
    exact = tuple(person for person in people if person.name.casefold() == wanted)
    return exact or tuple(person for person in people if wanted in person.name.casefold())


def ballot_line(preview: Preview, text: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """Ballot numbers written in one line, by field id, and the counts this step doesn't ask for.
    Fewer than two numbers are no line."""
    totals = read_totals(text)
    if len(totals) < 2:
        return {}, ()
    fields = {field.count: field.id for field in preview.fields if field.count}
    read = {fields[count]: value for count, value in totals.items() if count in fields}
    return read, tuple(count for count in totals if count not in fields)


def file_of(message: Message) -> File | None:
    """The photo or document of a message, at its best resolution; None for anything else."""
    if message.photo:
        best = message.photo[-1]
        return File(best.file_id, best.file_size or 0, "image/jpeg", "photo.jpg")
    if message.document:
        found = message.document
        media_type = found.mime_type or "application/octet-stream"
        return File(found.file_id, found.file_size or 0, media_type, found.file_name or "file")
    return None


def taken(file: File) -> bool:
    """Photos, PDF and Word papers can be shown to the next person; other kinds can't."""
    return file.media_type.startswith("image/") or file.media_type in PAPERS
