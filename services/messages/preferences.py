"""Preferences and snoozes as other services query them: read each time, since they hold at once in
every process."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import ZONE, Wishes
from models import Preference, Snooze
from models.in_values import among


async def wishes_of(session: AsyncSession, person_id: str) -> Wishes:
    """Return the wishes of a person; the defaults where nothing was set."""
    return _wishes(await session.get(Preference, person_id))


async def wishes_of_many(session: AsyncSession, people: Collection[str]) -> dict[str, Wishes]:
    """Return the wishes by person id, in one query; those who set nothing have the defaults."""
    statement = select(Preference).where(among(col(Preference.person_id), people))
    rows = {row.person_id: row for row in await session.exec(statement)} if people else {}
    return {person_id: _wishes(rows.get(person_id)) for person_id in people}


def _wishes(row: Preference | None) -> Wishes:
    if row is None:
        return Wishes()
    if row.quiet_from is None or row.quiet_until is None:
        return Wishes(row.digest_at, weekly=row.weekly)
    return Wishes(row.digest_at, (row.quiet_from, row.quiet_until), row.weekly)


def in_quiet(now: datetime) -> Any:
    """Return a subquery of the people whose quiet time it is at `now`, for use in a larger
    query."""
    here = now.astimezone(ZONE).time()
    return select(Preference.person_id).where(
        col(Preference.quiet_from) <= here, col(Preference.quiet_until) > here
    )


async def snoozed(session: AsyncSession, person_id: str, today: date) -> frozenset[tuple[str, str]]:
    """Return (case, step) of what a person has snoozed beyond today."""
    statement = select(Snooze.case_id, Snooze.step).where(
        Snooze.person_id == person_id, col(Snooze.until) > today
    )
    return frozenset((case, step) for case, step in await session.exec(statement))


async def snoozed_by_many(
    session: AsyncSession, people: Collection[str], today: date
) -> dict[str, frozenset[tuple[str, str]]]:
    """As `snoozed`, by person id, in one query."""
    statement = select(Snooze.person_id, Snooze.case_id, Snooze.step).where(
        among(col(Snooze.person_id), people), col(Snooze.until) > today
    )
    found: dict[str, set[tuple[str, str]]] = {person_id: set() for person_id in people}
    for person_id, case, step in await session.exec(statement):
        found[person_id].add((case, step))
    return {person_id: frozenset(of) for person_id, of in found.items()}


async def wake(session: AsyncSession, today: date, most: int) -> list[Snooze]:
    """Delete at most `most` snoozes that are over, and return them."""
    statement = select(Snooze).where(col(Snooze.until) <= today).order_by(col(Snooze.id))
    over = list((await session.exec(statement.limit(most).with_for_update())).all())
    for row in over:
        await session.delete(row)
    return over
