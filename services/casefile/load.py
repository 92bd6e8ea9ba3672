"""Load a case's rows as facts, and write back what is derived from them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.calendar import WorkCalendar
from domain.calendar.office_hours import day_of
from domain.case.date_check import carry_on
from domain.case.facts import (
    Answers,
    CaseFacts,
    DateKind,
    Entry,
    Hold,
    OpenStep,
    Problem,
    Progress,
)
from domain.case.progress import assess
from domain.permissions import Place
from domain.plans import LEVELS
from domain.rulebook.schema import Role, Rulebook
from models import (
    CaseFile,
    CaseHelper,
    CaseWaiting,
    DeadlineRow,
    EntryRow,
    HoldRow,
    Person,
)
from models.cases import SealedAnswers
from services.casefile.signatures import Helping, Signatures, complete, signatures
from services.people.scope import path_of
from services.people.views import Actor


@dataclass(frozen=True)
class Procedure:
    """The rules by which cases are led: the rulebook for new ones, how to find an older one, and
    the working days."""

    current: Rulebook
    find: Callable[[str], Rulebook]
    calendar: WorkCalendar


@dataclass
class LoadedCase:
    """A case as one transaction read it: all its entries, replaced ones too, by number; all its
    holds; the helpers of today."""

    case: CaseFile
    book: Rulebook
    rows: tuple[EntryRow, ...]
    signatures: dict[str, Signatures]
    holds: tuple[HoldRow, ...]
    helpers: Helping
    before: CaseFacts | None = None
    noted: tuple[Problem, ...] = ()
    """Of a case with an entry more than `before`: what was found wrong with that entry."""
    known: dict[str, Entry] = field(default_factory=dict)
    """Entries by row id: one that was decrypted for somebody needn't be decrypted again."""

    @cached_property
    def facts(self) -> CaseFacts:
        """The entries that aren't replaced and the holds that are open, for the domain."""
        facts = CaseFacts(
            opened_on=self.case.opened_on,
            entries=tuple(self.entry(row) for row in self.rows if row.replaced_by is None),
            holds=tuple(
                Hold(hold.id, hold.reason, hold.since)
                for hold in self.holds
                if hold.released_on is None
            ),
        )
        if self.before is not None:
            # Judges the new entry only: a second replay would double the work of every act.
            carry_on(self.before, facts, self.noted)
        return facts

    def answers(self, row: EntryRow) -> Answers:
        """Return the answers of a row, decrypted once for all readers of this case."""
        return (self.known.get(row.id) or self.entry(row)).answers

    def entry(self, row: EntryRow) -> Entry:
        """Return a row as an entry, with the roles in which it is signed completely."""
        # The same object until a signature changes it: a fold is carried on by identity.
        signed = complete(self.signatures.get(row.id, ()))
        known = self.known.get(row.id)
        if known is None or known.signed != signed:
            known = self.known[row.id] = self._entry(row, signed)
        return known

    def _entry(self, row: EntryRow, signed: frozenset[Role]) -> Entry:
        return Entry(
            number=row.number,
            step=row.step,
            done_on=row.done_on,
            answers=SealedAnswers(row.id, row.answers_sealed),
            recorded_on=day_of(row.recorded_at),
            rulebook=row.rulebook,
            signed=signed,
        )

    def signing(self, step_id: str) -> tuple[str, Signatures]:
        """Return the id of the last entry of a step that isn't replaced, and its signatures;
        ("", ()) for none."""
        found = [row.id for row in self.rows if row.step == step_id and row.replaced_by is None]
        return (found[-1], self.signatures.get(found[-1], ())) if found else ("", ())

    def row_of(self, entry: Entry | None) -> str:
        """Return the row id of an entry; "" for none."""
        # A correction has the number of what it replaces, so the number alone finds both.
        number = entry.number if entry else 0
        found = (r.id for r in self.rows if r.number == number and r.replaced_by is None)
        return next(found, "")

    def row(self, entry_id: str) -> EntryRow | None:
        """Return a row by its id, also a replaced one; None for none."""
        return next((row for row in self.rows if row.id == entry_id), None)


async def load_case(session: AsyncSession, case: CaseFile, procedure: Procedure) -> LoadedCase:
    """Read a case whole, in four queries. Of many cases use `load_many.facts_of_many`."""
    entries = select(EntryRow).where(EntryRow.case_id == case.id)
    # By time as well: a correction has the number of the entry it replaces.
    rows = tuple(
        await session.exec(
            entries.order_by(col(EntryRow.number), col(EntryRow.recorded_at)),
        )
    )
    holds = await session.exec(select(HoldRow).where(HoldRow.case_id == case.id))
    return LoadedCase(
        case=case,
        book=procedure.find(case.rulebook),
        rows=rows,
        signatures=await signatures(session, [row.id for row in rows]),
        holds=tuple(holds),
        helpers=await _helpers(session, case),
    )


