"""The command line: `yinlu` and what it can do."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import entry_points
from pathlib import Path

import structlog

from bot.app.deferred_validators import load_aiogram
from bot.app.loading import loading
from bot.app.settings import GATEWAYS, WEB, Settings, SettingsError
from bot.app.shutdown import CANCEL_AFTER, StoppedBeforeReady
from bot.cli.refusals import refusing
from bot.cli.report_keys import add_to

log = structlog.get_logger()

GROUP = "yinlu.commands"
"""The group of entry points by which other packages bring commands. Each is a function that is
handed what `add_parser` belongs to, and carries the name of its command."""

Command = Callable[[argparse.Namespace, Settings, asyncio.Event], Awaitable[int]]


async def staff(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    with loading():
        load_aiogram()
        from bot.processes.staff import serve
    await serve(settings, stop)
    return 0


async def public(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    with loading():
        from bot.processes.public import serve
    await serve(settings, stop)
    return 0


async def gateway(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    with loading():
        from bot.processes.gateway import load, serve

        load(arguments.platform)
    await serve(settings, stop, arguments.platform)
    return 0


async def web(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    if arguments.forget:
        return await _forget(settings, arguments.forget)
    arguments.platform = WEB
    return await gateway(arguments, settings, stop)


async def _forget(settings: Settings, name: str) -> int:
    from bot.processes.gateway import forget_account

    if await forget_account(settings, name):
        print(f"{name}: account, sessions, chat and files are gone; a new invitation brings back")
        return 0
    print(f"{name}: there is no such login name; nothing was changed")
    return 1


async def init(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    load_aiogram()
    from bot.cli.install import found

    print(await found(settings, arguments.department, arguments.director))
    return 0


async def setup(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    load_aiogram()
    from bot.setup.setup import setup as set_up

    return await set_up(arguments, settings, stop)


async def keys(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    from bot.cli import keys_command as commands

    print(await getattr(commands, arguments.what)(settings))
    return 0


async def peer(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    from bot.cli import peers_command as commands

    print(await commands.DOES[arguments.what](settings, arguments), end="")
    return 0


async def backup(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    from bot.cli.backup import back_up
    from bot.cli.progress import progress

    print(_counted(await back_up(settings, arguments.file, progress)))
    return 0


async def restore(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    from bot.cli.backup import restore as put_back
    from bot.cli.progress import progress

    print(_counted(await put_back(settings, arguments.file, progress)))
    return 0


async def doctor(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    from bot.cli.doctor import as_json, as_text, check_up
    from bot.cli.progress import progress

    found = await check_up(settings, arguments.against, progress)
    print(as_json(found) if arguments.json else as_text(found))
    return int(any(finding.needs for finding in found))


def _counted(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {number} rows" for name, number in rows.items())


async def rules(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    from bot.cli import rules_command as commands

    if arguments.what == "accept":
        print(await commands.accept(settings))
        return 0
    if arguments.what == "check":
        if not arguments.old:
            raise SettingsError("`yinlu rules check FILE`, for example profiles/mycity.toml")
        said, code = commands.check(Path(arguments.old))
        print(said)
        return code
    if not (arguments.old and arguments.new):
        raise SettingsError("`yinlu rules diff OLD NEW`, for example national_2014 national_2026")
    print(await commands.diff(settings, arguments.old, arguments.new))
    return 0


def _add_rules(rulebooks: argparse.ArgumentParser) -> None:
    rulebooks.add_argument("what", choices=("check", "diff", "accept"))
    rulebooks.add_argument("old", nargs="?", help="a file to check, or for example national_2014")
    rulebooks.add_argument("new", nargs="?", help="for example national_2026")


def parser(wanted: str = "") -> argparse.ArgumentParser:
    """`wanted`: the command that is asked for; registered ones are only looked for where it is none
    of ours, since that reads what every installed package has registered."""
    made = argparse.ArgumentParser(prog="yinlu", description="leads through admitting a member")
    made.add_argument("--settings", type=Path, metavar="FILE", help="instead of the environment")
    commands = made.add_subparsers(required=True, metavar="command")

    def command(name: str, does: Command, about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about)
        sub.set_defaults(does=does)
        return sub

    command("staff", staff, "the staff bot")
    command("public", public, "the public bot")
    command("gateway", gateway, "the staff bot on another messenger").add_argument(
        "platform", choices=GATEWAYS
    )
    _web_options(command("web", web, "the staff bot in a browser, as `yinlu gateway web`"))
    add_to(commands)
    _setup_options(command("setup", setup, "asks what an installation must know"))
    _init_options(command("init", init, "keys and first invitation of a new installation"))
    command("keys", keys, "the keys of the staff database").add_argument(
        "what", choices=("show", "rotate", "forget")
    )
    _peer_options(command("peer", peer, "other installations that this one exchanges with"))
    looks = command("doctor", doctor, "what needs a person; exits with 1 where something does")
    looks.add_argument("--json", action="store_true")
    looks.add_argument("--against", type=Path, metavar="BACKUP", help="was an older copy put back?")
    for name, does, about in (
        ("backup", backup, "all databases into one sealed file, while everything runs"),
        ("restore", restore, "a backup into a new directory or new databases"),
    ):
        command(name, does, about).add_argument("file", type=Path)
    _add_rules(command("rules", rules, "check a rulebook file; compare two, and for whom"))
    # The sandbox brings its own: production imports nothing of it.
    if wanted not in commands.choices:
        for point in entry_points(group=GROUP):
            point.load()(commands)
    return made


def _web_options(page: argparse.ArgumentParser) -> None:
    about = "remove this login name with its sessions and its chat"
    page.add_argument("--forget", metavar="NAME", help=about)


def _init_options(founding: argparse.ArgumentParser) -> None:
    founding.add_argument("department", help="name of the organisation department")
    founding.add_argument("director", help="name of its director, who is invited first")


def _peer_options(peers: argparse.ArgumentParser) -> None:
    peers.add_argument("what", choices=("card", "add", "list", "remove"))
    peers.add_argument("of", nargs="?", help="the file of a card (add), or a name (remove)")
    about = "where the other one stands, seen from here"
    peers.add_argument("--as", dest="relation", choices=("above", "below", "beside"), help=about)
    about = "what the other office reads out of its own `yinlu peer card`, in quotes"
    peers.add_argument("--fingerprint", default="", help=about)


def _setup_options(asks: argparse.ArgumentParser) -> None:
    asks.add_argument("--folder", type=Path, help="for settings and units, such as /etc/yinlu")
    asks.add_argument("--data", type=Path, help="for databases and keys, such as /var/lib/yinlu")
    asks.add_argument("--staff-user", default="yinlu", help="whom root lets the staff bot run as")
    asks.add_argument("--public-user", default="yinlu-public", help="and the public bot")
    asks.add_argument("--english", action="store_true", help="ask in English")


async def _with_signals(arguments: argparse.Namespace, settings: Settings) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    does: Command = arguments.does
    working = asyncio.ensure_future(does(arguments, settings, stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    limit: float = getattr(arguments, "cancel_after", CANCEL_AFTER)
    await asyncio.wait({working}, timeout=limit)
    stopping.cancel()
    if working.done():
        with suppress(StoppedBeforeReady):
            return working.result()
        return 0
    # It waits for something that doesn't come. Broken off anywhere, nothing is lost.
    log.warning("shutdown_timed_out")
    working.cancel()
    await asyncio.wait({working})
    return 1


def _settings(file: Path | None) -> Settings:
    """Raises SettingsError."""
    if file is None:
        return Settings.read()
    from bot.setup.files import EnvironmentFile

    return EnvironmentFile(file).settings()


def main(argv: Sequence[str] | None = None) -> None:
    """Exits with 2 and one sentence where something is set wrongly."""
    from bot.app.logs import set_up

    given = sys.argv[1:] if argv is None else list(argv)
    arguments = parser(next(iter(given), "")).parse_args(given)
    with refusing():
        settings = _settings(arguments.settings)
        set_up(settings.log_level)
        if arguments.does is not restore:
            settings.refuse_half_restored()
        sys.exit(asyncio.run(_with_signals(arguments, settings)))
