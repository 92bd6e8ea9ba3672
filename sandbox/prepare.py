"""What both bots of `yinlu run` find when they start: keys, databases of the newest schema, and the
invented people.

Done by a process that ends with it, while the libraries are being loaded, it takes no time of its
own. What notices are sealed to is left there before either bot runs: the staff side tells the
public one of its notices at its first look, and would find nobody to tell them to.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from datetime import datetime

import structlog

from bot.app.database import open_database, open_intake
from bot.app.keys import make_keys, pepper, rings, sealer, signer
from bot.app.logs import described, set_up
from bot.app.settings import Settings
from bot.cli.refusals import REFUSALS, refusing
from messenger.settings import BOTS
from sandbox.cast import gather
from services.container import build_services, procedure_of
from services.intake.intake import Intake

log = structlog.get_logger()


def prepare(given: Mapping[str, str], now: datetime) -> None:
    """With the environment of both bots. Exits with 2 and one sentence where something is set
    wrongly, with 1 where it failed."""
    os.environ.clear()
    os.environ.update(given)
    with refusing():
        settings = Settings.read()
        set_up(settings.log_level)
        make_keys(settings)
        try:
            asyncio.run(_prepared(settings, now))
        except REFUSALS:
            raise
        except Exception as error:
            log.critical("ended", **described(error))
            sys.exit(1)


async def _prepared(settings: Settings, now: datetime) -> None:
    await leave_word(settings)
    staff = await open_database(settings.staff_database, rings(settings))
    try:
        procedure = procedure_of(settings.profile, folder=settings.profiles)
        await gather(build_services(staff, procedure), now)
    finally:
        await staff.close()


async def leave_word(settings: Settings) -> None:
    """What notices are sealed to, and where they can be reported on."""
    database = await open_intake(settings.intake_database)
    try:
        public = Intake(database, sealer(settings), pepper(settings), signer(settings))
        await public.introduce(BOTS["public"][1], settings.door)
    finally:
        await database.close()
