"""Queue what is told of dates: one digest a person, in as many rows as it takes.

A look takes many commits, and each tells somebody of more. A row is sealed whole whenever something
is added, so one that is long is left as it is and the next one begun: what a commit writes doesn't
grow with what those before it have written. All that waits for a person goes out as one message
(`services.messages.outbox`).

Worked example, 400 dates of which one introducer hears, 150 of them a commit:

    commit 1    row a: 150 lines
    commit 2    row a, now long, stays; row b: 150 lines
    commit 3    row b stays; row c: 100 lines
    sent        one message of 400 lines; a, b and c are marked in one commit
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.calendar import WorkCalendar
from domain.calendar.office_hours import ZONE, day_of, digest_from, next_morning
from models import OutgoingRow
from models.columns import new_id
from models.in_values import among
from models.messages import SendState
from services.core.ports import ROUTINE, URGENT, Message
from services.messages.preferences import wishes_of_many
from services.messages.queue import DIGEST, REMINDING, enqueue_all

LONG = 6_000
"""Bytes of a sealed row, some hundred lines, from which on nothing is added to it."""
Item = tuple[str, str, str]
"""Case, step, limit."""


@dataclass(frozen=True)
class _Waiting:
    """Columns of a row that waits. The smaller priority is the more urgent one."""

    id: str
    person_id: str
    priority: int
    not_before: datetime
    size: int


async def put(
    session: AsyncSession,
    items: Mapping[str, Mapping[Item, bool]],
    now: datetime,
    calendar: WorkCalendar,
) -> None:
    """Add the lines of each person, each with whether it presses, to the digest that waits for
    them, or queue one: at once for what is urgent, the next morning where today's was sent and
    nothing presses."""
    if not items:
        return
    waiting = await _waiting(session, items)
    told = await _told_today(session, items, day_of(now))
    wishes = await wishes_of_many(session, items)
    fresh, added = dict[str, Message](), dict[str, Iterable[Item]]()
    sooner: dict[str, tuple[int, datetime]] = {}
    for person_id, lines in items.items():
        priority = URGENT if any(lines.values()) else ROUTINE
        later = priority != URGENT and person_id in told
        at = digest_from(next_morning(now, calendar) if later else now, wishes[person_id], calendar)
        rows = waiting.get(person_id, ())
        # All rows of a digest are due at the same time, so that they are claimed together.
        priority = min((priority, *(row.priority for row in rows)))
        at = min((at, *(row.not_before for row in rows)))
        late = (row.id for row in rows if (row.priority, row.not_before) != (priority, at))
        sooner |= dict.fromkeys(late, (priority, at))
        if room := [row.id for row in rows if row.size < LONG]:
            added[room[-1]] = lines
            continue
        # A random slot: not the slot but `next_look` keeps a date from being told twice.
        slot = f"{now.isoformat(timespec='seconds')}:{new_id()}"
        payload = {"items": [list(item) for item in lines]}
        fresh[person_id] = Message(DIGEST, DIGEST, slot, payload, at, priority)
    await _change(session, added, sooner)
    await enqueue_all(session, fresh)


async def _waiting(session: AsyncSession, people: Collection[str]) -> dict[str, list[_Waiting]]:
    """Return the rows of the digest that waits for each of these people, without their lines.
    Locked: a deliverer that claims them now would send them without what is added."""
    columns: Any = (
        OutgoingRow.id,
        OutgoingRow.person_id,
        OutgoingRow.priority,
        OutgoingRow.not_before,
        func.length(OutgoingRow.payload_sealed),
    )
    statement = (
        select(*columns)
        .where(
            among(col(OutgoingRow.person_id), people),
            col(OutgoingRow.kind).in_(REMINDING),
            OutgoingRow.state == SendState.NEW,
        )
        # The week's last: of two reminders the one with the picture is added to.
        .order_by(col(OutgoingRow.kind), col(OutgoingRow.id))
        .with_for_update()
    )
    found: dict[str, list[_Waiting]] = {}
    for values in await session.exec(statement):
        row = _Waiting(*values)
        found.setdefault(row.person_id, []).append(row)
    return found


async def _change(
    session: AsyncSession,
    added: Mapping[str, Iterable[Item]],
    sooner: Mapping[str, tuple[int, datetime]],
) -> None:
    """Add lines to rows, and move rows to an earlier time, by their ids."""
    ids = added.keys() | sooner.keys()
    if not ids:
        return
    statement = select(OutgoingRow).where(among(col(OutgoingRow.id), ids))
    for row in await session.exec(statement):
        if row.id in added:
            merged = dict.fromkeys((*map(tuple, row.payload["items"]), *added[row.id]))
            row.payload = {**row.payload, "items": [list(item) for item in merged]}
        if row.id in sooner:
            row.priority, row.not_before = sooner[row.id]
        session.add(row)


async def _told_today(
    session: AsyncSession, people: Collection[str], today: date
) -> frozenset[str]:
    """Return those of these people to whom today's digest was sent."""
    statement = select(OutgoingRow.person_id).where(
        among(col(OutgoingRow.person_id), people),
        col(OutgoingRow.kind).in_(REMINDING),
        OutgoingRow.state == SendState.SENT,
        col(OutgoingRow.sent_at) >= datetime.combine(today, time(0), ZONE),
    )
    return frozenset(await session.exec(statement))
