"""`yinlu setup`: asks what an installation must know, writes its files, tries each connection."""

import argparse
import asyncio
import grp
import os
import pwd
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path
from subprocess import DEVNULL

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramUnauthorizedError
from pydantic import SecretStr
from sqlalchemy.exc import SQLAlchemyError

from bot.app.engines import engine_for, sqlite_url
from bot.app.keys import make_keys
from bot.app.settings import (
    DATABASES,
    FEISHU,
    SECURE,
    TELEGRAM,
    TOKEN,
    Settings,
    SettingsError,
    write_private,
)
from bot.cli.doctor import as_text, check_up
from bot.cli.report_keys import LEAST_PASSPHRASE
from bot.processes.staff_services import opened
from bot.setup import setup_texts as texts
from bot.setup.asking import Stopped, Terminal, Wrong, an_address, said_to_remain, something
from bot.setup.files import BOTS, HIDDEN, PROGRAM, PYTHON, Installation, write_units
from bot.setup.gateways import Gateways
from domain.files.toml import FileError
from domain.rulebook.reading.reader import load
from services.core.acts import Act
from services.core.errors import NotAllowed, NotInvited
from services.core.i18n import use

POSTGRES = DATABASES[1]
PORT, PEERS_PORT = "8081", "8120"
ANSWER_WITHIN = 15
"""Seconds that a messenger has to say who a bot is."""
LONGEST_START = 60
"""Seconds that the program has to start."""


