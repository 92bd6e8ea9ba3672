"""/start of somebody known, and the things behind the last button of the menu."""

from aiogram import F, Router
from aiogram.filters import Command, CommandStart, or_f
from aiogram.types import CallbackQuery, Message

from domain.permissions import TABLE, Permission
from handlers.staff.breaches import texts as breach_texts
from handlers.staff.cases import classes_texts
from handlers.staff.common import menu_texts as texts
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.menu_keyboard import MenuButton
from handlers.staff.common.replies import Row, in_rows, show
from handlers.staff.menu.welcome import start
from handlers.staff.papers import template_texts
from handlers.staff.people import hotlines_texts, posts_texts
from handlers.staff.sheets import texts as sheet_texts
from services.casefile.eligibility import bodies_of
from services.people.people import branches, levels, roles_for
from services.people.views import Actor


async def more(event: Message | CallbackQuery, actor: Actor) -> None:
    await show(event, texts.more_title(), rows(actor))


def rows(actor: Actor) -> list[Row]:
    """What this person may do, two in a row."""
    # By role, for the list's sake alone; each destination asks for the right itself.
    offered = [
        (roles_for(actor), texts.invite(), Destination.INVITE),
        (roles_for(actor), posts_texts.title(), Destination.POSTS),
        (branches(actor), texts.member(), Destination.MEMBER),
        (levels(actor), texts.organisation(), Destination.ORGANISATION),
        (TABLE[Permission.SEE_PLAN] & actor.roles, texts.plans(), Destination.PLANS),
        (TABLE[Permission.SEE_FIGURES] & actor.roles, texts.figures(), Destination.FIGURES),
        (bodies_of(actor), texts.meetings(), Destination.MEETINGS),
        (TABLE[Permission.SEE_REPORTS] & actor.roles, texts.reports(), Destination.REPORTS),
        (TABLE[Permission.SEE_BREACHES] & actor.roles, breach_texts.title(), Destination.BREACHES),
        (TABLE[Permission.DRAW_CHECK] & actor.roles, texts.checks(), Destination.CHECKS),
        (TABLE[Permission.HOLD_CLASS] & actor.roles, classes_texts.title(), Destination.CLASSES),
        (TABLE[Permission.SET_HOTLINE] & actor.roles, hotlines_texts.title(), Destination.HOTLINES),
        (
            TABLE[Permission.SET_TEMPLATE] & actor.roles,
            template_texts.title(),
            Destination.TEMPLATES,
        ),
        (TABLE[Permission.SEE_CASE] & actor.roles, sheet_texts.title(), Destination.SHEETS),
        (True, texts.help_(), Destination.HELP),
        (True, texts.settings(), Destination.SETTINGS),
        (True, texts.language(), Destination.LANGUAGE),
        (True, texts.privacy(), Destination.PRIVACY),
    ]
    shown = [(label, GoCallback(place=place)) for allowed, label, place in offered if allowed]
    return in_rows(shown, 2)


def build() -> Router:
    router = Router(name="menu")
    router.message.register(start, CommandStart())
    router.message.register(more, or_f(Command("more"), MenuButton("more")))
    router.callback_query.register(more, GoCallback.filter(F.place == Destination.MORE))
    return router
