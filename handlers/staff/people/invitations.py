"""Inviting somebody: which role, which organisation, what name; then a one-time link."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, or_f
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from aiogram.utils.deep_linking import create_start_link
from aiogram_dialog import Dialog, DialogManager, StartMode
from aiogram_dialog.widgets.input import MessageInput

from domain.permissions import TABLE
from domain.rulebook.schema import Role
from handlers.staff.common.callbacks import Go
from handlers.staff.common.destinations import Place
from handlers.staff.common.person_names import name_of
from handlers.staff.common.replies import fit, settle, tell
from handlers.staff.people import texts
from handlers.staff.people.organisation_picker import PAGE, PICK, place_rows
from handlers.staff.shared import texts as words
from handlers.staff.widgets.buttons import DialogRow, Press
from handlers.staff.widgets.dialog_context import Talk, take_over
from handlers.staff.widgets.windows import stop, window
from services.people.people import INVITES, LEVELS
from services.people.views import Actor

CANCEL = "c"


class Inviting(StatesGroup):
    role = State()
    where = State()
    name = State()


def roles_for(actor: Actor) -> tuple[Role, ...]:
    """Whom this person may invite somewhere; where exactly, the service decides."""
    return tuple(role for role in Role if role in INVITES and TABLE[INVITES[role]] & actor.roles)


async def places_for(talk: Talk, role: Role) -> tuple[tuple[str, str], ...]:
    """(id, name) of the organisations of the level at which the role is held."""
    found = await talk.services.people.organisations(talk.actor)
    return tuple((place, label) for place, level, label in found if level == LEVELS[role])


async def begin(
    event: Message | CallbackQuery,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    if not roles_for(actor):
        await tell(event, texts.nobody_to_invite())
        return
    if isinstance(event, CallbackQuery):
        await settle(event)
    await dialog_manager.start(Inviting.role, mode=StartMode.RESET_STACK)


async def roles(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    talk = Talk(dialog_manager)
    rows: list[DialogRow] = [
        [(words.post(role), Press("r", PICK, role.value))] for role in roles_for(talk.actor)
    ]
    text = fit([talk.complaint, texts.ask_role()])
    return {"text": text, "rows": [*rows, [(texts.cancel(), Press("r", CANCEL))]]}


async def places(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    talk, role = Talk(dialog_manager), Role(dialog_manager.dialog_data["role"])
    found = await places_for(talk, role)
    rows = place_rows("w", found, int(dialog_manager.dialog_data.get("page", 0)))
    lines = [talk.complaint, *texts.ask_organisation(role, len(found))]
    return {"text": fit(lines), "rows": [*rows, [(texts.cancel(), Press("w", CANCEL))]]}


async def name(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    data = dialog_manager.dialog_data
    lines = [Talk(dialog_manager).complaint]
    lines += texts.ask_name(Role(data["role"]), data["organisation"])
    return {"text": fit(lines), "rows": [[(texts.cancel(), Press("n", CANCEL))]]}


async def pressed(query: CallbackQuery, press: Press, manager: DialogManager) -> None:
    state = manager.current_context().state
    if press.verb == CANCEL:
        await stop(query, manager, texts.cancelled())
    elif press.verb == PICK and press.mark == "r" and state == Inviting.role:
        await _choose_role(manager, press.argument)
    elif press.verb == PICK and press.mark == "w" and state == Inviting.where:
        await _choose_place(manager, press.argument)
    elif press.verb == PAGE and press.argument.isdecimal():
        manager.dialog_data["page"] = int(press.argument)


async def _choose_role(manager: DialogManager, argument: str) -> None:
    """Straight on to the name where there is only one organisation."""
    talk = Talk(manager)
    chosen = [role for role in roles_for(talk.actor) if role.value == argument]
    if not chosen:
        return
    manager.dialog_data["role"] = argument
    await manager.switch_to(Inviting.where)
    found = await places_for(talk, chosen[0])
    if len(found) == 1:
        await _choose_place(manager, found[0][0])


async def _choose_place(manager: DialogManager, argument: str) -> None:
    talk, role = Talk(manager), Role(manager.dialog_data["role"])
    for place, label in await places_for(talk, role):
        if place == argument:
            manager.dialog_data.update(organisation_id=place, organisation=label)
            await manager.switch_to(Inviting.name)


async def press_wanted(message: Message, source: MessageInput, manager: DialogManager) -> None:
    Talk(manager).complain(texts.press_only())


async def named(message: Message, source: MessageInput, manager: DialogManager) -> None:
    talk, data = Talk(manager), manager.dialog_data
    person = None if message.forward_origin else name_of(message.text)
    if person is None or message.bot is None:
        talk.complain(texts.name_wanted())
        return
    role = Role(data["role"])
    token = await talk.services.people.invite(
        talk.act("invite"), talk.actor, role, data["organisation_id"], person
    )
    await manager.done()
    link = await create_start_link(message.bot, token)
    await tell(message, texts.invitation(person, role, link))


def build() -> Dialog:
    return Dialog(
        window(Inviting.role, roles, press_wanted, pressed),
        window(Inviting.where, places, press_wanted, pressed),
        window(Inviting.name, name, named, pressed),
        on_start=take_over,
        name="inviting",
    )


def build_entrance() -> Router:
    router = Router(name="inviting entrance")
    router.message.register(begin, or_f(Command("invite")))
    router.callback_query.register(begin, Go.filter(F.place == Place.INVITE))
    return router
