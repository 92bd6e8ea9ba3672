"""`yinlu gateway wecom`, the command itself: killed, refused, and pushed out by a second one."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.gateway.house import PUBLIC, RING, TOKEN
from tests.gateway.test_core import buttons
from tests.gateway.wecom.server import BOT, SECRET, Colleague, WeComServer, wecom
from tests.messenger.libraries import aiogram_bot
from tests.operations.process import ended, environment, running
from tests.ports import free_port

pytestmark = pytest.mark.slow
COMMAND = "gateway", "wecom"


def told(folder: Path, server: WeComServer, port: int, secret: str = SECRET) -> dict[str, str]:
    return environment(
        folder,
        YINLU_KEYS=RING.write(),
        YINLU_STAFF_TOKEN=TOKEN,
        YINLU_PUBLIC_TOKEN=PUBLIC,
        YINLU_WECOM_BOT=BOT,
        YINLU_WECOM_SECRET=secret,
        YINLU_WECOM_URL=server.url,
        YINLU_GATEWAY_PORT=str(port - 1),
        YINLU_LOG_LEVEL="DEBUG",
    )


async def test_killed_between_sending_and_hearing_it_repeats_marks_and_loses_nothing(
    tmp_path: Path,
) -> None:
    port = free_port()
    async with wecom() as server:
        wang, here = Colleague(server), told(tmp_path, server, port)
        there = f"http://127.0.0.1:{port}"
        bot = aiogram_bot(there, TOKEN)
        async with running(here, *COMMAND) as first:
            await server.subscribed.wait()
            await wang.writes("你好")
            (start,) = await bot.get_updates(timeout=20)
            assert start.message is not None
            async with ClientSession() as asks, asks.get(f"{there}/healthz") as health:
                assert health.status == 200
            chat = start.message.chat.id
            await wang.writes("待办")
            assert len(await bot.get_updates(offset=start.update_id + 1, timeout=20)) == 1
            server.codes["aibot_send_msg"] = [None]
            asked = bot.send_message(chat, "记下了", reply_markup=buttons("好"))
            sending = asyncio.create_task(asked)
            await wang.hears("记下了")
            server.subscribed.clear()
            first.process.kill()
            await asyncio.gather(sending, return_exceptions=True)
        async with running(here, *COMMAND) as second:
            await wang.hears("（可能重复）记下了")
            # What the bot hadn't confirmed is told again; asked again it isn't said a third time.
            (update,) = await bot.get_updates(timeout=20)
            assert update.message is not None
            assert update.message.text == "待办"
            await bot.send_message(chat, "记下了", reply_markup=buttons("好"))
            assert wang.sees() == ["记下了\n好", "（可能重复）记下了\n好"]
            await wang.presses("好")
            await wang.hears("已选：好")
            await bot.session.close()
            log = first.log + second.log
            assert not [word for word in (SECRET, TOKEN, wang.user, "记下了", BOT) if word in log]


async def test_a_refused_secret_and_a_second_process_end_it_with_what_to_do(
    tmp_path: Path,
) -> None:
    async with wecom() as server:
        refused = await ended(told(tmp_path, server, free_port(), "another"), *COMMAND)
        assert refused.code == 2
        assert "YINLU_WECOM_SECRET" in refused.said + refused.out
        async with running(told(tmp_path, server, free_port()), *COMMAND) as first:
            await server.subscribed.wait()
            other = told(tmp_path / "other", server, free_port())
            async with running(other, *COMMAND):
                assert await first.process.wait() == 2
                while "another process has taken this robot over" not in first.log:
                    first.spoke.clear()
                    await first.spoke.wait()
                assert server.connection is not None
