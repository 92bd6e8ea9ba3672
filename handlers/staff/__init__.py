"""The staff bot: everybody in it is known by name. `setup` is its one entrance for `bot`."""

from collections.abc import Iterator

from aiogram import Dispatcher, Router
from aiogram_dialog import setup_dialogs

from handlers.staff.breaches import router as breaches
from handlers.staff.breaches import source as treating
from handlers.staff.cases import classes, glance, opening
from handlers.staff.cases import router as cases
from handlers.staff.city_moves import arriving, leaving
from handlers.staff.common.menu_keyboard import announce_commands
from handlers.staff.common.middleware import AccessMiddleware
from handlers.staff.duties import router as duties
from handlers.staff.figures import router as figures
from handlers.staff.form.incoming import messages as filling
from handlers.staff.form.incoming import router as form
from handlers.staff.form.outcome import STEP
from handlers.staff.form.session import Previews
from handlers.staff.help import router as help_
from handlers.staff.inspections import router as inspections
from handlers.staff.inspections import source as inspecting
from handlers.staff.meetings import agenda
from handlers.staff.meetings import router as meetings
from handlers.staff.meetings import source as meeting
from handlers.staff.menu import first_morning, joining, menu_command
from handlers.staff.menu import router as menu
from handlers.staff.papers import router as papers
from handlers.staff.papers import slips, templates
from handlers.staff.people import hotlines, invitations, posts
from handlers.staff.people import organisations as organising
from handlers.staff.plans import charges, guidance, quotas
from handlers.staff.plans import router as plans
from handlers.staff.plans import source as planning
from handlers.staff.preferences import router as settings
from handlers.staff.records import router as records
from handlers.staff.reports import entering, linking, settling
from handlers.staff.reports import papers as report_papers
from handlers.staff.reports import router as reports
from handlers.staff.routing import block_status as membership
from handlers.staff.routing import errors
from handlers.staff.routing import fallback as last
from handlers.staff.routing.close_dialogs import closing
from handlers.staff.routing.switch import Switch
from handlers.staff.sheets import router as sheets
from handlers.staff.todo import router as todo
from services.container import Services

SOURCES = {
    "step": STEP,
    **meeting.SOURCES,
    **opening.SOURCES,
    **invitations.SOURCES,
    **organising.SOURCES,
    **hotlines.SOURCES,
    **classes.SOURCES,
    **inspecting.SOURCES,
    **planning.SOURCES,
    **quotas.SOURCES,
    **guidance.SOURCES,
    **entering.SOURCES,
    **settling.SOURCES,
    **linking.SOURCES,
    **treating.SOURCES,
    **agenda.SOURCES,
    **slips.SOURCES,
    **templates.SOURCES,
    **leaving.SOURCES,
    **arriving.SOURCES,
}
"""Where the questions of the one conversation come from, by the name that its draft carries."""


def routers() -> Iterator[Router]:
    """In the order in which they are asked; made anew for every dispatcher."""
    yield errors.build()
    yield membership.build()
    # Before all features: who isn't invited gets no further.
    yield joining.build()
    # Not closing: menu, help and settings answer below an open form, and the form ends itself.
    for below in (menu_command, help_, settings, form):
        yield below.build()
    yield closing(menu.build())
    yield closing(first_morning.build())
    yield closing(todo.build())
    for of_a_case in (cases, glance, leaving, arriving, records):
        yield closing(of_a_case.build())
    for register in (reports, entering, linking, settling, report_papers):
        yield closing(register.build())
    for files in (papers, slips, templates, sheets, figures):
        yield closing(files.build())
    yield closing(breaches.build())
    yield closing(treating.build())
    for yearly in (inspections, inspecting, duties):
        yield closing(yearly.build())
    for plan in (plans, planning, charges, quotas, guidance):
        yield closing(plan.build())
    yield closing(posts.build())
    yield closing(meetings.build())
    yield closing(agenda.build())
    yield closing(opening.build())
    yield closing(invitations.build())
    yield closing(organising.build())
    yield closing(hotlines.build())
    yield closing(classes.build())
    # After every command, since an open form takes any text for an answer.
    yield filling.build()
    yield closing(sheets.build_files())
    yield closing(todo.build_greeting())
    yield closing(cases.build_search())
    yield last.build()


def setup(dispatcher: Dispatcher, services: Services) -> None:
    """Register the whole staff bot at a dispatcher; it is fed with `update_context`."""
    # Outer: already the filters of the routers ask who writes, and in which language.
    dispatcher.update.outer_middleware(access(services))
    include(dispatcher)


def access(services: Services) -> AccessMiddleware:
    """What hands the services to every handler, with what the bot remembers between updates."""
    return AccessMiddleware(services, previews=Previews(), sources=SOURCES)


def include(dispatcher: Dispatcher) -> None:
    """Put every feature into a dispatcher; none of them remembers anything itself."""
    dispatcher.include_router(Switch(routers()))
    setup_dialogs(dispatcher)


__all__ = ["access", "announce_commands", "include", "routers", "setup"]
