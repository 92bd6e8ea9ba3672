"""Entering a step, correcting it, signing it: the acts that move a case on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.calendar.office_hours import day_of
from domain.case.answers import verdict_of
from domain.case.date_check import carry_on, judged
from domain.case.facts import NOT_OPEN, Answers, Problem, ProblemCode, Progress, Verdict
from domain.case.progress import assess
from domain.case.replay import chosen
from domain.permissions import ActPlace, Permission, may, roles_at
from domain.rulebook.kinds import Effect
from domain.rulebook.schema import Step
from models import EntryRow, NoticeRow
from services.casefile.breaches import note_breaches
from services.casefile.derive import rederive
from services.casefile.load import (
    CaseInHand,
    LoadedCase,
    load_case,
    place_in,
    read_case,
    signatures,
    with_entry,
)
from services.casefile.participants import appoint
from services.casefile.procedure import Procedure
from services.casefile.signatures import (
    ask,
    confirm,
    confirmed,
    given,
    helping_still,
    sign,
    task,
)
from services.casefile.update_context import UpdateContext
from services.cases.announcements import tell
from services.cases.drafts import drop, key_of, release
from services.cases.forms import Forms, entering, entry_for, notice_of, problems_of
from services.cases.standing import entry_lines, standing_of
from services.cases.transfers import relocate
from services.cases.views import Recorded, notes_of
from services.core.acts import Act
from services.core.database import Work
from services.core.errors import AnswersRefused, NotAllowed, StepNotOpen, UnreadNotes
from services.core.guard import insert_object
from services.people.scope import case_for
from services.people.views import Actor
from services.plans.items import settle_plan


@dataclass(frozen=True)
class Entered:
    """An entry just made. `loaded`, `progress`: the case with it (no progress where dates aren't
    derived); `noted`: what was wrong with it and didn't refuse it; `verdict`: of its ballot;
    `breaches`: how many stand, None where that wasn't looked at."""

    loaded: LoadedCase
    progress: Progress | None
    noted: tuple[Problem, ...]
    verdict: Verdict | None
    breaches: int | None = None


@dataclass(frozen=True)
class _Settled:
    """A case as an act leaves it; the names are those of Entered."""

    loaded: LoadedCase
    progress: Progress | None = None
    breaches: int | None = None


async def _tell_nobody(work: Work, loaded: LoadedCase) -> None:
    """Of an installation without other cities."""


