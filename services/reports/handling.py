"""来信来访批办: reports in one register, instructed, checked, decided and answered within the days
that the rulebook sets (docs/procedure.md § 3). Who reported is known to nobody here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of, next_open
from domain.case.replay import Fold, fold_of
from domain.case.reports import AnswerTime, answer_day, leads_to
from domain.permissions import Permission
from domain.reports import HOLDING, ON_PAPER, WAITING, Channel, IntakeState, RegisterState
from domain.rulebook.schema import Rulebook
from models import CaseFile, ReportCase, ReportRow
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
    cases_of,
    found,
    handled,
    impartial,
    links_of,
    notes_of,
    partial_in,
)
from services.reports.views import Outcomes, PossibleFinding, ReportCard, ReportedCase

RETENTION = timedelta(days=180)
"""How long the content of a closed report is kept."""
VARIOUS = "various"
"""The finding of a report that is true of one person and not of another."""


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
            )
            row.text = text
            about = (case_id,) if case_id is not None else ()
            await enter(work.session, row, about, self.procedure, act.at)
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
            return tuple(
                [card for card in cards if await impartial(session, actor, card.report_id)]
            )

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
        self, act: Act, actor: Actor, report_id: str, cases: Sequence[str], seen: Collection[str]
    ) -> ReportCard | None:
        """Say as director whose cases a report is about; (): nobody's. They are held until the
        report is settled, those said before no longer. `seen`: the cases that the actor saw it to
        be about. Returns None where the actor has a part in one of them: they don't see the report
        any more. Raises NotAllowed; Meanwhile where it was answered, or is about others now."""
        async with self.database.act(act, actor) as work:
            session = work.session
            await require_in_department(session, actor, Permission.INSTRUCT_REPORT)
            if not work.repeated:
                row = await found(session, actor, report_id)
                named = set(await cases_of(session, report_id))
                if row.state not in HOLDING or named != set(seen):
                    raise Meanwhile(report_id)
                for case_id in set(cases) - named:
                    await case_for(session, actor, case_id, Permission.SEE_CASE)
                await relink(session, row, cases, self.procedure, act.at)
                await work.done("link_report", report_id)
            row = await session.get_one(ReportRow, report_id)
            # Asked after linking: it may just have shown that the actor has a part in that case.
            sees = await impartial(session, actor, report_id)
            return await self._card(session, row) if sees else None

    async def decide(
        self,
        act: Act,
        actor: Actor,
        report_id: str,
        finding_id: str,
        answer: str,
        by_case: Mapping[str, str] | None = None,
    ) -> ReportCard:
        """Settle a report by one of the rulebook's findings and answer it; after a letter that came
        later, "" keeps the finding. `by_case`: the finding of each case that it is about; they
        needn't be the same, since one person may have done what another is named for. Raises
        NotAllowed."""
        # Asked before the answer is sealed: no transaction spans both databases, and what the
        # reporter can read can't be taken back (`services.reports.exchange` has the order).
        async with self.database.read() as session:
            row = await handled(session, actor, report_id)
            found = await self._given(session, row, finding_id, by_case or {})
        today = day_of(act.at)
        if row.intake_id is not None and self.exchange is not None and _takes(row, found):
            sealed = Answer(act.key, answer, today, row.letters, self.answer_by(today))
            await self.exchange.answer(row.intake_id, sealed)
        async with self.database.act(act, actor) as work:
            row = await handled(work.session, actor, report_id)
            if not work.repeated:
                # Asked again: a case may have been named or taken off since.
                found = await self._given(work.session, row, finding_id, by_case or {})
                if not _takes(row, found):
                    raise NotAllowed(report_id)
                await self._decide(work, actor, row, found, answer)
            return await self._card(work.session, row)

    async def _given(
        self, session: AsyncSession, row: ReportRow, finding_id: str, cases: Mapping[str, str]
    ) -> dict[str, str]:
        """Return the finding of each case, by its id; that of a report about none by "". Raises
        NotAllowed for one that the rulebook doesn't know, and for a case that it isn't about."""
        named = await cases_of(session, row.id)
        if not set(cases) <= set(named):
            raise NotAllowed(row.id)
        given = {of: cases.get(of, finding_id) for of in named or ("",)}
        for of, finding in given.items():
            book = await self._book(session, of)
            if finding and finding not in {item.id for item in book.findings}:
                raise NotAllowed(finding)
        return given

    async def _decide(
        self, work: Work, actor: Actor, row: ReportRow, found: Mapping[str, str], answer: str
    ) -> None:
        session, today = work.session, day_of(work.act.at)
        row.notes = {**(row.notes or {}), "answer": answer}
        links = [link for link in await links_of(session, row.id) if found[link.case_id]]
        for link in links:
            case = await session.get_one(CaseFile, link.case_id)
            loaded = await load_case(session, case, self.procedure)
            await enter_finding(work, actor, link, found[link.case_id], loaded)
        await close(session, row, await _overall(session, row, found), self.procedure, today)
        for link in links:
            # By the letters: another finding after a further letter is told again.
            slot = f"{row.id}:{row.letters}"
            await tell_branch(work, link.case_id, slot, self.procedure)
            await tell_deciders(work, actor, link, self.procedure)
        await work.done("decide_report" if any(found.values()) else "answer_letter", row.id)

    async def outcomes(self, actor: Actor, report_id: str, today: date) -> tuple[Outcomes, ...]:
        """Return for each case that a report is about the findings that may be given, each with the
        steps it leads to. Raises NotAllowed."""
        async with self.database.read() as session:
            row = await handled(session, actor, report_id)
            card = await self._card(session, row)
            links = await links_of(session, report_id)
            if not links:
                return (Outcomes(None, _outcomes(await self._book(session, ""), None, today)),)
            found = []
            for about, link in zip(card.about, links, strict=True):
                book, fold = (
                    await self._book(session, link.case_id),
                    await self._fold(session, link),
                )
                found.append(Outcomes(about, _outcomes(book, fold, today)))
            return tuple(found)

    async def _card(self, session: AsyncSession, row: ReportRow) -> ReportCard:
        """Return the report's card, with how the cases stand that it is about."""
        practice = AnswerTime.of(self.procedure.current).practice
        card = await card_of(session, row)
        about = tuple([await self._standing(session, item) for item in card.about])
        return replace(card, practice=practice, about=about)

    async def _standing(self, session: AsyncSession, about: ReportedCase) -> ReportedCase:
        case = await session.get_one(CaseFile, about.case_id)
        loaded = await load_case(session, case, self.procedure)
        fold = fold_of(loaded.book, loaded.facts, self.procedure.calendar)
        awaited = () if fold.over else tuple(step.title for step in fold.awaited)
        return replace(about, over=fold.over, awaited=awaited)

    async def _book(self, session: AsyncSession, case_id: str) -> Rulebook:
        """Return the rulebook of a case, the one in force for ""."""
        case = await session.get(CaseFile, case_id) if case_id else None
        return self.procedure.find(case.rulebook) if case else self.procedure.current

    async def _fold(self, session: AsyncSession, link: ReportCase) -> Fold:
        """Replay a case without an earlier finding of the same report, which a new one replaces."""
        case = await session.get_one(CaseFile, link.case_id)
        loaded = await load_case(session, case, self.procedure)
        entry = loaded.row(link.entry_id) if link.entry_id else None
        others = [one for one in loaded.facts.entries if not entry or one.number != entry.number]
        facts = replace(loaded.facts, entries=tuple(others))
        return Fold(loaded.book, facts, self.procedure.calendar)


def _outcomes(book: Rulebook, fold: Fold | None, today: date) -> tuple[PossibleFinding, ...]:
    return tuple(
        PossibleFinding(item, tuple(s.title for s in leads_to(item, fold, today)) if fold else ())
        for item in book.findings
    )


async def _overall(session: AsyncSession, row: ReportRow, found: Mapping[str, str]) -> str:
    """Return what the register keeps as the finding of the whole report."""
    links = await links_of(session, row.id)
    each = {link.finding for link in links} if links else {found[""] or row.finding}
    return each.pop() if len(each) == 1 else VARIOUS


async def _organisers(session: AsyncSession, row: ReportRow) -> tuple[PersonChoice, ...]:
    """Return the organisers without a part in the case of a report."""
    partial = await partial_in(session, await cases_of(session, row.id))
    everybody = await serving_organisers(session)
    return tuple(one for one in everybody if one.person_id not in partial)


def _takes(row: ReportRow, found: Mapping[str, str]) -> bool:
    """Whether a report waits for this answer: without a finding only after a later letter."""
    return row.state in (WAITING if all(found.values()) else (RegisterState.AGAIN,))
