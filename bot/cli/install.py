"""The first steps of an installation: keys, and the first invitation."""

from bot.app.keys import make_keys
from bot.app.settings import Settings, SettingsError
from bot.processes.staff_services import opened
from services.core.acts import Act
from services.core.errors import NotAllowed


async def found(settings: Settings, department: str, director: str) -> str:
    """Makes the keys and founds the house; gives the token of the director's invitation.
    Raises SettingsError where there is one already."""
    make_keys(settings)
    async with opened(settings) as (services, clock):
        # Always the same key: run again, it gives the same link, and founds nothing twice.
        act = Act("init:found", clock.now())
        try:
            return await services.people.found(act, department, director)
        except NotAllowed:
            raise SettingsError("this installation has been founded already") from None
