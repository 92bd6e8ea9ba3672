"""`yinlu gateway …` as a process of its own, and how it is killed while it sends."""

import asyncio
from pathlib import Path

import aiogram
from aiohttp import ClientSession

from tests.gateway.fake import Reader
from tests.gateway.house import PUBLIC, RING, TOKEN
from tests.gateway.test_core import buttons
from tests.operations.process import Running, environment


def settings_for(folder: Path, first_port: int, **more: str) -> dict[str, str]:
    """`first_port`: of the messengers' ports. `more`: settings of the one messenger."""
    return environment(
        folder,
        YINLU_KEYS=RING.write(),
        YINLU_STAFF_TOKEN=TOKEN,
        YINLU_PUBLIC_TOKEN=PUBLIC,
        YINLU_GATEWAY_PORT=str(first_port),
        YINLU_LOG_LEVEL="DEBUG",
        **more,
    )


async def says_two_things(somebody: Reader, bot: aiogram.Bot, address: str) -> int:
    """Return the chat. The bot has both, and has confirmed the first alone."""
    await somebody.writes("你好")
    (start,) = await bot.get_updates(timeout=20)
    assert start.message is not None
    async with ClientSession() as asks, asks.get(f"{address}/healthz") as health:
        assert health.status == 200
    await somebody.writes("待办")
    assert len(await bot.get_updates(offset=start.update_id + 1, timeout=20)) == 1
    return start.message.chat.id


async def killed_while_it_sends(
    gateway: Running, bot: aiogram.Bot, chat: int, somebody: Reader
) -> None:
    """After somebody sees what was sent, and before the bot hears of it."""
    sending = asyncio.create_task(send_it(bot, chat))
    await somebody.hears("记下了")
    gateway.process.kill()
    await asyncio.gather(sending, return_exceptions=True)


async def send_it(bot: aiogram.Bot, chat: int) -> None:
    """The one message of these stories."""
    await bot.send_message(chat, "记下了", reply_markup=buttons("好"))
