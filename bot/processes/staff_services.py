"""The services of the staff side over its databases, for the bot and for commands."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

from bot.app.clock import Clock, SystemClock
from bot.app.database import open_database, open_intake
from bot.app.keys import opener, rings
from bot.app.settings import Settings
from domain.calendar.files import calendar_of
from services.container import Services, build_services, procedure_of
from services.messages.group_commit import Taking, as_it_comes
from services.papers.papers import Printing
from services.reports.exchange import Exchange

T = TypeVar("T")


@asynccontextmanager
async def opened(
    settings: Settings, taking: Taking = as_it_comes
) -> AsyncIterator[tuple[Services, Clock]]:
    """The services over the migrated database, and the clock. `taking`: as of `Inbox`. Raises
    SettingsError, KeyProblem and domain.rulebook.reading.reader.FileError where something is set
    wrongly."""
    settings.make_folder()
    # A passphrase takes its time: meanwhile the databases are opened.
    holding = _beside(opener, settings)
    calendar, catalogue = calendar_of(settings.calendar_file), settings.catalogue()
    procedure = procedure_of(settings.profile, calendar, settings.profiles)
    most = settings.staff_connections
    database = await open_database(settings.staff_database, rings(settings), most)
    intake = await open_intake(settings.intake_database, settings.intake_connections)
    try:
        exchange = Exchange(database, intake, await holding)
        retention = timedelta(days=settings.keep_reports_days)
        printing = Printing(settings.fonts, settings.largest_file_mb * 1024 * 1024)
        services = build_services(
            database, procedure, True, exchange, catalogue, retention, printing, taking
        )
        yield services, SystemClock()
    finally:
        await intake.close()
        await database.close()


def _beside(does: Callable[[Settings], T], settings: Settings) -> asyncio.Future[T]:
    """In a thread. What goes wrong there is told to whoever waits for it, and to nobody else."""
    made = asyncio.ensure_future(asyncio.to_thread(does, settings))
    made.add_done_callback(lambda done: done.cancelled() or done.exception())
    return made