@dataclass
class Steps(Forms):
    """Forms, and the acts that end them. `tells`: acts cause messages; False where older cases are
    taken over, whose acts are no news. `dates`: acts derive deadlines; False while such a case is
    being entered, so that nobody is reminded of steps it has long passed. `taken_over` ends
    that. `taken_in`: told of a case that an entry takes in from outside, moves or ends, since
    another city may wait to hear of it."""

    tells: bool = True
    dates: bool = True
    taken_in: Callable[[Work, LoadedCase], Awaitable[None]] = _tell_nobody

    async def record(
        self,
        act: Act,
        actor: Actor,
        case_id: str,
        step_id: str,
        answers: Answers,
        update: UpdateContext | None = None,
        read: frozenset[str] | None = None,
    ) -> Recorded:
        """Enter a step. `read`: the notes that its author has read (`notes_of`), if it has one.
        Raises NotAllowed, StepNotOpen, AnswersRefused, UnreadNotes; then nothing is stored."""
        async with self.database.act(act, actor, case_id) as work:
            entered = None
            if work.repeated:
                release(key_of(actor, case_id, step_id), update.held if update else None)
            else:
                # An older case was decided elsewhere: here no meeting will vote on it.
                by_body = not self.tells
                entered = await self.enter(
                    work, actor, case_id, step_id, answers, by_body, update, read
                )
            return await self.recorded(work, actor, entered, update)

    async def enter(
        self,
        work: Work,
        actor: Actor,
        case_id: str,
        step_id: str,
        answers: Answers,
        by_body: bool = False,
        update: UpdateContext | None = None,
        read: frozenset[str] | None = None,
    ) -> Entered:
        """Enter a step as part of an act; raises as `record`. `by_body`: a meeting decided it."""
        session, today = work.session, day_of(work.act.at)
        hand = await self._read(session, actor, case_id, update)
        step, loaded = entering(actor, hand, step_id), hand.loaded
        verdict = verdict_of(loaded.book.step_on(step_id, answers.get(step.day)), answers)
        problems = await problems_of(
            session, loaded, step, answers, today, self.procedure, None, by_body, verdict
        )
        refuse(step, problems, read)
        # No sequence needed: acts on one case run one after the other.
        number = max((row.number for row in loaded.rows), default=0) + 1
        row = _row(work, actor, loaded, step, answers, number, problems)
        await insert_object(session, row)
        appointed = await appoint(work, loaded, row, answers)
        moved = await relocate(work, actor, loaded, row, answers)
        if moved or _takes_in(step, answers):
            await self.taken_in(work, loaded)
        await settle_plan(work, actor, loaded.case, step, answers)
        await hang_notice(session, step, row, answers, self.procedure)
        # Drop it in the entry's commit: left by a crash, it would ask for the step again.
        await drop(session, key_of(actor, case_id, step_id), update.held if update else None)
        await session.flush()
        before, loaded = loaded, await with_entry(session, loaded, row, appointed or moved)
        await self._ask(work, actor, loaded, row, step, hand.place)
        left = await self._settle(work, actor, loaded, "record_step", row, (before, problems))
        return Entered(left.loaded, left.progress, problems, verdict, left.breaches)

    async def correct(
        self,
        act: Act,
        actor: Actor,
        entry_id: str,
        answers: Answers,
        reason: str,
        update: UpdateContext | None = None,
        read: frozenset[str] | None = None,
    ) -> Recorded:
        """Replace an entry by a new one with the same number, and keep the old one. Raises as
        `record`, also for an empty reason. `read`: as for `record`."""
        async with self.database.act(act, actor, case_of(entry_id)) as work:
            entered = None
            if not work.repeated:
                reason = reason.strip()
                entered = await self._correct(work, actor, entry_id, answers, reason, update, read)
            return await self.recorded(work, actor, entered, update)

    async def _correct(
        self,
        work: Work,
        actor: Actor,
        entry_id: str,
        answers: Answers,
        reason: str,
        update: UpdateContext | None,
        read: frozenset[str] | None,
    ) -> Entered:
        session, today = work.session, day_of(work.act.at)
        hand, step, old = await entry_for(session, actor, entry_id, self.procedure)
        loaded = hand.loaded
        if update is not None:
            update.cases.pop(loaded.case.id, None)
        verdict = verdict_of(loaded.book.step_on(step.id, answers.get(step.day)), answers)
        problems = await problems_of(
            session, loaded, step, answers, today, self.procedure, entry_id, verdict=verdict
        )
        if not reason:
            problems = (Problem(ProblemCode.REQUIRED, field="reason"), *problems)
        refuse(step, problems, read)
        row = _row(work, actor, loaded, step, answers, old.number, problems)
        row.reason = reason
        await insert_object(session, row)
        old.replaced_by = row.id
        session.add(old)
        # Not `relocate`: a correction must not move the case a second time.
        appointed = await appoint(work, loaded, row, answers)
        await settle_plan(work, actor, loaded.case, step, answers)
        await hang_notice(session, step, row, answers, self.procedure, replaces=old.id)
        loaded = await with_entry(session, loaded, row, appointed)
        await self._ask(work, actor, loaded, row, step, hand.place)
        # A replaced entry changes what was judged after it, so no replay is carried on.
        left = await self._settle(work, actor, loaded, "correct_step", row)
        return Entered(left.loaded, left.progress, problems, verdict, left.breaches)

    async def sign(
        self,
        act: Act,
        actor: Actor,
        entry_id: str,
        paper: bool = False,
        update: UpdateContext | None = None,
    ) -> Recorded:
        """Sign an entry in a role of the actor that it waits for (`services.casefile.signatures`);
        with `paper`, confirm the paper signatures of those whom no message reaches. Raises
        NotAllowed, StepNotOpen where the actor has done that before."""
        async with self.database.act(act, actor, case_of(entry_id)) as work:
            entered = None
            if not work.repeated:
                entered = await self._sign(work, actor, entry_id, paper, update)
            return await self.recorded(work, actor, entered, update)

    async def _sign(
        self, work: Work, actor: Actor, entry_id: str, paper: bool, update: UpdateContext | None
    ) -> Entered:
        session, act = work.session, work.act
        row = await session.get(EntryRow, entry_id)
        # Who signed what a sheet brought stands on paper.
        if row is None or row.replaced_by is not None or row.sheet_id is not None:
            raise NotAllowed(entry_id)
        hand = await self._read(session, actor, row.case_id, update)
        loaded, roles = hand.loaded, roles_at(actor.posts, hand.place)
        if not may(Permission.SIGN, actor.posts, hand.place):
            raise NotAllowed(entry_id)
        rows = loaded.signatures.get(row.id, ())
        mine = task(loaded.book.step(row.step), rows, roles, actor.person_id, loaded.helpers)
        if paper and mine.paper:
            await confirm(session, act, actor, mine.paper)
        elif mine.role is not None and not paper:
            await sign(session, act, actor, rows, mine.role, row)
        elif actor.person_id in (confirmed(rows) if paper else given(rows)):
            # Pressed twice: that nothing is there would sound as if the first press had been lost.
            problem = Problem(ProblemCode.ALREADY_SIGNED, values={"paper": paper})
            raise StepNotOpen(row.step, (problem,))
        else:
            raise NotAllowed(entry_id)
        loaded.signatures = await signatures(session, loaded.case.id)
        name = "sign_paper" if paper else "sign"
        return self._entered(row, await self._settle(work, actor, loaded, name, row))

    async def _ask(
        self,
        work: Work,
        actor: Actor,
        loaded: LoadedCase,
        row: EntryRow,
        step: Step,
        place: ActPlace,
    ) -> None:
        """Ask for the signatures of a new entry."""
        roles = roles_at(actor.posts, place)
        loaded.signatures[row.id] = await ask(
            work.session, work.act, actor, step, row, loaded.helpers, roles
        )

    async def _settle(
        self,
        work: Work,
        actor: Actor,
        loaded: LoadedCase,
        name: str,
        row: EntryRow,
        added: tuple[LoadedCase, tuple[Problem, ...]] | None = None,
    ) -> _Settled:
        """Derive what follows from a change of a case, tell whom it concerns, write the audit
        line. `added`: where only an entry was added, the case before it and the problems found with
        it."""
        today = day_of(work.act.at)
        asked = await helping_still(work.session, loaded.signatures, loaded.helpers)
        # A new object, since the old one has cached its facts with the old signatures.
        loaded, progress, breaches = replace(loaded, signatures=asked), None, None
        found: tuple[Problem, ...] | None = None
        # Carried on, the new entry alone is judged: all before it were when they were entered.
        if added is not None and carry_on(added[0].facts, loaded.facts, added[1]):
            found = added[1]
        else:
            self._judge(loaded)
        if self.dates:
            progress = await rederive(work.session, loaded, self.procedure, today)
            breaches = await note_breaches(
                work.session, loaded, progress, self.procedure, today, found
            )
        if progress is not None and self.tells:
            calendar = self.procedure.calendar
            await tell(work.session, work.act, actor, loaded, progress, row, calendar)
        await work.done(name, row.id, chain=loaded.case.id)
        return _Settled(loaded, progress, breaches)

    async def taken_over(self, act: Act, actor: Actor, case_id: str) -> None:
        """End the entering of an older case: from now on its dates count, and it waits for whoever
        is next. Raises NotAllowed."""
        async with self.database.act(act, actor, case_id) as work:
            case, _ = await case_for(work.session, actor, case_id, Permission.OPEN_CASE)
            if not work.repeated:
                loaded, today = await load_case(work.session, case, self.procedure), day_of(act.at)
                self._judge(loaded)
                progress = await rederive(work.session, loaded, self.procedure, today)
                await note_breaches(work.session, loaded, progress, self.procedure, today)
                await work.done("take_over", case.id, chain=case.id)

    async def recorded(
        self,
        work: Work,
        actor: Actor,
        entered: Entered | None = None,
        update: UpdateContext | None = None,
    ) -> Recorded:
        """Return what an act has entered, and hand its case on in `update`. `entered`: None where
        the act is repeated; then it is read again by the act's stored result."""
        session, today = work.session, day_of(work.act.at)
        row = await session.get_one(EntryRow, work.result)
        if entered is None:
            hand = await read_case(session, actor, row.case_id, self.procedure)
            entered = self._entered(row, _Settled(hand.loaded))
        loaded, progress = entered.loaded, entered.progress
        if progress is None:
            progress = assess(loaded.book, loaded.facts, today, self.procedure.calendar)
        # Anew: what was entered may have moved the case, or appointed the actor.
        place = await place_in(session, actor, loaded)
        roles = roles_at(actor.posts, place)
        self.kept.left(loaded)
        if update is not None:
            update.cases[loaded.case.id] = CaseInHand(loaded, place)
        step = loaded.book.step(row.step)
        [line] = await entry_lines(session, loaded, [row], actor, roles)
        return Recorded(
            entry_id=row.id,
            step=step,
            card=await standing_of(
                session, actor, loaded, progress, roles, today, entered.breaches
            ),
            line=line,
            verdict=entered.verdict,
            notice=notice_of(step, loaded.answers(row), self.procedure),
            breaches=entered.noted,
        )

    async def _read(
        self, session: AsyncSession, actor: Actor, case_id: str, update: UpdateContext | None
    ) -> CaseInHand:
        """Read a case for an act, under its lock: what others did since this update first read it
        must count. Raises NotAllowed where there is none."""
        if update is not None:
            update.cases.pop(case_id, None)
        return await self.kept.read(session, actor, case_id, self.procedure)

    def _entered(self, row: EntryRow, left: _Settled) -> Entered:
        """Return a stored row as if it had been entered just now."""
        loaded = left.loaded
        verdict = verdict_of(loaded.book.step_on(row.step, row.done_on), loaded.answers(row))
        noted = self._noted(row, loaded)
        return Entered(loaded, left.progress, noted, verdict, left.breaches)

    def _judge(self, loaded: LoadedCase) -> None:
        """Replay the entries with judgement first: what asks later then shares that one replay, the
        check of dates as well."""
        if self.dates:
            judged(loaded.book, loaded.facts, self.procedure.calendar)

    def _noted(self, row: EntryRow, loaded: LoadedCase) -> tuple[Problem, ...]:
        """Return the problems noted with an entry. Only codes are stored; values and sources follow
        from the rules each time."""
        if not row.breaches:
            return ()
        found = judged(loaded.book, loaded.facts, self.procedure.calendar).findings
        own = (item.problem for item in found if item.number == row.number)
        return tuple(problem for problem in own if problem.code in row.breaches)


