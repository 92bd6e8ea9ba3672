"""A year's plan, its picture, and the first check of one name after the other."""

from contextlib import suppress
from datetime import date

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from domain.permissions import TABLE, Permission
from domain.rulebook.schema import Body
from domain.states import PlanState
from handlers.staff.cases import texts as case_texts
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import GoCallback, ProposeCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.lists import send_list
from handlers.staff.common.replies import Row, fit, settle, show
from handlers.staff.meetings.callbacks import ConveneCallback
from handlers.staff.plans import guidance_texts, quotas_texts, texts
from handlers.staff.plans.callbacks import (
    CheckNamesCallback,
    GuidanceCallback,
    KeyActivistsCallback,
    PassNameCallback,
    PlanCallback,
    PlanListCallback,
    PlanPictureCallback,
    QuotaOfCallback,
    ReturnNameCallback,
)
from handlers.staff.plans.picture import draw
from services.casefile.eligibility import bodies_of
from services.container import Services
from services.core.acts import Acts
from services.core.errors import NotAllowed
from services.people.views import Actor
from services.plans.plans import PlanLine, PlanView
from services.plans.quotas import QuotaLine, counted_step


async def this_year(
    event: Message | CallbackQuery, services: Services, actor: Actor, today: date
) -> None:
    await _show(event, services, actor, today.year, today)


async def plan(
    query: CallbackQuery, callback_data: PlanCallback, services: Services, actor: Actor, today: date
) -> None:
    await _show(query, services, actor, callback_data.year, today)


async def _show(
    event: Message | CallbackQuery, services: Services, actor: Actor, year: int, today: date
) -> None:
    view = await services.plans.view(actor, year, today)
    waiting, acts = mine(view, actor)
    picture: Row = []
    if view.lines:
        listed = (case_texts.sheet(), PlanListCallback(year=year))
        picture = [(texts.to_picture(), PlanPictureCallback(year=year)), listed]
    years: Row = [
        (texts.to_year(other), PlanCallback(year=other)) for other in years_beside(view, today)
    ]
    rows = [*acts, picture, years, [navigation.todo()]]
    quotas = await _quotas(services, actor, year)
    said = [*texts.plan(view, waiting), *quotas_texts.beside(quotas)]
    await show(event, fit(said), [*rows[:-1], *_more(services, actor, year), rows[-1]])


