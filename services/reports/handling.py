"""来信来访批办: reports in one register, instructed, checked, decided and answered within the days
that the rulebook sets (docs/procedure.md § 3). Who reported is known to nobody here."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of, next_open
from domain.case.findings import leads_to
from domain.case.replay import Fold, fold_of
from domain.case.report_deadline import AnswerTime, answer_day
from domain.permissions import Permission
from domain.reports import HOLDING, ON_PAPER, WAITING, Channel, IntakeState, RegisterState
from domain.rulebook.schema import Rulebook
from models import CaseFile, ReportRow
from services.casefile.load import load_case
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import NotAllowed
from services.people.responsible_for import serving_organisers
from services.people.scope import case_for, require_in_department
from services.people.views import Actor, PersonChoice
from services.reports.effects import (
    close,
    enter,
    enter_finding,
    in_charge,
    relink,
    tell,
    tell_branch,
    tell_deciders,
)
from services.reports.exchange import Answer, Exchange, Opened
from services.reports.register import (
    card_of,
    found,
    handled,
    impartial,
    notes_of,
    partial_in,
)
from services.reports.views import Outcome, ReportCard

RETENTION = timedelta(days=180)
"""How long the content of a closed report is kept."""


class Meanwhile(NotAllowed):
    """Somebody else settled the report, or said another case, since the actor saw it."""


@dataclass(frozen=True)
class Reports:
    """Handling of reports by the department. `exchange`: None where this process can't open the
    public side's database."""

    database: Database
    procedure: Procedure
    exchange: Exchange | None = None
    retention: timedelta = RETENTION

    async def register(
        self, act: Act, actor: Actor, channel: str, text: str, case_id: str | None
    ) -> str:
        """Register a letter, visit or call, and return the report's id. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return str(work.result)
            await require_in_department(work.session, actor, Permission.REGISTER_REPORT)
            # What came by bot or page enters through the exchange alone.
            if channel not in ON_PAPER:
                raise NotAllowed(channel)
            if case_id is not None:
                await case_for(work.session, actor, case_id, Permission.SEE_CASE)
            today = day_of(act.at)
            row = ReportRow(
                channel=Channel(channel),
                received_on=today,
                answer_by=self.answer_by(today),
                case_id=case_id,
            )
            row.text = text
            await enter(work.session, row, self.procedure, act.at)
            await work.done("register_report", row.id)
            return row.id

    def answer_by(self, received_on: date) -> date:
        """Return the last day for the answer, as the rulebook sets it (docs/procedure.md § 3)."""
        return answer_day(self.procedure.current, received_on, self.procedure.calendar)

    async def register_of(self, actor: Actor) -> tuple[ReportCard, ...]:
        """Return the reports that wait for an answer, without their content, the most urgent first.
        Raises NotAllowed."""
        async with self.database.read() as session:
            await require_in_department(session, actor, Permission.SEE_REPORTS)
            statement = select(ReportRow).where(col(ReportRow.state).in_(WAITING))
            rows = await session.exec(statement.order_by(col(ReportRow.answer_by)))
            cards = [await card_of(session, row) for row in rows]
            return tuple([card for card in cards if await impartial(session, actor, card.case_id)])

    async def card(self, actor: Actor, report_id: str) -> ReportCard:
        """Raises NotAllowed, also where there is none."""
        async with self.database.read() as session:
            return await self._card(session, await found(session, actor, report_id))

    async def open(self, act: Act, actor: Actor, report_id: str, *, read: bool = True) -> Opened:
        """Decrypt a report for the director or the organiser named; each look leaves an audit line.
        `read`: they see what it says, so that its letters count as read. Raises NotAllowed, NoKey.
        """
        async with self.database.act(act, actor) as work:
            # The line is committed before anything is opened, so that no look goes unnoted.
            row = await handled(work.session, actor, report_id)
            if not work.repeated:
                await work.done("look_at_report", report_id)
            notes = await notes_of(work.session, row)
        if row.intake_id is None:
            return Opened("", row.text or "", notes=notes)
        if self.exchange is None:
            raise NotAllowed(report_id)
        opened = await self.exchange.open(row.intake_id)
        if read:
            await self._seen(actor, report_id, len(opened.letters))
        return replace(opened, notes=notes)

    async def _seen(self, actor: Actor, report_id: str, letters: int) -> None:
        """Note how many letters the person in charge has read: the answer says so, and what came
        beyond them will wait for another."""
        async with self.database.write() as session:
            row = await session.get_one(ReportRow, report_id)
            if letters > row.letters and actor.person_id in await in_charge(session, row):
                row.letters = letters
                session.add(row)

    async def note(self, act: Act, actor: Actor, report_id: str, text: str) -> ReportCard:
        """Add a note on what was found out. Raises NotAllowed, also once the report is settled."""
        async with self.database.act(act, actor) as work:
            row = await handled(work.session, actor, report_id)
            if not work.repeated:
                if row.state not in WAITING:
                    raise NotAllowed(report_id)
                # Assigned whole: the property seals on assignment, a change in place would be lost.
                kept = row.notes or {}
                line = [day_of(act.at), actor.person_id, text]
                row.notes = {**kept, "log": [*kept.get("log", ()), line]}
                work.session.add(row)
                await work.done("note_on_report", report_id)
            return await self._card(work.session, row)

    async def organisers(self, actor: Actor, report_id: str) -> tuple[PersonChoice, ...]:
        """Return the organisers who may be named: none with a part in the case. Raises
        NotAllowed."""
        async with self.database.read() as session:
            return await _organisers(session, await found(session, actor, report_id))

    async def instruct(
        self, act: Act, actor: Actor, report_id: str, organiser_id: str
    ) -> ReportCard:
        """Name the organiser who checks a report, as director. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            await require_in_department(work.session, actor, Permission.INSTRUCT_REPORT)
            row = await found(work.session, actor, report_id)
            if not work.repeated:
                # Here and not before: the report may have become one about another case since.
                allowed = {choice.person_id for choice in await _organisers(work.session, row)}
                if organiser_id not in allowed or row.state not in HOLDING:
                    raise NotAllowed(report_id)
                row.organiser_id, row.state = organiser_id, RegisterState.CHECKING
                work.session.add(row)
                at = next_open(act.at, self.procedure.calendar)
                await tell(work.session, row, (organiser_id,), "named", at)
                await work.done("instruct_report", report_id)
            card = await self._card(work.session, row)
        # After the commit: else the reporter could read of an instruction that was rolled back.
        if self.exchange is not None and row.intake_id is not None:
            await self.exchange.say_state(row.intake_id, IntakeState.CHECKING)
        return card

    async def link(
        self, act: Act, actor: Actor, report_id: str, case_id: str | None, seen: str | None
    ) -> ReportCard | None:
        """Say as director whose case a report is about; None: nobody's. That case is held until the
        report is settled, one said before no longer. `seen`: the case that the actor saw it to be
        about. Returns None where the actor has a part in the case: they don't see the report any
        more. Raises NotAllowed; Meanwhile where it was answered, or is about another case now."""
        async with self.database.act(act, actor) as work:
            session = work.session
            await require_in_department(session, actor, Permission.INSTRUCT_REPORT)
            if not work.repeated:
                row = await found(session, actor, report_id)
                if row.state not in HOLDING or row.case_id != seen:
                    raise Meanwhile(report_id)
                if case_id is not None:
                    await case_for(session, actor, case_id, Permission.SEE_CASE)
                await relink(session, row, case_id, self.procedure, act.at)
                await work.done("link_report", report_id)
            row = await session.get_one(ReportRow, report_id)
            # Asked after linking: it may just have shown that the actor has a part in that case.
            sees = await impartial(session, actor, row.case_id)
            return await self._card(session, row) if sees else None

    async def decide(
        self, act: Act, actor: Actor, report_id: str, finding_id: str, answer: str
    ) -> ReportCard:
        """Settle a report by one of the rulebook's findings and answer it; after a letter that came
        later, "" keeps the finding. Raises NotAllowed."""
        # Asked before the answer is sealed: no transaction spans both databases, and what the
        # reporter can read can't be taken back (`services.reports.exchange` has the order).
        async with self.database.read() as session:
            row = await handled(session, actor, report_id)
            known = {item.id for item in (await self._book(session, row)).findings}
        if finding_id and finding_id not in known:
            raise NotAllowed(finding_id)
        today = day_of(act.at)
        if row.intake_id is not None and self.exchange is not None and _takes(row, finding_id):
            sealed = Answer(act.key, answer, today, row.letters, self.answer_by(today))
            await self.exchange.answer(row.intake_id, sealed)
        async with self.database.act(act, actor) as work:
            row = await handled(work.session, actor, report_id)
            if not work.repeated:
                if not _takes(row, finding_id):
                    raise NotAllowed(report_id)
                await self._decide(work, actor, row, finding_id, answer)
            return await self._card(work.session, row)

    async def _decide(
        self, work: Work, actor: Actor, row: ReportRow, finding_id: str, answer: str
    ) -> None:
        session, today = work.session, day_of(work.act.at)
        row.notes = {**(row.notes or {}), "answer": answer}
        if row.case_id is not None and finding_id:
            case = await session.get_one(CaseFile, row.case_id)
            loaded = await load_case(session, case, self.procedure)
            await enter_finding(work, actor, row, finding_id, loaded)
        await close(session, row, finding_id or row.finding, self.procedure, today)
        if row.case_id is not None and finding_id:
            # By the letters: another finding after a further letter is told again.
            slot = f"{row.id}:{row.letters}"
            await tell_branch(work, row.case_id, slot, self.procedure)
            await tell_deciders(work, actor, row, self.procedure)
        await work.done("decide_report" if finding_id else "answer_letter", row.id)

    async def outcomes(self, actor: Actor, report_id: str, today: date) -> tuple[Outcome, ...]:
        """Return the findings that may be given, each with the steps it leads to. Raises
        NotAllowed."""
        async with self.database.read() as session:
            row = await handled(session, actor, report_id)
            book, fold = await self._book(session, row), await self._fold(session, row)
            return tuple(
                Outcome(item, tuple(s.title for s in leads_to(item, fold, today)) if fold else ())
                for item in book.findings
            )

    async def _card(self, session: AsyncSession, row: ReportRow) -> ReportCard:
        """Return the report's card, with how the case stands that it is about."""
        practice = AnswerTime.of(self.procedure.current).practice
        card = replace(await card_of(session, row), practice=practice)
        if row.case_id is None:
            return card
        case = await session.get_one(CaseFile, row.case_id)
        loaded = await load_case(session, case, self.procedure)
        fold = fold_of(loaded.book, loaded.facts, self.procedure.calendar)
        awaited = () if fold.over else tuple(step.title for step in fold.awaited)
        return replace(card, over=fold.over, awaited=awaited)

    async def _book(self, session: AsyncSession, row: ReportRow) -> Rulebook:
        """Return the rulebook of the report's case, else the one in force."""
        case = await session.get(CaseFile, row.case_id) if row.case_id else None
        return self.procedure.find(case.rulebook) if case else self.procedure.current

    async def _fold(self, session: AsyncSession, row: ReportRow) -> Fold | None:
        """Replay the report's case without an earlier finding of the same report, which a new one
        replaces; None for a report about no case."""
        if row.case_id is None:
            return None
        case = await session.get_one(CaseFile, row.case_id)
        loaded = await load_case(session, case, self.procedure)
        entry = loaded.row(row.entry_id) if row.entry_id else None
        others = [one for one in loaded.facts.entries if not entry or one.number != entry.number]
        facts = replace(loaded.facts, entries=tuple(others))
        return Fold(loaded.book, facts, self.procedure.calendar)


async def _organisers(session: AsyncSession, row: ReportRow) -> tuple[PersonChoice, ...]:
    """Return the organisers without a part in the case of a report."""
    partial = await partial_in(session, row.case_id)
    everybody = await serving_organisers(session)
    return tuple(one for one in everybody if one.person_id not in partial)


def _takes(row: ReportRow, finding_id: str) -> bool:
    """Whether a report waits for this answer: without a finding only after a later letter."""
    return row.state in (WAITING if finding_id else (RegisterState.AGAIN,))
