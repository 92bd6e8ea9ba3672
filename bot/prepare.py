"""What both bots find when they start: keys, and databases of the newest schema.

Done while the libraries are being loaded, it takes no time of its own.
"""

import asyncio
from contextlib import suppress

from bot.database import open_database, open_intake
from bot.keys import make_keys, rings
from bot.settings import Settings


def prepare(settings: Settings) -> None:
    """Raises SettingsError where the keys can't be made."""
    make_keys(settings)
    # Whatever is wrong with a database is said by the bot that opens it.
    with suppress(Exception):
        asyncio.run(_migrated(settings))


async def _migrated(settings: Settings) -> None:
    staff = await open_database(settings.staff_database, rings(settings))
    await staff.close()
    intake = await open_intake(settings.intake_database)
    await intake.close()
