"""What an organisation does once a year: of which year it is open, and by when (docs/procedure.md
§ 1)."""

from datetime import date, timedelta

from domain.rulebook.schema import Duty


def by(duty: Duty, year: int) -> date:
    """The day by which a year's duty is done."""
    return date(year, duty.month, duty.day)


def open_year(duty: Duty, today: date) -> int:
    """The year whose duty is open: from the first reminder on, until that of the next year is."""
    lead = timedelta(days=max(duty.ladder, default=0))
    return today.year if today >= by(duty, today.year) - lead else today.year - 1


def rung(duty: Duty, year: int, today: date) -> int | None:
    """The last reminder whose day has come; None before the first one."""
    left = (by(duty, year) - today).days
    return min((step for step in duty.ladder if left <= step), default=None)
