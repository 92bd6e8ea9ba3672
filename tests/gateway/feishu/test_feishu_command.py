"""`yinlu gateway feishu`, the command itself: killed, and refused."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.gateway.feishu.server import APP, SECRET, Colleague, FeishuServer
from tests.gateway.house import PUBLIC, RING, TOKEN
from tests.gateway.test_core import buttons
from tests.messenger.libraries import aiogram_bot
from tests.operations.process import ended, environment, running
from tests.ports import free_port

pytestmark = pytest.mark.slow
COMMAND = "gateway", "feishu"


def told(folder: Path, server: FeishuServer, port: int, secret: str = SECRET) -> dict[str, str]:
    return environment(
        folder,
        YINLU_KEYS=RING.write(),
        YINLU_STAFF_TOKEN=TOKEN,
        YINLU_PUBLIC_TOKEN=PUBLIC,
        YINLU_FEISHU_APP=APP,
        YINLU_FEISHU_SECRET=secret,
        YINLU_FEISHU_URL=server.url,
        YINLU_GATEWAY_PORT=str(port - 2),
        YINLU_LOG_LEVEL="DEBUG",
    )


async def test_killed_between_sending_and_hearing_it_is_seen_once_and_loses_nothing(
    tmp_path: Path, server: FeishuServer, wang: Colleague
) -> None:
    port = free_port()
    here, there = told(tmp_path, server, port), f"http://127.0.0.1:{port}"
    bot = aiogram_bot(there, TOKEN)
    async with running(here, *COMMAND) as first:
        await server.connected.wait()
        await wang.writes("你好")
        (start,) = await bot.get_updates(timeout=20)
        assert start.message is not None
        async with ClientSession() as asks, asks.get(f"{there}/healthz") as health:
            assert health.status == 200
        chat = start.message.chat.id
        await wang.writes("待办")
        assert len(await bot.get_updates(offset=start.update_id + 1, timeout=20)) == 1
        server.codes["send"] = [None]
        sending = asyncio.create_task(bot.send_message(chat, "记下了", reply_markup=buttons("好")))
        await wang.hears("记下了")
        first.process.kill()
        await asyncio.gather(sending, return_exceptions=True)
    # What was written while nobody was there is pushed to whoever comes.
    await wang.writes("还在吗")
    async with running(here, *COMMAND) as second:
        found: list[str] = []
        while len(found) < 2:
            updates = await bot.get_updates(timeout=20)
            found = [one.message.text or "" for one in updates if one.message is not None]
        # What the bot hadn't confirmed is told again.
        assert found == ["待办", "还在吗"]
        await bot.send_message(chat, "记下了", reply_markup=buttons("好"))
        assert [text for text in wang.sees() if "记下了" in text] == ["记下了\n好"]
        await wang.presses("好")
        await wang.is_told("已选：好")
        await bot.session.close()
        log = first.log + second.log
        assert not [w for w in (SECRET, TOKEN, wang.user, "记下了", APP, "ticket") if w in log]


async def test_a_refused_secret_ends_it_with_what_to_do(
    tmp_path: Path, server: FeishuServer
) -> None:
    refused = await ended(told(tmp_path, server, free_port(), "another"), *COMMAND)
    assert refused.code == 2
    assert "YINLU_FEISHU_SECRET" in refused.said + refused.out
