"""One chat at a time, each update to its end, whatever happens on the way."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramEntityTooLarge, TelegramForbiddenError
from aiogram.fsm.context import FSMContext
from aiogram.methods import SendMessage
from aiogram.types import Message
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import select
from structlog.testing import capture_logs

import services.core.database
from bot.pipeline import worker as module
from bot.pipeline.fsm_storage import make_dispatcher
from bot.pipeline.polling import incoming
from bot.pipeline.worker import Worker
from models import ConversationState
from services.core.advisory_locks import AdvisoryLocks
from services.core.database import Database, InHand
from services.messages.inbox import Inbox, InboxUpdate, Incoming, row_of
from tests.conversation.telegram import Telegram
from tests.messages.conftest import NOW, said

Handler = Callable[..., Awaitable[None]]
STATE = "42:7:7:default"


async def counts(message: Message, state: FSMContext) -> None:
    """Reads, lets others run, writes: without locks half of it would be lost."""
    known = (await state.get_data()).get("count", 0)
    await asyncio.sleep(0)
    await state.update_data(count=known + 1)


def worker(bot: Bot, database: Database, locks: AdvisoryLocks, handler: Handler = counts) -> Worker:
    dispatcher = make_dispatcher()
    dispatcher.message.register(handler)
    return Worker("staff", bot, dispatcher, Inbox(database), locks, lambda: NOW)


async def store(database: Database, *texts: str) -> tuple[str, ...]:
    batch = [incoming(said(text)) for text in texts]
    return await Inbox(database).store("staff", [row for row in batch if row], NOW)


async def count(database: Database) -> int:
    async with database.read() as session:
        rows = (await session.exec(select(ConversationState))).all()
    found: int = sum(json.loads(row.data[STATE]["data"])["count"] for row in rows)
    return found


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.01)
    monkeypatch.setattr(module, "LOCK_RETRY", 0.001)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_200_updates_of_one_person_count_200(
    bot: Bot, database: Database, second: Database, locks: AdvisoryLocks
) -> None:
    chats = await store(database, *("x" for _ in range(200)))
    one = worker(bot, database, locks)
    one.wake(chats)
    one.wake(chats)
    await one.idle()
    assert await count(second) == 200
    assert await Inbox(second).chats("staff") == ()


async def test_an_update_is_in_hand_from_its_coming_in_to_its_end(
    bot: Bot, database: Database, locks: AdvisoryLocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As long as it takes: whether anything is in hand is asked for.
    monkeypatch.setattr(services.core.database, "YOUNG", 3600.0)
    monkeypatch.setattr(services.core.database, "PATIENCE", 3600.0)
    seen, at_once = list[str](), Database.at_once
    asked = set[asyncio.Task[None]]()

    async def long_work(step: str) -> None:
        await database.in_hand.gone()
        seen.append(f"gone since {step}")

    async def looked(self: Database, what: str, program: Callable[..., Any]) -> Any:
        asked.add(asyncio.create_task(long_work(what)))
        found = await at_once(self, what, program)
        seen.append(what)
        return found

    async def answers(_message: Message) -> None:
        await asyncio.sleep(0)
        seen.append("handled")

    monkeypatch.setattr(Database, "at_once", looked)
    one = worker(bot, database, locks, answers)
    one.wake(await store(database, "x"))
    await one.idle()
    await asyncio.gather(*asked)
    assert seen[:3] == ["store", "handled", "finish"]
    assert {*seen[3:]} == {"gone since store", "gone since finish"}


async def test_who_is_long_waits_for_updates_that_were_just_begun() -> None:
    now = 0.0
    in_hand = InHand(lambda: now)
    # Nothing is in hand, then only what waits for a messenger, or is long itself.
    await in_hand.gone()
    in_hand.begin("old")
    now += services.core.database.YOUNG
    await in_hand.gone()
    in_hand.begin("young")
    waiting = asyncio.create_task(in_hand.gone())
    for _ in range(3):
        await asyncio.sleep(0)
    in_hand.end("old")
    for _ in range(3):
        await asyncio.sleep(0)
    assert not waiting.done()
    # The next one of the same chat begins anew; and where there is always one, patience ends.
    now += services.core.database.PATIENCE / 2
    in_hand.begin("young")
    now += services.core.database.PATIENCE
    in_hand.end("another")
    await waiting


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_200_updates_count_200_with_two_processes(
    bot: Bot, database: Database, second: Database, locks: AdvisoryLocks, other_locks: AdvisoryLocks
) -> None:
    one, other = worker(bot, database, locks), worker(bot, second, other_locks)
    for _ in range(20):
        chats = await store(database, *("x" for _ in range(10)))
        one.wake(chats)
        other.wake(chats)
    await asyncio.gather(one.idle(), other.idle())
    assert await count(second) == 200
    assert await Inbox(second).chats("staff") == ()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_lock_is_free_again_when_its_process_dies(
    locks: AdvisoryLocks, other_locks: AdvisoryLocks
) -> None:
    assert await locks.acquire("chat")
    assert not await other_locks.acquire("chat")
    await locks.close()
    assert await other_locks.acquire("chat")
    with pytest.raises(ConnectionError):
        await locks.check()


async def test_what_another_process_finished_is_not_written_over(
    database: Database, second: Database
) -> None:
    [chat] = await store(database, "x")
    inbox = Inbox(database)
    waiting = await inbox.oldest("staff", chat)
    assert waiting is not None
    await Inbox(second).finish(waiting, {STATE: {"data": '{"count": 5}'}})
    await inbox.finish(waiting, {STATE: {"data": '{"count": 1}'}})
    assert await count(second) == 5


async def test_what_came_in_meanwhile_is_not_taken_for_what_is_done(database: Database) -> None:
    inbox = Inbox(database)
    first, later = (incoming(said(text)) for text in ("x", "y"))
    assert first is not None
    assert later is not None
    [chat] = await inbox.store("staff", [first], NOW)
    in_hand = await inbox.oldest("staff", chat)
    assert in_hand is not None
    assert await inbox.store("staff", [later], NOW) == (chat,)
    following = await inbox.finish(in_hand, None)
    assert following is not None
    assert following.update_id == later.update_id
    waiting = await inbox.oldest("staff", chat)
    assert waiting is not None
    assert waiting.update_id == later.update_id
    await inbox.finish(waiting, None)
    assert await inbox.oldest("staff", chat) is None


async def test_what_could_not_be_committed_is_not_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, row = Inbox(database), incoming(said("x"))
    assert row is not None

    def full(point: str) -> None:
        if point == "store.before":
            raise OSError("no space left")

    with monkeypatch.context() as fault:
        fault.setattr(services.core.database, "failpoint", full)
        with pytest.raises(OSError, match="no space"):
            await inbox.store("staff", [row], NOW)
    assert await inbox.oldest("staff", row_of("staff", row, NOW)["chat_index"]) is None  # type: ignore[arg-type]
    [chat] = await inbox.store("staff", [row], NOW)
    waiting = await inbox.oldest("staff", chat)
    assert waiting is not None
    assert waiting.update_id == row.update_id


async def test_three_failures_park_it_tell_so_and_the_chat_goes_on(
    bot: Bot, telegram: Telegram, database: Database, second: Database, locks: AdvisoryLocks
) -> None:
    tried: list[str] = []

    async def handler(message: Message, state: FSMContext) -> None:
        tried.append(message.text or "")
        if message.text == "bad":
            raise ZeroDivisionError("张三")
        await counts(message, state)

    one = worker(bot, database, locks, handler)
    one.wake(await store(database, "bad", "good"))
    await one.idle()
    assert tried == ["bad", "bad", "bad", "good"]
    [seen] = telegram.chats[7].values()
    assert "已经记下" in seen.text
    assert await count(second) == 1
    [parked] = await Inbox(second).parked()
    assert parked.error.startswith("ZeroDivisionError at handler:")
    assert "张三" not in parked.error


async def test_a_file_that_is_too_large_is_not_sent_for_ever(
    bot: Bot, database: Database, second: Database, locks: AdvisoryLocks
) -> None:
    tried = 0

    async def handler(message: Message) -> None:
        nonlocal tried
        tried += 1
        method = SendMessage(chat_id=7, text="x")
        raise TelegramEntityTooLarge(method, "Request Entity Too Large")

    one = worker(bot, database, locks, handler)
    one.wake(await store(database, "x"))
    await one.idle()
    assert tried == 3
    assert len(await Inbox(second).parked()) == 1


async def test_an_update_that_cannot_be_read_is_parked(
    bot: Bot, telegram: Telegram, database: Database, second: Database, locks: AdvisoryLocks
) -> None:
    raw = said("x")
    raw["message"]["date"] = "yesterday"
    row = incoming(raw)
    assert row is not None
    one = worker(bot, database, locks)
    one.wake(await Inbox(database).store("staff", [row], NOW))
    await one.idle()
    assert len(await Inbox(second).parked()) == 1
    assert "已经记下" in next(iter(telegram.chats[7].values())).text


async def test_who_blocked_the_bot_meanwhile_holds_up_nothing(
    bot: Bot, database: Database, second: Database, locks: AdvisoryLocks
) -> None:
    async def handler(message: Message, state: FSMContext) -> None:
        await counts(message, state)
        method = SendMessage(chat_id=7, text="x")
        raise TelegramForbiddenError(method, "bot was blocked by the user")

    one = worker(bot, database, locks, handler)
    one.wake(await store(database, "x", "y"))
    await one.idle()
    assert await count(second) == 2
    assert await Inbox(second).parked() == ()


async def test_while_the_database_is_away_the_update_waits_and_nothing_counts_as_failed(
    bot: Bot, database: Database, second: Database, locks: AdvisoryLocks
) -> None:
    faults = [
        OperationalError("INSERT", {}, Exception("database or disk is full")),
        ConnectionRefusedError(),
        OperationalError("INSERT", {}, Exception("disk I/O error")),
        OperationalError("INSERT", {}, Exception("database or disk is full")),
    ]

    async def handler(message: Message, state: FSMContext) -> None:
        await counts(message, state)
        if faults:
            raise faults.pop()

    one = worker(bot, database, locks, handler)
    one.wake(await store(database, "x"))
    await one.idle()
    assert await count(second) == 1
    assert await Inbox(second).parked() == ()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_who_has_lost_the_lock_of_a_chat_says_nothing_more_in_it(
    bot: Bot,
    telegram: Telegram,
    database: Database,
    second: Database,
    locks: AdvisoryLocks,
    other_locks: AdvisoryLocks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Said after the other process's answer to the next update, the older question would stand
    last, and what is answered to it would be taken as the answer to the newer one."""
    reached, goes_on = asyncio.Event(), asyncio.Event()
    acquire = locks.acquire

    async def later(name: str) -> bool:
        # Else whoever has lost the lock may take it again before the other process does.
        if reached.is_set():
            await goes_on.wait()
        return await acquire(name)

    monkeypatch.setattr(locks, "acquire", later)

    async def slow(message: Message, state: FSMContext) -> None:
        await counts(message, state)
        reached.set()
        await goes_on.wait()
        await message.answer(f"slow: {message.text}")

    async def fast(message: Message, state: FSMContext) -> None:
        await counts(message, state)
        await message.answer(f"fast: {message.text}")

    one, other = worker(bot, database, locks, slow), worker(bot, second, other_locks, fast)
    chats = await store(database, "question 4", "question 5")
    one.wake(chats)
    await reached.wait()
    with capture_logs() as lines:
        await end_connections_but(second)
        other.wake(chats)
        await other.idle()
        goes_on.set()
        await one.idle()
    assert [message.text for message in telegram.chats[7].values()] == [
        "fast: question 4",
        "fast: question 5",
    ]
    assert {line["event"] for line in lines} == {"database_away"}
    assert await count(second) == 2
    assert await Inbox(second).parked() == ()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_when_the_server_ends_every_connection_the_work_goes_on(
    bot: Bot, database: Database, second: Database, locks: AdvisoryLocks
) -> None:
    cut = [True, True]

    async def handler(message: Message, state: FSMContext) -> None:
        await counts(message, state)
        if cut:
            cut.pop()
            await end_connections_but(second)

    one = worker(bot, database, locks, handler)
    one.wake(await store(database, "x", "y", "z"))
    await one.idle()
    assert await count(second) == 3
    assert await Inbox(second).parked() == ()


