"""Carry rows between the two databases: the staff side fetches sealed reports, opens them on
request, and puts notices and sealed answers where the public side finds them. The public side never
reads the staff database (docs/decisions/0005).

No transaction spans two databases, so each way has an order in which a crash does no harm. Worked
example, an answer with the act key "staff:71:decide":

    1  intake   the letter is added under an id made from the act key, the state is "answered"
    2  (crash)  the reporter can read the answer; the register still waits for one
    3  staff    the button is pressed again, or the update is handled again, with the same act key
    4  intake   the letter's id is there already: nothing is added
    5  staff    the register's row is closed, with one audit line

The other order would close the report in the register while its reporter has nothing to read.
"""

import json
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select

from domain.hotlines import Hotline
from domain.reports import OPEN_AFTER, UNSEEN, Channel, IntakeState
from models import CaseFile, GuidanceRow, NoticeRow, Organisation
from models.columns import new_id
from models.crypto import Rings, ring
from models.intake import (
    IntakeFile,
    IntakeGuidance,
    IntakeLetter,
    IntakeNotice,
    IntakeReport,
    IntakeSetting,
)
from services.attachments.formats import CleanFile
from services.core.database import Database, scrub
from services.core.errors import RecordAltered, Refusal
from services.core.sealing import CannotOpen, Opener
from services.intake.answers import seal_answer, signing_key
from services.intake.binding import file_place, letter_place, report_place
from services.intake.guidance import PublicGuidance
from services.intake.links import NoticeLink, link_to
from services.intake.notices import RunningNotice, sealed_notice
from services.intake.store import BOT, ENDED, NOTICES, PAGE, add_letter, clear, letters_of
from services.people.hotlines import hotline_for

_UNPUBLISHED = col(NoticeRow.published).is_(False)


class NoKey(Refusal):
    """No key is unlocked in this process that opens the report."""


@dataclass(frozen=True)
class Received:
    """A report in the public side's database, without its content."""

    id: str
    received_on: date
    answer_by: date
    notice: str
    state: IntakeState
    letters: int = 0
    """How many its reporter added."""
    channel: Channel = Channel.BOT


@dataclass(frozen=True)
class Answer:
    """`key`: that of the act, so that an answer is given once. `seen`: how many letters its writer
    has read; `again_by`: by when those are answered that came meanwhile."""

    key: str
    text: str
    today: date
    seen: int
    again_by: date


@dataclass(frozen=True)
class Opened:
    """What a report says. `letters`: what its reporter added, with the day. `notes`: what was found
    out so far, with the day and who noted it."""

    about: str
    text: str
    files: tuple[CleanFile, ...] = ()
    letters: tuple[tuple[date, str], ...] = ()
    notes: tuple[tuple[date, str, str], ...] = ()


def _shown(
    row: NoticeRow, case: CaseFile, place: Organisation, hotline: Hotline | None
) -> RunningNotice:
    return RunningNotice(row.id, str(case.person), str(place.name), row.last_day, hotline)


def _require_here(said: str | None, place: str) -> None:
    """Raises RecordAltered where content was sealed for another place."""
    if said != place:
        raise RecordAltered(f"intake {place}")