async def sheet(
    query: CallbackQuery,
    callback_data: PlanListCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    view = await services.plans.view(actor, callback_data.year, today)
    rows = [texts.cells(line) for line in view.lines]
    await send_list(query, texts.title(view.year), texts.heads(), rows, today)


def years_beside(view: PlanView, today: date) -> list[int]:
    """The years beside the one that is shown: back to the first with a name in it, and always to
    this one."""
    first = min(view.first, today.year - 1)
    others = {view.year - 1, view.year + 1, today.year} - {view.year}
    return sorted(year for year in others if first <= year <= today.year + 1)


async def _quotas(services: Services, actor: Actor, year: int) -> tuple[QuotaLine, ...]:
    """The committees' places, for whoever sees those; a branch sees its own names alone."""
    if not TABLE[Permission.SEE_QUOTA] & actor.roles:
        return ()
    # The role alone doesn't tell: there may be no committee within this post's reach.
    with suppress(NotAllowed):
        return await services.quotas.lines(actor, year)
    return ()


def _more(services: Services, actor: Actor, year: int) -> list[Row]:
    """What stands beside a year's plan."""
    beside: list[tuple[str, CallbackData]] = [(guidance_texts.title(), GuidanceCallback())]
    if TABLE[Permission.SEE_QUOTA] & actor.roles and counted_step(services.procedure.current):
        beside.append((quotas_texts.key_title(), KeyActivistsCallback(year=year)))
    sharing: Row = []
    if TABLE[Permission.SET_QUOTA] & actor.roles:
        sharing = [(quotas_texts.to_set(), QuotaOfCallback(year=year))]
    return [beside, sharing]


def mine(view: PlanView, actor: Actor) -> tuple[list[str], list[Row]]:
    """What waits for this person, and the button that begins it."""
    said: list[str] = []
    rows: list[Row] = []
    if view.proposable:
        said.append(texts.may_propose(len(view.proposable)))
        rows.append([(texts.to_propose(), ProposeCallback(year=view.year))])
    assess = _calls(actor, Body.COMMITTEE, texts.to_assess())
    if assess and (names := view.at(PlanState.PROPOSED)):
        said.append(texts.may_assess(len(names)))
        rows += assess
    # Only those of committees this organiser looks after: another's would be refused (G三).
    if names := to_check(view, actor):
        said.append(texts.may_check(len(names)))
        rows.append([(texts.to_check(), CheckNamesCallback(year=view.year))])
    if TABLE[Permission.GIVE_COMMITTEE] & actor.roles:
        if number := sum(not line.checker for line in view.at(PlanState.FORWARDED)):
            said.append(texts.without_checker(number))
        rows.append([(texts.to_charges(), GoCallback(place=Destination.CHARGES))])
    decide = _calls(actor, Body.ORGANISERS, texts.to_decide())
    if decide and (names := view.at(PlanState.CHECKED)):
        said.append(texts.may_decide(len(names)))
        rows += decide
    return said, rows


def _calls(actor: Actor, body: Body, label: str) -> list[Row]:
    """A button for each organisation at which this person calls the body, by name where there are
    several."""
    places = [(place, name) for its, place, name in bodies_of(actor) if its is body]
    return [
        [
            (
                texts.at_place(label, name) if len(places) > 1 else label,
                ConveneCallback(body=body, organisation=place),
            )
        ]
        for place, name in places
    ]


def to_check(view: PlanView, actor: Actor) -> tuple[PlanLine, ...]:
    """Names that wait for this organiser's first check."""
    names = view.at(PlanState.FORWARDED)
    return tuple(line for line in names if line.checker == actor.person_id)


async def picture(
    query: CallbackQuery,
    callback_data: PlanPictureCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    view = await services.plans.view(actor, callback_data.year, today)
    await settle(query)
    if query.bot is not None:
        file = BufferedInputFile(draw(view.funnel), f"plan-{view.year}.png")
        await query.bot.send_photo(query.from_user.id, file, caption=texts.caption(view))


async def check(
    query: CallbackQuery,
    callback_data: CheckNamesCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    await next_name(query, services, actor, callback_data.year, today, callback_data.item)


async def next_name(
    event: Message | CallbackQuery,
    services: Services,
    actor: Actor,
    year: int,
    today: date,
    item: str = "",
    said: str = "",
) -> None:
    """Show the name with this id, else the first that waits for this organiser's check; a way back
    to the plan when none does. `said`: what became of the name before."""
    view = await services.plans.view(actor, year, today)
    names = to_check(view, actor)
    back: Row = [(texts.to_plan(), PlanCallback(year=year))]
    if not names:
        # On to the next level where that is this person's as well.
        await show(event, fit([said, texts.all_checked()]), [*mine(view, actor)[1], back])
        return
    # An old button may name somebody who was checked meanwhile: begin with whoever still waits.
    place = next((n for n, line in enumerate(names) if line.item_id == item), 0)
    line, following = names[place], names[(place + 1) % len(names)]
    rows = judging(line)
    if len(names) > 1:
        rows.append([(texts.following(), CheckNamesCallback(year=year, item=following.item_id))])
    await show(event, fit([said, *texts.name(line, place + 1, len(names))]), [*rows, back])


def judging(line: PlanLine) -> list[Row]:
    """What the first check of a name may say."""
    return [
        [(texts.passes(), PassNameCallback(item=line.item_id))],
        [(texts.to_return(), ReturnNameCallback(item=line.item_id))],
        # Who judges has to be able to read what is judged.
        [navigation.case(line.case_id)],
    ]


async def passes(
    query: CallbackQuery,
    callback_data: PassNameCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    today: date,
) -> None:
    line = await services.plans.check(act("check"), actor, callback_data.item)
    await next_name(query, services, actor, line.year, today, said=texts.checked(line))


def build() -> Router:
    router = Router(name="plans")
    router.message.register(this_year, Command("plan"))
    router.callback_query.register(this_year, GoCallback.filter(F.place == Destination.PLANS))
    router.callback_query.register(plan, PlanCallback.filter())
    router.callback_query.register(picture, PlanPictureCallback.filter())
    router.callback_query.register(sheet, PlanListCallback.filter())
    router.callback_query.register(check, CheckNamesCallback.filter())
    router.callback_query.register(passes, PassNameCallback.filter())
    return router