async def end_connections_but(mine: Database) -> None:
    async with mine.read() as session:
        connection = await session.connection()
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


async def test_the_commit_at_the_end_is_tried_again_when_the_disk_was_full(
    bot: Bot,
    database: Database,
    second: Database,
    locks: AdvisoryLocks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = worker(bot, database, locks)
    finish, full = one.inbox.finish, [True, True]

    async def refused(*end: Any) -> InboxUpdate | None:
        if full:
            full.pop()
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))
        return await finish(*end)

    monkeypatch.setattr(one.inbox, "finish", refused)
    one.wake(await store(database, "x"))
    await one.idle()
    assert await count(second) == 1


async def test_stopping_leaves_what_waits_for_the_next_process(
    bot: Bot,
    database: Database,
    second: Database,
    locks: AdvisoryLocks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "FINISH_UPDATES", 0.01)
    begun = asyncio.Event()

    async def handler(message: Message, state: FSMContext) -> None:
        begun.set()
        await asyncio.Event().wait()

    one = worker(bot, database, locks, handler)
    one.wake(await store(database, "x", "y"))
    await begun.wait()
    await one.stop()
    [chat] = await Inbox(second).chats("staff")
    again = worker(bot, database, locks)
    again.wake([chat])
    await again.idle()
    assert await count(second) == 2


def test_an_update_belongs_to_its_chat() -> None:
    press = {"id": "1", "from": {"id": 5}, "message": {"chat": {"id": -3}}, "data": "x"}
    assert incoming(said("x", chat=9, update=4)) == Incoming(
        4, 9, json.dumps(said("x", chat=9, update=4), ensure_ascii=False)
    )
    for raw, chat in (
        ({"update_id": 1, "callback_query": press}, -3),
        ({"update_id": 1, "inline_query": {"from": {"id": 5}}}, 5),
        ({"update_id": 1, "poll": {"id": "1"}}, 0),
        ({"update_id": 1, "message": {"chat": {"id": 10**30}}}, 0),
        ({"update_id": 1, "message": {"chat": [1]}}, 0),
        ({"update_id": 1, "message": None}, 0),
    ):
        row = incoming(raw)
        assert row is not None
        assert row.chat_id == chat
    for raw in (
        {},
        {"update_id": "1"},
        {"update_id": True},
        {"update_id": -1},
        {"update_id": 2**64},
    ):
        assert incoming(raw) is None
