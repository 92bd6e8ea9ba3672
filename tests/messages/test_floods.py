"""Strangers don't take the place of staff (docs/promises.md Q12), asserted by order."""

import asyncio
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiogram import Bot
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from bot.pipeline import admission
from bot.pipeline import worker as module
from bot.pipeline.admission import Admission, Admissions
from bot.pipeline.fsm_storage import make_dispatcher
from bot.pipeline.polling import incoming
from bot.pipeline.worker import WaitingChats, Worker
from services.core.advisory_locks import AdvisoryLocks
from services.core.database import Database
from services.messages.inbox import Inbox, Incoming
from services.people.newcomers import Newcomers
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.messages.conftest import NOW, said

STRANGERS = range(5001, 5041)
"""Forty chats that nobody invited."""


class Invited:
    """Knows these chats and links. `asked`: the chats that were looked up, one lookup after the
    other."""

    def __init__(self, chats: Iterable[int] = (), links: Iterable[str] = ()) -> None:
        self.chats, self.links = frozenset(chats), frozenset(links)
        self.asked: list[frozenset[int]] = []

    async def known(self, chats: frozenset[int]) -> frozenset[int]:
        self.asked.append(chats)
        return chats & self.chats

    async def open_links(self, tokens: frozenset[str], at: datetime) -> frozenset[str]:
        return tokens & self.links


def rows(*updates: dict[str, Any]) -> list[Incoming]:
    return [row for update in updates if (row := incoming(update)) is not None]


def texts(kept: Iterable[Incoming]) -> list[str]:
    return [json.loads(row.payload)["message"]["text"] for row in kept]


def pressed(chat: int) -> dict[str, Any]:
    update = said("x", chat)
    return update | {"callback_query": {"from": {"id": chat}, "message": update.pop("message")}}


async def test_who_is_not_invited_is_told_so_once_an_hour_whatever_they_send() -> None:
    gate = Admission(Invited())
    flood = rows(*(said(f"{n}", chat) for n in range(10) for chat in STRANGERS), pressed(5001))
    first = await gate(flood, NOW)
    assert texts(first.strangers) == ["0"] * len(STRANGERS)
    assert first.people == []
    for minute in range(1, 60):
        assert await gate(flood, NOW + timedelta(minutes=minute)) == admission.Admitted()
    assert len((await gate(flood, NOW + admission.AGAIN)).strangers) == len(STRANGERS)


async def test_a_link_and_privacy_are_answered_although_something_else_was() -> None:
    gate = Admission(Invited())
    await gate(rows(said("hello", 5001)), NOW)
    asked = rows(said("/privacy", 5001), said("/start old", 5001), said("/start old", 5001))
    assert texts((await gate(asked, NOW)).strangers) == ["/privacy", "/start old"]
    assert await gate(rows(said("/start", 5001)), NOW) == admission.Admitted()


async def test_an_open_link_lets_in_always_and_at_once_with_what_follows() -> None:
    gate = Admission(Invited(links=["good"]))
    await gate(rows(*(said("x", 5001) for _ in range(100)), said("/start bad", 5001)), NOW)
    batch = rows(
        said("x", 5001), said("/start@our_bot good", 5001), said("me", 5001), said("x", 5002)
    )
    admitted = await gate(batch, NOW)
    assert texts(admitted.people) == ["/start@our_bot good", "me"]
    assert [row.chat_id for row in admitted.strangers] == [5002]


@pytest.mark.parametrize("words", ["加入 {}", "加入{}", "加入： {} ", "join {}", "Join {}"])
async def test_a_link_in_words_lets_in_as_well_and_a_wrong_one_is_answered_once_an_hour(
    words: str,
) -> None:
    good, bad = "good-token-of-24-letters", "bad_token_of_24_letters_"
    gate = Admission(Invited(links=[good]))
    wrong = rows(*(said(words.format(bad), 5001) for _ in range(100)))
    assert len((await gate(wrong, NOW)).strangers) == 1
    assert len((await gate(rows(said(words.format(good), 5001)), NOW)).people) == 1


async def test_who_is_invited_loses_nothing_and_is_not_looked_up_each_time() -> None:
    invited = Invited(chats=[7])
    gate = Admission(invited)
    for _ in range(50):
        assert len((await gate(rows(said("x", 7), pressed(7)), NOW)).people) == 2
    assert invited.asked == [{7}]
    await gate(rows(said("x", 7)), NOW + admission.KNOWN_FOR)
    assert invited.asked == [{7}, {7}]