def _takes_in(step: Step, answers: Answers) -> bool:
    """Whether it is entered of one's own alone, also of somebody who came and isn't answered for
    yet: else both cities would wait for an answer that nobody can give any more."""
    ends = any(option.effect is Effect.END for option in chosen(step, answers))
    return step.from_outside or ends


def case_of(entry_id: str) -> SelectOfScalar[str]:
    """Ask for the case of an entry, which never changes."""
    return select(EntryRow.case_id).where(EntryRow.id == entry_id)


async def hang_notice(
    session: AsyncSession,
    step: Step,
    row: EntryRow,
    answers: Answers,
    procedure: Procedure,
    replaces: str | None = None,
) -> None:
    """Store a posted notice, to be published. A corrected one keeps its id: the printed link and QR
    code hang on the wall already."""
    period = notice_of(step, answers, procedure)
    if period is None:
        return
    statement = select(NoticeRow).where(NoticeRow.entry_id == replaces)
    known = (await session.exec(statement)).first() if replaces else None
    notice = known or NoticeRow(
        case_id=row.case_id, entry_id=row.id, first_day=period.first_day, last_day=period.last_day
    )
    notice.entry_id, notice.published = row.id, False
    notice.first_day, notice.last_day = period.first_day, period.last_day
    session.add(notice)
    await session.flush()


