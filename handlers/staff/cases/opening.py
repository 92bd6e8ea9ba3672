"""Which branch, what name; then a case is opened, or a member is entered."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, or_f
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import Dialog, DialogManager, StartMode
from aiogram_dialog.widgets.input import MessageInput

from domain.rulebook.schema import Role
from handlers.staff.cases import opening_texts as texts
from handlers.staff.cases.screens import card_rows, card_text
from handlers.staff.common.callbacks import Go
from handlers.staff.common.destinations import Place, View
from handlers.staff.common.menu_keyboard import MenuButton
from handlers.staff.common.person_names import name_of
from handlers.staff.common.replies import fit, settle, show, tell
from handlers.staff.widgets.buttons import Press
from handlers.staff.widgets.dialog_context import Talk, take_over
from handlers.staff.widgets.windows import stop, window
from services.people.views import Actor, Post

CANCEL, PICK = "c", "p"
CASE, MEMBER = "case", "member"


class Opening(StatesGroup):
    where = State()
    name = State()


def branches(actor: Actor) -> tuple[Post, ...]:
    """Where this person may enter somebody."""
    return tuple(post for post in actor.posts if post.role is Role.SECRETARY)


def place(post: Post) -> dict[str, str]:
    return {"organisation_id": post.organisation_id, "organisation": post.organisation}


async def new_case(
    event: Message | CallbackQuery, actor: Actor, dialog_manager: DialogManager
) -> None:
    await _begin(event, actor, dialog_manager, CASE)


async def new_member(
    event: Message | CallbackQuery, actor: Actor, dialog_manager: DialogManager
) -> None:
    await _begin(event, actor, dialog_manager, MEMBER)


async def _begin(
    event: Message | CallbackQuery, actor: Actor, manager: DialogManager, purpose: str
) -> None:
    """Straight to the name where there is one branch."""
    found = branches(actor)
    if not found:
        await tell(event, texts.not_for_you())
        return
    if isinstance(event, CallbackQuery):
        await settle(event)
    data = {"purpose": purpose} | (place(found[0]) if len(found) == 1 else {})
    state = Opening.name if len(found) == 1 else Opening.where
    await manager.start(state, data, mode=StartMode.RESET_STACK)


async def where(dialog_manager: DialogManager, actor: Actor, **_: Any) -> dict[str, Any]:
    rows = [
        [(post.organisation, Press("w", PICK, str(index)))]
        for index, post in enumerate(branches(actor))
    ]
    text = fit([Talk(dialog_manager).complaint, texts.ask_organisation()])
    return {"text": text, "rows": [*rows, [(texts.cancel(), Press("w", CANCEL))]]}


async def name(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    data = dialog_manager.dialog_data
    ask = texts.ask_member if data["purpose"] == MEMBER else texts.ask_name
    lines = [Talk(dialog_manager).complaint, *ask(data["organisation"])]
    return {"text": fit(lines), "rows": [[(texts.cancel(), Press("n", CANCEL))]]}


async def pressed(query: CallbackQuery, press: Press, manager: DialogManager) -> None:
    if press.verb == CANCEL:
        await stop(query, manager, texts.cancelled())
    elif press.verb == PICK and manager.current_context().state == Opening.where:
        found = branches(Talk(manager).actor)
        if press.argument.isdecimal() and int(press.argument) < len(found):
            manager.dialog_data.update(place(found[int(press.argument)]))
            await manager.switch_to(Opening.name)


async def press_wanted(message: Message, source: MessageInput, manager: DialogManager) -> None:
    Talk(manager).complain(texts.press_only())


async def named(message: Message, source: MessageInput, manager: DialogManager) -> None:
    person = None if message.forward_origin else name_of(message.text)
    if person is None:
        Talk(manager).complain(texts.name_wanted())
    else:
        await PURPOSES[manager.dialog_data["purpose"]](message, Talk(manager), person)


async def _open_case(message: Message, talk: Talk, person: str) -> None:
    branch = str(talk.manager.dialog_data["organisation_id"])
    card = await talk.services.cases.open(talk.act("open"), talk.actor, person, branch)
    await talk.manager.done()
    text = fit([texts.opened(), "", card_text(card, talk.today, View.SHORT)])
    await show(message, text, card_rows(card, talk.actor, View.SHORT))


async def _add_member(message: Message, talk: Talk, person: str) -> None:
    branch = str(talk.manager.dialog_data["organisation_id"])
    await talk.services.people.add_member(talk.act("member"), talk.actor, branch, person)
    await talk.manager.done()
    await show(message, texts.enrolled(person), [[(texts.another(), Go(place=Place.MEMBER))]])


PURPOSES: Mapping[str, Callable[[Message, Talk, str], Awaitable[None]]] = {
    CASE: _open_case,
    MEMBER: _add_member,
}


def build() -> Dialog:
    return Dialog(
        window(Opening.where, where, press_wanted, pressed),
        window(Opening.name, name, named, pressed),
        on_start=take_over,
        name="opening",
    )


def build_entrance() -> Router:
    router = Router(name="opening entrance")
    router.message.register(new_case, or_f(Command("new"), MenuButton("new")))
    router.callback_query.register(new_case, Go.filter(F.place == Place.NEW))
    router.message.register(new_member, Command("member"))
    router.callback_query.register(new_member, Go.filter(F.place == Place.MEMBER))
    return router
