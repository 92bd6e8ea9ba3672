"""Take in reports from unknown people, and let them ask after them by code alone.

What is kept: sealed content, the day, a tag and a public key that both follow from the code. No
method is handed anything about who calls it.

One report, step by step:

    prepare    the code 额建漂叠添食创抚 is drawn; the row gets the tag and the public key that
               follow from it, the content sealed to the department, the day, state `pending`
    activate   the message with the code is known to have arrived: `received`, staff see it
    status     the same eight characters are typed: they give the tag, by which the row is found
    abandon    or else, where nobody can be shown the code: content gone, state `not_filed`;
               whoever saw the code all the same is told that nothing was filed

A code that is lost can't be made again, so a report counts only once its code is out. Were it
active from the beginning, one lost message would leave a report that nobody can ask after.
"""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nacl.utils import random
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.calendar import WorkCalendar
from domain.case.reports import A_WEEK, AnswerTime
from domain.reports import OPEN_AFTER, Channel, IntakeState
from models.intake import (
    IntakeFile,
    IntakeGuidance,
    IntakeLetter,
    IntakeNotice,
    IntakeReport,
    IntakeSetting,
)
from services.attachments.formats import CleanFile
from services.attachments.process import AttachmentCleaner
from services.core.database import Database, scrub_soon
from services.core.errors import Refusal
from services.core.sealing import Sealer
from services.intake.binding import file_place, packed, report_place
from services.intake.codes import CodeKeys, derive, new_code, read_code
from services.intake.guidance import PublicGuidance, in_force
from services.intake.notices import NoticeKey, RunningNotice
from services.intake.rate_limits import (
    NEWCOMER,
    Buckets,
    Caller,
    PrioritySemaphore,
    RecentTexts,
    TokenBucket,
)
from services.intake.receipts import Receipt, Signer
from services.intake.store import (
    AGAIN,
    BOT,
    ENDED,
    NOTICES,
    PAGE,
    SALT,
    LetterLine,
    add_letter,
    clear,
    find,
    letters_of,
    shown_line,
)

SALT_BYTES = 16
KEPT_DAYS = 180
"""Calendar days from closing until the content of a report is taken away, unless set otherwise."""
SAME_TEXT = timedelta(minutes=30)
LEAST_TEXT, LONGEST_TEXT, LONGEST_NAME = 10, 4000, 200
MOST_FILES, MOST_BYTES, MOST_LETTERS = 10, 40 * 1024 * 1024, 40
"""What one report may hold, whether it comes by chat or by page."""
AT_ONCE, IN_LINE = 2, 20
"""Derivations of a code at once, each of 64 MiB, and how many may wait for them."""


class ReportClosed(Refusal):
    """The report was taken back, or holds as many letters as it can: nobody would read one more."""


class RepeatedReport(Refusal):
    """This very text was filed a short while ago."""


class NeverFiled(Refusal):
    """The code belongs to a report that was abandoned before anybody is known to have seen it."""


@dataclass(frozen=True)
class ConfirmedReport:
    """A report as a person has confirmed it. `notice`: the id of a notice, or "" where `about`
    names somebody. `channel`: by which entrance it came. The entrances hold the limits above, since
    each refuses in its own words."""

    notice: str
    about: str
    text: str
    files: tuple[CleanFile, ...] = ()
    channel: Channel = Channel.BOT


@dataclass(frozen=True)
class Filed:
    """`code` exists nowhere else. `receipt`: a signed line that proves the day of filing.
    `report_id`, `mark`: of the row, and of the text for as long as it counts as repeated."""

    code: str
    receipt: str
    report_id: str
    mark: bytes


@dataclass(frozen=True)
class ReportState:
    """A report as its reporter sees it. `answer_by`: the last day for what waits now."""

    state: IntakeState
    received_on: date
    answer_by: date
    lines: tuple[LetterLine, ...]


@dataclass(frozen=True)
class Standing:
    """Figures for the operator, none of which moves when somebody writes. `overdue`: reports whose
    day has passed; `…_short`: whether a rate limit is reached."""

    overdue: int
    codes_short: bool
    reports_short: bool


