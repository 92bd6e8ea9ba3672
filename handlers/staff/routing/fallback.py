"""What nobody else wanted: edited messages, unknown commands, stickers, old buttons."""

from datetime import date

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from handlers.staff.common.replies import settle
from handlers.staff.shared import refusal_texts as texts
from handlers.staff.shared import texts as words
from handlers.staff.todo.router import todo
from services.container import Services
from services.people.views import Actor


async def edited(message: Message) -> None:
    await message.answer(texts.edited())


async def unclear(message: Message) -> None:
    await message.answer(texts.unclear())


async def unknown_button(
    query: CallbackQuery, services: Services, actor: Actor, today: date
) -> None:
    """A button of an earlier version."""
    await settle(query, words.button_expired())
    await todo(query, services, actor, today)


def build() -> Router:
    router = Router(name="last")
    # An edit changes nothing that was stored, and whoever edits should hear so.
    router.edited_message.register(edited)
    router.message.register(unclear)
    router.callback_query.register(unknown_button)
    return router
