"""A month to tap on. aiogram-dialog's own calendar reads the system's clock; this one is handed
the day."""

from calendar import monthcalendar
from datetime import date, timedelta

from domain.case.dates import add_months, parse_day
from domain.rulebook.schema import Field
from handlers.staff.form import texts
from handlers.staff.form.buttons import NOTHING, DialogRow, FormPress, Verb

FIRST_YEAR, LAST_YEAR = 1921, 2099
TODAY, YESTERDAY, IN_A_MONTH = "t", "y", "m"
"""Instead of a day: said when it is pressed."""
BLANK = "\u2800"
"""Looks empty; the messenger refuses a button without a label."""


def rows(mark: str, field: Field, shown: date, today: date) -> list[DialogRow]:
    """Months and years to turn, the days, and the two days most often meant."""
    first = shown.replace(day=1)
    weeks = [
        _week(mark, field, first, week, today) for week in monthcalendar(first.year, first.month)
    ]
    # A week of which no day can be tapped only pushes the question out of sight.
    days = [week for week in weeks if any(press.verb != NOTHING for _, press in week)] or weeks[:1]
    heads = [(name, FormPress(mark, NOTHING)) for name in texts.weekdays()]
    return [_turn(mark, first), heads, *days, _quick(mark, field)]


def _turn(mark: str, first: date) -> DialogRow:
    def to(months: int) -> FormPress:
        target = add_months(first, months)
        if not FIRST_YEAR <= target.year <= LAST_YEAR:
            # The button stays and does nothing, so that the others keep their places.
            return FormPress(mark, NOTHING)
        return FormPress(mark, Verb.MONTH, f"{target:%Y%m}")

    return [
        ("«", to(-12)),
        ("‹", to(-1)),
        (texts.month_alone(first), FormPress(mark, NOTHING)),
        ("›", to(1)),
        ("»", to(12)),
    ]


def _week(mark: str, field: Field, first: date, week: list[int], today: date) -> DialogRow:
    row = []
    for number in week:
        if not number:
            row.append((BLANK, FormPress(mark, NOTHING)))
            continue
        day = first.replace(day=number)
        # A dot, not a gap: the weekdays stay in their columns, and a press on it does nothing.
        if day > today and not field.future:
            row.append(("·", FormPress(mark, NOTHING)))
        else:
            label = f"[{number}]" if day == today else str(number)
            row.append((label, FormPress(mark, Verb.DAY, f"{day:%Y%m%d}")))
    return row


def _quick(mark: str, field: Field) -> DialogRow:
    """What is done is mostly of these days; what is meant to be done mostly ends with a month."""
    known = (texts.today(), FormPress(mark, Verb.DAY, TODAY))
    if field.future:
        return [known, (texts.in_a_month(), FormPress(mark, Verb.DAY, IN_A_MONTH))]
    return [(texts.yesterday(), FormPress(mark, Verb.DAY, YESTERDAY)), known]


def day_of(argument: str, today: date) -> date | None:
    """The day that a press means; None for what is no day, since callback data may be forged."""
    # Of the press, not of the drawing: a question may stay open over midnight.
    near = {TODAY: today, YESTERDAY: today - timedelta(days=1), IN_A_MONTH: add_months(today, 1)}
    return near.get(argument) or parse_day(argument, today)
