"""The places of each committee, set by the director, and the key activists of each branch."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.permissions import TABLE, Permission
from domain.quotas import MOST
from domain.rulebook.schema import Field
from domain.writing.numerals import whole_number
from handlers.staff.common import navigation
from handlers.staff.common.replies import Row, close, fit, show
from handlers.staff.form import short_forms
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.plans import quotas_texts as texts
from handlers.staff.plans import texts as plan_texts
from handlers.staff.plans.callbacks import KeyActivistsCallback, PlanCallback, QuotaOfCallback
from services.container import Services, services_of
from services.core.errors import NotFound
from services.people.views import Actor
from services.plans.quotas import QuotaLine

QUOTA, PLACES, ALL = "quota", "places", "all"


def _rows(year: int, found: tuple[QuotaLine, ...]) -> list[Row]:
    rows: list[Row] = [[(texts.share_out(), QuotaOfCallback(year=year, organisation=ALL))]]
    rows += [
        [(line.committee, QuotaOfCallback(year=year, organisation=line.committee_id))]
        for line in found
    ]
    return [*rows, _back(year)]


def _back(year: int) -> Row:
    return [(plan_texts.to_plan(), PlanCallback(year=year)), navigation.todo()]


async def quota(
    query: CallbackQuery,
    callback_data: QuotaOfCallback,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    """All committees, or the question for one of them."""
    year, place = callback_data.year, callback_data.organisation
    found = await services.quotas.lines(actor, year)
    # An id that isn't among them, "" as well, asks for the list.
    names = {line.committee_id: line.committee for line in found} | {ALL: ""}
    if place not in names or not TABLE[Permission.SET_QUOTA] & actor.roles:
        await show(query, fit(texts.listed(year, found)), _rows(year, found))
        return
    said = texts.ask(year, names[place])
    await short_forms.begin(query, dialog_manager, QUOTA, PLACES, of=f"{year}:{place}", said=said)


async def fields(session: FormSession) -> tuple[Field, ...]:
    return (short_forms.text(PLACES),)


def number_in(text: str) -> str | None:
    found = whole_number(text) if text else None
    return str(found) if found is not None and 0 <= found <= MOST else None


async def keep(event: Message | CallbackQuery, session: FormSession) -> None:
    year, place = session.draft.of.split(":")
    quotas, actor, act = (
        services_of(session.data).quotas,
        session.actor,
        session.act("quota"),
    )
    number = int(session.draft.text(PLACES))
    try:
        if place == ALL:
            found = await quotas.share_out(act, actor, int(year), number)
        else:
            found = await quotas.set(act, actor, int(year), place, number)
    # No committee has activists to share by: the question stays, and says what to do instead.
    except NotFound:
        session.reject(texts.nobody_to_share())
        return
    said = fit(texts.listed(int(year), found))
    await close(event, session.manager, said, _rows(int(year), found))


SOURCES = {QUOTA: short_forms.source(fields, ShortForm(keep, read=number_in, refuse=texts.wanted))}


async def key_activists(
    query: CallbackQuery, callback_data: KeyActivistsCallback, services: Services, actor: Actor
) -> None:
    found = await services.quotas.key_activists(actor)
    await show(query, fit(texts.key(found)), [_back(callback_data.year)])


def build() -> Router:
    router = Router(name="quotas")
    router.callback_query.register(quota, QuotaOfCallback.filter())
    router.callback_query.register(key_activists, KeyActivistsCallback.filter())
    return router
