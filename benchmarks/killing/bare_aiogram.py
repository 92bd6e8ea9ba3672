"""aiogram as its manual shows it: polling, a state machine, its memory storage."""

import asyncio
import os

from bot.app.deferred_validators import load_aiogram

load_aiogram()

from aiogram import Bot, Dispatcher, F  # noqa: E402
from aiogram.client.session.aiohttp import AiohttpSession  # noqa: E402
from aiogram.client.telegram import TelegramAPIServer  # noqa: E402
from aiogram.fsm.context import FSMContext  # noqa: E402
from aiogram.fsm.state import State, StatesGroup  # noqa: E402
from aiogram.types import Message  # noqa: E402

from benchmarks.killing import bare  # noqa: E402


class Visit(StatesGroup):
    day = State()
    heard = State()
    note = State()
    check = State()


ASKED = ((Visit.day, Visit.heard, bare.HEARD), (Visit.heard, Visit.note, bare.NOTE))


async def begin(message: Message, state: FSMContext) -> None:
    await state.set_state(Visit.day)
    await message.answer(bare.DAY)


async def ask(message: Message, state: FSMContext) -> None:
    now = await state.get_state()
    following, question = next((to, said) for at, to, said in ASKED if at.state == now)
    await state.set_state(following)
    await message.answer(question)


async def note(message: Message, state: FSMContext) -> None:
    await state.set_state(Visit.check)
    await state.update_data(note=message.text)
    await message.answer(bare.CHECK)


async def save(message: Message, state: FSMContext) -> None:
    bare.keep(message.chat.id, (await state.get_data())["note"])
    await state.clear()
    await message.answer(bare.SAVED)


async def serve() -> None:
    dispatcher = Dispatcher()
    dispatcher.message.register(begin, F.text == bare.BEGIN)
    dispatcher.message.register(ask, Visit.day)
    dispatcher.message.register(ask, Visit.heard)
    dispatcher.message.register(note, Visit.note)
    dispatcher.message.register(save, Visit.check)
    session = AiohttpSession(api=TelegramAPIServer.from_base(os.environ[bare.API]))
    await dispatcher.start_polling(Bot(bare.TOKEN, session=session), handle_signals=False)


def main(environment: dict[str, str]) -> None:
    asyncio.run(serve())
