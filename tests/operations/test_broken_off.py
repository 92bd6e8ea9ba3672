"""A backup and a rotation that are told to end, or killed, in the middle: half a backup is taken
for none, and the rotation goes on where it stopped, with the key it had begun with."""

import argparse
import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from errno import ENOSPC
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

import bot.cli.backup as backing_up
from bot import commands as cli
from bot.app.settings import Settings
from bot.cli.backup import back_up, restore
from bot.cli.keys_command import rotate
from bot.cli.refusals import refusing
from models.crypto import KeyRing, install
from services.operations import key_rotation as rotation
from services.operations.key_rotation import uses
from tests.conftest import KEYS
from tests.operations.conftest import Lived, opened_in
from tests.operations.forked import fork
from tests.operations.process import environment
from tests.operations.test_backup import as_it_was, elsewhere, with_a_notice

pytestmark = pytest.mark.one_thread


def dies_in(call: tuple[str, str, int]) -> None:
    """In a process of its own: it is ended by the machine after it has called a function of a
    module so often."""
    module, name, times = import_module(call[0]), call[1], call[2]
    does, left = getattr(module, name), iter(range(times))

    def dies(*given: object) -> object:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return does(*given)

    setattr(module, name, dies)
    module.AT_ONCE = 2


@pytest.fixture(autouse=True)
async def other_rooms_keep_their_keys() -> AsyncIterator[None]:
    yield
    install(KEYS)


async def killed(settings: Settings, module: str, name: str, times: int, *command: str) -> None:
    process = await fork(
        environment(settings.data), *command, prepare=(dies_in, (module, name, times))
    )
    assert await process.wait() == -signal.SIGKILL


def hangs_after(does: Callable[..., Awaitable[object]], times: int) -> Callable[..., object]:
    """Asked to end there, and never through by itself."""
    left = iter(range(times))

    async def made(*given: object) -> object:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()
        return await does(*given)

    return made


async def told_to_end(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, does: cli.Command, **given: object
) -> int:
    monkeypatch.setattr(cli, "CANCEL_AFTER", 0.01)
    code = await cli._with_signals(argparse.Namespace(does=does, **given), settings)
    monkeypatch.undo()
    return code


async def goes_on(settings: Settings, begun: KeyRing) -> None:
    """`begun`: as the keys were before it was tried at all."""
    after = settings.ring()
    assert after.keys[1:] == begun.keys
    await rotate(settings)
    assert settings.ring() == after
    async with opened_in(settings) as database:
        assert set(await uses(database)) == {after.ids[0]}
        assert await database.broken_chains() == ()


async def a_backup_is_whole(settings: Settings, file: Path) -> None:
    await back_up(settings, file)
    fresh = elsewhere(settings, file.parent / "fresh")
    await restore(fresh, file)
    assert await as_it_was(fresh, settings)


@pytest.mark.parametrize("times", [0, 1])
async def test_a_backup_that_is_told_to_end_leaves_nothing(
    settings: Settings,
    lived: Lived,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    times: int,
) -> None:
    await with_a_notice(settings)
    file = tmp_path / "monday.backup"
    before = sorted(tmp_path.iterdir())
    dumps = hangs_after(backing_up._dump, times)
    monkeypatch.setattr(backing_up, "_dump", dumps)
    assert await told_to_end(monkeypatch, settings, cli.backup, file=file) == 1
    assert sorted(tmp_path.iterdir()) == before
    await a_backup_is_whole(settings, file)


@pytest.mark.parametrize("times", [pytest.param(0, marks=pytest.mark.slow), 300])
async def test_a_backup_that_is_killed_is_called_none(
    settings: Settings, lived: Lived, tmp_path: Path, times: int
) -> None:
    await with_a_notice(settings)
    file = tmp_path / "monday.backup"
    await killed(settings, "bot.cli.backup", "_said", times, "backup", str(file))
    assert not file.exists()
    assert file.with_name("monday.backup.part").exists()
    await a_backup_is_whole(settings, file)
    assert not file.with_name("monday.backup.part").exists()


@pytest.mark.parametrize("times", [0, pytest.param(3, marks=pytest.mark.slow), 12])
async def test_a_rotation_that_is_told_to_end_goes_on(
    settings: Settings, lived: Lived, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    begun = settings.ring()
    monkeypatch.setattr(rotation, "_some", hangs_after(rotation._some, times))
    arguments = {"what": "rotate"}
    assert await told_to_end(monkeypatch, settings, cli.keys, **arguments) == 1
    await goes_on(settings, begun)


@pytest.mark.parametrize("times", [0, pytest.param(3, marks=pytest.mark.slow), 12])
async def test_a_rotation_that_is_killed_goes_on(
    settings: Settings, lived: Lived, times: int
) -> None:
    begun = settings.ring()
    await killed(settings, "services.operations.key_rotation", "_some", times, "keys", "rotate")
    await goes_on(settings, begun)


@pytest.mark.parametrize("times", [pytest.param(0, marks=pytest.mark.slow), 1, 2])
async def test_a_restore_that_is_killed_leaves_nothing_to_work_with_until_it_is_done_again(
    settings: Settings,
    lived: Lived,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    times: int,
) -> None:
    """Killed before the first database, between the two, and when both were filled."""
    await with_a_notice(settings)
    file = tmp_path / "monday.backup"
    await back_up(settings, file)
    fresh = elsewhere(settings, tmp_path / "fresh")
    point = ("_fill", times) if times < 2 else ("_unmark", 0)
    await killed(fresh, "bot.cli.backup", *point, "restore", str(file))
    for command in ("doctor", "staff", "public"):
        process = await fork(environment(fresh.data), command)
        assert await process.wait() == 2
    await restore(fresh, file)
    assert await as_it_was(fresh, settings)
    fresh.refuse_half_restored()


async def test_a_restore_for_which_there_is_no_room_leaves_two_empty_databases(
    settings: Settings, lived: Lived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await with_a_notice(settings)
    file, fills = tmp_path / "monday.backup", backing_up._fill
    await back_up(settings, file)
    fresh = elsewhere(settings, tmp_path / "fresh")

    async def full(part: backing_up.StoredDatabase, *given: object) -> int:
        if part.name == "intake":
            raise OSError(ENOSPC, "no space left")
        return await fills(part, *given)  # type: ignore[arg-type]

    with monkeypatch.context() as fault:
        fault.setattr(backing_up, "_fill", full)
        with pytest.raises(OSError, match="no space"):
            await restore(fresh, file)
    assert [path.name for path in fresh.data.iterdir()] == ["keys"]
    await restore(fresh, file)
    assert await as_it_was(fresh, settings)


@pytest.mark.parametrize(
    "error",
    [
        OSError(ENOSPC, "no space left on device"),
        OperationalError("INSERT 张三", {}, Exception("database or disk is full")),
    ],
)
def test_a_full_disk_is_one_sentence(error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, refusing():
        raise error
    assert ended.value.code == 2
    assert capsys.readouterr().err == "yinlu: the disk is full: make room and run it again\n"
