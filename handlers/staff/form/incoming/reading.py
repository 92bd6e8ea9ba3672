"""What a message gives, whatever the screen: the answer that a text is, and the file."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from aiogram.types import Audio, Document, Message, Voice

from domain.case.answers import only_totals, read_totals
from domain.case.dates import RECENT, is_lunar, may_be_length, parse_day, says_day, weekday_of
from domain.case.facts import Problem, ProblemCode, Value
from domain.rulebook.schema import Field, FieldType
from domain.writing.names import tidy
from domain.writing.numerals import whole_number
from domain.writing.parts import SIGNS, names_a_year
from handlers.staff.form import texts
from handlers.staff.shared import texts as words
from services.cases.views import Preview
from services.intake.invisible_characters import visible
from services.people.views import PersonChoice

EDGES = " \t\n\u2800·✓✔√‹›«»<>[]。.,;:!…"
"""What stands around the words of a button, or is typed behind them."""


def number(text: str) -> int | None:
    # NFKC makes plain digits of the full-width ones that Chinese keyboards type.
    return whole_number(visible(unicodedata.normalize("NFKC", text)))


def from_text(field: Field, text: str, today: date) -> Value | Problem:
    """The answer that a text gives, or why it gives none. People are found by `by_name`."""
    if field.type is FieldType.NUMBER:
        # 20号 is no number of people; 3日 may be said for three days.
        amount = None if says_day(text) and not may_be_length(text) else number(text)
        return Problem(ProblemCode.NOT_A_NUMBER, field.id) if amount is None else amount
    if field.type is FieldType.DATE:
        return _day(field, text, today)
    return visible(text)


def _day(field: Field, text: str, today: date) -> date | Problem:
    """A weekday that contradicts the day is asked about: either may be the slip of the pen."""
    day, weekday = _meant(field, text, today), weekday_of(text)
    # What lies decades back is never this year's: the nearest such day would be a year made up.
    yearless = field.typed and not names_a_year(text)
    if day is None or yearless:
        why = _why_no_day(text)
        if field.typed:
            why |= {"typed": True, "yearless": yearless}
        return Problem(ProblemCode.NOT_A_DAY, field.id, values=why)
    if weekday is not None and weekday != day.weekday():
        return Problem(ProblemCode.OTHER_WEEKDAY, field.id, values={"day": day})
    return day


def _meant(field: Field, text: str, today: date) -> date | None:
    """Return the day that a text means. One without its year that comes within a month is that one,
    also where no day may be ahead: read as last year's, a slip of the pen would be saved a year
    off, and as what it is, it is refused."""
    ahead = parse_day(text, today, ahead=True)
    if field.future or (ahead is not None and today < ahead <= today + RECENT):
        return ahead
    return parse_day(text, today)


def _why_no_day(text: str) -> dict[str, object]:
    if is_lunar(text):
        return {"lunar": True}
    return {"written": text.strip()} if says_day(text) else {}


def by_name(people: tuple[PersonChoice, ...], text: str) -> tuple[PersonChoice, ...]:
    """Everybody whose name holds `text`; only the exact one where there is one."""
    wanted = tidy(text).casefold()
    exact = tuple(person for person in people if person.name.casefold() == wanted)
    return exact or tuple(person for person in people if wanted in person.name.casefold())


def ballot_line(preview: Preview, text: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """Ballot numbers written in one line, by field id, and the counts this step doesn't ask for.
    A single number is a line only where nothing else is written, as 实到18."""
    totals = read_totals(text)
    if len(totals) < 2 and not only_totals(text):
        return {}, ()
    fields = {field.count: field.id for field in preview.fields if field.count}
    read = {fields[count]: value for count, value in totals.items() if count in fields}
    return read, tuple(count for count in totals if count not in fields)


def words_of(label: str) -> tuple[str, str]:
    """The sign of its question and the words of a button, however they are spaced and typed."""
    bare = label.strip()
    sign = bare[:1] if bare[:1] in SIGNS else ""
    folded = unicodedata.normalize("NFKC", bare.removeprefix(sign)).strip(EDGES)
    return sign, "".join(folded.split()).casefold()


def labelled(field: Field, text: str) -> Value | None:
    """The words on a button do as well as the button."""
    said = words_of(text)[1]
    choices: list[tuple[str, Value]] = [(texts.yes(), True), (texts.no(), False)]
    if field.type is FieldType.CHOICE:
        choices = [(words.plain(option.text), option.id) for option in field.options]
    meant = [value for label, value in choices if words_of(label)[1] == said]
    return meant[0] if len(meant) == 1 else None


SOUND = "audio/"


@dataclass(frozen=True)
class File:
    """`size`: bytes, as far as the messenger says. What kind it is, its content tells."""

    file_id: str
    size: int


def file_of(message: Message) -> File | None:
    """The photo or document of a message, at its best resolution; None for anything else."""
    # The messenger brings every photo in several sizes, the largest last.
    found = message.photo[-1] if message.photo else message.document
    return File(found.file_id, found.file_size or 0) if found else None


def sound_of(message: Message) -> File | None:
    """The voice message, or the sound that a platform without such brings as a file."""
    found: Voice | Audio | Document | None = message.voice or message.audio
    if found is None and message.document is not None:
        kind = message.document.mime_type or ""
        found = message.document if kind.startswith(SOUND) else None
    return File(found.file_id, found.file_size or 0) if found else None


async def content_of(message: Message, file: File) -> bytes:
    content = BytesIO()
    assert message.bot is not None  # every message of the dispatcher is bound
    await message.bot.download(file.file_id, destination=content)
    return content.getvalue()
