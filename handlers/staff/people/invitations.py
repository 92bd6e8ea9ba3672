"""Inviting somebody: which role, which organisation, what name; then a one-time link."""

from aiogram import Bot, F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from aiogram.utils.deep_linking import create_start_link
from aiogram_dialog import DialogManager, ShowMode

from domain.rulebook.schema import Field, Role
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.person_names import name_of
from handlers.staff.common.replies import tell
from handlers.staff.form import short_forms
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.people import texts
from handlers.staff.shared import texts as words
from services.container import services_of
from services.people.people import LEVELS, roles_for
from services.people.views import Actor

INVITATION = "invitation"
ROLE, ORGANISATION, NAME = "role", "organisation", "name"


async def fields(session: FormSession) -> tuple[Field, ...]:
    """Which organisation is asked only where there are several of the role's level."""
    roles = short_forms.choice(
        ROLE, [(role.value, words.post(role)) for role in roles_for(session.actor)]
    )
    role = session.draft.answers.get(ROLE)
    if role is None:
        return (roles,)
    every = await services_of(session.data).people.organisations(session.actor)
    found = [(item, label) for item, level, label in every if level == LEVELS[Role(str(role))]]
    organisation, name = (
        short_forms.organisation(session, ORGANISATION, found),
        short_forms.text(NAME),
    )
    # An organisation that is the only one is taken as chosen (`_chosen`).
    return (roles, name) if len(found) == 1 else (roles, organisation, name)


def question(session: FormSession, field: Field) -> list[str]:
    if field.id == ROLE:
        return [texts.ask_role()]
    role, organisation = _chosen(session)
    if field.id == ORGANISATION:
        return texts.ask_organisation(role, len(session.draft.people(ORGANISATION)))
    return texts.ask_name(role, session.draft.names().get(organisation, ""))


def _chosen(session: FormSession) -> tuple[Role, str]:
    """The role, and the id of the organisation that was chosen or is the only one."""
    answers, offered = session.draft.answers, session.draft.people(ORGANISATION)
    only = offered[0].person_id if len(offered) == 1 else ""
    return Role(str(answers[ROLE])), str(answers.get(ORGANISATION, only))


async def invite(event: Message | CallbackQuery, session: FormSession) -> None:
    role, organisation = _chosen(session)
    person = str(session.draft.answers[NAME])
    people = services_of(session.data).people
    token = await people.invite(session.act("invite"), session.actor, role, organisation, person)
    bot: Bot = session.manager.middleware_data["bot"]
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    # Without buttons, so that no later screen takes its place: the link is passed on from here.
    await tell(event, texts.invitation(person, role, await create_start_link(bot, token), token))


SOURCES = {
    INVITATION: short_forms.source(fields, ShortForm(invite, question, name_of, texts.name_wanted))
}


async def begin(
    event: Message | CallbackQuery, actor: Actor, dialog_manager: DialogManager
) -> None:
    if not roles_for(actor):
        await tell(event, texts.nobody_to_invite())
        return
    await short_forms.begin(event, dialog_manager, INVITATION, ROLE)


def build() -> Router:
    router = Router(name="invitations")
    router.message.register(begin, Command("invite"))
    router.callback_query.register(begin, GoCallback.filter(F.place == Destination.INVITE))
    return router
