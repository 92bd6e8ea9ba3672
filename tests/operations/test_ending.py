"""Whatever the messenger does, a process ends soon after it was asked to.

No test looks at a clock: on a busy machine it would tell of the machine. The parts of an end are
given less than five seconds together, and one that takes more is broken off, which is logged; the
processes here have a minute. The seconds themselves are a row of `make bench`.
"""

import argparse
import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks.left_behind import ends_with_us
from bot import commands as cli
from bot.app import shutdown as ending
from bot.app.loading import loading
from bot.app.settings import Settings
from messenger.client import Person
from messenger.server import ENDING
from tests.installed import give_keys
from tests.operations.conftest import settings_in
from tests.operations.process import BROKEN_OFF, HANGS, TOKEN, Running, environment, started
from tests.operations.test_process import Street, street
from tests.operations.test_run import children

__all__ = ["street"]

FOREVER = {"kind": "delay", "seconds": 60, "count": 1000}


@dataclass
class Silent:
    """A messenger that takes every request and answers none."""

    port: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while await reader.readline():
                self.asked.set()
        writer.close()


@asynccontextmanager
async def silent() -> AsyncIterator[Silent]:
    made = Silent()
    server = await asyncio.start_server(made.hear, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


async def ends(process: Running, how: signal.Signals = signal.SIGTERM) -> None:
    async with asyncio.timeout(HANGS):
        process.process.send_signal(how)
        code = await process.process.wait()
    # What isn't through in time is broken off, and ends with 1.
    assert code == 0, process.log


@pytest.mark.parametrize("command", ["staff", "public"])
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("follows", ["", "1"])
async def test_before_it_has_reached_a_messenger_that_is_silent(
    tmp_path: Path, command: str, how: signal.Signals, follows: str
) -> None:
    settings = settings_in(tmp_path / "var")
    give_keys(settings)
    async with silent() as messenger:
        given = environment(
            settings.data,
            YINLU_API=f"http://127.0.0.1:{messenger.port}",
            YINLU_FOLLOW_CLOCK=follows or "0",
            YINLU_STAFF_TOKEN=TOKEN,
            YINLU_PUBLIC_TOKEN=TOKEN,
        )
        async with started(given, command) as process:
            await messenger.asked.wait()
            await ends(process, how)
    assert "Traceback" not in process.log


def test_what_each_part_of_an_end_may_take_is_within_five_seconds_together() -> None:
    staff = ending.FINISH_UPDATES + ending.CLOSE_HTTP
    public = 4 * ending.STOP_ONE + ending.DELETE_REPORTS + ending.CLOSE_HTTP
    assert (
        max(staff, public) < ending.CANCEL_AFTER < ending.KILL_AFTER < ending.RUN_CANCEL_AFTER < 5
    )


def test_a_run_is_given_longer_than_the_children_that_it_may_have_to_kill() -> None:
    """Both had the same limit: on a busy machine `make run` ended with an error after Ctrl-C."""
    arguments = cli.parser("run").parse_args(["run"])
    assert arguments.cancel_after == ending.RUN_CANCEL_AFTER
    assert arguments.cancel_after > ending.KILL_AFTER + ENDING


async def test_a_command_with_a_limit_of_its_own_is_waited_for_so_long(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def slow(_: argparse.Namespace, __: Settings, stop: asyncio.Event) -> int:
        os.kill(os.getpid(), signal.SIGTERM)
        await stop.wait()
        await asyncio.sleep(0.02)
        return 0

    monkeypatch.setattr(cli, "CANCEL_AFTER", 0.001)
    given = argparse.Namespace(does=slow, cancel_after=HANGS)
    assert await cli._with_signals(given, settings_in(tmp_path)) == 0


def test_what_was_loaded_is_left_out_of_the_collectors_runs() -> None:
    """The interpreter's last run over all of it took longer than closing everything."""
    try:
        with loading():
            assert not gc.isenabled()
        assert gc.isenabled()
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()


async def test_a_run_starts_its_bots_before_it_loads_what_is_large() -> None:
    asked = (
        "import sys, bot.commands, sandbox.commands, sandbox.run; "
        "sys.exit(bool({'aiogram', 'sqlalchemy', 'aiohttp', 'telegram'} & set(sys.modules)))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", asked)
    assert await process.wait() == 0


async def test_what_does_not_end_by_itself_is_broken_off(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[asyncio.Event] = []

    async def deaf(_: argparse.Namespace, __: Settings, stop: asyncio.Event) -> int:
        given.append(stop)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr(cli, "CANCEL_AFTER", 0.01)
    async with asyncio.timeout(HANGS):
        code = await cli._with_signals(argparse.Namespace(does=deaf), settings_in(tmp_path))
    assert code == 1
    assert given[0].is_set()


async def falls_silent(street: Street, bot: str, *methods: str) -> None:
    for method in methods:
        await street.messenger.post("/api/faults", {"bot": bot, "method": method, **FOREVER})


async def an_unfinished_report(street: Street) -> Person:
    citizen = await street.messenger.person("citizen", "public")
    await citizen.says("/start")
    await citizen.presses("我要反映")
    await citizen.sees()
    return citizen


@pytest.mark.parametrize("command", ["staff", "public"])
async def test_while_a_messenger_that_worked_falls_silent(street: Street, command: str) -> None:
    async with started(street.environment(), command) as process:
        await process.began()
        who = {"staff": "secretary", "public": "citizen"}[command]
        person = await street.messenger.person(who, command)
        await person.says("/help")
        await person.sees()
        await falls_silent(street, command, "*")
        await person.says("/help")
        await ends(process)


async def test_an_unfinished_report_is_taken_off_although_no_update_can_be_fetched(
    street: Street,
) -> None:
    async with started(street.environment(), "public", DELETE_REPORTS=BROKEN_OFF) as process:
        await process.began()
        citizen = await an_unfinished_report(street)
        assert await citizen.screen()
        await falls_silent(street, "public", "getUpdates")
        await ends(process)
    assert not await citizen.screen()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_no_bot_outlives_a_start_that_was_broken_off(
    tmp_path: Path, how: signal.Signals
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", "--port", "0", env=environment(tmp_path / "var"),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    ends_with_us(process.pid)
    assert process.stderr is not None
    async with asyncio.timeout(HANGS):
        while not children(process.pid):  # noqa: ASYNC110, it is another process
            await asyncio.sleep(0.01)
        process.send_signal(how)
        # Whoever was started holds it too: it ends once nobody is left.
        await process.stderr.read()
        await process.wait()
