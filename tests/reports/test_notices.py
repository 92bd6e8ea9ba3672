"""Whom a notice is about: shown to everybody while it hangs, and written nowhere in plain."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from domain.calendar.office_hours import day_of
from domain.reports import OPEN_AFTER
from domain.reports import Channel as Entrance
from models.intake import IntakeNotice
from services.intake.intake import ConfirmedReport
from services.intake.notices import NoticeKey
from services.reports.exchange import Exchange
from tests.conversation.people import Somebody
from tests.filing import file_report
from tests.reports.conftest import SAID, Channel

PERSON, UNIT = "钱进", "第一支部"


def exchange_of(channel: Channel) -> Exchange:
    found = channel.house.services.reports.exchange
    assert found is not None
    return found


async def test_the_public_side_shows_what_the_file_does_not(
    channel: Channel, secretary: Somebody, tmp_path: Path
) -> None:
    _, notice = await channel.hang()
    today = day_of(channel.house.at)
    assert await exchange_of(channel).publish() == 0
    await channel.intake.introduce("yinlu_public_bot", "")
    assert await exchange_of(channel).publish() == 1
    [shown] = await channel.intake.running(today)
    assert (shown.id, shown.person, shown.unit) == (notice, PERSON, UNIT)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("intake.sqlite3*"))
    assert b"intake_notice" in kept
    assert notice.encode() in kept
    for name in (PERSON, UNIT):
        assert name.encode() not in kept


async def test_a_sealed_notice_says_nothing_under_another_id_or_key(
    channel: Channel, secretary: Somebody
) -> None:
    await channel.hang()
    await channel.intake.introduce("yinlu_public_bot", "")
    await exchange_of(channel).publish()
    async with channel.second_intake.read() as session:
        row = (await session.exec(select(IntakeNotice))).one()
    assert channel.intake.notices.read(row) is not None
    assert NoticeKey.of(bytes(32)).read(row) is None
    moved = IntakeNotice(
        id="another", sealed=row.sealed, first_day=row.first_day, last_day=row.last_day
    )
    assert channel.intake.notices.read(moved) is None


async def unreachable(*_: object) -> None:
    raise ConnectionError


async def test_notices_that_were_lost_are_put_there_again(
    channel: Channel, secretary: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after the change of their form, or where the public side's database was lost."""
    await channel.hang()
    await channel.intake.introduce("yinlu_public_bot", "")
    assert await exchange_of(channel).publish(day_of(channel.house.at)) == 1
    async with channel.intake.database.write() as session:
        await session.delete((await session.exec(select(IntakeNotice))).one())
    assert await exchange_of(channel).publish(day_of(channel.house.at)) == 0
    started = Exchange(channel.house.services.database, channel.intake.database, None)
    with monkeypatch.context() as away, pytest.raises(ConnectionError):
        away.setattr(Exchange, "_put", unreachable)
        await started.publish(day_of(channel.house.at))
    assert await started.publish(day_of(channel.house.at)) == 1
    assert len(await channel.intake.running(day_of(channel.house.at))) == 1
    assert await started.publish(day_of(channel.house.at)) == 0


async def test_a_notice_is_gone_once_it_cannot_be_reported_on(
    channel: Channel, secretary: Somebody
) -> None:
    await channel.hang()
    await channel.intake.introduce("yinlu_public_bot", "")
    exchange, today = exchange_of(channel), day_of(channel.house.at)
    await exchange.publish()
    [shown] = await channel.intake.running(today)
    for day, left in (
        (shown.last_day + OPEN_AFTER, 1),
        (shown.last_day + OPEN_AFTER + timedelta(days=1), 0),
    ):
        await exchange.forget(day, 180)
        async with channel.second_intake.read() as session:
            assert len((await session.exec(select(IntakeNotice))).all()) == left
    started = Exchange(channel.house.services.database, channel.intake.database, None)
    assert await started.publish(shown.last_day + OPEN_AFTER + timedelta(days=1)) == 0


async def test_a_report_that_came_by_the_page_says_so_in_the_register(
    channel: Channel, director: Somebody
) -> None:
    draft = ConfirmedReport("", "河湾村 某某", SAID, (), Entrance.PAGE)
    await file_report(channel.intake, draft, day_of(channel.house.at), channel.house.at)
    await channel.next_batch()
    row = await channel.row()
    assert row.channel == "page"
    assert "来源：网页" in await director.presses_again(1, f"r:{row.id}")
