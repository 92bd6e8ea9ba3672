"""Asks a messenger once who we are; kept apart, since only `yinlu doctor` needs it."""

import asyncio

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError, TelegramUnauthorizedError

ANSWER_IN = 5.0


async def wrong_with(api: str, token: str) -> str:
    """Return why a messenger can't be used, without its address or the token; "" where it can."""
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))
    try:
        async with asyncio.timeout(ANSWER_IN):
            await bot.me()
    except TelegramUnauthorizedError:
        return "doesn't know the token of YINLU_STAFF_TOKEN"
    except (AiogramError, OSError, TimeoutError) as error:
        return f"doesn't answer ({type(error).__name__})"
    finally:
        await bot.session.close()
    return ""
