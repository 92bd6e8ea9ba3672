"""/settings and /language: what a person sets for themselves."""

from dataclasses import replace
from datetime import date, time

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.calendar.office_hours import Choice, Wishes
from domain.rulebook.schema import Role
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.menu_keyboard import menu
from handlers.staff.common.replies import Row, again, keyboard, settle, show
from handlers.staff.preferences import texts
from handlers.staff.preferences.callbacks import (
    LaterCallback,
    MorningCallback,
    QuietCallback,
    SpeakCallback,
    WeekOffCallback,
    WeekOnCallback,
)
from services.container import Services
from services.core.acts import Acts
from services.core.i18n import LANGUAGES, SOURCE, use
from services.people.views import Actor


async def settings(event: Message | CallbackQuery, services: Services, actor: Actor) -> None:
    wishes = await services.preferences.wishes(actor)
    leads = Role.SECRETARY in actor.roles
    choice = services.preferences.choice
    await show(event, texts.settings(wishes), rows(wishes, choice, leads))


def rows(wishes: Wishes, choice: Choice, leads: bool) -> list[Row]:
    """`leads`: a branch, whose picture comes each week."""
    mornings: Row = [
        (
            texts.chosen_or_not(texts.clock(at), at == wishes.digest),
            MorningCallback(minutes=minutes(at)),
        )
        for at in choice.digest
    ]
    quiet: Row = [
        (
            texts.chosen_or_not(texts.span(span), span == wishes.quiet),
            QuietCallback(start=start, end=end),
        )
        for span in choice.quiet
        for start, end in [tuple(map(minutes, span)) if span else (0, 0)]
    ]
    week: Row = [
        (texts.week_off(), WeekOffCallback())
        if wishes.weekly
        else (texts.week_on(), WeekOnCallback())
    ]
    return [
        mornings,
        quiet,
        *([week] if leads else []),
        [(texts.language(), GoCallback(place=Destination.LANGUAGE))],
    ]


def minutes(at: time) -> int:
    """A time as a button carries it: the colon of 08:00 would part two of its fields."""
    return at.hour * 60 + at.minute


def time_of(minutes: int) -> time:
    return time(minutes // 60 % 24, minutes % 60)


async def morning(
    query: CallbackQuery,
    callback_data: MorningCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    wishes = await services.preferences.wishes(actor)
    wished = replace(wishes, digest=time_of(callback_data.minutes))
    await services.preferences.set_wishes(act("wishes"), actor, wished)
    await settings(query, services, actor)


async def quiet(
    query: CallbackQuery, callback_data: QuietCallback, services: Services, actor: Actor, act: Acts
) -> None:
    wishes = await services.preferences.wishes(actor)
    span = (time_of(callback_data.start), time_of(callback_data.end))
    wished = replace(wishes, quiet=span if callback_data.end else None)
    await services.preferences.set_wishes(act("wishes"), actor, wished)
    await settings(query, services, actor)


async def week_off(query: CallbackQuery, services: Services, actor: Actor, act: Acts) -> None:
    """Below the picture, which stays: its buttons go with the answer."""
    await _weekly(services, actor, act, False)
    await settle(query)
    if query.bot is not None:
        await query.bot.send_message(
            query.from_user.id,
            texts.week_is_off(),
            reply_markup=keyboard([[(texts.week_on(), WeekOnCallback())]]),
            parse_mode="HTML",
        )


async def week_on(query: CallbackQuery, services: Services, actor: Actor, act: Acts) -> None:
    await _weekly(services, actor, act, True)
    await show(query, texts.week_is_on(), [[navigation.todo()]])


async def _weekly(services: Services, actor: Actor, act: Acts, wished: bool) -> None:
    wishes = await services.preferences.wishes(actor)
    await services.preferences.set_wishes(act("wishes"), actor, replace(wishes, weekly=wished))


async def ask_how_long(
    query: CallbackQuery,
    callback_data: LaterCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    """Below the reminder, which stays."""
    case, step = callback_data.case, callback_data.step
    waits = await services.preferences.waits(actor, case, step, today)
    choices: Row = [
        (texts.days(days), LaterCallback(case=case, step=step, days=days)) for days in waits.days
    ]
    await settle(query)
    if query.bot is not None:
        await query.bot.send_message(
            query.from_user.id,
            texts.how_long(waits),
            reply_markup=keyboard([choices, navigation.onward(case)]),
            parse_mode="HTML",
        )


async def leave_alone(
    query: CallbackQuery,
    callback_data: LaterCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    today: date,
) -> None:
    until = await services.preferences.snooze(
        act("snooze"), actor, callback_data.case, callback_data.step, callback_data.days
    )
    await show(query, texts.left_alone(until, today), [navigation.onward(callback_data.case)])


async def choose(event: Message | CallbackQuery) -> None:
    with use(SOURCE):
        rows = [
            [(texts.name(language), SpeakCallback(language=language)) for language in LANGUAGES]
        ]
        await show(event, texts.choose(), rows)


async def speak(
    query: CallbackQuery,
    callback_data: SpeakCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    dialog_manager: DialogManager,
    chat_number: int,
) -> None:
    """From now on in that language, beginning with the menu and the question that is open."""
    await services.people.set_language(act("language"), chat_number, callback_data.language)
    await settle(query)
    with use(callback_data.language):
        if query.bot is not None:
            await query.bot.send_message(
                query.from_user.id, texts.chosen(), reply_markup=menu(actor)
            )
        await again(dialog_manager)


def build() -> Router:
    router = Router(name="settings")
    router.message.register(choose, Command("language"))
    router.message.register(settings, Command("settings"))
    router.callback_query.register(choose, GoCallback.filter(F.place == Destination.LANGUAGE))
    router.callback_query.register(settings, GoCallback.filter(F.place == Destination.SETTINGS))
    # Only languages that there are: an unknown one would be stored, and nothing could be said in
    # it.
    router.callback_query.register(speak, SpeakCallback.filter(F.language.in_(set(LANGUAGES))))
    router.callback_query.register(morning, MorningCallback.filter())
    router.callback_query.register(quiet, QuietCallback.filter())
    router.callback_query.register(week_off, WeekOffCallback.filter())
    router.callback_query.register(week_on, WeekOnCallback.filter())
    # In this order: without days it asks for them, and any number is left to the next.
    router.callback_query.register(ask_how_long, LaterCallback.filter(F.days == 0))
    router.callback_query.register(leave_alone, LaterCallback.filter())
    return router