def refuse(step: Step, problems: tuple[Problem, ...], read: frozenset[str] | None = None) -> None:
    """Raises StepNotOpen or AnswersRefused where a problem refuses, UnreadNotes where one is noted
    that isn't among those `read`."""
    refusing = tuple(problem for problem in problems if problem.refuses)
    closed = tuple(problem for problem in refusing if problem.code in NOT_OPEN)
    if closed:
        raise StepNotOpen(step.id, closed)
    if refusing:
        raise AnswersRefused(refusing)
    if read is not None and not notes_of(problems) <= read:
        raise UnreadNotes(step.id)


def _row(
    work: Work,
    actor: Actor,
    loaded: LoadedCase,
    step: Step,
    answers: Answers,
    number: int,
    problems: tuple[Problem, ...],
) -> EntryRow:
    day = answers[step.day]
    assert isinstance(day, date)
    # With the rulebook of its day: a later text must not judge it (docs/procedure.md § 1a).
    row = EntryRow(
        case_id=loaded.case.id,
        number=number,
        step=step.id,
        done_on=day,
        rulebook=loaded.book.on(day).id,
        recorded_at=work.act.at,
        recorded_by=actor.person_id,
        breaches=tuple(problem.code for problem in problems),
    )
    row.answers = dict(answers)
    return row