class Intake:
    """`answers`: the key that the department's answers are checked with, 32 bytes. `answer_time`:
    how long an answer may take (docs/procedure.md § 3), in days of `calendar`.
    `kept_days`: how long the content of a report is kept after it was closed."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        pepper: bytes,
        signer: Signer,
        answers: bytes,
        answer_time: AnswerTime = A_WEEK,
        calendar: WorkCalendar | None = None,
    ) -> None:
        self.database, self.sealer, self.pepper = database, sealer, pepper
        self.signer, self.notices, self.answers = signer, NoticeKey.of(pepper), answers
        self.answer_time, self.kept_days = answer_time, KEPT_DAYS
        self.calendar = calendar or WorkCalendar()
        # Three quarters for the chat, half of them for who has never failed (docs/decisions/0021).
        self.codes = Buckets(TokenBucket(90, 1 / 3, reserve=45), TokenBucket(30, 1.0))
        self.reports = Buckets(TokenBucket(45, 4 / 3, reserve=15), TokenBucket(15, 4.0))
        self.recent = RecentTexts(SAME_TEXT)
        self.attachments = AttachmentCleaner()
        self._derivations = PrioritySemaphore(AT_ONCE, IN_LINE)
        self._salt: bytes | None = None

    def answer_by(self, received_on: date) -> date:
        """Return the last day for the answer to what is received on a day."""
        return self.answer_time.last_day(received_on, self.calendar)

    async def introduce(self, bot: str, page: str) -> None:
        """Store for the staff side what notices need: the bot's name, the address of the page, and
        the public key they are sealed to. `bot`: "" while it isn't known, the one before stays.
        `page`: "" where there is none any more."""
        told = {PAGE: page, NOTICES: self.notices.public} | ({BOT: bot} if bot else {})
        async with self.database.write() as session:
            for key, value in told.items():
                await session.merge(IntakeSetting(key=key, value=value))

    async def standing(self, today: date, moment: datetime) -> Standing:
        """Return figures for the operator. `moment`: aware, by which the buckets are refilled."""
        async with self.database.read() as session:
            late = select(func.count()).select_from(IntakeReport)
            late = late.where(
                IntakeReport.answer_by < today,
                col(IntakeReport.state).not_in((*ENDED, IntakeState.PENDING)),
            )
            overdue = (await session.exec(late)).one()
        return Standing(overdue, self.codes.short(moment), self.reports.short(moment))

    async def running(self, today: date) -> tuple[RunningNotice, ...]:
        """Return the notices that can be reported on, the one that ends first at the top."""
        async with self.database.read() as session:
            statement = (
                select(IntakeNotice)
                .where(
                    # Its first full day is the one after posting, and it hangs from the posting on.
                    col(IntakeNotice.first_day) <= today + timedelta(days=1),
                    col(IntakeNotice.last_day) >= today - OPEN_AFTER,
                )
                .order_by(col(IntakeNotice.last_day), col(IntakeNotice.id))
            )
            shown = [self.notices.read(row) for row in await session.exec(statement)]
            return tuple(notice for notice in shown if notice)

    async def notice(self, notice_id: str, today: date) -> RunningNotice | None:
        """Return a notice that can be reported on; None where it can't, or can't any more."""
        found = [item for item in await self.running(today) if item.id == notice_id]
        return found[0] if found else None

    async def guidance(self, today: date) -> tuple[PublicGuidance, ...]:
        """Return the yearly guidance that holds, the earlier year first; empty while none is
        out."""
        async with self.database.read() as session:
            rows = await session.exec(select(IntakeGuidance).order_by(col(IntakeGuidance.year)))
            return in_force([PublicGuidance.of(row) for row in rows], today)

    async def prepare(
        self, draft: ConfirmedReport, today: date, moment: datetime, who: Caller = NEWCOMER
    ) -> Filed:
        """Seal and store a report as pending, in one commit; return its code and receipt.
        `who.rank`: how often its writer came before. Raises RepeatedReport, Busy."""
        mark = self.recent.mark(draft.text)
        if self.recent.knows(mark, moment):
            raise RepeatedReport
        self.reports.take(moment, who)
        code = new_code()
        # Before the transaction: both are slow, and while one writes all others wait.
        keys = await self._derive(code, who)
        async with self.database.write() as session:
            report = IntakeReport(
                tag=keys.tag,
                reply_key=keys.public,
                received_on=today,
                answer_by=self.answer_by(today),
                notice=draft.notice,
                channel=draft.channel,
                state=IntakeState.PENDING,
            )
            said = {"about": draft.about, "text": draft.text, "place": report_place(report)}
            report.sealed = self.sealer.seal(packed(said))
            session.add(report)
            await session.flush()
            session.add_all(self._files(report.id, draft.files))
        receipt = self.signer.line(Receipt(today, keys.receipt))
        return Filed(code, receipt, report.id, mark)

    async def activate(self, filed: Filed, moment: datetime) -> bool:
        """Make a report visible to staff, its code being known to have arrived. Can be repeated.
        Returns False where it was abandoned before."""
        async with self.database.write() as session:
            report = await session.get(IntakeReport, filed.report_id)
            if report is None or report.state is IntakeState.NOT_FILED:
                return False
            self._activate(report)
        # Not before: where the code got lost, the same text has to be accepted again.
        self.recent.note(filed.mark, moment)
        return True

    def _activate(self, report: IntakeReport) -> None:
        if report.state is IntakeState.PENDING:
            report.state = IntakeState.RECEIVED

    async def abandon(self, filed: Filed, today: date) -> bool:
        """Delete the content of a report whose code couldn't be shown; the code leads to a
        tombstone. Returns False where the code has been used meanwhile and the report is active."""
        async with self.database.write() as session:
            report = await session.get(IntakeReport, filed.report_id)
            if report is not None and report.state is not IntakeState.PENDING:
                return report.state is IntakeState.NOT_FILED
            if report is not None:
                await self._abandon(session, report, today)
        await scrub_soon(self.database)
        return True

    async def abandon_all_pending(self, today: date) -> int:
        """Abandon all pending reports at a start, and return how many: their codes were in the
        memory of the process before and can't be shown any more."""
        async with self.database.write() as session:
            pending = select(IntakeReport).where(IntakeReport.state == IntakeState.PENDING)
            rows = (await session.exec(pending)).all()
            for report in rows:
                await self._abandon(session, report, today)
        if rows:
            await scrub_soon(self.database)
        return len(rows)

    async def _abandon(self, session: AsyncSession, report: IntakeReport, today: date) -> None:
        await clear(session, report)
        report.state, report.closed_on = IntakeState.NOT_FILED, today

    def _files(self, report_id: str, files: Sequence[CleanFile]) -> list[IntakeFile]:
        rows = []
        for number, file in enumerate(files, 1):
            row = IntakeFile(report_id=report_id, number=number, sealed=b"")
            row.sealed = self.sealer.seal(file.pack(file_place(row)))
            rows.append(row)
        return rows

    async def status(self, code: str, moment: datetime, who: Caller = NEWCOMER) -> ReportState:
        """Return the state of a report with its answers opened. Raises BadCode, UnknownCode, Busy;
        an unknown code takes as long as a known one, so that time tells nothing."""
        keys = await self._keys(code, moment, who)
        await self._confirm_seen(keys)
        async with self.database.read() as session:
            report = await find(session, keys)
            statement = select(IntakeLetter).where(IntakeLetter.report_id == report.id)
            letters = (await session.exec(statement.order_by(col(IntakeLetter.number)))).all()
            return ReportState(
                report.state,
                report.received_on,
                report.answer_by,
                tuple(shown_line(letter, keys, self.answers) for letter in letters),
            )

    async def _confirm_seen(self, keys: CodeKeys) -> None:
        """Activate a pending report whose code is typed: whoever types it has seen it."""
        # Looked up by reading first: a guess must not get as far as the write lock.
        async with self.database.read() as session:
            pending = (await find(session, keys)).state is IntakeState.PENDING
        if pending:
            async with self.database.write() as session:
                self._activate(await find(session, keys))

    async def write_on(
        self, code: str, text: str, today: date, moment: datetime, who: Caller = NEWCOMER
    ) -> None:
        """Add a letter of the reporter. After the answer it opens the report again, with a time of
        its own (docs/decisions/0012). Raises BadCode, UnknownCode, NeverFiled, ReportClosed,
        Busy."""
        keys = await self._keys(code, moment, who)
        await self._confirm_seen(keys)
        async with self.database.write() as session:
            report = await find(session, keys)
            if report.state is IntakeState.NOT_FILED:
                raise NeverFiled
            added = await letters_of(session, report)
            if report.state is IntakeState.WITHDRAWN or added >= MOST_LETTERS:
                raise ReportClosed
            await add_letter(
                session,
                report.id,
                "reporter",
                today,
                lambda place: self.sealer.seal(packed({"text": text, "place": place})),
            )
            if report.state is IntakeState.ANSWERED:
                report.state, report.closed_on = AGAIN, None
                report.answer_by = self.answer_by(today)

    async def withdraw(
        self, code: str, today: date, moment: datetime, who: Caller = NEWCOMER
    ) -> None:
        """Take a report back: its content is deleted, its day stays. Raises as `write_on`, without
        Closed."""
        keys = await self._keys(code, moment, who)
        async with self.database.write() as session:
            report = await find(session, keys)
            if report.state is IntakeState.NOT_FILED:
                raise NeverFiled
            report.state, report.closed_on = IntakeState.WITHDRAWN, today
            await clear(session, report)
        await scrub_soon(self.database)

    async def _keys(self, code: str, moment: datetime, who: Caller) -> CodeKeys:
        # Before the budget: a typing mistake costs nothing, since it tries no code.
        read = read_code(code)
        self.codes.take(moment, who)
        return await self._derive(read, who)

    async def _derive(self, code: str, who: Caller) -> CodeKeys:
        salt = await self._salt_here()
        async with self._derivations.slot(who.rank):
            return await asyncio.to_thread(derive, code, salt, self.pepper)

    async def _salt_here(self) -> bytes:
        if self._salt is None:
            # Look it up in a write: of two salts drawn at once, one would lose its codes.
            async with self.database.write() as session:
                known = await session.get(IntakeSetting, SALT)
                if known is None:
                    known = IntakeSetting(key=SALT, value=b64encode(random(SALT_BYTES)).decode())
                    session.add(known)
                self._salt = b64decode(known.value)
        return self._salt
