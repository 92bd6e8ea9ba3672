"""What goes out: once, urgent first, late rather than never, and what became of it is known."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import select

from bot.pipeline import deliverer as module
from bot.pipeline.deliverer import Deliverer
from domain.rulebook.schema import Role
from handlers.staff.messages.notifier import Notifier
from models import OutgoingRow, Person
from services.core.database import Database
from services.core.ports import (
    ROUTINE,
    URGENT,
    Ambiguous,
    Message,
    Outgoing,
    RetryLater,
    Unreachable,
)
from services.messages.queue import enqueue
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step

HOUR = timedelta(hours=1)


@dataclass
class Post:
    """A messenger with a record. `fails`: what happens to the next ones, None where nothing."""

    fails: list[Exception | None] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)

    async def deliver(self, message: Outgoing) -> int:
        failure = self.fails.pop(0) if self.fails else None
        if failure is None or isinstance(failure, Ambiguous):
            self.sent.append(message)
        if failure is not None:
            raise failure
        return len(self.sent)


async def write(
    house: House,
    name: str,
    kind: str = "note",
    priority: int = ROUTINE,
    ago: timedelta = HOUR * 0,
    slot: str = "1",
) -> bool:
    """A message to somebody, due `ago`."""
    async with house.services.database.write() as session:
        message = Message(f"m:{kind}", kind, slot, {"kind": kind}, house.at - ago, priority)
        return bool(await enqueue(session, (house.posts[name].person_id,), message))


async def rows(database: Database) -> dict[str, OutgoingRow]:
    async with database.read() as session:
        return {row.kind: row for row in await session.exec(select(OutgoingRow))}


def delivering(house: House, post: object) -> Deliverer:
    return Deliverer(house.services.outgoing, post, house.now, "w1")  # type: ignore[arg-type]


async def test_the_same_matter_is_written_once(house: House, second: Database) -> None:
    assert await write(house, "主任甲")
    assert not await write(house, "主任甲")
    with pytest.raises(IntegrityError):
        async with second.write() as session:
            known = (await session.exec(select(OutgoingRow))).one()
            session.add(
                OutgoingRow(
                    person_id=known.person_id, matter=known.matter, kind="note", slot="1",
                    not_before=house.at,
                )
            )  # fmt: skip
    assert len(await rows(second)) == 1


async def test_urgent_first_and_one_at_a_time_to_each(
    house: House, secretary: Somebody, second: Database
) -> None:
    post = Post()
    for name, kind, priority in (
        ("主任甲", "routine", ROUTINE),
        ("书记丙", "routine2", ROUTINE),
        ("书记丙", "urgent", URGENT),
    ):
        await write(house, name, kind, priority)
    assert await delivering(house, post).round() == 2
    assert [message.kind for message in post.sent] == ["urgent", "routine"]
    assert await delivering(house, post).round() == 1
    assert {row.state for row in (await rows(second)).values()} == {"sent"}


async def test_where_there_is_room_for_one_it_is_the_most_urgent(
    house: House, secretary: Somebody
) -> None:
    await write(house, "主任甲", "routine", ROUTINE, timedelta(minutes=9))
    await write(house, "书记丙", "urgent", URGENT)
    [first] = await house.services.outgoing.claim(house.at, "w1", most=1)
    [then] = await house.services.outgoing.claim(house.at, "w1", most=1)
    assert (first.kind, then.kind) == ("urgent", "routine")


async def test_two_deliverers_send_nothing_twice(
    house: House, secretary: Somebody, second: Database
) -> None:
    for number in range(6):
        await write(house, "主任甲" if number % 2 else "书记丙", f"k{number}")
    outbox = house.services.outgoing
    one = await outbox.claim(house.at, "w1", 1)
    other = await outbox.claim(house.at, "w2", 9)
    again = await outbox.claim(house.at, "w2", 9)
    kinds = [message.kind for message in (*one, *other, *again)]
    assert len(kinds) == len(set(kinds)) > 3


async def test_a_lease_that_ran_out_is_taken_again_and_marked_each_time(
    house: House, second: Database
) -> None:
    await write(house, "主任甲")
    outbox = house.services.outgoing
    for crash in range(3):
        [message] = await outbox.claim(house.at, f"w{crash}")
        assert await outbox.claim(house.at, "w9") == ()
        assert (await rows(second))["note"].repeats == crash
        house.at += timedelta(seconds=31)
    [message] = await outbox.claim(house.at, "w4")
    await outbox.sent(message.ids, 5, house.at)
    found = (await rows(second))["note"]
    assert (found.state, found.message_id, found.repeats) == ("sent", 5, 3)


async def test_an_answer_that_got_lost_is_repeated_once_and_marked(
    house: House, second: Database
) -> None:
    post = Post(fails=[Ambiguous(), Ambiguous()])
    await write(house, "主任甲")
    for _ in range(5):
        await delivering(house, post).round()
        house.at += HOUR
    found = (await rows(second))["note"]
    assert (found.state, found.ambiguous, found.repeats) == ("unsure", True, 1)
    assert len(post.sent) == 2


async def test_who_asks_to_wait_is_obeyed_for_as_long_as_it_takes(
    house: House, second: Database
) -> None:
    post = Post(fails=[RetryLater(60) for _ in range(20)])
    await write(house, "主任甲")
    for _ in range(20):
        assert await delivering(house, post).round() == 1
        house.at += timedelta(seconds=59)
        assert await delivering(house, post).round() == 0
        house.at += timedelta(seconds=2)
    assert post.sent == []
    assert await delivering(house, post).round() == 1
    found = (await rows(second))["note"]
    assert (found.state, found.repeats, found.attempts) == ("sent", 0, 0)


async def test_what_cannot_be_said_is_left_for_a_person_after_eight_times(
    house: House, second: Database
) -> None:
    post = Post(fails=[ZeroDivisionError() for _ in range(20)])
    await write(house, "主任甲")
    for _ in range(12):
        await delivering(house, post).round()
        house.at += HOUR
    found = (await rows(second))["note"]
    assert (found.state, found.attempts) == ("failed", 8)


async def test_what_became_of_it_is_stored_when_the_disk_has_room_again(
    house: House, second: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.0)
    await write(house, "主任甲")
    outbox, post = house.services.outgoing, Post()
    sent, full = outbox.sent, [1, 2, 3]

    async def refused(ids: tuple[str, ...], number: int, now: datetime) -> None:
        if full:
            full.pop()
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))
        await sent(ids, number, now)

    monkeypatch.setattr(outbox, "sent", refused)
    await delivering(house, post).round()
    assert len(post.sent) == 1
    found = (await rows(second))["note"]
    assert (found.state, found.repeats) == ("sent", 0)


async def test_a_clock_put_back_delays_and_loses_nothing(house: House, second: Database) -> None:
    post = Post()
    house.at += HOUR * 5
    await write(house, "主任甲")
    house.at -= HOUR * 3
    assert await delivering(house, post).round() == 0
    await write(house, "主任甲", "later")
    assert await delivering(house, post).round() == 1
    house.at += HOUR * 3
    assert await delivering(house, post).round() == 1
    assert {row.state for row in (await rows(second)).values()} == {"sent"}


@pytest.mark.parametrize("away", [HOUR, HOUR * 24, HOUR * 24 * 7])
async def test_what_waited_through_a_pause_comes_in_one_message(
    house: House, secretary: Somebody, second: Database, away: timedelta
) -> None:
    post = Post()
    for number in range(5):
        await write(house, "书记丙", f"k{number}", URGENT if number == 3 else ROUTINE)
    await write(house, "主任甲", "other")
    house.at += away
    await delivering(house, post).round()
    assert [message.kind for message in post.sent] == ["k3", "other"]
    assert [message.kind for message in post.sent[0].others] == ["k0", "k1", "k2", "k4"]
    assert await delivering(house, post).round() == 0
    found = await rows(second)
    assert {row.state for row in found.values()} == {"sent"}
    assert {kind for kind, row in found.items() if row.merged} == {f"k{n}" for n in range(5)}


async def test_merged_messages_read_as_one_and_are_never_edited_away(
    house: House, opened: Somebody
) -> None:
    other = await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记辛", 310)
    await opened.says("开始新的一件")
    await opened.says("李四")
    await opened.presses("登记")
    await first_step(opened)
    await opened.says("张三")
    await first_step(opened)
    house.at += HOUR * 24
    notifier = Notifier(house.line.bot, house.services, house.now)
    await delivering(house, notifier).round()
    assert len(other.chat) == 1
    assert "张三" in other.screen.text
    assert "李四" in other.screen.text
    assert "待办" in other.choices
    assert len([label for label in other.choices if "填写" in label]) == 2
    await write(house, "书记辛")
    await delivering(house, notifier).round()
    assert len(other.chat) == 2


async def test_who_blocked_the_bot_is_stored_and_the_next_person_up_is_told(
    house: House, opened: Somebody, second: Database
) -> None:
    other = await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记辛", 310)
    await first_step(opened)
    post = Post(fails=[Unreachable()])
    await delivering(house, post).round()
    async with second.read() as session:
        person = await session.get_one(Person, house.posts["书记辛"].person_id)
        assert person.blocked_at == house.at
    notifier = Notifier(house.line.bot, house.services, house.now)
    await delivering(house, notifier).round()
    committee = house.somebody(200)
    assert "书记辛没有加入或者停用了本系统" in committee.screen.text
    assert "张三" in committee.screen.text
    assert "2 派人谈话" in committee.screen.text
    await other.says("待办")
    async with second.read() as session:
        person = await session.get_one(Person, house.posts["书记辛"].person_id)
        assert person.blocked_at is None


async def test_who_blocks_the_bot_is_no_longer_written_to_and_who_comes_back_is(
    house: House, opened: Somebody, second: Database
) -> None:
    other = await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记辛", 310)
    who, post = house.posts["书记辛"].person_id, Post()
    assert await other.blocks() == ""
    async with second.read() as session:
        assert (await session.get_one(Person, who)).blocked_at == house.at
    await first_step(opened)
    await delivering(house, post).round()
    assert who not in [message.person_id for message in post.sent]
    await delivering(house, post).round()
    told = {message.person_id for message in post.sent if message.kind == "unreached"}
    assert told == {house.posts["委员乙"].person_id}
    assert await other.unblocks() == ""
    async with second.read() as session:
        assert (await session.get_one(Person, who)).blocked_at is None
    assert await house.somebody(999).blocks() == ""


async def test_silence_is_kept_over_a_restart_and_names_no_chat(
    house: House, second: Database
) -> None:
    outbox, until = house.services.outgoing, house.at + timedelta(seconds=50)
    await outbox.pause(700123456, until)
    await outbox.pause(None, until + HOUR)
    await outbox.pause(700123456, until + timedelta(seconds=5))
    kept = await outbox.pauses(house.at)
    assert set(kept) == {(700123456, until + timedelta(seconds=5)), (None, until + HOUR)}
    assert await outbox.pauses(house.at + HOUR) == ((None, until + HOUR),)
    assert await outbox.pauses(house.at + HOUR * 2) == ()