async def with_entry(
    session: AsyncSession, loaded: LoadedCase, row: EntryRow, noted: tuple[Problem, ...]
) -> LoadedCase:
    """Return the case with one more entry, without reading it again: the entry may have changed the
    helpers, nothing else. `noted`: the problems found with it."""
    helpers, rows = await _helpers(session, loaded.case), (*loaded.rows, row)
    return replace(loaded, rows=rows, helpers=helpers, before=loaded.facts, noted=noted)


async def _helpers(session: AsyncSession, case: CaseFile) -> Helping:
    found = await session.exec(
        select(CaseHelper, Person).where(
            CaseHelper.case_id == case.id,
            CaseHelper.person_id == Person.id,
            col(CaseHelper.until).is_(None),
        )
    )
    return tuple((helper, person) for helper, person in found)


async def place_in(session: AsyncSession, actor: Actor, loaded: LoadedCase) -> Place:
    """As `people.scope.place_of`, without a query for the helpers, which the case has."""
    roles = (Role(row.role) for row, _ in loaded.helpers if row.person_id == actor.person_id)
    place = loaded.case.organisation_id
    return Place(place, await path_of(session, place), frozenset(roles))


def _waits(item: OpenStep) -> frozenset[Role]:
    """Return the roles on whose to-do list a step may stand: a superset, since it is stored and
    some of what decides changes without an act on the case."""
    # A name climbs the levels of the plan while its case doesn't change.
    if item.step.planned:
        return LEVELS
    # Somebody asked by name may become unreachable any day; then the secretary confirms on paper.
    named = item.waits_for & set(item.step.each_signs)
    return item.turn | {Role.SECRETARY} if named else item.turn


async def rederive(
    session: AsyncSession, loaded: LoadedCase, procedure: Procedure, today: date
) -> Progress:
    """Rewrite what is stored of a case's state (status, stage, waiting roles, deadlines) and return
    the progress it comes from. Stored only because lists and reminders can't replay every case."""
    progress = assess(loaded.book, loaded.facts, today, procedure.calendar)
    loaded.case.status, loaded.case.stage = progress.status, progress.stage
    session.add(loaded.case)
    await session.exec(delete(CaseWaiting).where(col(CaseWaiting.case_id) == loaded.case.id))
    for role in frozenset().union(*(_waits(item) for item in progress.open)):
        session.add(CaseWaiting(case_id=loaded.case.id, role=role.value))
    unsaid = await _take_off(session, loaded.case.id, today)
    for deadline in progress.deadlines:
        look = next_look(deadline.on, deadline.kind, deadline.ladder, today)
        session.add(
            DeadlineRow(
                case_id=loaded.case.id,
                step=deadline.step,
                limit_id=deadline.limit,
                kind=deadline.kind.value,
                due_on=deadline.on,
                source=deadline.source,
                ladder=deadline.ladder,
                provisional=deadline.provisional,
                # By it a changed calendar finds what it has to count anew.
                calendar_version=procedure.calendar.version,
                next_look=unsaid.get((deadline.step, deadline.limit, deadline.on), look),
            )
        )
    await session.flush()
    return progress


async def _take_off(
    session: AsyncSession, case_id: str, today: date
) -> dict[tuple[str, str, date], date]:
    """Delete the stored dates of a case; return when to look for those whose rung has come and
    wasn't said yet, by step, limit and due day.

    A rung that falls on a weekend is said on the next working day: an act in between must not
    skip it, and with the last rung the word to whoever is above.
    """
    gone = (
        delete(DeadlineRow)
        .where(col(DeadlineRow.case_id) == case_id)
        .returning(
            col(DeadlineRow.step),
            col(DeadlineRow.limit_id),
            col(DeadlineRow.due_on),
            col(DeadlineRow.next_look),
        )
    )
    rows = (await session.exec(gone)).all()
    return {(step, limit, due): look for step, limit, due, look in rows if look and look <= today}


def next_look(due: date, kind: DateKind, ladder: Iterable[int], after: date) -> date | None:
    """Return the next day after `after` on which to remind of a deadline due on `due`; None once
    the ladder (days before it, negative: after) has ended. An earliest date is told on its day
    only."""
    rungs = (0,) if kind is DateKind.EARLIEST else ladder
    days = sorted(due - timedelta(days=rung) for rung in rungs)
    return next((day for day in days if day > after), None)
