"""Abuse is met without knowing anybody, and who is honest is still served (docs/promises.md P3)."""

import asyncio
import threading

import pytest
from telegram import Update

from handlers.public.chat.application import Bot
from handlers.public.chat.sessions import Backoff
from services.intake import codes
from services.intake import intake as intake_service
from services.intake.intake import AT_ONCE, ConfirmedReport, Intake
from services.intake.rate_limits import Busy, Caller, PrioritySemaphore, RecentTexts, TokenBucket
from services.intake.store import UnknownCode
from tests.filing import file_report
from tests.intake.citizens import SAID, Citizen
from tests.intake.conftest import NOON, Hand
from tests.intake.telegram import Telegram

GUESSERS = [50, pytest.param(500, marks=pytest.mark.slow)]
EACH = 200
"""Guesses of one of them: a hundred thousand of five hundred."""


@pytest.mark.parametrize("number", GUESSERS)
async def test_a_hundred_thousand_guesses_find_nothing_and_an_honest_person_is_served(
    intake: Intake, citizen: Citizen, hand: Hand, telegram: Telegram, number: int
) -> None:
    code = await citizen.files_a_report()
    guessers = [Citizen(citizen.bot, telegram, chat=1000 + n) for n in range(number)]
    wrong, backoff = "的一是在不了有和", citizen.bot.bot_data["sessions"].backoff
    for guesser in guessers:
        await guesser.says("/status")
        assert "进展" not in await guesser.says(wrong)
    asked = 0
    for _ in range(EACH - 1):
        for guesser in guessers:
            if backoff.wait(guesser.chat, hand.now()) == 0:
                asked += 1
                assert "进展：" not in await guesser.says(wrong)
        hand.passes(seconds=1)
    assert 0 < asked < number * EACH / 20
    await citizen.says("/status")
    assert "进展：已收到" in await citizen.says(code)


def test_wrong_codes_cost_a_chat_more_and_more() -> None:
    backoff, waits = Backoff(), []
    for _ in range(16):
        waits.append(backoff.wait(7, NOON))
        backoff.failed(7, NOON)
    assert waits[:6] == [0, 0, 0, 4, 8, 16]
    assert waits[-1] == 3600
    assert backoff.wait(8, NOON) == 0
    assert str(7) not in map(bytes.decode, filter(bytes.isascii, backoff._tries))


def test_a_right_code_takes_back_one_wrong_one() -> None:
    backoff = Backoff()
    for _ in range(6):
        backoff.failed(7, NOON)
    backoff.forgive(7)
    assert backoff.rank(7) == 5
    assert backoff.wait(7, NOON) == 16


def test_the_last_of_a_budget_is_for_who_comes_first(hand: Hand) -> None:
    budget = TokenBucket(burst=4, seconds=2, reserve=2)
    budget.take(hand.now(), rank=3)
    budget.take(hand.now(), rank=3)
    with pytest.raises(Busy):
        budget.take(hand.now(), rank=3)
    budget.take(hand.now())
    budget.take(hand.now())
    with pytest.raises(Busy):
        budget.take(hand.now())
    hand.passes(seconds=2)
    budget.take(hand.now())


async def test_who_failed_least_goes_first_and_the_last_in_line_is_refused() -> None:
    turnstile, order = PrioritySemaphore(places=1, longest=3), []

    async def go(name: str, rank: int) -> None:
        async with turnstile.slot(rank):
            order.append(name)
            await asyncio.sleep(0)

    people = [("first", 9), ("guesser", 5), ("new", 0), ("worse", 7), ("honest", 0)]
    results = await asyncio.gather(*(go(*one) for one in people), return_exceptions=True)
    assert order == ["first", "honest", "new", "guesser"]
    assert [type(result) for result in results].count(Busy) == 1


async def test_many_who_leave_the_line_at_once_break_nothing() -> None:
    turnstile, inside = PrioritySemaphore(places=1, longest=9), asyncio.Event()

    async def go() -> None:
        async with turnstile.slot(0):
            await inside.wait()

    people = [asyncio.create_task(go()) for _ in range(6)]
    await asyncio.sleep(0)
    for one in people:
        one.cancel()
    results = await asyncio.gather(*people, return_exceptions=True)
    assert {type(result) for result in results} == {asyncio.CancelledError}
    async with turnstile.slot(0):
        assert turnstile.free == 0
    assert turnstile.free == 1


