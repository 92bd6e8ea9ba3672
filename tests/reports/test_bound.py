"""Who can write the public side's database, and holds none of its keys, makes no report say
something else and writes no answer (docs/promises.md Q11)."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from nacl.public import PublicKey, SealedBox
from nacl.signing import SigningKey
from sqlalchemy import func
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from handlers.public.status_texts import letter
from models import ReportRow
from models.intake import IntakeFile, IntakeLetter, IntakeReport
from services.attachments.formats import JPEG, CleanFile
from services.core.errors import RecordAltered
from services.intake.answers import seal_answer
from services.intake.binding import letter_place, packed
from services.intake.intake import ConfirmedReport
from services.intake.store import LetterLine
from services.reports.exchange import Answer, Exchange
from tests.filing import file_report
from tests.intake.citizens import SAID
from tests.intake.conftest import NOON
from tests.reports.conftest import Channel

TODAY = NOON.date()
Two = list[IntakeReport]
Edit = Callable[[AsyncSession, Two], Awaitable[None]]


async def swapped_contents(session: AsyncSession, two: Two) -> None:
    two[0].sealed, two[1].sealed = two[1].sealed, two[0].sealed


async def another_notice(session: AsyncSession, two: Two) -> None:
    two[0].notice, two[1].notice = "n1", "n1"


async def another_day(session: AsyncSession, two: Two) -> None:
    for report in two:
        report.received_on -= timedelta(days=30)


async def swapped_files(session: AsyncSession, two: Two) -> None:
    one, other = (await session.exec(select(IntakeFile).order_by(IntakeFile.number))).all()[:2]
    one.sealed, other.sealed = other.sealed, one.sealed


async def moved_file(session: AsyncSession, two: Two) -> None:
    for file in await session.exec(select(IntakeFile)):
        file.report_id = two[file.report_id == two[0].id].id


async def swapped_letters(session: AsyncSession, two: Two) -> None:
    one, other = (await session.exec(select(IntakeLetter))).all()
    one.sealed, other.sealed = other.sealed, one.sealed


async def later_letter(session: AsyncSession, two: Two) -> None:
    for row in await session.exec(select(IntakeLetter)):
        row.day += timedelta(days=3)


async def copied_letter(session: AsyncSession, two: Two) -> None:
    for row in (await session.exec(select(IntakeLetter))).all():
        given = {"report_id": row.report_id, "sender": row.sender, "day": row.day}
        session.add(IntakeLetter(number=row.number + 1, sealed=row.sealed, **given))


EDITS = (swapped_contents, another_notice, another_day, swapped_files, moved_file, swapped_letters,
         later_letter, copied_letter)  # fmt: skip


async def two_reports(channel: Channel) -> list[str]:
    """Two reports with two files and a letter each; gives their codes."""
    codes = []
    for number in range(2):
        files = (CleanFile(b"1", JPEG), CleanFile(b"2", JPEG))
        said = ConfirmedReport("", "某某", f"{SAID}{number}", files)
        filed = await file_report(channel.intake, said, TODAY, NOON)
        await channel.intake.write_on(filed.code, f"补充{number}", TODAY, NOON)
        codes.append(filed.code)
    return codes


async def edited(channel: Channel, edit: Edit) -> list[str]:
    """Do it to both reports; gives their ids."""
    async with channel.intake.database.write() as session:
        two = list((await session.exec(select(IntakeReport).order_by(IntakeReport.id))).all())
        await edit(session, two)
        session.add_all(two)
        return [report.id for report in two]


def exchange_of(channel: Channel) -> Exchange:
    found = channel.house.services.reports.exchange
    assert found is not None
    return found


async def nothing(session: AsyncSession, two: Two) -> None:
    pass


async def test_what_stands_where_it_was_put_is_read(channel: Channel) -> None:
    await two_reports(channel)
    opened = [await exchange_of(channel).open(one) for one in await edited(channel, nothing)]
    assert sorted(one.text for one in opened) == [f"{SAID}0", f"{SAID}1"]
    assert all([file.content for file in one.files] == [b"1", b"2"] for one in opened)


@pytest.mark.parametrize("edit", EDITS)
async def test_what_was_moved_is_not_read(channel: Channel, edit: Edit) -> None:
    await two_reports(channel)
    refused = 0
    for one in await edited(channel, edit):
        try:
            await exchange_of(channel).open(one)
        except RecordAltered:
            refused += 1
    assert refused == 2


async def test_a_last_day_that_was_moved_gives_the_department_no_more_time(
    channel: Channel,
) -> None:
    await two_reports(channel)

    async def later(session: AsyncSession, two: Two) -> None:
        for report in two:
            report.answer_by += timedelta(days=60)

    await edited(channel, later)
    assert await channel.next_batch() == 2
    async with channel.second.read() as session:
        rows = (await session.exec(select(ReportRow))).all()
    assert [row.answer_by for row in rows] == [TODAY + timedelta(days=7)] * 2


async def test_nobody_else_writes_an_answer_or_moves_one(channel: Channel) -> None:
    codes = await two_reports(channel)
    for number, received in enumerate(await exchange_of(channel).received()):
        given = Answer(f"act{number}", "已核实。", TODAY, received.letters, TODAY)
        await exchange_of(channel).answer(received.id, given)
    for code in codes:
        assert [line.text for line in await lines(channel, code)] == ["已核实。"]

    async def forged(session: AsyncSession, two: Two) -> None:
        for report in two:
            last = select(func.max(IntakeLetter.number)).where(IntakeLetter.report_id == report.id)
            number = (await session.exec(last)).one() + 1
            row = IntakeLetter(
                report_id=report.id, number=number, sender="department", day=TODAY, sealed=b""
            )
            # All that the row gives is the key to seal to.
            box = SealedBox(PublicKey(report.reply_key))
            row.sealed = bytes(box.encrypt(packed({"text": "查无此事，不要再反映。"})))
            session.add(row)
            key, place = SigningKey.generate(), letter_place(row)
            signed = IntakeLetter(**row.model_dump(exclude={"id", "number"}), number=number + 1)
            signed.sealed = seal_answer(report.reply_key, "查无此事。", place, key)
            session.add(signed)

    await edited(channel, forged)
    for code in codes:
        found = await lines(channel, code)
        assert [line.text for line in found] == ["已核实。", None, None]
        assert "不是组织部写的" in letter(found[-1])

    async def other_day(session: AsyncSession, two: Two) -> None:
        rows = await session.exec(select(IntakeLetter).where(IntakeLetter.sender == "department"))
        for row in rows:
            row.day += timedelta(days=1)

    await edited(channel, other_day)
    for code in codes:
        assert [line.text for line in await lines(channel, code)] == [None, None, None]


async def lines(channel: Channel, code: str) -> list[LetterLine]:
    found = await channel.intake.status(code, NOON)
    return [line for line in found.lines if line.sender == "department"]