class Setup:
    """One installation, being set up or looked through again. Answers are written as they are
    given, so that whoever is called away goes on where they were."""

    def __init__(self, place: Installation, terminal: Terminal) -> None:
        self.place, self.terminal = place, terminal
        self.files = {bot: place.environment(bot) for bot in BOTS}
        self.names: dict[str, str] = {}
        """What the messenger calls each bot that it was asked about."""
        self.remains: list[str] = []
        self.gateways = Gateways(self.files["staff"], terminal, self.remains)

    async def run(self) -> None:
        """Raises Stopped, SettingsError."""
        self.terminal.say(texts.begins(self.place.folder))
        make_folders(self.place)
        for bot in BOTS:
            self.files[bot].add("YINLU_DATA", str(self.place.data_of(bot)))
        self._ask_rules()
        self.gateways.ask_which()
        for bot in BOTS:
            await self._ask_messenger(bot)
        await self.gateways.ask_each()
        await self._ask_databases()
        self._ask_page()
        self._ask_peers()
        await self._found()
        self._give_keys()
        hand_over(self.place)
        write_units(self.place, self.gateways.named())
        self._try_program()
        await self._say_what_remains()

    def _stands(self, bot: str, name: str) -> str | None:
        return self.files[bot].read().get(name)

    def _add(self, name: str, value: str, *bots: str) -> None:
        for bot in bots:
            self.files[bot].add(name, value)

    def _ask_rules(self) -> None:
        if self._stands("staff", "YINLU_PROFILE") is None:
            answer = self.terminal.asked(texts.profile(), _a_profile, "national_2026")
            name, folder = _profile(answer)
            if folder is not None:
                self._add("YINLU_PROFILES", str(folder), *BOTS)
            self._add("YINLU_PROFILE", name, *BOTS)

    async def _ask_messenger(self, bot: str) -> None:
        """Where the bot's messenger is, and as whom it speaks there."""
        file, variable = self.files[bot], f"YINLU_{bot.upper()}_TOKEN"
        if bot == "staff" and self.gateways.in_its_place():
            return
        token = self._stands(bot, variable)
        if token is not None:
            with said_to_remain(self.remains, texts.standing_token_refused(file.path)):
                await self._reach(bot, token)
            return
        if self._stands(bot, "YINLU_API") is None:
            file.add("YINLU_API", self.terminal.asked(texts.api(bot), an_address, TELEGRAM))
        while True:
            token = self.terminal.asked(texts.token(bot), self._a_token, secret=True)
            try:
                await self._reach(bot, token)
            except Wrong as wrong:
                self.terminal.say(str(wrong))
            else:
                file.add(variable, token)
                return

    def _a_token(self, answer: str) -> str:
        if not TOKEN.fullmatch(answer):
            raise Wrong(texts.not_a_token())
        if answer in [self._stands(bot, f"YINLU_{bot.upper()}_TOKEN") for bot in BOTS]:
            raise Wrong(texts.same_token())
        return answer

    async def _reach(self, bot: str, token: str) -> None:
        """Raises Wrong where the messenger refuses the token."""
        api = self._stands(bot, "YINLU_API") or TELEGRAM
        server = TelegramAPIServer.from_base(api)
        try:
            async with Bot(token, AiohttpSession(api=server, timeout=ANSWER_WITHIN)) as asked:
                self.names[bot] = (await asked.get_me()).username or ""
        except TelegramUnauthorizedError:
            raise Wrong(texts.token_refused()) from None
        except (TelegramAPIError, OSError):
            self.terminal.say(texts.not_reached(api))
            self.remains.append(texts.not_reached(api))
        else:
            self.terminal.say(texts.reached(self.names[bot]))

    async def _ask_databases(self) -> None:
        staff = self._stands("staff", "DATABASE_URL")
        if self._stands("staff", "YINLU_INTAKE_URL") is not None:
            return
        if staff is None:
            staff = await self._a_database(texts.database(), texts.here())
            if staff:
                self._add("DATABASE_URL", staff, "staff")
        shared = sqlite_url(self.place.shared / "intake.sqlite3")
        intake = await self._a_database(texts.intake_database(), "", staff) if staff else shared
        self._add("YINLU_INTAKE_URL", intake, *BOTS)

    async def _a_database(self, text: str, default: str, other: str = "") -> str:
        """The address of a PostgreSQL that answers; "" for the default."""

        def check(answer: str) -> str:
            if default and answer == default:
                return ""
            if not answer.startswith(POSTGRES):
                raise Wrong(texts.not_a_database())
            if answer == other:
                raise Wrong(texts.same_database())
            return answer

        while url := self.terminal.asked(text, check, default):
            try:
                await _connect(url)
            except Wrong as wrong:
                self.terminal.say(str(wrong))
            else:
                break
        return url

    def _ask_page(self) -> None:
        if self._stands("public", "YINLU_PUBLIC_PORT") is None:
            self._add(
                "YINLU_PUBLIC_PORT", self.terminal.asked(texts.port(), _a_port, PORT), "public"
            )
        opened = self._stands("public", "YINLU_PUBLIC_PORT") != "0"
        if opened and self._stands("public", "YINLU_PUBLIC_URL") is None:
            address = self.terminal.asked(texts.page(), _an_address_or_none)
            if address:
                self._add("YINLU_PUBLIC_URL", address, "public")
            else:
                self.remains.append(texts.no_page_address(self.files["public"].path))

    def _ask_peers(self) -> None:
        """Whether other cities, or offices above or below, exchange messages with this one."""
        if self._stands("staff", "YINLU_PEERS_PORT") is not None:
            return
        address = self.terminal.asked(texts.peers(), _a_secure_address_or_none)
        port = (
            self.terminal.asked(texts.peers_port(), _an_open_port, PEERS_PORT) if address else "0"
        )
        if address:
            self._add("YINLU_PEERS_URL", address, "staff")
            self.terminal.say(texts.peers_next(port))
        self._add("YINLU_PEERS_PORT", port, "staff")

    async def _found(self) -> None:
        """Keys, the organisation department, and its director's invitation."""
        settings = self.files["staff"].settings()
        make_keys(self._with_passphrase(settings))
        async with opened(settings) as (services, clock):
            people, act = services.people, Act("init:found", clock.now())
            names = ("", "")
            if not await people.founded():
                names = (
                    self.terminal.asked(texts.department(), something),
                    self.terminal.asked(texts.director(), something),
                )
            try:
                token = await people.found(act, *names)
                await people.named_in(token, clock.now())
            except NotAllowed:
                self.terminal.say(texts.founded_otherwise())
            except NotInvited:
                self.terminal.say(texts.joined())
            else:
                # Opened on Telegram, a link would leave the other messengers out.
                opens = settings.api == TELEGRAM and not self.gateways.named()
                if not self.gateways.page_alone():
                    self.terminal.say(texts.link(self.names.get("staff", ""), token, opens))
                if self.gateways.page:
                    self.terminal.say(texts.page_link(f"{self.gateways.page}/#join={token}"))

    def _with_passphrase(self, settings: Settings) -> Settings:
        """For the key of the reports, while it is made. It is written into no file: whoever copies
        the data folder opens no report with it."""
        if settings.report_public_path.exists():
            return settings
        chosen = self.terminal.asked(texts.passphrase(), _a_passphrase, secret=True)
        while chosen and self.terminal.ask(texts.once_more(), secret=True) != chosen:
            self.terminal.say(texts.passphrases_differ())
            chosen = self.terminal.asked(texts.passphrase(), _a_passphrase, secret=True)
        return settings.model_copy(update={"report_passphrase": SecretStr(chosen)})

    def _give_keys(self) -> None:
        """Copy to the public bot what it needs of the keys: with these it can't read what it
        accepts."""
        settings = self.files["staff"].settings()
        given = settings.pepper_path, settings.receipt_key_path
        also = settings.report_public_path, settings.answers_public_path
        for source in (*given, *also):
            copy, text = self.place.public_data / source.name, source.read_text("utf-8")
            if not copy.exists():
                write_private(copy, text)
            elif copy.read_text("utf-8") != text:
                self.remains.append(texts.key_differs(source.name, copy))

    def _try_program(self) -> None:
        """Whether the users that the units name can start it there."""
        users = {user for bot in BOTS if (user := self.place.user_of(bot))}
        if any(not starts(_user(user)) for user in sorted(users)):
            self.remains.append(texts.out_of_reach(PROGRAM))

    async def _say_what_remains(self) -> None:
        staff = self.files["staff"]
        if wrong := [check for check in await check_up(staff.settings()) if check.needs]:
            self.remains.append(as_text(wrong))
        say = self.terminal.say
        say(texts.keys(self.place.data))
        named = self.place.commands(self.gateways.named())
        paths = [self.place.unit(command) for command in named]
        say(texts.units(paths, bool(self.place.staff_user)))
        if FEISHU in self.gateways.named():
            say(texts.feishu_next())
        if self.remains:
            say("\n".join((texts.remains(), *self.remains)))
        say(texts.look_again() if self.remains else texts.nothing_remains())
        say(f"  {PROGRAM} --settings {staff.path} doctor")