async def test_who_leaves_the_line_keeps_nobody_waiting() -> None:
    turnstile = PrioritySemaphore(places=1, longest=3)
    inside = asyncio.Event()

    async def pass_through() -> bool:
        async with turnstile.slot(0):
            await inside.wait()
        return True

    first, second, third = (asyncio.create_task(pass_through()) for _ in range(3))
    await asyncio.sleep(0)
    second.cancel()
    inside.set()
    assert await first
    assert await third
    assert turnstile.free == 1


def test_the_same_text_is_known_for_a_while_whatever_its_blanks(hand: Hand) -> None:
    recent = RecentTexts(NOON - NOON.replace(hour=11))
    recent.note(recent.mark(SAID), hand.now())
    assert recent.knows(recent.mark(f" {SAID}\n"), hand.now())
    hand.passes(hours=1)
    assert not recent.knows(recent.mark(SAID), hand.now())


async def test_in_a_flood_an_honest_person_is_next(
    bot: Bot,
    telegram: Telegram,
    citizen: Citizen,
    hand: Hand,
    monkeypatch: pytest.MonkeyPatch,
    cheap: None,
) -> None:
    """Three hundred chats try codes at once; who comes a second later waits for the two in hand."""
    code = await citizen.files_a_report()
    tried: list[str] = []
    held, go_on = threading.Event(), threading.Event()

    def noting(code: str, salt: bytes, pepper: bytes) -> codes.CodeKeys:
        held.set()
        assert go_on.wait(60)
        tried.append(code)
        return codes.derive(code, salt, pepper)

    monkeypatch.setattr(intake_service, "derive", noting)
    flood = [Citizen(bot, telegram, chat=5000 + n) for n in range(300)]
    for guesser in flood:
        await guesser.says("/status")
    await citizen.says("/status")
    async with asyncio.TaskGroup() as group:
        for guesser in flood:
            group.create_task(process(bot, guesser, {"text": "的一是在不了有和"}))
        assert await asyncio.to_thread(held.wait, 60)
        hand.passes(seconds=1)
        honest = group.create_task(process(bot, citizen, {"text": code}))
        await asyncio.sleep(0)
        go_on.set()
        await honest
        assert code.replace(" ", "") in tried[: 2 * AT_ONCE + 1]
    said = [call["text"] for call in telegram.called("editMessageText") if call["chat_id"] == 77]
    assert "进展：已收到" in said[-1]
    assert len(tried) < 60


async def test_a_flood_of_fresh_accounts_leaves_the_page_open_and_the_other_way_round(
    intake: Intake, hand: Hand
) -> None:
    """10,000 accounts that never came before try a code each; at the page somebody asks."""
    draft = ConfirmedReport("", "某某", SAID)
    code = (await file_report(intake, draft, NOON.date(), NOON)).code
    wrong, visitor = "的一是在不了有和", Caller(page=True)
    for flooded, other in ((Caller(), visitor), (visitor, Caller())):
        hand.passes(hours=1)
        refused = 0
        for _ in range(10_000):
            try:
                await intake.status(wrong, hand.now(), flooded)
            except Busy:
                refused += 1
            except UnknownCode:
                pass
        assert 9_900 < refused < 10_000
        found = await intake.status(code, hand.now(), other)
        assert found.state == "received"


async def test_one_slow_file_keeps_nobody_else_waiting(bot: Bot, telegram: Telegram) -> None:
    """Two chats at once through the running application: the second is answered first."""
    slow, quick = Citizen(bot, telegram, chat=1), Citizen(bot, telegram, chat=2)
    await slow.gets_to("evidence")
    waiting, answered = asyncio.Event(), asyncio.Event()

    async def fetch(name: str) -> bytes:
        waiting.set()
        await answered.wait()
        return b""

    telegram.slow = fetch
    async with asyncio.TaskGroup() as group:
        group.create_task(process(bot, slow, {"document": {"file_id": "f", "file_unique_id": "f"}}))
        await waiting.wait()
        await process(bot, quick, {"text": "你好"})
        assert "刚才这一条没有收" in telegram.called("sendMessage")[-1]["text"]
        answered.set()
    assert "文件是空的" in telegram.told[-1]


async def process(bot: Bot, citizen: Citizen, content: dict[str, object]) -> None:
    message = {"message_id": 1, "date": 1, **citizen._from(), **content}
    update = Update.de_json({"update_id": 1, "message": message}, bot.bot)
    await bot.update_processor.process_update(update, bot.process_update(update))
