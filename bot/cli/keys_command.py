"""`yinlu keys show | rotate | forget`: the keys of the staff database, while it is in use."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.app.database import open_database
from bot.app.keys import KeyFile
from bot.app.settings import Settings, SettingsError
from bot.cli.progress import progress
from services.core.database import Database
from services.operations.key_rotation import reseal_all, uses


async def show(settings: Settings) -> str:
    """Each key by its id, with how much it seals."""
    async with _opened(settings) as (keys, database):
        return _said(keys, await uses(database))


async def rotate(settings: Settings) -> str:
    """A new key, and everything sealed with it; where that was broken off, the rest of it."""
    async with _opened(settings) as (keys, database):
        newest, found = keys().ids[0], await uses(database)
        # A rotation that was broken off is finished first, without another key.
        if not found.keys() - {newest}:
            keys.replace(keys().with_new_key())
        changed = await reseal_all(database, progress("sealing anew"))
        return f"sealed anew: {changed} rows\n{_said(keys, await uses(database))}"


async def forget(settings: Settings) -> str:
    """Takes the keys that seal nothing any more out of the key file. Raises SettingsError where a
    key is missing that something is sealed with."""
    async with _opened(settings) as (keys, database):
        found = await uses(database)
        if missing := found.keys() - set(keys().ids):
            names = ", ".join(sorted(key.hex() for key in missing))
            raise SettingsError(f"{keys.path}: key {names} is missing; nothing was changed")
        unused = [key for key in keys().ids[1:] if not found.get(key)]
        if unused:
            keys.replace(keys().without(unused))
        return f"forgotten: {len(unused)} keys\n{_said(keys, found)}"


def _said(keys: KeyFile, found: Mapping[bytes, int]) -> str:
    lines = [f"key {key.hex()}: seals {found.get(key, 0)} values" for key in keys().ids]
    lines[0] += " (newest)"
    lost = [key for key in found if key not in keys().ids]
    lines += [f"key {key.hex()}: missing, seals {found[key]} values" for key in lost]
    return "\n".join(lines)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[KeyFile, Database]]:
    if settings.keys is not None:
        raise SettingsError(
            "YINLU_KEYS: keys in the environment can't be changed from here; keep them in a file "
            "(YINLU_KEYS_FILE) to rotate them"
        )
    keys = KeyFile(settings.keys_path, settings.ring())
    database = await open_database(settings.staff_database, keys)
    try:
        yield keys, database
    finally:
        await database.close()
