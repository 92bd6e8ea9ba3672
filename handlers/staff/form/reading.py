"""What a text answers, whatever the screen."""

import unicodedata
from datetime import date

from domain.case.ballots import read_totals
from domain.case.dates import parse_day, weekday_of
from domain.case.facts import Problem, Value
from domain.case.problem_codes import ProblemCode
from domain.rulebook.schema import Field, FieldType
from domain.writing.names import tidy
from domain.writing.numerals import whole_number
from handlers.staff.form import texts
from handlers.staff.shared import texts as words
from services.cases.views import Preview
from services.intake.invisible_characters import visible
from services.people.views import PersonChoice


def number(text: str) -> int | None:
    # NFKC makes plain digits of the full-width ones that Chinese keyboards type.
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


def labelled(field: Field, text: str) -> Value | None:
    """The words on a button do as well as the button."""
    said = text.strip().casefold()
    choices: list[tuple[str, Value]] = [(texts.yes(), True), (texts.no(), False)]
    if field.type is FieldType.CHOICE:
        choices = [(words.plain(option.text), option.id) for option in field.options]
    meant = [value for label, value in choices if label.casefold() == said]
    return meant[0] if len(meant) == 1 else None
