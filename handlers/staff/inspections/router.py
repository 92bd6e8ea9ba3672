"""The draw, a check, a branch of it, the circular."""

from datetime import date

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.permissions import TABLE, Permission
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.replies import Row, fit, in_rows, show, tell
from handlers.staff.inspections import texts
from handlers.staff.inspections.callbacks import (
    AnswerCheckCallback,
    CheckBranchCallback,
    CirculateCallback,
    DrawAgainCallback,
    DrawCheckCallback,
    EnterCheckCallback,
    RandomCheckCallback,
)
from services.container import Services
from services.core.acts import Acts
from services.inspections.views import CheckedBranch, Inspection
from services.people.views import Actor

CHOICES = (1, 2, 3)
"""Branches of each committee; more is no random check any more."""


async def newest(event: Message | CallbackQuery, services: Services, actor: Actor) -> None:
    check = await services.inspections.newest(actor)
    # One check at a time: the next is drawn once this one was circulated.
    if check is not None and check.told_on is None:
        await show(event, fit(texts.card(check)), rows(check, actor))
        return
    lines = texts.ask_next(check) if check else texts.none_yet()
    numbers: Row = [(texts.each(number), DrawCheckCallback(each=number)) for number in CHOICES]
    shown = [*branches(check), numbers] if check else [numbers]
    await show(event, fit(lines), [*shown, to_todo()])


async def draw(
    query: CallbackQuery,
    callback_data: DrawCheckCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    check = await services.inspections.draw(act("draw"), actor, callback_data.each)
    await show(query, fit(texts.card(check)), rows(check, actor))


async def card(
    query: CallbackQuery, callback_data: RandomCheckCallback, services: Services, actor: Actor
) -> None:
    check = await services.inspections.card(actor, callback_data.check)
    await show(query, fit(texts.card(check)), rows(check, actor))


async def again(
    query: CallbackQuery, callback_data: DrawAgainCallback, services: Services, actor: Actor
) -> None:
    same = await services.inspections.drawn_again(actor, callback_data.check)
    await tell(query, texts.again(same))


async def branch(
    query: CallbackQuery,
    callback_data: CheckBranchCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    shown = await services.inspections.branch(actor, callback_data.item, today)
    await show(query, fit(texts.branch(shown, today)), branch_rows(shown, actor))


async def circulate(
    query: CallbackQuery,
    callback_data: CirculateCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    check = await services.inspections.circulate(act("circulate"), actor, callback_data.check)
    lines = [texts.circulated(check), "", *texts.card(check)]
    await show(query, fit(lines), rows(check, actor))


def rows(check: Inspection, actor: Actor) -> list[Row]:
    """What this person may do with a check; the service decides again."""
    number = check.inspection_id
    found = [*branches(check), [(texts.to_repeat(), DrawAgainCallback(check=number))]]
    # A circular goes out once and can't be taken back, so it waits for the last branch.
    if check.told_on is None and check.complete and TABLE[Permission.CIRCULATE_CHECK] & actor.roles:
        found.append([(texts.to_circulate(), CirculateCallback(check=number))])
    return [*found, to_todo()]


def branches(check: Inspection) -> list[Row]:
    buttons = [
        (texts.to_branch(number), CheckBranchCallback(item=item.item_id))
        for number, item in enumerate(check.branches, 1)
    ]
    return in_rows(buttons, 3)


def branch_rows(shown: CheckedBranch, actor: Actor) -> list[Row]:
    found: list[Row] = []
    # Visits are shown to the department alone: where they are, it is the department that looks.
    if shown.visits is not None and shown.due_on is None:
        found.append([(texts.to_enter(), EnterCheckCallback(item=shown.item_id))])
    waits = shown.due_on is not None and shown.righted_on is None
    if waits and TABLE[Permission.ANSWER_CHECK] & actor.roles:
        found.append([(texts.to_answer(), AnswerCheckCallback(item=shown.item_id))])
    if shown.visits is not None:
        found.append([(texts.to_check(), RandomCheckCallback(check=shown.inspection_id))])
    return [*found, to_todo()]


def to_todo() -> Row:
    return [navigation.todo()]


def build() -> Router:
    router = Router(name="inspections")
    router.message.register(newest, Command("checks"))
    router.callback_query.register(newest, GoCallback.filter(F.place == Destination.CHECKS))
    router.callback_query.register(draw, DrawCheckCallback.filter())
    router.callback_query.register(card, RandomCheckCallback.filter())
    router.callback_query.register(again, DrawAgainCallback.filter())
    router.callback_query.register(branch, CheckBranchCallback.filter())
    router.callback_query.register(circulate, CirculateCallback.filter())
    return router
