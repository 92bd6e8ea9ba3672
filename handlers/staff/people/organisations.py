"""Under which organisation, what name; then a committee or a branch is there."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import Dialog, DialogManager, StartMode
from aiogram_dialog.widgets.input import MessageInput

from domain.permissions import SEATS, TABLE
from domain.rulebook.schema import Role
from handlers.staff.common.callbacks import Go
from handlers.staff.common.destinations import Place
from handlers.staff.common.replies import fit, settle, show, tell
from handlers.staff.people import organisations_texts as texts
from handlers.staff.people.organisation_picker import PAGE, PICK, Choice, place_rows
from handlers.staff.widgets.buttons import Press
from handlers.staff.widgets.dialog_context import Talk, take_over
from handlers.staff.widgets.windows import stop, window
from services.people.people import INVITES
from services.people.views import Actor

CANCEL = "c"
SHORTEST, LONGEST = 2, 60
BELOW = {"department": "committee", "committee": "branch"}
LEADS = {"committee": Role.COMMITTEE, "branch": Role.SECRETARY}
"""Who is at the head of an organisation of a level: whoever may invite them may enter it."""


class Organising(StatesGroup):
    where = State()
    name = State()


def levels(actor: Actor) -> frozenset[str]:
    """The levels of organisations under which this person may enter others."""
    held = {post.role for post in actor.posts if SEATS.get(post.role) == post.level}
    return frozenset(above for above, below in BELOW.items() if TABLE[INVITES[LEADS[below]]] & held)


async def parents(talk: Talk) -> dict[str, tuple[str, str]]:
    """Level and name by id, the highest first."""
    open_to_me = levels(talk.actor)
    found = await talk.services.people.organisations(talk.actor)
    return {place: (level, label) for place, level, label in found if level in open_to_me}


async def begin(
    event: Message | CallbackQuery, actor: Actor, dialog_manager: DialogManager
) -> None:
    """Straight to the name where there is one organisation."""
    if not levels(actor):
        await tell(event, texts.not_for_you())
        return
    if isinstance(event, CallbackQuery):
        await settle(event)
    found = await parents(Talk(dialog_manager))
    if len(found) == 1:
        data = _chosen(*found.popitem())
        await dialog_manager.start(Organising.name, data, mode=StartMode.RESET_STACK)
    else:
        await dialog_manager.start(Organising.where, mode=StartMode.RESET_STACK)


def _chosen(place: str, found: tuple[str, str]) -> dict[str, str]:
    level, label = found
    return {"parent_id": place, "parent": label, "level": BELOW[level]}


async def where(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    talk = Talk(dialog_manager)
    choices: list[Choice] = [(place, label) for place, (_l, label) in (await parents(talk)).items()]
    rows = place_rows("w", choices, int(dialog_manager.dialog_data.get("page", 0)))
    text = fit([talk.complaint, *texts.ask_parent()])
    return {"text": text, "rows": [*rows, [(texts.cancel(), Press("w", CANCEL))]]}


async def name(dialog_manager: DialogManager, **_: Any) -> dict[str, Any]:
    data = dialog_manager.dialog_data
    lines = [Talk(dialog_manager).complaint, *texts.ask_name(data["parent"], data["level"])]
    return {"text": fit(lines), "rows": [[(texts.cancel(), Press("n", CANCEL))]]}


async def pressed(query: CallbackQuery, press: Press, manager: DialogManager) -> None:
    here = press.mark == "w" and manager.current_context().state == Organising.where
    if press.verb == CANCEL:
        await stop(query, manager, texts.cancelled())
    elif here and press.verb == PICK:
        found = await parents(Talk(manager))
        if press.argument in found:
            manager.dialog_data.update(_chosen(press.argument, found[press.argument]))
            await manager.switch_to(Organising.name)
    elif here and press.verb == PAGE and press.argument.isdecimal():
        manager.dialog_data["page"] = int(press.argument)


async def press_wanted(message: Message, source: MessageInput, manager: DialogManager) -> None:
    Talk(manager).complain(texts.press_only())


async def named(message: Message, source: MessageInput, manager: DialogManager) -> None:
    talk, data = Talk(manager), manager.dialog_data
    said = " ".join((message.text or "").split())
    if message.forward_origin or not SHORTEST <= len(said) <= LONGEST or said.isdecimal():
        talk.complain(texts.name_wanted(LONGEST))
        return
    await talk.services.people.add_organisation(
        talk.act("organisation"), talk.actor, data["parent_id"], data["level"], said
    )
    await manager.done()
    rows = [[(texts.another(), Go(place=Place.ORGANISATION))]]
    await show(message, texts.entered(said), [[(texts.invite(), Go(place=Place.INVITE))], *rows])


def build() -> Dialog:
    return Dialog(
        window(Organising.where, where, press_wanted, pressed),
        window(Organising.name, name, named, pressed),
        on_start=take_over,
        name="organising",
    )


def build_entrance() -> Router:
    router = Router(name="organising entrance")
    router.message.register(begin, Command("organisation"))
    router.callback_query.register(begin, Go.filter(F.place == Place.ORGANISATION))
    return router
