"""The yearly guidance: read by whoever sees plans, written by the director."""

from datetime import date

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.permissions import TABLE, Permission
from domain.plans import GUIDANCE, LONGEST_PART, SHORTEST_PART
from domain.rulebook.schema import Field
from handlers.staff.common import navigation
from handlers.staff.common.replies import Row, close, fit, show
from handlers.staff.form import short_forms
from handlers.staff.form.buttons import Verb
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.plans import guidance_texts as texts
from handlers.staff.plans.callbacks import GuidanceCallback, PublishGuidanceCallback
from services.container import Services, services_of
from services.core.errors import NotAllowed
from services.people.views import Actor

WRITING = "guidance"


async def guidance(
    query: CallbackQuery,
    callback_data: GuidanceCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    """One text, or all of them by year."""
    found = await services.guidances.years(actor)
    wanted = (callback_data.year, callback_data.number)
    item = next((one for one in found if (one.year, one.number) == wanted), None)
    if item is not None:
        await show(query, fit(texts.shown(item)), [_back()])
        return
    rows: list[Row] = [
        [(texts.label(one), GuidanceCallback(year=one.year, number=one.number))] for one in found
    ]
    if TABLE[Permission.PUBLISH_GUIDANCE] & actor.roles:
        years = (today.year, today.year + 1)
        rows.append(
            [(texts.to_publish(year), PublishGuidanceCallback(year=year)) for year in years]
        )
    await show(query, fit(texts.listed(found)), [*rows, [navigation.todo()]])


def _back() -> Row:
    return [(texts.to_list(), GuidanceCallback()), navigation.todo()]


async def begin(
    query: CallbackQuery,
    callback_data: PublishGuidanceCallback,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    if not TABLE[Permission.PUBLISH_GUIDANCE] & actor.roles:
        # Before the questions, not after: a page of text would be written for nothing.
        raise NotAllowed(Permission.PUBLISH_GUIDANCE)
    await short_forms.begin(query, dialog_manager, WRITING, GUIDANCE[0], of=str(callback_data.year))


async def fields(session: FormSession) -> tuple[Field, ...]:
    return tuple(short_forms.text(name) for name in GUIDANCE)


def question(session: FormSession, field: Field) -> list[str]:
    return texts.ask(int(session.draft.of), field.id)


def _parts(session: FormSession) -> dict[str, str]:
    return {name: session.draft.text(name) for name in GUIDANCE}


def summary(session: FormSession) -> list[str]:
    return texts.summary(int(session.draft.of), _parts(session))


def labels(session: FormSession, field: Field | None) -> dict[Verb, str]:
    return {Verb.CONFIRM: texts.publish()}


async def publish(event: Message | CallbackQuery, session: FormSession) -> None:
    found = await services_of(session.data).guidances.publish(
        session.act("guidance"), session.actor, int(session.draft.of), _parts(session)
    )
    # At once: what was told to everybody has to be there when they look.
    if exchange := services_of(session.data).reports.exchange:
        await exchange.publish_guidance()
    await close(event, session.manager, fit(texts.published(found)), [_back()])


READ = short_forms.between(SHORTEST_PART, LONGEST_PART)
FORM = ShortForm(publish, question, READ, texts.wanted, summary, labels)
SOURCES = {WRITING: short_forms.source(fields, FORM, kept=True)}


def build() -> Router:
    router = Router(name="guidance")
    router.callback_query.register(guidance, GuidanceCallback.filter())
    router.callback_query.register(begin, PublishGuidanceCallback.filter())
    return router
