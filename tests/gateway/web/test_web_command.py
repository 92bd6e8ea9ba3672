"""`yinlu web`, the command itself: killed while people write, and refused."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from tests.gateway.command import settings_for
from tests.gateway.conftest import on_both_stores
from tests.gateway.house import TOKEN as BOTS
from tests.gateway.web.conftest import TOKEN
from tests.gateway.web.pages import PHRASE, Browser
from tests.messenger.libraries import aiogram_bot
from tests.operations.process import ended, running
from tests.ports import free_port

pytestmark = pytest.mark.slow
MANY = 30


def told(folder: Path, port: int, page: int, url: str = "", store: str = "") -> dict[str, str]:
    where = {
        "YINLU_GATEWAY_STORE": store,
        "YINLU_WEB_URL": url or f"http://127.0.0.1:{page}",
        "YINLU_WEB_PORT": str(page),
    }
    return settings_for(folder, port - 3, **where)


async def opened(somebody: Browser) -> None:
    """The bot's side is there before the people's."""
    while True:
        try:
            await somebody.asks("GET", "/")
            return
        except aiohttp.ClientError:
            await asyncio.sleep(0.05)


async def sends(somebody: Browser, number: int) -> None:
    """As often as it takes to be answered, with one key."""
    words = {"text": f"第{number}句", "key": f"killed-{number}"}
    while True:
        try:
            await somebody.posts("/api/messages", words)
            return
        except aiohttp.ClientError:
            await asyncio.sleep(0.05)


@on_both_stores
async def test_killed_while_somebody_writes_it_loses_nothing_and_says_nothing_twice(
    tmp_path: Path, file: str
) -> None:
    port, page = free_port(), free_port()
    here, there = told(tmp_path, port, page, store=file), f"http://127.0.0.1:{port}"
    bot, wang = aiogram_bot(there, BOTS), Browser(f"http://127.0.0.1:{page}", jar())
    heard: list[str] = []
    some = asyncio.Event()

    async def hears() -> None:
        offset = 0
        while len(heard) <= MANY:
            try:
                updates = await bot.get_updates(offset=offset, timeout=2)
            except Exception:
                await asyncio.sleep(0.05)
                continue
            for update in updates:
                offset = update.update_id + 1
                heard.append((update.message and update.message.text) or "")
                if len(heard) > MANY // 3:
                    some.set()

    async with running(here, "web") as first:
        await opened(wang)
        await wang.joins(TOKEN)
        hearing = asyncio.create_task(hears())

        async def writes() -> None:
            for number in range(MANY):
                await sends(wang, number)

        writing = asyncio.create_task(writes())
        await some.wait()
        # Whatever it is at: storing a message, telling of it, answering.
        first.process.kill()
    async with running(here, "web") as second:
        await writing
        async with asyncio.timeout(60):
            await hearing
        assert heard == [f"/start {TOKEN}", *(f"第{number}句" for number in range(MANY))]
        await wang.reads()
        assert sorted(text for text in wang.sees() if "句" in text) == sorted(heard[1:])
        await bot.session.close()
        log = first.log + second.log
        said = (BOTS, TOKEN, PHRASE, "王芳", "句", wang.csrf, "killed-", "/api/")
        assert not [word for word in said if word in log]


def jar() -> aiohttp.CookieJar:
    return aiohttp.CookieJar(unsafe=True)


async def test_what_is_set_wrongly_ends_it_with_what_to_do(tmp_path: Path) -> None:
    port, page = free_port(), free_port()
    missing = {k: v for k, v in told(tmp_path, port, page).items() if k != "YINLU_WEB_URL"}
    for here, word in (
        (missing, "YINLU_WEB_URL"),
        (told(tmp_path, port, page, "http://yinlu.example"), "begins with https://"),
        (told(tmp_path, port, page, "https://yinlu.example/chat"), "without a folder"),
        (told(tmp_path, port, port), "YINLU_WEB_HOST, YINLU_WEB_PORT: nothing can listen there"),
    ):
        refused = await ended(here, "web")
        assert refused.code == 2, word
        assert word in refused.said + refused.out
