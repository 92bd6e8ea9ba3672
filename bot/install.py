"""The first steps of an installation: keys, the first invitation, and the invented city."""

from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from bot.cast import Cast
from bot.keys import make_keys
from bot.run import people
from bot.settings import Settings, SettingsError
from bot.staff import opened
from messenger.settings import user_id
from services.errors import NotAllowed
from services.house import Services, build_services
from services.views import Act


async def found(settings: Settings, department: str, director: str) -> str:
    """Makes the keys and founds the house; gives the token of the director's invitation.
    Raises SettingsError where there is one already."""
    make_keys(settings)
    async with opened(settings) as (services, clock):
        act = Act("init:found", clock.now())
        try:
            return await services.people.found(act, department, director)
        except NotAllowed:
            raise SettingsError("this installation has been founded already") from None


async def cast(services: Services, now: datetime) -> Coroutine[Any, Any, None]:
    """The invented people, at once; their cases, when the result is awaited. Nothing where the
    house has been founded before."""
    chats = {name: user_id(place) for place, name in enumerate(people())}
    quiet = build_services(services.database, services.procedure, tells=False)
    city = Cast(quiet, chats, now)
    try:
        await city.gather()
    except NotAllowed:
        return _nothing()
    return city.play()


async def _nothing() -> None:
    """The cases are there already."""
