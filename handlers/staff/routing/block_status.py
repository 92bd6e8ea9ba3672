"""Store that somebody blocked the bot, or lets it write again; nothing is said to them."""

from datetime import datetime

from aiogram import Router
from aiogram.filters import IS_MEMBER, IS_NOT_MEMBER, ChatMemberUpdatedFilter
from aiogram.types import ChatMemberUpdated

from services.container import Services


async def blocked(
    event: ChatMemberUpdated, services: Services, moment: datetime, chat_number: int
) -> None:
    await services.people.blocked(chat_number, moment)


async def back(event: ChatMemberUpdated, services: Services, chat_number: int) -> None:
    await services.people.reached(chat_number)


def build() -> Router:
    router = Router(name="membership")
    router.my_chat_member.register(blocked, ChatMemberUpdatedFilter(IS_MEMBER >> IS_NOT_MEMBER))
    router.my_chat_member.register(back, ChatMemberUpdatedFilter(IS_NOT_MEMBER >> IS_MEMBER))
    return router
