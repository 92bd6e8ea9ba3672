"""Reminders: find the deadlines to tell of by an index, and put them into one digest a person each
morning."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import (
    OPENS,
    ZONE,
    day_of,
    is_open,
    next_open,
)
from domain.case.facts import Ahead, Deadline
from domain.case.outlook import Pending
from domain.case.progress import assess
from domain.case.urgency import current_slot, nearest, pressing
from domain.permissions import roles_at
from domain.rulebook.schema import Role
from models import CaseFile, DeadlineRow, OutgoingRow, Snooze
from models.messages import UNDER_WAY
from services.casefile.breaches import breaches_of_many, note_missed
from services.casefile.follows import next_look
from services.casefile.load import load_sound, place_in
from services.casefile.outlooks import Fresh, OutlinedCase, keep, keep_at_end, outlined_of_many
from services.casefile.procedure import Procedure
from services.casefile.signatures import task
from services.core.database import Database
from services.messages.preferences import snoozed, wake
from services.messages.queue import TAKE_OFF
from services.people.scope import know_paths, name_of
from services.people.views import Actor
from services.reminders.digests import Item, put
from services.reminders.listeners import Listening, listening_to
from services.reminders.views import ReminderLine

CASES_AT_ONCE, READ_AT_ONCE = 150, 200
"""Cases of a commit, some 0.1 s, and cases of which a digest is read together."""


@dataclass
class Reminders:
    """Finds what is due and queues digests; the scheduler says when to look."""

    database: Database
    procedure: Procedure

    async def look(self, now: datetime) -> int:
        """Queue one digest for everybody who has to hear of a date now, and move every date on to
        its next rung, in the same commit. Returns the number of dates told; 0 outside the hours.
        `now`: aware."""
        told = 0
        left: set[str] = set()
        while is_open(now, self.procedure.calendar):
            # Some cases a commit: others can write in between, and a restart goes on with the rest.
            async with self.database.write() as session:
                rows = await self.due(session, day_of(now), left)
                items: dict[str, dict[Item, bool]] = {}
                over = await wake(session, day_of(now), CASES_AT_ONCE)
                for snooze in over:
                    await self._woken(session, snooze, day_of(now), items)
                left |= await self._cases(session, rows, day_of(now), items)
                await put(session, items, now, self.procedure.calendar)
            told += sum(row.case_id not in left for row in rows) + len(over)
            if not (rows or over):
                break
        return told

    async def due(
        self, session: AsyncSession, today: date, left: Collection[str] = ()
    ) -> list[DeadlineRow]:
        """Return the deadlines to look at now, of at most CASES_AT_ONCE cases, locked. `left`: the
        cases that can't be read."""
        due, passed = col(DeadlineRow.next_look) <= today, set(left)
        # Those of a branch together: otherwise each commit would tell all secretaries a little.
        first = (
            select(DeadlineRow.case_id)
            .join(CaseFile, col(CaseFile.id) == DeadlineRow.case_id)
            .order_by(col(DeadlineRow.next_look), col(CaseFile.organisation_id), col(CaseFile.id))
            .limit(CASES_AT_ONCE)
        )
        while True:
            # All that is due of a case at once, so that it is replayed for all of them together.
            some = first.where(due, col(DeadlineRow.case_id).not_in(passed))
            cases = set((await session.exec(some)).all())
            statement = (
                select(DeadlineRow)
                .where(due, col(DeadlineRow.case_id).in_(cases))
                .order_by(col(DeadlineRow.due_on))
                .with_for_update()
            )
            rows = list((await session.exec(statement)).all())
            if rows or not cases:
                return rows
            # Of these every date was changed by hand; the others mustn't wait for them.
            passed |= cases

    async def _cases(
        self,
        session: AsyncSession,
        rows: Iterable[DeadlineRow],
        today: date,
        items: dict[str, dict[Item, bool]],
    ) -> set[str]:
        """Collect who hears of these dates, and move them on. Returns the cases that can't be
        read."""
        by_case: dict[str, list[DeadlineRow]] = {}
        for row in rows:
            by_case.setdefault(row.case_id, []).append(row)
        # Of all at once: one by one they are twenty queries a case.
        cases, fresh = await outlined_of_many(session, [*by_case], self.procedure, today)
        keep_at_end(session, fresh)
        await know_paths(session, (loaded.case.organisation_id for loaded in cases.values()))
        late = [one for one, mine in by_case.items() if any(row.due_on < today for row in mine)]
        noted = await breaches_of_many(session, late)
        listening = await listening_to(session, [*cases.values()], today)
        for case_id, mine in by_case.items():
            if (case := cases.get(case_id)) is not None:
                # Nothing was entered, so no act notes that the date was missed.
                if case_id in noted:
                    known = noted[case_id]
                    note_missed(session, case_id, case.book, case.pending, today, known)
                self._case(case, mine, listening, today, items)
        return by_case.keys() - cases.keys()

    def _case(
        self,
        case: OutlinedCase,
        rows: Iterable[DeadlineRow],
        listening: Listening,
        today: date,
        items: dict[str, dict[Item, bool]],
    ) -> None:
        """Collect who hears of the dates of a case, and move them on."""
        for row in rows:
            found = _find(case.pending, row.step, row.limit_id)
            # A step that is settled has no next rung; None takes its date out of the index.
            row.next_look = found and next_look(found[1].on, found[1].kind, row.ladder, today)
            if found is None:
                continue
            step, deadline = found
            slot = current_slot(deadline, today)
            listeners = listening.of(case, step, bool(slot and slot.level))
            for person_id, urgent in listeners.items():
                lines = items.setdefault(person_id, {})
                lines[case.case.id, row.step, row.limit_id] = urgent or deadline.on <= today

    async def _woken(
        self,
        session: AsyncSession,
        snooze: Snooze,
        today: date,
        items: dict[str, dict[Item, bool]],
    ) -> None:
        """Add a step to its person's digest after a snooze, if it is still open."""
        loaded = await load_sound(session, snooze.case_id, self.procedure)
        if loaded is None:
            return
        progress = assess(loaded.book, loaded.facts, today, self.procedure.calendar)
        for step in progress.open:
            deadline = nearest(step.deadlines)
            if step.step.id == snooze.step and deadline is not None:
                lines = items.setdefault(snooze.person_id, {})
                lines[snooze.case_id, snooze.step, deadline.limit] = deadline.on <= today

    async def lines(
        self, actor: Actor, payload: Mapping[str, Any], today: date
    ) -> tuple[ReminderLine, ...]:
        """Return what of a digest still has to be done, read when it is sent: what the actor has to
        do first, then what they supervise, each by urgency."""
        found, fresh = list[ReminderLine](), Fresh()
        async with self.database.read() as session:
            hidden = await snoozed(session, actor.person_id, today)
            wanted: dict[str, list[tuple[str, str]]] = {}
            for case_id, step, limit in payload["items"]:
                if (case_id, step) not in hidden:
                    wanted.setdefault(case_id, []).append((step, limit))
            ids = [*wanted]
            for first in range(0, len(ids), READ_AT_ONCE):
                # Of all at once: one by one, a digest of hundreds takes seconds before it is sent.
                some = ids[first : first + READ_AT_ONCE]
                cases, new = await outlined_of_many(session, some, self.procedure, today)
                fresh |= new
                await know_paths(session, (one.case.organisation_id for one in cases.values()))
                for case in (cases[one] for one in some if one in cases):
                    found += await self._lines(session, actor, case, wanted[case.case.id], today)
        await keep(self.database, fresh)
        return tuple(sorted(found, key=lambda o: (not o.mine, *pressing(o.deadline, today))))

    async def _lines(
        self,
        session: AsyncSession,
        actor: Actor,
        case: OutlinedCase,
        wanted: Iterable[tuple[str, str]],
        today: date,
    ) -> list[ReminderLine]:
        """Return what is left to do of steps and limits of a case."""
        roles = roles_at(actor.posts, await place_in(session, actor, case))
        if not roles:
            return []
        organisation = await name_of(session, case.case.organisation_id)
        return [
            ReminderLine(
                case_id=case.case.id,
                person=case.person,
                organisation=organisation,
                step=found[0].step,
                deadline=found[1],
                mine=_mine(case, found[0], roles, actor),
                ready=found[0].possible and not found[0].waits_for,
            )
            for step, limit in wanted
            if (found := _find(case.pending, step, limit)) is not None
        ]

    async def next_moment(self, now: datetime) -> datetime | None:
        """Return when there is next something to tell, for a scheduler that sleeps until then; None
        while nothing is in sight."""
        async with self.database.read() as session:
            look = (await session.exec(select(func.min(DeadlineRow.next_look)))).one()
            over = (await session.exec(select(func.min(Snooze.until)))).one()
            day = min((day for day in (look, over) if day), default=None)
            leaves = col(OutgoingRow.kind) == TAKE_OFF
            under_way = col(OutgoingRow.state).in_(UNDER_WAY)
            waiting = select(leaves, func.min(OutgoingRow.not_before)).where(under_way)
            messages = dict((await session.exec(waiting.group_by(leaves))).all())
        told = [datetime.combine(day, OPENS, ZONE)] if day else []
        told += [messages[False]] if False in messages else []
        moments = [next_open(max(at, now), self.procedure.calendar) for at in told]
        # Deletions keep no hours: what has to leave a chat leaves it at night too.
        return min(moments + ([messages[True]] if True in messages else []), default=None)


def _mine(case: OutlinedCase, item: Ahead, roles: frozenset[Role], actor: Actor) -> bool:
    if not item.waits_for:
        return bool(roles & item.turn)
    _, rows = case.signing(item.step.id)
    return bool(task(item.step, rows, roles, actor.person_id, case.helpers))


def _find(items: Iterable[Pending], step: str, limit: str) -> tuple[Pending, Deadline] | None:
    """Return the open step and its deadline as the case stands now; None once it is settled."""
    for item in items:
        for deadline in item.deadlines:
            if (item.step.id, deadline.limit) == (step, limit):
                return item, deadline
    return None
