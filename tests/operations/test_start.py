"""What is set wrongly stops the start with one sentence: which setting or file, and what is wrong
with it."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app.database import open_intake
from bot.app.engines import engine_for
from bot.app.settings import Settings
from bot.cli.backup import parts
from bot.processes.staff import joined
from models.crypto import KeyRing
from tests.installed import give_keys
from tests.operations.conftest import Lived, settings_in
from tests.operations.process import TOKEN, ended, environment

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = settings_in(tmp_path / "var")
    give_keys(made)
    return made.data


def profile(folder: Path, text: str) -> dict[str, str]:
    folder.parent.joinpath("mine.toml").write_text(text, "utf-8")
    return {"YINLU_PROFILES": str(folder.parent), "YINLU_PROFILE": "mine"}


def plan(folder: Path, text: str) -> dict[str, str]:
    path = folder.parent / "plan.toml"
    path.write_text(text, "utf-8")
    return {"YINLU_CALENDAR_FILE": str(path)}


def without(name: str) -> Callable[[Path], dict[str, str]]:
    def gone(folder: Path) -> dict[str, str]:
        (folder / name).unlink()
        return {}

    return gone


def written(name: str, text: str) -> Callable[[Path], dict[str, str]]:
    def changed(folder: Path) -> dict[str, str]:
        (folder / name).write_text(text, "utf-8")
        return {}

    return changed


WRONG: dict[str, tuple[str, Callable[[Path], dict[str, str]], str]] = {
    "no token": ("staff", lambda _: {"YINLU_STAFF_TOKEN": ""}, "YINLU_STAFF_TOKEN: expected"),
    "half a token": ("public", lambda _: {"YINLU_PUBLIC_TOKEN": "abc"}, "YINLU_PUBLIC_TOKEN"),
    "an address": ("staff", lambda _: {"YINLU_API": "telegram.org"}, "YINLU_API: expected an addr"),
    "a typo": ("staff", lambda _: {"YINLU_STAF_TOKEN": "x"}, "YINLU_STAF_TOKEN: there is no such"),
    "a level": ("staff", lambda _: {"YINLU_LOG_LEVEL": "loud"}, "YINLU_LOG_LEVEL: expected DEBUG"),
    "a port": ("staff", lambda _: {"YINLU_HEALTH_PORT": "99999"}, "YINLU_HEALTH_PORT"),
    "a kind of database": ("staff", lambda _: {"DATABASE_URL": "mysql://x"}, "DATABASE_URL: expe"),
    "a database that isn't there": (
        "staff",
        lambda _: {"DATABASE_URL": "postgresql+asyncpg://u:hidden@127.0.0.1:9/x"},
        "DATABASE_URL: the database can't be opened (ConnectionRefusedError)",
    ),
    "no profile": ("staff", lambda _: {"YINLU_PROFILE": "atlantis"}, "atlantis.toml: -: there is"),
    "a profile that isn't TOML": (
        "staff", lambda f: profile(f, 'id = "mine'), "mine.toml: -: not valid TOML"
    ),
    "a profile with an unknown key": (
        "staff",
        lambda f: profile(f, 'id="mine"\nextends="national_2026"\nversion="1"\n'
                  'title={zh="一",en="a"}\nspeed=3\n'),
        "mine.toml: speed: unknown key",
    ),
    "a profile of another kind": (
        "run",
        lambda f: profile(f, 'id="mine"\nversion="1"\ntitle={zh="一",en="a"}\nextends = 3'),
        "mine.toml: extends: expected a text in quotes",
    ),
    "half a plan of holidays": (
        "staff",
        lambda f: plan(f, '[[years]]\nyear=2027\nsource="x"\nrest=[2027-01-01]\nwork=[]\n'),
        "plan.toml: years[0].rest: expected the whole year, found 1 days",
    ),
    "no key file": ("staff", without("keys"), "there is no key file. `yinlu init` makes one"),
    "a key file of nonsense": ("staff", written("keys", "key abc\n"), "a key"),
    "nothing to check answers with": (
        "public",
        without("answers.pub"),
        "answers.pub: can't be read",
    ),
    "no pepper": ("public", without("pepper"), "pepper: can't be read"),
    "no key of the department": ("public", without("report.pub"), "report.pub: can't be read"),
    "a passphrase": (
        "staff", lambda _: {"YINLU_REPORT_PASSPHRASE": "not it"}, "YINLU_REPORT_PASSPHRASE"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_setting_stops_the_start_and_is_named(folder: Path, name: str) -> None:
    command, set_wrongly, said = WRONG[name]
    tokens = {"YINLU_STAFF_TOKEN": TOKEN, "YINLU_PUBLIC_TOKEN": TOKEN, "YINLU_API": NOWHERE}
    end = await ended(environment(folder, **{**tokens, **set_wrongly(folder)}), command)
    assert end.code == 2
    assert end.said.startswith("yinlu: ")
    assert said in end.said
    assert end.said.count("\n") == 1
    assert TOKEN not in end.said
    assert "hidden" not in end.said


async def test_another_installations_keys_open_nothing_and_change_nothing(
    settings: Settings, lived: Lived
) -> None:
    before = (settings.data / "staff.sqlite3").read_bytes()
    right = settings.keys_path.read_text("utf-8")
    settings.keys_path.write_text(KeyRing.new().write(), "utf-8")
    given = environment(settings.data, YINLU_STAFF_TOKEN=TOKEN, YINLU_API=NOWHERE)
    for command in (["staff"], ["doctor"], ["keys", "rotate"]):
        end = await ended(given, *command)
        assert (end.code, end.said.count("\n")) == (2, 1)
        assert "sealed with other keys. Bring back the key file" in end.said
    settings.keys_path.write_text(right, "utf-8")
    assert (settings.data / "staff.sqlite3").read_bytes() == before


LATER = "UPDATE alembic_version SET version_num = '9999'"


@pytest.mark.parametrize(
    ("part", "commands"),
    [(0, ("staff", "doctor", "run")), (1, ("staff", "public", "doctor", "run"))],
    ids=["staff", "intake"],
)
async def test_a_database_of_a_later_version_stops_every_command_with_one_sentence(
    settings: Settings, lived: Lived, part: int, commands: tuple[str, ...]
) -> None:
    await (await open_intake(settings.intake_database)).close()
    engine = engine_for(parts(settings)[part].url)
    async with engine.execution_options(yinlu_write=True).begin() as connection:
        await connection.execute(text(LATER))
    await engine.dispose()
    tokens = {"YINLU_STAFF_TOKEN": TOKEN, "YINLU_PUBLIC_TOKEN": TOKEN, "YINLU_API": NOWHERE}
    for command in commands:
        more = ("--port", "0") if command == "run" else ()
        end = await ended(environment(settings.data, **tokens), command, *more)
        assert (end.code, end.said.count("\n")) == (2, 1)
        assert f"yinlu: the {parts(settings)[part].name} database has schema 9999" in end.said
        assert "Nothing was changed" in end.said


async def test_a_second_staff_bot_on_one_sqlite_file_is_refused(
    settings: Settings, lived: Lived
) -> None:
    given = environment(settings.data, YINLU_STAFF_TOKEN=TOKEN, YINLU_API=NOWHERE)
    async with joined(settings_in(settings.data, staff_token=TOKEN), asyncio.Event()):
        end = await ended(given, "staff")
    assert (end.code, end.said.count("\n")) == (2, 1)
    assert "staff.sqlite3: another staff bot works with this file. Stop it first" in end.said
    # However the first one ended, its file is free.
    async with joined(settings_in(settings.data, staff_token=TOKEN), asyncio.Event()):
        pass


@pytest.mark.parametrize("kind", ["run", "health"])
async def test_a_port_that_is_taken_is_named(settings: Settings, lived: Lived, kind: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        more = {} if kind == "run" else {"YINLU_HEALTH_PORT": port, "YINLU_STAFF_TOKEN": TOKEN}
        command = ["run", "--port", port] if kind == "run" else ["staff"]
        end = await ended(environment(settings.data, YINLU_API=NOWHERE, **more), *command)
    assert end.code > 0
    assert f"port {port}" in end.said
    assert "ddress already in use" in end.said
    assert end.said.count("\n") == 1


async def test_an_installation_is_founded_once_and_its_link_given_again(tmp_path: Path) -> None:
    given = environment(tmp_path / "new")
    first = await ended(given, "init", "白桦市委组织部", "苏和")
    assert first.code == 0
    assert len(first.out.strip()) > 20
    again = await ended(given, "init", "白桦市委组织部", "苏和")
    assert again.out == first.out
    seen = await ended(given, "doctor")
    assert "audit chains: 1 lines" in seen.out
