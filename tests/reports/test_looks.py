"""What a report says is shown on request, to those who may; every look is written down."""

import json
from datetime import timedelta

import pytest
from aiogram.exceptions import TelegramEntityTooLarge
from sqlmodel import select

from domain.rulebook.schema import Role
from models import AuditLine, OutgoingRow
from services.attachments.formats import JPEG, CleanFile
from services.messages.queue import TAKE_OFF
from tests.conversation.faults import FaultyTelegram
from tests.conversation.people import Somebody
from tests.intake import samples
from tests.reports.conftest import SAID, Channel
from tests.reports.test_letters import named


async def looks(channel: Channel) -> list[AuditLine]:
    async with channel.second.read() as session:
        lines = await session.exec(select(AuditLine).where(AuditLine.act == "look_at_report"))
        return list(lines)


async def test_it_is_protected_and_gone_after_five_minutes(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    await channel.files(SAID, "", CleanFile(samples.jpeg(), JPEG))
    await named(channel, director)
    before = set(organiser.chat)
    await organiser.presses_again(1, f"o:{(await channel.row()).id}")
    fresh = {key: seen for key, seen in organiser.chat.items() if key not in before}
    assert len(fresh) == 2
    assert all(seen.protected for seen in fresh.values())
    async with channel.second.read() as session:
        rows = list(await session.exec(select(OutgoingRow).where(OutgoingRow.kind == TAKE_OFF)))
    assert {int(row.payload["message"]) for row in rows} == set(fresh)
    assert {row.not_before for row in rows} == {channel.house.at + timedelta(minutes=5)}
    channel.house.at += timedelta(minutes=4, seconds=59)
    assert not await channel.house.services.outgoing.claim(channel.house.at, "w1")
    channel.house.at += timedelta(seconds=1)
    await channel.takes_off()
    assert not fresh.keys() & organiser.chat.keys()


async def test_what_was_shown_before_a_file_that_could_not_be_sent_is_taken_off_too(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    await channel.files(SAID, "", CleanFile(samples.jpeg(), JPEG))
    await named(channel, director)
    before = set(organiser.chat)
    telegram = channel.house.line.telegram
    assert isinstance(telegram, FaultyTelegram)
    telegram.largest = 0
    with pytest.raises(TelegramEntityTooLarge):
        await organiser.presses_again(1, f"o:{(await channel.row()).id}")
    shown = set(organiser.chat) - before
    async with channel.second.read() as session:
        rows = list(await session.exec(select(OutgoingRow).where(OutgoingRow.kind == TAKE_OFF)))
    assert shown
    assert {int(row.payload["message"]) for row in rows} == shown


async def test_it_is_taken_off_at_night_and_on_feast_days_as_well(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    await channel.files()
    await named(channel, director)
    channel.house.at = channel.house.at.replace(hour=23, minute=58)
    await organiser.presses_again(1, f"o:{(await channel.row()).id}")
    assert SAID in organiser.screen.text
    channel.house.at += timedelta(minutes=5)
    await channel.takes_off()
    assert all(SAID not in seen.text for seen in organiser.chat.values())


@pytest.mark.rule("reporter_unknown")
async def test_every_look_is_written_down_and_says_nothing_of_the_reporter(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    await channel.files()
    await named(channel, director)
    button = f"o:{(await channel.row()).id}"
    for person in (organiser, director, organiser):
        await person.presses_again(1, button)
    await organiser.is_handled_again()
    lines, posts = await looks(channel), channel.house.posts
    by = [line.actor for line in lines]
    assert len(lines) == 3
    assert by.count(posts["组织员己"].person_id) == 2
    assert by.count(posts["主任甲"].person_id) == 1
    told = json.dumps([(line.act, line.act_key, line.result) for line in lines], default=str)
    assert SAID not in told
    assert "bot" not in told.replace("42:", "")


async def test_who_may_not_look_sees_nothing_and_no_look_is_written_down(
    channel: Channel, secretary: Somebody, director: Somebody, organiser: Somebody
) -> None:
    posts = channel.house.posts
    other = await channel.house.join(posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 700)
    await channel.files()
    await named(channel, director)
    button = f"o:{(await channel.row()).id}"
    for person in (secretary, other):
        assert "不归您管" in await person.presses_again(1, button)
        assert all(SAID not in seen.text for seen in person.chat.values())
    assert await looks(channel) == []


async def test_a_director_with_a_part_in_the_case_hears_nothing_and_others_do(
    channel: Channel, secretary: Somebody, director: Somebody, organiser: Somebody
) -> None:
    """The director came from that branch; an organiser without a part in it is told instead."""
    posts, people = channel.house.posts, channel.house.services.people
    place = channel.house.places["第一支部"]
    token = await people.invite(
        channel.house.act(), posts["委员乙"], Role.SECRETARY, place, "主任甲"
    )
    await people.join(channel.house.act(), director.chat_id, token, "zh")
    _, notice = await channel.hang()
    await channel.files(notice=notice)
    await channel.next_batch()
    assert {row.person_id for row in await channel.told()} == {posts["组织员己"].person_id}
    assert "不归您管" in await director.presses_again(1, f"r:{(await channel.row()).id}")
    assert "没有在办的群众反映" in await director.presses_again(1, "g:r")
    await channel.delivers()
    assert "有一件群众反映要办" in organiser.screen.text