async def _connect(url: str) -> None:
    """Raises Wrong."""
    try:
        engine = engine_for(url)
        try:
            async with engine.connect():
                pass
        finally:
            await engine.dispose()
    except (OSError, SQLAlchemyError) as error:
        # Without the address, which holds a password.
        cause = getattr(error, "orig", None) or error
        raise Wrong(texts.database_not_reached(type(cause).__name__)) from None


def starts(user: pwd.struct_passwd) -> bool:
    """Whether a user can start the program, also under a unit that hides HIDDEN."""
    if any(path.is_relative_to(folder) for path in (PROGRAM, PYTHON) for folder in HIDDEN):
        return False
    try:
        # Without the environment: root's may hold a token, and a PYTHONPATH that the unit hasn't.
        ran = subprocess.run(
            [PROGRAM, "--help"], user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/",
            env={}, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, timeout=LONGEST_START,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ran.returncode == 0


def _profile(answer: str) -> tuple[str, Path | None]:
    """A name, and the folder of its file where it isn't one of ours."""
    if answer.endswith(".toml"):
        path = Path(answer).absolute()
        return path.stem, path.parent
    return answer, None


def _a_profile(answer: str) -> str:
    try:
        load(*_profile(answer))
    except FileError as problem:
        raise Wrong(texts.not_a_profile(str(problem))) from None
    return answer


def _an_address_or_none(answer: str) -> str:
    return an_address(answer) if answer else ""


def _a_port(answer: str) -> str:
    if not (answer.isascii() and answer.isdigit() and int(answer) <= 65535):
        raise Wrong(texts.not_a_port())
    return answer


def _a_secure_address_or_none(answer: str) -> str:
    if answer and not answer.startswith(SECURE):
        raise Wrong(texts.not_a_secure_address())
    return answer.rstrip("/")


def _an_open_port(answer: str) -> str:
    if _a_port(answer) == "0":
        raise Wrong(texts.not_an_open_port())
    return answer


def _a_passphrase(answer: str) -> str:
    if answer and len(answer) < LEAST_PASSPHRASE:
        raise Wrong(texts.short_passphrase(LEAST_PASSPHRASE))
    return answer


def make_folders(place: Installation) -> None:
    """Raises SettingsError."""
    try:
        place.folder.mkdir(0o755, parents=True, exist_ok=True)
        for folder in (place.data, place.public_data, place.shared):
            folder.mkdir(0o700, parents=True, exist_ok=True)
    except OSError:
        raise SettingsError(texts.only_root(place.folder)) from None
    if place.staff_user:
        # Before a file is made in it: new ones take the group, and may then be shared.
        os.chown(place.shared, _user(place.staff_user).pw_uid, _user(place.public_user).pw_gid)
        place.shared.chmod(0o2770)


def hand_over(place: Installation) -> None:
    """To the users that the bots run as, what root has made here. What is theirs already stays, and
    no link is followed: one put there by a bot would hand over the file that it leads to."""
    if not place.staff_user:
        return
    for bot in BOTS:
        user = _user(place.user_of(bot))
        folder = place.data_of(bot)
        _give([folder, *folder.rglob("*")], user.pw_uid, user.pw_gid)
    if place.cell:
        # It is no service manager that reads it, but the process that serves many.
        staff = _user(place.staff_user)
        _give([place.environment("staff").path], staff.pw_uid, staff.pw_gid)
    # Its files have the group of the folder.
    _give(place.shared.iterdir(), _user(place.staff_user).pw_uid, -1)


def _give(paths: Iterable[Path], user: int, group: int) -> None:
    for path in paths:
        if path.lstat().st_uid == os.geteuid():
            os.chown(path, user, group, follow_symlinks=False)


def _user(name: str) -> pwd.struct_passwd:
    """Raises SettingsError."""
    try:
        found = pwd.getpwnam(name)
        grp.getgrgid(found.pw_gid)
    except KeyError:
        raise SettingsError(texts.no_user(name)) from None
    return found


def place_of(arguments: argparse.Namespace) -> Installation:
    """Where root sets it up: for the whole machine, with a user for each bot. Anybody else: in a
    folder of their own, as themselves. Raises SettingsError."""
    root = os.geteuid() == 0
    folder: Path = arguments.folder or (Path("/etc/yinlu") if root else Path.home() / "yinlu")
    data: Path = arguments.data or (Path("/var/lib/yinlu") if root else folder / "data")
    folder, data = folder.absolute(), data.absolute()
    users = (arguments.staff_user, arguments.public_user) if root else ("", "")
    for user in filter(None, users):
        _user(user)
    public, shared = (data.with_name(f"{data.name}-{what}") for what in ("public", "intake"))
    return Installation(folder, data, public, shared, *users)


async def setup(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    """0 where nothing remains to be done, 1 where something does."""
    # Whoever waits at a question is broken off at once; what was answered is on the disk.
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(name)
    terminal = Terminal()
    with use("en" if arguments.english else "zh"):
        found = Setup(place_of(arguments), terminal)
        try:
            await found.run()
        except Stopped:
            terminal.say(f"\n{texts.stopped()}")
            return 1
    return int(bool(found.remains))
