"""Chats that outlive the process of the stand-in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from stat import S_IMODE

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from messenger.client import MessengerClient
from messenger.core.settings import MessengerSettings, user_id
from messenger.server import running
from tests.messenger.conftest import MORNING, TOKEN, picture

OPEN = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text="看", callback_data="look")]]
)


@pytest.fixture
def settings(tmp_path: Path) -> MessengerSettings:
    return MessengerSettings(
        port=0,
        clock=MORNING,
        started=True,
        chats=tmp_path / "chats.json",
        unsaved=frozenset({"public"}),
    )


@asynccontextmanager
async def opened(settings: MessengerSettings) -> AsyncIterator[tuple[MessengerClient, Bot]]:
    async with running(settings) as server, MessengerClient(server.url) as messenger:
        session = AiohttpSession(api=TelegramAPIServer.from_base(server.url))
        async with Bot(TOKEN, session=session) as bot:
            yield messenger, bot


async def test_a_chat_goes_on_where_it_was(settings: MessengerSettings) -> None:
    async with opened(settings) as (messenger, bot):
        secretary = await messenger.person("secretary", "staff")
        await secretary.says("在")
        await secretary.sends(picture(), "公示栏.png", "image/png")
        sent = await bot.send_message(user_id(0), "待办3项", reply_markup=OPEN)
        await messenger.person("guest1", "staff")

    async with opened(settings) as (messenger, bot):
        secretary = await messenger.person("secretary", "staff")
        shown = (await secretary.chat())["messages"]
        assert [message["text"] for message in shown] == ["在", "", "待办3项"]
        async with messenger.session.get(shown[1]["media"]["url"]) as file:
            assert await file.read() == picture()
        people = await messenger.get("/api/people")
        assert "guest1" in [person["id"] for person in people]
        # What no bot had confirmed is given to it now, and the old button still works.
        assert [u.message.text for u in await bot.get_updates() if u.message] == ["在", None]
        await secretary.presses("看")
        pressed = (await bot.get_updates())[-1].callback_query
        assert pressed is not None
        assert (pressed.data, pressed.message and pressed.message.message_id) == (
            "look",
            sent.message_id,
        )
        later = await bot.send_message(user_id(0), "下一步")
        assert later.message_id > sent.message_id


async def test_what_a_citizen_writes_is_on_no_disk(settings: MessengerSettings) -> None:
    said = "他请客送礼"
    async with opened(settings) as (messenger, _):
        citizen = await messenger.person("citizen", "public")
        await citizen.says(said)
        await (await messenger.person("secretary", "staff")).says("在")

    assert settings.chats is not None
    saved = settings.chats.read_text("utf-8")
    assert "在" in saved
    assert said not in saved
    assert S_IMODE(settings.chats.stat().st_mode) == 0o600
    async with opened(settings) as (messenger, _):
        citizen = await messenger.person("citizen", "public")
        assert (await citizen.chat())["messages"] == []


async def test_a_damaged_file_is_said_and_begins_anew(
    settings: MessengerSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settings.chats is not None
    settings.chats.write_text('{"seq": 1, "people"', "utf-8")
    async with opened(settings) as (messenger, _):
        secretary = await messenger.person("secretary", "staff")
        assert (await secretary.chat())["messages"] == []
    assert "the chats begin anew" in capsys.readouterr().err


async def test_without_a_file_nothing_is_left(settings: MessengerSettings, tmp_path: Path) -> None:
    async with opened(replace(settings, chats=None)) as (messenger, _):
        await (await messenger.person("secretary", "staff")).says("在")
    assert list(tmp_path.iterdir()) == []
