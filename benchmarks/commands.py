"""What the commands that go through all cases take of a thousand and of ten thousand cases, each of
some thirty entries: processor time of one run each, of a database that nobody else uses."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import func, select

from benchmarks import city as cities
from benchmarks.rows import Row, row
from bot.app.keys import make_keys
from bot.app.settings import Settings
from bot.cli.backup import back_up, restore
from bot.cli.doctor import check_up
from bot.cli.keys_command import rotate
from models import EntryRow
from sandbox.people import FILE, read

SIZES = (1_000, 10_000)
BRANCH = 50
"""Cases of a branch."""
Command = Callable[[], Awaitable[object]]


async def rows(sizes: Sequence[int] = SIZES) -> Sequence[Row]:
    found: list[Row] = []
    for size in sizes:
        with TemporaryDirectory() as folder:
            found += await _of(Path(folder), size)
    return found


async def _of(folder: Path, size: int) -> Sequence[Row]:
    settings = _settings(folder / "here", folder)
    make_keys(settings)
    texts, url = read(FILE)["texts"], settings.staff_database
    city = await cities.build(folder, size // BRANCH, BRANCH, texts, settings.ring(), url)
    try:
        entries = await _entries(city)
        quiet = await _seconds(lambda: city.services.reminders.look(cities.MORNING))
    finally:
        await city.close()
    what = f"{size:,} cases with {entries:,} entries: "
    found = [row(f"{what}a look of the reminders", [quiet], "s")]
    for name, command in _commands(folder, settings).items():
        found.append(row(f"{' ' * len(what)}{name}", [await _seconds(command)], "s"))
    return found


def _settings(data: Path, folder: Path) -> Settings:
    data.mkdir()
    return Settings(data=data, keys_file=folder / "keys")


def _commands(folder: Path, settings: Settings) -> Mapping[str, Command]:
    """In this order: the backup is what is restored, and the rotation changes all it has read."""
    backup, there = folder / "backup", _settings(folder / "there", folder)
    return {
        "yinlu doctor": lambda: check_up(settings),
        "yinlu backup": lambda: back_up(settings, backup),
        "yinlu restore": lambda: restore(there, backup),
        "yinlu keys rotate": lambda: rotate(settings),
    }


async def _entries(city: cities.City) -> int:
    async with city.database.read() as session:
        return (await session.exec(select(func.count()).select_from(EntryRow))).one()


async def _seconds(command: Command) -> float:
    began = time.process_time()
    await command()
    return time.process_time() - began
