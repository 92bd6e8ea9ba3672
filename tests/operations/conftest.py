"""An installation in a fresh directory, with a few people and a case that went some steps."""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from benchmarks.postgres import on_server
from bot.app.database import open_database
from bot.app.settings import Settings
from bot.cli import backup, doctor
from messenger.core.settings import user_id
from models.migrate import head
from sandbox.cast import Cast, Play
from sandbox.people import people
from services.container import Services, build_services, procedure_of
from services.core.database import Database
from services.messages.inbox import Incoming
from tests.databases import engine_here, upgraded
from tests.installed import MONDAY, gathered, give_keys, keys_in_use, new_cast
from tests.remembered import remembered

CHATS = {name: user_id(place) for place, name in enumerate(people())}
TODAY: date = MONDAY.date()
BRANCH = "东山村党支部"
PERSON = "陆小满"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TOLD = "家里来信说母亲病重"
"""Something that a person typed into a conversation."""


@dataclass(repr=False)
class Lived:
    """A house in which something happened. `case`: one on its way to the branch meeting."""

    services: Services
    cast: Cast
    case: str


async def live_in(database: Database, at: str = "12") -> Lived:
    """With the rows of such a life, which is lived once a session."""
    cast = await gathered(build_services(database, procedure_of(), tells=False), CHATS)
    case = await remembered(database, ("lived", at, *keys_in_use()), partial(_live, cast, at))
    # Numbers that no act of that life has used.
    cast = replace(cast, _acts=count(1000))
    return Lived(build_services(database, procedure_of()), cast, case)


async def live_anew(database: Database, at: str = "12") -> Lived:
    """Where it matters how the rows came to be there."""
    cast = new_cast(build_services(database, procedure_of(), tells=False), CHATS)
    await cast.gather()
    case = await _live(cast, at)
    return Lived(build_services(database, procedure_of()), cast, case)


async def _live(cast: Cast, at: str) -> str:
    """Gives the case."""
    item = {"name": PERSON, "branch": BRANCH, "at": at, "days": 424}
    case = await Play(cast, item).lead()
    await _left_open(build_services(cast.services.database, procedure_of()), cast, case)
    return case


async def _left_open(services: Services, cast: Cast, case: str) -> None:
    """A draft, a conversation, an update that waits, a letter in the register."""
    secretary, director = cast.people["乌兰"], cast.people["苏和"]
    progress = (await services.cases.card(secretary, case, TODAY)).mine
    await services.steps.keep_draft(
        cast.act(), secretary, case, progress[0].step.id, {"note": TOLD}
    )
    batch = [Incoming(number, 1, f'{{"text":"{TOLD}"}}') for number in (7, 8)]
    (chat,) = await services.inbox.store("staff", batch, MONDAY)
    first = await services.inbox.oldest("staff", chat)
    assert first is not None
    await services.inbox.finish(first, {"1:1:1:default": {"data": TOLD}})
    await services.reports.register(cast.act(), director, "letter", TOLD, None)


def settings_in(folder: Path, **more: Any) -> Settings:
    return Settings.model_validate({"data": folder, **more})


async def everything_typed(lived: Lived) -> set[str]:
    """Every name and every text that somebody typed or is called by."""
    data, director = lived.cast.data, lived.cast.people["苏和"]
    kinds = ("organisers", "committees", "branches")
    found = {TOLD, PERSON, data["department"], data["director"]}
    found |= {item["name"] for kind in kinds for item in data[kind]}
    found |= {item["officer"] for item in data["committees"]}
    for branch in data["branches"]:
        found |= {branch["secretary"]}
        found |= {item["name"] for item in branch["introducers"] if "person" in item}
    card = await lived.services.cases.card(director, lived.case, TODAY)
    answers = [value for entry in card.entries for value in entry.answers.values()]
    texts = {value for value in answers if isinstance(value, str) and CHINESE.search(value)}
    assert len(texts) > 7
    chats = {str(chat) for name, chat in lived.cast.chats.items() if name != "citizen"}
    return found | texts | chats


@asynccontextmanager
async def opened_in(settings: Settings) -> AsyncIterator[Database]:
    database = await open_database(settings.staff_database, settings.ring())
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture(autouse=True, scope="session")
def _quick_commands() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backup, "upgrade", upgraded)
        # Its reflected tables are new each time: nothing compiled for them is worth remembering.
        for command in (backup, doctor):
            patch.setattr(command, "engine_for", engine_here)
        yield


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_in(tmp_path / "var")
    give_keys(made)
    return made


@pytest.fixture(scope="session")
def template() -> dict[str, tuple[Path, Lived]]:
    """The folder in which a house was lived in once, with that house, by schema: the others are
    copies."""
    return {}


@pytest.fixture
async def lived(
    settings: Settings,
    template: dict[str, tuple[Path, Lived]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Lived:
    """On SQLite, closed again: a command opens it anew. Its keys come with it."""
    schema = head()
    if schema not in template:
        made = settings_in(tmp_path_factory.mktemp("lived") / "var")
        give_keys(made)
        async with opened_in(made) as database:
            template[schema] = made.data, await live_in(database)
    folder, first = template[schema]
    shutil.copytree(folder, settings.data, dirs_exist_ok=True)
    async with opened_in(settings) as database:
        services = build_services(database, procedure_of())
        taken_over = build_services(database, procedure_of(), tells=False)
        return Lived(services, replace(first.cast, services=taken_over), first.case)


@pytest.fixture
async def postgres_pair(postgres_url: str) -> AsyncIterator[tuple[str, str]]:
    """Two empty databases of one server."""
    async with on_server(postgres_url) as staff, on_server(postgres_url) as intake:
        yield staff, intake