async def test_many_strangers_are_forgotten_the_longest_told_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(admission, "MOST", 40)
    gate = Admission(Invited())
    await gate(rows(*(said("x", chat) for chat in range(100, 141))), NOW)
    assert len((await gate(rows(said("x", 100)), NOW)).strangers) == 1
    assert len((await gate(rows(said("x", 140)), NOW)).strangers) == 0


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1, "message": None},
        {"update_id": 2, "message": {"chat": {"id": 9}, "text": 7}},
        {"update_id": 3, "poll": {"id": "1"}},
    ],
)
async def test_what_is_no_message_is_one_for_the_hour_too(update: dict[str, Any]) -> None:
    gate = Admission(Invited())
    assert len((await gate(rows(update), NOW)).strangers) == 1
    assert len((await gate(rows(update), NOW)).strangers) == 0


async def test_a_link_is_open_until_it_was_used_and_known_is_who_has_a_post(
    house: House, secretary: Somebody, database: Database
) -> None:
    newcomers, stranger = Newcomers(database), house.somebody(901)
    chats = frozenset({secretary.chat_id, stranger.chat_id})
    await secretary.says("/invite")
    await secretary.presses("入党介绍人")
    token = (await secretary.says("王小红")).split("start=")[1].split()[0]
    asked = frozenset({token, "nonsense"})
    assert await newcomers.open_links(asked, house.now()) == {token}
    assert await newcomers.open_links(asked, house.now() + timedelta(days=8)) == frozenset()
    assert await newcomers.known(chats) == {secretary.chat_id}
    await stranger.opens(token)
    assert await newcomers.open_links(asked, house.now()) == frozenset()
    assert await newcomers.known(chats) == chats


def test_invited_chats_go_first_and_who_was_served_goes_behind() -> None:
    waiting = WaitingChats()
    for chat in ("s1", "s2"):
        waiting.add(chat, people=False)
    for chat in ("a", "b", "a"):
        waiting.add(chat, people=True)
    assert waiting.take((), others=True) == ("a", True)
    waiting.add("a", people=True)
    assert waiting.take((), others=True) == ("b", True)
    assert waiting.take(("a",), others=False) is None
    assert waiting.take(("a",), others=True) == ("s1", False)
    waiting.add("s2", people=True)
    assert [waiting.take((), others=True) for _ in range(3)] == [("a", True), ("s2", True), None]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_in_a_flood_an_invited_person_is_next_and_a_busy_chat_waits_its_turn(
    bot: Bot, database: Database, locks: AdvisoryLocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One chat at a time: forty strangers and a colleague with five messages came first."""
    monkeypatch.setattr(module, "MOST_CHATS", 1)
    order: list[int] = []

    async def handler(message: Message, state: FSMContext) -> None:
        order.append(message.chat.id)
        if order.count(8) == 2 and 7 not in order:
            await doors.store("staff", inbox, rows(said("x", 7)), NOW, one.wake)

    dispatcher, inbox = make_dispatcher(), Inbox(database)
    dispatcher.message.register(handler)
    one = Worker("staff", bot, dispatcher, inbox, locks, lambda: NOW)
    doors = Admissions(Admission(Invited(chats=[7, 8])), one.wake_others)
    flood = [said("x", chat) for _ in range(3) for chat in STRANGERS]
    await doors.store("staff", inbox, rows(*flood), NOW, one.wake)
    await doors.store("staff", inbox, rows(*(said("x", 8) for _ in range(5))), NOW, one.wake)
    await one.idle()
    # One stranger was in hand already; the other person wrote in the colleague's second message.
    assert order == [STRANGERS[0], 8, 8, 7, 8, 8, 8, *STRANGERS[1:]]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_strangers_never_fill_all_places(
    bot: Bot, database: Database, locks: AdvisoryLocks
) -> None:
    """Forty strangers are being answered by a messenger that hangs; a colleague is answered."""
    hang, answered = asyncio.Event(), asyncio.Event()

    async def handler(message: Message, state: FSMContext) -> None:
        if message.chat.id in STRANGERS:
            await hang.wait()
        answered.set()

    dispatcher, inbox = make_dispatcher(), Inbox(database)
    dispatcher.message.register(handler)
    one = Worker("staff", bot, dispatcher, inbox, locks, lambda: NOW)
    doors = Admissions(Admission(Invited(chats=[7])), one.wake_others)
    flood = rows(*(said("x", chat) for chat in STRANGERS), said("x", 7))
    await doors.store("staff", inbox, flood, NOW, one.wake)
    await answered.wait()
    hang.set()
    await one.idle()
    assert await inbox.chats("staff") == ()
