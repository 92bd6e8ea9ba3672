"""What the installations of stories have in common, made once a session: deriving a key from a
passphrase takes a tenth of a second, inviting a city longer."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.app.keys import make_keys
from bot.app.settings import Settings, write_private
from domain.calendar.office_hours import ZONE
from models.crypto import ring
from sandbox.cast import Cast
from sandbox.people import FILE, read
from services.container import Services
from services.people.views import Actor
from tests.remembered import remembered

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=ZONE)


@cache
def _keys() -> dict[str, str]:
    with TemporaryDirectory() as folder:
        make_keys(Settings.model_validate({"data": Path(folder) / "var"}))
        return {path.name: path.read_text("utf-8") for path in (Path(folder) / "var").iterdir()}


def give_keys(settings: Settings) -> None:
    """The same to every installation, in the folder of its data."""
    for name, text in _keys().items():
        write_private(settings.data / name, text)


def keys_in_use() -> tuple[object, ...]:
    """What sealed rows depend on beside what was done."""
    return ring().ids, ring().blind("story", "keys")


def new_cast(services: Services, chats: Mapping[str, int]) -> Cast:
    """The invented people without their cases, before anybody is invited."""
    return Cast(services, chats, MONDAY, {**read(FILE), "cases": []})


async def gathered(services: Services, chats: Mapping[str, int]) -> Cast:
    """Everybody is there."""
    cast = new_cast(services, chats)

    async def play() -> tuple[dict[str, str], dict[str, Actor]]:
        await cast.gather()
        return cast.places, cast.people

    what = "gathered", *chats.items(), *keys_in_use()
    cast.places, cast.people = await remembered(services.database, what, play)
    return cast
