"""The command line: `yinlu` and what it can do."""

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import structlog

from bot.app.lean import load_aiogram, trusting_nobody
from bot.app.settings import Settings, SettingsError
from bot.app.shutdown import GRACE, NotBegun
from bot.cli.refusals import refusing
from bot.cli.report_keys import add_to

if TYPE_CHECKING:
    from bot.app.staff import StaffBot

log = structlog.get_logger()

HEAD_START = 1.5
"""Seconds between the first answer and everything that is only played."""

Command = Callable[[argparse.Namespace, Settings, asyncio.Event], Awaitable[int]]


def begin(arguments: argparse.Namespace, settings: Settings) -> None:
    """What `run` does before a loop runs: its children are forked. They end with it."""
    from domain.rulebook.reading.reader import load

    signal.signal(signal.SIGTERM, _ends)
    with trusting_nobody():
        from sandbox.run import PortTaken, begin

    load(settings.profile, settings.profiles)
    try:
        arguments.house = begin(settings, arguments.port)
    except PortTaken as problem:
        print(f"{problem}. Choose another one: make run PORT=8090", file=sys.stderr)
        sys.exit(1)


def _ends(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


async def run(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    await arguments.house.keep(stop)
    return 0


async def _invented(bot: "StaffBot") -> None:
    """Whoever opens the page is answered first. The notices of the invented city are told to the
    public side at once: until the next look nobody could report on one."""
    from sandbox.cast import play

    await asyncio.sleep(HEAD_START)
    await play(bot.services, bot.clock.now())
    await bot.jobs.look()


async def staff(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    load_aiogram()
    from aiogram.exceptions import TelegramUnauthorizedError

    from bot.app.staff import joined

    async with joined(settings, stop) as bot, watched(settings, bot), admitted(settings, bot):
        if arguments.cast:
            bot.beside.append(asyncio.create_task(_invented(bot)))
        log.info("began", bot="staff")
        try:
            await bot.run(stop)
        except TelegramUnauthorizedError:
            raise SettingsError(
                "YINLU_STAFF_TOKEN: the messenger doesn't know this token; BotFather shows it"
            ) from None
    return 0


@asynccontextmanager
async def watched(settings: Settings, bot: "StaffBot") -> AsyncIterator[None]:
    """With /healthz and /metrics, where a port is set for them."""
    if not settings.health_port:
        yield
        return
    from bot.operations.health import Health, serving

    health = Health(bot.services.database, bot.clock.now)
    bot.worker.done = health.counting(bot.worker.done)
    async with serving(health, settings.health_port):
        yield


@asynccontextmanager
async def admitted(settings: Settings, bot: "StaffBot") -> AsyncIterator[None]:
    """With a way for the holders of the reports' keys."""
    from bot.cli.unlock_socket import admitting

    exchange = bot.services.reports.exchange
    if exchange is None:
        yield
        return
    async with admitting(settings.data, exchange):
        yield


async def public(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    from bot.app.public import serve

    await serve(settings, stop)
    return 0


async def messenger(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    load_aiogram()
    from messenger.server import running
    from messenger.settings import MessengerSettings

    async with running(MessengerSettings(port=arguments.port)) as server:
        print(server.url, flush=True)
        await stop.wait()
    return 0


async def init(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    load_aiogram()
    from bot.cli.install import found

    print(await found(settings, arguments.department, arguments.director))
    return 0


async def keys(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    from bot.cli import keys_command as commands

    print(await getattr(commands, arguments.what)(settings))
    return 0


async def backup(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    from bot.cli.backup import back_up

    print(_counted(await back_up(settings, arguments.file)))
    return 0


async def restore(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    from bot.cli.backup import restore as put_back

    print(_counted(await put_back(settings, arguments.file)))
    return 0


async def doctor(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    from bot.cli.doctor import as_json, as_text, check_up

    found = await check_up(settings)
    print(as_json(found) if arguments.json else as_text(found))
    return int(any(finding.needs for finding in found))


def _counted(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {number} rows" for name, number in rows.items())


async def rules(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    from bot.cli import rules_command as commands

    if arguments.what == "accept":
        print(await commands.accept(settings))
        return 0
    if not (arguments.old and arguments.new):
        raise SettingsError("`yinlu rules diff OLD NEW`, for example national_2014 national_2026")
    print(await commands.diff(settings, arguments.old, arguments.new))
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="yinlu", description="leads through admitting a member")
    commands = made.add_subparsers(required=True, metavar="command")

    def command(name: str, does: Command, about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about)
        sub.set_defaults(does=does)
        return sub

    everything = command("run", run, "everything on this machine, with invented people")
    everything.add_argument("--port", type=int, default=8080)
    everything.set_defaults(before=begin)
    command("staff", staff, "the staff bot").add_argument("--cast", action="store_true")
    command("public", public, "the public bot")
    command("messenger", messenger, "the local messenger alone").add_argument(
        "--port", type=int, default=8080
    )
    add_to(commands)
    founding = command("init", init, "keys and first invitation of a new installation")
    founding.add_argument("department", help="name of the organisation department")
    founding.add_argument("director", help="name of its director, who is invited first")
    command("keys", keys, "the keys of the staff database").add_argument(
        "what", choices=("show", "rotate", "forget")
    )
    command(
        "doctor", doctor, "what needs a person; exits with 1 where something does"
    ).add_argument("--json", action="store_true")
    for name, does, about in (
        ("backup", backup, "both databases into one sealed file, while everything runs"),
        ("restore", restore, "a backup into a new directory or new databases"),
    ):
        command(name, does, about).add_argument("file", type=Path)
    rulebooks = command("rules", rules, "what differs between two rulebooks, and for whom")
    rulebooks.add_argument("what", choices=("diff", "accept"))
    rulebooks.add_argument("old", nargs="?", help="for example national_2014")
    rulebooks.add_argument("new", nargs="?", help="for example national_2026")
    return made


async def _with_signals(arguments: argparse.Namespace, settings: Settings) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    does: Command = arguments.does
    gc.enable()
    working = asyncio.ensure_future(does(arguments, settings, stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait({working}, timeout=GRACE)
    stopping.cancel()
    if working.done():
        with suppress(NotBegun):
            return working.result()
        return 0
    # It waits for something that doesn't come. Broken off anywhere, nothing is lost.
    log.warning("broken_off")
    working.cancel()
    await asyncio.wait({working})
    return 1


def main(argv: Sequence[str] | None = None) -> None:
    """Exits with 2 and one sentence where something is set wrongly."""
    from bot.app.logs import set_up

    arguments = parser().parse_args(argv)
    with refusing():
        settings = Settings.read()
        set_up(settings.log_level)
        if "before" in arguments:
            arguments.before(arguments, settings)
        sys.exit(asyncio.run(_with_signals(arguments, settings)))
