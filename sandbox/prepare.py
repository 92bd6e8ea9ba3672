"""What both bots of `yinlu run` find when they start: keys, databases of the newest schema, and the
invented people.

What notices are sealed to is left there before either bot runs: the staff side tells the public one
of its notices at its first look, and would find nobody to tell them to.
"""

from datetime import datetime

from bot.app.database import open_database, open_intake
from bot.app.keys import answers, make_keys, pepper, rings, sealer, signer
from bot.app.settings import Settings
from messenger.core.settings import BOTS
from sandbox.cast import gather
from services.container import build_services, procedure_of
from services.intake.intake import Intake


async def prepare(settings: Settings, now: datetime) -> None:
    """Finds what an earlier run has left. Raises what a command is refused for (bot.cli.refusals)
    where something is set wrongly."""
    make_keys(settings)
    await announce_report_page(settings)
    staff = await open_database(settings.staff_database, rings(settings))
    try:
        procedure = procedure_of(settings.profile, folder=settings.profiles)
        await gather(build_services(staff, procedure), now)
    finally:
        await staff.close()


async def announce_report_page(settings: Settings) -> None:
    """What notices are sealed to, and where they can be reported on."""
    database = await open_intake(settings.intake_database)
    try:
        public = Intake(
            database, sealer(settings), pepper(settings), signer(settings), answers(settings)
        )
        await public.introduce(BOTS["public"][1], settings.report_page)
    finally:
        await database.close()
