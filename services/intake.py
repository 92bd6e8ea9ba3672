"""Taking in reports from people we don't know, and letting them ask after them by code alone.

What is kept: sealed content, the day, a tag and a public key that both follow from the code. No
method is handed anything about who calls it.
"""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nacl.exceptions import CryptoError
from nacl.public import PublicKey, SealedBox
from nacl.utils import random
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models.intake import IntakeFile, IntakeLetter, IntakeNotice, IntakeReport, IntakeSetting
from services.base import Database
from services.cleaning import CleanFile
from services.codes import CodeKeys, derive, new_code, read_code
from services.errors import Refusal
from services.sealing import Sealer

SALT = "salt"
SALT_BYTES = 16
OPEN_AFTER = timedelta(days=7)
"""How long after its last day a notice can still be reported on in the chat."""


class UnknownCode(Refusal):
    """No report is found by this code."""


class Busy(Refusal):
    """More codes were tried than the installation answers in a while; later it does again."""


@dataclass(frozen=True)
class RunningNotice:
    """A notice as it hangs in public. `last_day`: its last full day."""

    id: str
    person: str
    unit: str
    last_day: date


@dataclass(frozen=True)
class ReportDraft:
    """What a person has confirmed. `notice`: the id of one, or "" where `about` says whom."""

    notice: str
    about: str
    text: str
    files: tuple[CleanFile, ...] = ()


@dataclass(frozen=True)
class LetterLine:
    """`sender`: reporter | department. What the reporter wrote can't be read back: `text` is ""."""

    sender: str
    day: date
    text: str


@dataclass(frozen=True)
class ReportState:
    """`state`: received | checking | answered | withdrawn."""

    state: str
    received_on: date
    answer_by: date
    lines: tuple[LetterLine, ...]


class Budget:
    """Attempts that the installation answers: `burst` at once, one more every `seconds`. It knows
    nobody, so it can leak nobody; an honest person waits seconds, a guesser for ever."""

    def __init__(self, burst: int = 30, seconds: float = 2.0) -> None:
        self.burst, self.seconds = burst, seconds
        self.left = float(burst)
        self.last: datetime | None = None

    def take(self, moment: datetime) -> None:
        """Raises Busy."""
        if self.last is not None:
            gained = max(0.0, (moment - self.last).total_seconds()) / self.seconds
            self.left = min(float(self.burst), self.left + gained)
        self.last = moment
        if self.left < 1:
            raise Busy
        self.left -= 1