@dataclass
class Exchange:
    """`intake`: the database of the public side; `opener`: keys of the holders who are there, or
    None."""

    database: Database
    intake: Database
    opener: Opener | None
    rings: Rings = ring
    _looked: bool = field(default=False, init=False)

    def admit(self, keys: tuple[bytes, ...]) -> None:
        """Add the keys of a holder who has unlocked this process; in memory only."""
        known = self.opener.keys if self.opener else ()
        self.opener = Opener(tuple(dict.fromkeys((*keys, *known))))

    async def publish(self, today: date | None = None) -> int:
        """Publish notices that the public side doesn't know yet, and return how many. With `today`,
        once in the life of this process, also those that its database has lost."""
        async with self.intake.read() as session:
            key = await session.get(IntakeSetting, NOTICES)
        # The public side never ran, so there is no key to seal to.
        if key is None:
            return 0
        wanted = await self._unknown(today) if today and not self._looked else _UNPUBLISHED
        async with self.database.read() as session:
            statement = (
                select(NoticeRow, CaseFile, Organisation)
                .where(NoticeRow.case_id == CaseFile.id)
                .where(CaseFile.organisation_id == Organisation.id)
                .where(wanted)
            )
            found = [
                (row, _shown(row, case, place, await hotline_for(session, place.id)))
                for row, case, place in await session.exec(statement)
            ]
        # The public side first: published twice is harmless, marked but unpublished would be lost.
        if found:
            await self._put(b64decode(key.value), found)
        # Only now: where its database was away, what it has lost is looked for again.
        self._looked = self._looked or today is not None
        return len(found)

    async def _unknown(self, today: date) -> ColumnElement[bool]:
        async with self.intake.read() as session:
            known = (await session.exec(select(IntakeNotice.id))).all()
        running = col(NoticeRow.last_day) >= today - OPEN_AFTER
        return or_(_UNPUBLISHED, and_(running, col(NoticeRow.id).not_in(known)))

    async def _put(self, key: bytes, found: Sequence[tuple[NoticeRow, RunningNotice]]) -> None:
        async with self.intake.write() as session:
            for row, notice in found:
                # Merged: after a crash between the two commits it is put here once more.
                await session.merge(sealed_notice(key, notice, row.first_day))
        async with self.database.write() as session:
            for row, _ in found:
                known = await session.get_one(NoticeRow, row.id)
                known.published = True

    async def publish_guidance(self) -> int:
        """Put the newest guidance of each year where the public side shows it, take off what isn't
        the department's, and return how many texts stood there otherwise: without whoever published
        them, of whom nothing is carried."""
        async with self.database.read() as session:
            by_number = select(GuidanceRow).order_by(col(GuidanceRow.number))
            newest = {row.year: row for row in await session.exec(by_number)}
            wanted = (
                PublicGuidance(row.year, row.number, row.published_on, dict(row.text))
                for row in newest.values()
            )
            ours = {one.year: one.row() for one in wanted}
        async with self.intake.read() as session:
            rows = await session.exec(select(IntakeGuidance))
            # Not read as guidance: whoever can write there can write what is none.
            here = {row.year: row.model_dump() for row in rows}
        wrong = [
            year
            for year in ours.keys() | here.keys()
            if year not in ours or here.get(year) != ours[year].model_dump()
        ]
        if wrong:
            async with self.intake.write() as session:
                for year in wrong:
                    if year in ours:
                        await session.merge(ours[year])
                    else:
                        await session.delete(await session.get_one(IntakeGuidance, year))
        return len(wrong)

    async def link_of(self, entry_id: str) -> NoticeLink | None:
        """Publish a notice that was just posted, and return where it can be reported on: the link
        is printed at once. None where the entry is no notice or the public side never ran."""
        await self.publish()
        async with self.database.read() as session:
            statement = select(NoticeRow.id).where(NoticeRow.entry_id == entry_id)
            notice = (await session.exec(statement)).first()
        bot, door = await self.doors()
        return link_to(notice, bot, door) if notice and (bot or door) else None

    async def doors(self) -> tuple[str, str]:
        """Return the public bot's name and the address of the web page; "" for what isn't there."""
        async with self.intake.read() as session:
            found = [await session.get(IntakeSetting, key) for key in (BOT, PAGE)]
        bot, door = (setting.value if setting else "" for setting in found)
        return bot, door

    async def received(self) -> tuple[Received, ...]:
        """Return the reports whose reporter waits for an answer, and those withdrawn; none whose
        code isn't known to have been shown."""
        letters = (
            select(func.count())
            .select_from(IntakeLetter)
            .where(IntakeLetter.report_id == IntakeReport.id, IntakeLetter.sender == "reporter")
            .scalar_subquery()
        )
        statement = select(IntakeReport, letters).where(
            col(IntakeReport.state).not_in((IntakeState.ANSWERED, *UNSEEN))
        )
        async with self.intake.read() as session:
            rows = await session.exec(statement.order_by(col(IntakeReport.received_on)))
            return tuple(
                Received(
                    row.id,
                    row.received_on,
                    row.answer_by,
                    row.notice,
                    row.state,
                    count,
                    row.channel,
                )
                for row, count in rows
            )

    async def open(self, intake_id: str) -> Opened:
        """Decrypt a report; one whose content was removed is empty. Raises NoKey where no holder
        has unlocked this process, or none of those it was sealed to; RecordAltered where a row was
        changed, or what is sealed in it belongs to another."""
        if self.opener is None:
            raise NoKey
        async with self.intake.read() as session:
            report = await session.get_one(IntakeReport, intake_id)
            files = select(IntakeFile).where(IntakeFile.report_id == intake_id)
            sent = (await session.exec(files.order_by(col(IntakeFile.number)))).all()
            letters = select(IntakeLetter).where(
                IntakeLetter.report_id == intake_id, IntakeLetter.sender == "reporter"
            )
            added = (await session.exec(letters.order_by(col(IntakeLetter.number)))).all()
        try:
            said = self._said(report.sealed, report_place(report)) if report.sealed else {}
            return Opened(
                about=said.get("about", ""),
                text=said.get("text", ""),
                files=tuple(self._file(file) for file in sent),
                letters=tuple(
                    (letter.day, self._said(letter.sealed, letter_place(letter))["text"])
                    for letter in added
                ),
            )
        except CannotOpen:
            raise NoKey from None

    def _said(self, sealed: bytes, place: str) -> dict[str, str]:
        """Raises CannotOpen, RecordAltered."""
        assert self.opener is not None
        said: dict[str, str] = json.loads(self.opener.open(sealed))
        _require_here(said.get("place"), place)
        return said

    def _file(self, file: IntakeFile) -> CleanFile:
        assert self.opener is not None
        blob = self.opener.open(file.sealed)
        _require_here(CleanFile.place_in(blob), file_place(file))
        return CleanFile.unpack(blob)

    async def say_state(self, intake_id: str, state: IntakeState) -> None:
        """Set the state that the reporter sees, unless the report was settled or taken back."""
        async with self.intake.write() as session:
            report = await session.get_one(IntakeReport, intake_id)
            if report.state not in (*ENDED, IntakeState.AGAIN):
                report.state = state

    async def answer(self, intake_id: str, answer: Answer) -> None:
        """Add an answer sealed to its reporter; once, however often it is tried. Where a letter
        came that nobody has read, the report waits for another answer (docs/decisions/0012)."""
        # The id follows from the act: the staff side may crash before it hears that the answer is
        # there, and tries again.
        letter = blake2b(answer.key.encode(), digest_size=8).hexdigest()
        async with self.intake.write() as session:
            report = await session.get_one(IntakeReport, intake_id)
            if report.state in ENDED or await session.get(IntakeLetter, letter) is not None:
                return
            key, reply_key = signing_key(self.rings()), report.reply_key
            await add_letter(
                session,
                intake_id,
                "department",
                answer.today,
                lambda place: seal_answer(reply_key, answer.text, place, key),
                letter,
            )
            # Counted in this transaction: a letter may have come while the answer was being
            # written.
            if await letters_of(session, report) > answer.seen:
                report.state, report.answer_by = IntakeState.AGAIN, answer.again_by
            else:
                report.state, report.closed_on = IntakeState.ANSWERED, answer.today

    async def forget(self, today: date, days: int) -> int:
        """Delete the content of reports closed `days` ago and what leads to them from a code; their
        dates stay. Returns how many. Notices that can't be reported on any more go as well."""
        limit = today - timedelta(days=days)
        async with self.intake.write() as session:
            statement = select(IntakeReport).where(
                col(IntakeReport.closed_on) <= limit, IntakeReport.reply_key != b""
            )
            rows = (await session.exec(statement)).all()
            for report in rows:
                await clear(session, report)
                # A random tag, since tags are unique; the empty key marks what was forgotten.
                report.tag, report.reply_key = new_id(), b""
            over = select(IntakeNotice).where(col(IntakeNotice.last_day) < today - OPEN_AFTER)
            for notice in await session.exec(over):
                await session.delete(notice)
        # Also where nothing is removed now: the log may have been in use the last time.
        await scrub(self.intake, whole=bool(rows))
        return len(rows)
