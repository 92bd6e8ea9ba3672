"""Handle /start with an invitation, and answer everybody who has none."""

from datetime import datetime
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, CommandObject, CommandStart, Filter
from aiogram.types import CallbackQuery, Message, TelegramObject

from handlers.meant_texts import join_token
from handlers.staff.common.menu_keyboard import menu
from handlers.staff.common.replies import Row, settle, show
from handlers.staff.help import texts as help_texts
from handlers.staff.menu.first_morning import begin
from handlers.staff.menu.welcome import start
from handlers.staff.people import texts
from handlers.staff.people.callbacks import OpenLinkCallback
from handlers.staff.shared import refusal_texts
from services.container import Services
from services.core.acts import Acts
from services.core.errors import LinkForAnother, NotInvited, RecordAltered
from services.core.i18n import use
from services.intake.links import FILL
from services.people.views import Actor


class Stranger(Filter):
    """Somebody who isn't invited."""

    async def __call__(self, event: TelegramObject, actor: Actor | None = None) -> bool:
        return actor is None


class JoinsInWords(Filter):
    """加入 and a token, where a messenger has no links that open a bot: as /start with it."""

    async def __call__(self, message: Message) -> bool | dict[str, CommandObject]:
        token = join_token(message.text or "")
        return {"command": CommandObject(command="start", args=token)} if token else False


async def opened(
    message: Message,
    command: CommandObject,
    services: Services,
    moment: datetime,
    actor: Actor | None,
) -> None:
    """Ask whoever opens a link whether it is for them: links are passed on by hand. One that was
    used already is no news to somebody who is in: they are welcomed as by /start."""
    token = command.args or ""
    try:
        name = await services.people.named_in(token, moment)
    except NotInvited:
        await (start(message, actor) if actor else message.answer(refusal_texts.bad_invitation()))
        return
    rows: list[Row] = [
        [(texts.it_is(name), OpenLinkCallback(token=token, mine=True))],
        [(texts.it_is_not(), OpenLinkCallback(token=token, mine=False))],
    ]
    await show(message, texts.ask_whether_it_is(name), rows)


async def join(
    query: CallbackQuery,
    callback_data: OpenLinkCallback,
    services: Services,
    act: Acts,
    language: str,
    actor: Actor | None,
    chat_number: int,
) -> None:
    """Take up the post of an invitation."""
    token = callback_data.token
    try:
        joined = await services.people.join(act("join"), chat_number, token, language)
    except LinkForAnother:
        await show(query, refusal_texts.link_for_another())
        return
    except NotInvited:
        # Pressed twice: who is in by now needs no second welcome.
        await (settle(query) if actor else show(query, refusal_texts.bad_invitation()))
        return
    # Nobody was known here when the update came, so its language was that of the messenger.
    with use(joined.language or language):
        await show(query, texts.confirmed(joined.name))
        if query.bot is not None:
            await query.bot.send_message(
                query.from_user.id,
                texts.joined(joined),
                reply_markup=menu(joined),
                parse_mode="HTML",
            )
            await begin(query.bot, query.from_user.id, services, joined)


async def decline(
    query: CallbackQuery, callback_data: OpenLinkCallback, services: Services, act: Acts
) -> None:
    try:
        told = await services.people.decline(act("decline"), callback_data.token)
    except NotInvited:
        await show(query, refusal_texts.bad_invitation())
        return
    await show(query, texts.declined(told))


async def privacy(message: Message) -> None:
    await message.answer(help_texts.privacy(), parse_mode="HTML")


async def stranger(message: Message, kept_out: NotInvited | RecordAltered | None) -> None:
    await message.answer(refusal_texts.kept_out(kept_out))


async def stranger_presses(
    query: CallbackQuery, kept_out: NotInvited | RecordAltered | None
) -> None:
    await settle(query, refusal_texts.kept_out(kept_out))


async def nothing(event: TelegramObject, **_: Any) -> None:
    """An edited message of a stranger gets no second answer."""


def build() -> Router:
    """First of all: whoever has no post gets no further than this."""
    router = Router(name="joining")
    # Links to a form of the staff's own begin with FILL, and go on to the form.
    invited = CommandStart(deep_link=True, magic=~F.args.startswith(FILL))
    router.message.register(opened, invited)
    router.message.register(opened, JoinsInWords())
    router.callback_query.register(join, OpenLinkCallback.filter(F.mine))
    router.callback_query.register(decline, OpenLinkCallback.filter(~F.mine))
    router.message.register(privacy, Command("privacy"), Stranger())
    router.message.register(stranger, Stranger())
    router.callback_query.register(stranger_presses, Stranger())
    router.edited_message.register(nothing, Stranger())
    return router