class Intake:
    """`answer_days`: calendar days in which a report is answered (RULES § 3)."""

    def __init__(
        self, database: Database, sealer: Sealer, pepper: bytes, answer_days: int = 7
    ) -> None:
        self.database, self.sealer, self.pepper = database, sealer, pepper
        self.answer_days = answer_days
        self.codes, self.reports = Budget(), Budget()
        self._one_at_a_time = asyncio.Semaphore(2)

    def answer_by(self, received_on: date) -> date:
        return received_on + timedelta(days=self.answer_days)

    async def running(self, today: date) -> tuple[RunningNotice, ...]:
        """Notices that can be reported on, the one that ends first at the top."""
        async with self.database.read() as session:
            statement = (
                select(IntakeNotice)
                .where(
                    col(IntakeNotice.first_day) <= today + timedelta(days=1),
                    col(IntakeNotice.last_day) >= today - OPEN_AFTER,
                )
                .order_by(col(IntakeNotice.last_day), col(IntakeNotice.id))
            )
            return tuple(_notice(row) for row in await session.exec(statement))

    async def notice(self, notice_id: str, today: date) -> RunningNotice | None:
        found = [item for item in await self.running(today) if item.id == notice_id]
        return found[0] if found else None

    async def file(self, draft: ReportDraft, today: date, moment: datetime) -> str:
        """Seals and keeps a report in one commit; gives its code, which exists nowhere else.
        Raises Busy."""
        self.reports.take(moment)
        code = new_code()
        keys = await self._derive(code)
        sealed = self.sealer.seal(_json({"about": draft.about, "text": draft.text}))
        async with self.database.write() as session:
            report = IntakeReport(
                tag=keys.tag,
                reply_key=keys.public,
                received_on=today,
                answer_by=self.answer_by(today),
                notice=draft.notice,
                sealed=sealed,
            )
            session.add(report)
            await session.flush()
            session.add_all(self._files(report.id, draft.files))
        return code

    def _files(self, report_id: str, files: Sequence[CleanFile]) -> list[IntakeFile]:
        return [
            IntakeFile(report_id=report_id, number=number, sealed=self.sealer.seal(file.pack()))
            for number, file in enumerate(files, 1)
        ]

    async def status(self, code: str, today: date, moment: datetime) -> ReportState:
        """Where a report stands, its answers opened. Raises BadCode, UnknownCode, Busy; a wrong
        code costs what a right one costs."""
        keys = await self._keys(code, moment)
        async with self.database.read() as session:
            report = await _find(session, keys)
            statement = select(IntakeLetter).where(IntakeLetter.report_id == report.id)
            letters = (await session.exec(statement.order_by(col(IntakeLetter.number)))).all()
            return ReportState(
                report.state,
                report.received_on,
                report.answer_by,
                tuple(_line(letter, keys) for letter in letters),
            )

    async def write_on(self, code: str, text: str, today: date, moment: datetime) -> None:
        """Adds a letter of the reporter. Raises BadCode, UnknownCode, Busy."""
        keys = await self._keys(code, moment)
        async with self.database.write() as session:
            report = await _find(session, keys)
            sealed = self.sealer.seal(_json({"text": text}))
            await add_letter(session, report.id, "reporter", today, sealed)

    async def withdraw(self, code: str, today: date, moment: datetime) -> None:
        """The reporter takes it back: the content is removed, the day stays."""
        keys = await self._keys(code, moment)
        async with self.database.write() as session:
            report = await _find(session, keys)
            report.state, report.closed_on = "withdrawn", today
            await clear(session, report)

    async def _keys(self, code: str, moment: datetime) -> CodeKeys:
        read = read_code(code)
        self.codes.take(moment)
        return await self._derive(read)

    async def _derive(self, code: str) -> CodeKeys:
        salt = await self._salt()
        async with self._one_at_a_time:
            return await asyncio.to_thread(derive, code, salt, self.pepper)

    async def _salt(self) -> bytes:
        async with self.database.write() as session:
            known = await session.get(IntakeSetting, SALT)
            if known is None:
                known = IntakeSetting(key=SALT, value=b64encode(random(SALT_BYTES)).decode())
                session.add(known)
            return b64decode(known.value)


async def add_letter(
    session: AsyncSession, report_id: str, sender: str, day: date, sealed: bytes
) -> None:
    statement = select(func.max(IntakeLetter.number)).where(IntakeLetter.report_id == report_id)
    last = (await session.exec(statement)).one() or 0
    session.add(
        IntakeLetter(report_id=report_id, number=last + 1, sender=sender, day=day, sealed=sealed)
    )


async def clear(session: AsyncSession, report: IntakeReport) -> None:
    """Takes the content of a report away; the row stays as a tombstone."""
    report.sealed = b""
    session.add(report)
    for table in (IntakeFile, IntakeLetter):
        for row in await session.exec(select(table).where(table.report_id == report.id)):
            await session.delete(row)


async def _find(session: AsyncSession, keys: CodeKeys) -> IntakeReport:
    found = (await session.exec(select(IntakeReport).where(IntakeReport.tag == keys.tag))).first()
    if found is None:
        raise UnknownCode
    return found


def _notice(row: IntakeNotice) -> RunningNotice:
    return RunningNotice(row.id, row.person, row.unit, row.last_day)


def _line(letter: IntakeLetter, keys: CodeKeys) -> LetterLine:
    if letter.sender == "reporter":
        return LetterLine("reporter", letter.day, "")
    try:
        text = SealedBox(keys.private).decrypt(letter.sealed).decode()
    except CryptoError:
        text = ""
    return LetterLine("department", letter.day, text)


def seal_answer(reply_key: bytes, text: str) -> bytes:
    """An answer that only whoever knows the code can open."""
    return bytes(SealedBox(PublicKey(reply_key)).encrypt(text.encode()))


def _json(content: dict[str, str]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()
