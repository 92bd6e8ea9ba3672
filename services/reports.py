"""来信来访批办: reports in one register, instructed, checked, decided and answered within the days
that the rulebook sets (RULES § 3). Who reported is known to nobody here."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access import Act as Permission
from domain.hours import day_of, is_open
from domain.schema import FindingEffect, Role
from models import CaseFile, NoticeRow, Person, PostRow, ReportRow, Setting
from services.base import Database, Work
from services.case_rows import Procedure, load_case, rederive
from services.errors import NotAllowed
from services.exchange import Exchange, Opened, Received
from services.notify import CHANGED, holders
from services.outgoing import enqueue
from services.register import (
    OPEN,
    REPORT,
    batch_of,
    card_of,
    directors,
    found,
    handled,
    impartial,
    notes_of,
    partial_in,
    require,
    tell,
)
from services.scope import case_for
from services.steps import hold_case, release_case
from services.views import Act, Actor, PersonChoice, ReportCard

BATCH = "report_batch"
ON_PAPER = ("letter", "visit", "phone")
REMINDERS = (6, 4, 2, 1, 0)
"""Days before the answer is due on which its handler hears of it; then once more, late."""


@dataclass
class Reports:
    database: Database
    procedure: Procedure
    exchange: Exchange | None = None
    keeps: timedelta = field(default_factory=lambda: timedelta(days=180))

    async def collect(self, now: datetime) -> int:
        """Enters what the public sent into the register, at fixed hours; gives how many are new."""
        slot = batch_of(now)
        if self.exchange is None or slot is None or not is_open(now, self.procedure.calendar):
            return 0
        received = await self.exchange.received()
        async with self.database.write() as session:
            last = await session.get(Setting, BATCH)
            if last is not None and last.value >= slot:
                return 0
            session.add(last or Setting(key=BATCH, value=slot))
            if last is not None:
                last.value = slot
            fresh = [item for item in received if await self._enter(session, item, now)]
        return len(fresh)

    async def _enter(self, session: AsyncSession, item: Received, now: datetime) -> bool:
        statement = select(ReportRow).where(ReportRow.intake_id == item.id)
        known = (await session.exec(statement)).first()
        if known is not None:
            if item.state == "withdrawn" and known.state in OPEN:
                await self._close(session, known, "withdrawn", day_of(now))
            return False
        if item.state == "withdrawn":
            return False
        notice = await session.get(NoticeRow, item.notice) if item.notice else None
        row = ReportRow(
            intake_id=item.id,
            channel="bot",
            received_on=item.received_on,
            answer_by=item.answer_by,
            case_id=notice.case_id if notice else None,
        )
        await self._register(session, row, now)
        return True

    async def _register(self, session: AsyncSession, row: ReportRow, now: datetime) -> None:
        session.add(row)
        await session.flush()
        if row.case_id is not None:
            await hold_case(session, row.case_id, REPORT, day_of(now))
            await self._settle(session, row.case_id, day_of(now))
        for person_id in await directors(session):
            await tell(session, row, person_id, "received", now)

    async def register(
        self, act: Act, actor: Actor, channel: str, text: str, case_id: str | None
    ) -> str:
        """Enters a letter, a visit or a call; gives the report's id. Raises NotAllowed."""
        async with self.database.act(act, actor.person_id) as work:
            if work.repeated:
                return str(work.result)
            await require(work.session, actor, Permission.REGISTER_REPORT)
            if channel not in ON_PAPER:
                raise NotAllowed(channel)
            if case_id is not None:
                await case_for(work.session, actor, case_id, Permission.SEE_CASE)
            today = day_of(act.at)
            row = ReportRow(
                channel=channel,
                received_on=today,
                answer_by=today + timedelta(days=self.days),
                case_id=case_id,
            )
            row.text = text
            await self._register(work.session, row, act.at)
            await work.done("register_report", row.id)
            return row.id

    @property
    def days(self) -> int:
        return self.procedure.current.report_days

    async def register_of(self, actor: Actor) -> tuple[ReportCard, ...]:
        """Open reports, the most urgent first, without what they say. Raises NotAllowed."""
        async with self.database.read() as session:
            await require(session, actor, Permission.SEE_REPORTS)
            statement = select(ReportRow).where(col(ReportRow.state).in_(OPEN))
            rows = await session.exec(statement.order_by(col(ReportRow.answer_by)))
            cards = [await card_of(session, row) for row in rows]
            return tuple([card for card in cards if await impartial(session, actor, card.case_id)])

    async def card(self, actor: Actor, report_id: str) -> ReportCard:
        """Raises NotAllowed, also where there is none."""
        async with self.database.read() as session:
            return await card_of(session, await found(session, actor, report_id))

    async def open(self, act: Act, actor: Actor, report_id: str) -> Opened:
        """What it says, for the director and the organiser named. Every look is written down."""
        async with self.database.act(act, actor.person_id) as work:
            row = await handled(work.session, actor, report_id)
            if not work.repeated:
                await work.done("look_at_report", report_id)
            notes = await notes_of(work.session, row)
        if row.intake_id is None:
            return Opened("", row.text or "", notes=notes)
        if self.exchange is None:
            raise NotAllowed(report_id)
        return replace(await self.exchange.open(row.intake_id), notes=notes)

    async def note(self, act: Act, actor: Actor, report_id: str, text: str) -> ReportCard:
        """Adds what was found out while checking. Raises NotAllowed, also once it is settled."""
        async with self.database.act(act, actor.person_id) as work:
            row = await handled(work.session, actor, report_id)
            if not work.repeated:
                if row.state not in OPEN:
                    raise NotAllowed(report_id)
                kept = row.notes or {}
                line = [day_of(act.at), actor.person_id, text]
                row.notes = {**kept, "log": [*kept.get("log", ()), line]}
                work.session.add(row)
                await work.done("note_on_report", report_id)
            return await card_of(work.session, row)

    async def organisers(self, actor: Actor, report_id: str) -> tuple[PersonChoice, ...]:
        """Who may be named: nobody who has a part in the case."""
        async with self.database.read() as session:
            row = await found(session, actor, report_id)
            statement = select(Person).where(
                Person.id == PostRow.person_id,
                PostRow.role == Role.ORGANISER.value,
                col(PostRow.until).is_(None),
            )
            people = await session.exec(statement)
            partial = await partial_in(session, row.case_id)
            return tuple(PersonChoice(p.id, p.name) for p in people if p.id not in partial)

    async def instruct(
        self, act: Act, actor: Actor, report_id: str, organiser_id: str
    ) -> ReportCard:
        """The director names the organiser who checks it. Raises NotAllowed."""
        allowed = {choice.person_id for choice in await self.organisers(actor, report_id)}
        async with self.database.act(act, actor.person_id) as work:
            await require(work.session, actor, Permission.INSTRUCT_REPORT)
            row = await found(work.session, actor, report_id)
            if not work.repeated:
                if organiser_id not in allowed or row.state not in OPEN:
                    raise NotAllowed(report_id)
                row.organiser_id, row.state = organiser_id, "checking"
                work.session.add(row)
                await tell(work.session, row, organiser_id, "named", act.at)
                await work.done("instruct_report", report_id)
            card = await card_of(work.session, row)
        if self.exchange is not None and row.intake_id is not None:
            await self.exchange.say_state(row.intake_id, "checking")
        return card

    async def decide(
        self, act: Act, actor: Actor, report_id: str, finding_id: str, answer: str
    ) -> ReportCard:
        """Settles a report by one of the rulebook's findings and answers it. The answer is sealed
        first: a decision without its answer never stands. Raises NotAllowed."""
        async with self.database.read() as session:
            row = await handled(session, actor, report_id)
        if row.intake_id is not None and self.exchange is not None and row.state in OPEN:
            await self.exchange.answer(row.intake_id, answer, day_of(act.at))
        async with self.database.act(act, actor.person_id) as work:
            row = await handled(work.session, actor, report_id)
            if not work.repeated:
                if row.state not in OPEN:
                    raise NotAllowed(report_id)
                await self._decide(work, row, finding_id, answer)
            return await card_of(work.session, row)

    async def _decide(self, work: Work, row: ReportRow, finding_id: str, answer: str) -> None:
        finding = self.procedure.current.finding(finding_id)
        today = day_of(work.act.at)
        row.notes = {**(row.notes or {}), "answer": answer}
        if row.case_id is not None and finding.effect is FindingEffect.PUT_OFF:
            await hold_case(work.session, row.case_id, FindingEffect.PUT_OFF.value, today)
        if row.case_id is not None and finding.effect is FindingEffect.END:
            case = await work.session.get_one(CaseFile, row.case_id)
            case.closed = finding.id
        await self._close(work.session, row, finding_id, today)
        if row.case_id is not None:
            await self._tell_branch(work, row.case_id, row.id)
        await work.done("decide_report", row.id)

    async def resume(self, act: Act, actor: Actor, case_id: str) -> None:
        """What a case was put off for is clear: it goes on. Raises NotAllowed."""
        async with self.database.act(act, actor.person_id) as work:
            await require(work.session, actor, Permission.INSTRUCT_REPORT)
            if not work.repeated:
                today = day_of(act.at)
                await release_case(work.session, case_id, FindingEffect.PUT_OFF.value, today)
                await self._settle(work.session, case_id, today)
                await self._tell_branch(work, case_id, act.key)
                await work.done("resume_case", case_id, chain=case_id)

    async def _close(
        self, session: AsyncSession, row: ReportRow, finding: str, today: date
    ) -> None:
        row.state, row.finding, row.closed_on = "closed", finding, today
        session.add(row)
        await session.flush()
        if row.case_id is None:
            return
        others = select(ReportRow.id).where(
            ReportRow.case_id == row.case_id, col(ReportRow.state).in_(OPEN)
        )
        if not (await session.exec(others)).first():
            await release_case(session, row.case_id, REPORT, today)
        await self._settle(session, row.case_id, today)

    async def _settle(self, session: AsyncSession, case_id: str, today: date) -> None:
        case = await session.get_one(CaseFile, case_id)
        loaded = await load_case(session, case, self.procedure)
        await rederive(session, loaded, self.procedure, today)

    async def _tell_branch(self, work: Work, case_id: str, slot: str) -> None:
        """The branch hears that something changed; of the report it hears nothing."""
        case = await work.session.get_one(CaseFile, case_id)
        loaded = await load_case(work.session, case, self.procedure)
        for person_id in await holders(work.session, loaded, (Role.SECRETARY, Role.COMMITTEE)):
            await enqueue(
                work.session,
                person_id=person_id,
                matter=f"{case_id}:held",
                kind=CHANGED,
                slot=slot[:40],
                payload={"case": case_id},
                at=work.act.at,
            )

    async def remind(self, now: datetime) -> int:
        """Tells the handlers of what has to be answered; once a day and rung. Gives how many."""
        today, told = day_of(now), 0
        if not is_open(now, self.procedure.calendar):
            return 0
        async with self.database.write() as session:
            statement = select(ReportRow).where(
                col(ReportRow.state).in_(OPEN),
                col(ReportRow.answer_by) <= today + timedelta(days=REMINDERS[0]),
            )
            for row in await session.exec(statement):
                left = (row.answer_by - today).days
                rung = min((days for days in REMINDERS if days >= left), default=REMINDERS[0])
                slot = f"{rung}" if left >= 0 else "late"
                up = left <= 0 or row.organiser_id is None
                people = [*([row.organiser_id] if row.organiser_id else [])]
                people += await directors(session) if up else []
                for person_id in dict.fromkeys(people):
                    told += await tell(session, row, person_id, slot, now)
        return told
