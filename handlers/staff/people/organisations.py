"""Under which organisation, what name; then a committee or a branch is there."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode

from domain.organisations import GENERAL_BRANCH, LEADING_GROUP, kind_named
from domain.rulebook.schema import Field
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.replies import show, tell
from handlers.staff.form import short_forms
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.people import organisations_texts as texts
from services.container import Services, services_of
from services.people.people import levels
from services.people.views import Actor

ORGANISATION = "organisation"
PARENT, NAME = "parent", "name"
SHORTEST = 2
Parents = dict[str, tuple[str, str]]
"""Level and name by id, the highest first."""


async def parents(services: Services, actor: Actor) -> Parents:
    open_to_me = levels(actor)
    found = await services.people.organisations(actor)
    return {item: (level, label) for item, level, label in found if level in open_to_me}


async def fields(session: FormSession) -> tuple[Field, ...]:
    """Only the name where there is one organisation to enter it under."""
    found = await parents(services_of(session.data), session.actor)
    # In the draft, since the words of a question are made without asking a service.
    session.draft.data["levels"] = {item: level for item, (level, _) in found.items()}
    offered = [(item, label) for item, (_, label) in found.items()]
    parent, name = short_forms.organisation(session, PARENT, offered), short_forms.text(NAME)
    return (name,) if len(found) == 1 else (parent, name)


def question(session: FormSession, field: Field) -> list[str]:
    if field.id == PARENT:
        return texts.ask_parent()
    parent, above = _chosen(session)
    return texts.ask_name(session.draft.names().get(parent, ""), above)


def _chosen(session: FormSession) -> tuple[str, str]:
    """The id of the parent that was chosen or is the only one, and its level."""
    offered = session.draft.people(PARENT)
    only = offered[0].person_id if len(offered) == 1 else ""
    parent = str(session.draft.answers.get(PARENT, only))
    return parent, str(session.draft.data["levels"].get(parent, ""))


def name_in(text: str) -> str | None:
    said = " ".join(text.split())
    # A number alone is no name: it was meant to answer something else.
    return said if SHORTEST <= len(said) <= texts.LONGEST and not said.isdecimal() else None


async def enter(event: Message | CallbackQuery, session: FormSession) -> None:
    parent, above = _chosen(session)
    name, people = (
        str(session.draft.answers[NAME]),
        services_of(session.data).people,
    )
    # Its name says what it is (…党总支, …党组), so nobody is asked for it.
    level = kind_named(name, above)
    await people.add_organisation(session.act("organisation"), session.actor, parent, level, name)
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    another = [(texts.another(), GoCallback(place=Destination.ORGANISATION))]
    invite = [(texts.invite(), GoCallback(place=Destination.INVITE))]
    # Nobody acts here for those, so nobody is invited to them.
    led = level not in (GENERAL_BRANCH, LEADING_GROUP)
    await show(event, texts.entered(name, level), [invite, another] if led else [another])


SOURCES = {
    ORGANISATION: short_forms.source(fields, ShortForm(enter, question, name_in, texts.name_wanted))
}


async def begin(
    event: Message | CallbackQuery,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    """Straight to the name where there is one organisation."""
    if not levels(actor):
        await tell(event, texts.not_for_you())
        return
    found = await parents(services, actor)
    await short_forms.begin(
        event, dialog_manager, ORGANISATION, NAME if len(found) == 1 else PARENT
    )


def build() -> Router:
    router = Router(name="organisations")
    router.message.register(begin, Command("organisation"))
    router.callback_query.register(begin, GoCallback.filter(F.place == Destination.ORGANISATION))
    return router
