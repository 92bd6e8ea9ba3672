"""The files that `yinlu setup` writes: settings of both bots, and their systemd units."""

import re
import shlex
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dotenv import dotenv_values
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.app.settings import Settings, refuse_unknown, replace_private, valid, write_private

BOTS = "staff", "public"
PLAIN = re.compile(r"[\w./:@%+,=?&~!*()-]*", re.ASCII)
"""What stands in an environment file without quotes; systemd and dotenv read it alike."""
UNWRITABLE = re.compile(r"['\\\x00-\x1f]")
"""What the two read differently between quotes."""


PROGRAM, PYTHON = Path(sys.executable).with_name("yinlu"), Path(sys.base_prefix)
HIDDEN = tuple(map(Path, ("/home", "/root", "/run/user", "/tmp", "/var/tmp")))
"""What ProtectHome= and PrivateTmp= keep from a bot."""


class FileSettings(Settings):
    """Settings of a file alone, whatever the environment holds."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (dotenv_settings,)


@dataclass(frozen=True)
class EnvironmentFile:
    """Settings of one bot, as systemd reads them: `NAME=value`, a line each."""

    path: Path

    def read(self) -> Mapping[str, str]:
        """By variable; empty where there is no file."""
        found = dotenv_values(self.path, interpolate=False) if self.path.exists() else {}
        return {name: value or "" for name, value in found.items()}

    def add(self, name: str, value: str) -> None:
        """As `add_all`, of one setting."""
        self.add_all({name: value})

    def add_all(self, settings: Mapping[str, str]) -> None:
        """Add at once what isn't there; what stands is left as it is. Raises ValueError where a
        file can't hold a value."""
        stands = self.read()
        new = [f"{n}={quoted(value)}\n" for n, value in settings.items() if n not in stands]
        if not new:
            return
        if not self.path.exists():
            write_private(self.path, "".join(new))
            return
        before = self.path.read_text("utf-8")
        replace_private(self.path, before + "\n" * (not before.endswith("\n")) + "".join(new))

    def put(self, name: str, value: str) -> None:
        """Add a setting, in place of what stands. Raises ValueError as `add_all`."""
        line = f"{name}={quoted(value)}\n"
        if name not in self.read():
            self.add(name, value)
            return
        # A function, since a replacement may hold what `re` would read.
        found = re.compile(rf"^{name}=.*\n?", re.MULTILINE)
        text = found.sub(lambda _: line, self.path.read_text("utf-8"))
        replace_private(self.path, text)

    def settings(self) -> Settings:
        """Raises SettingsError."""
        refuse_unknown(self.read())
        return valid(partial(FileSettings, _env_file=self.path))  # type: ignore[call-arg]


def quoted(value: str) -> str:
    """Raises ValueError."""
    if UNWRITABLE.search(value):
        raise ValueError(value)
    return value if PLAIN.fullmatch(value) else f"'{value}'"


@dataclass(frozen=True)
class Installation:
    """Where an installation lies: its settings, the data of each bot, what both write, and the
    users that the bots run as ("" where both are the user who sets it up). `cell`: its name, where
    it is one of many whose staff bots one process serves."""

    folder: Path
    data: Path
    public_data: Path
    shared: Path
    staff_user: str = ""
    public_user: str = ""
    cell: str = ""

    def environment(self, bot: str) -> EnvironmentFile:
        return EnvironmentFile(self.folder / f"{bot}.env")

    def data_of(self, bot: str) -> Path:
        return self.public_data if bot == "public" else self.data

    def user_of(self, bot: str) -> str:
        return self.public_user if bot == "public" else self.staff_user

    def unit(self, command: str) -> Path:
        # Of many cells each has one, and systemd tells them apart by name.
        names = ("yinlu", self.cell, *command.split()) if self.cell else ("yinlu", *command.split())
        return self.folder / f"{'-'.join(names)}.service"

    def commands(self, gateways: Iterable[str]) -> tuple[str, ...]:
        """What runs by itself, as `yinlu` is told: both bots, and each gateway to a messenger. The
        staff bot of a cell is served with those of the others."""
        bots = BOTS[1:] if self.cell else BOTS
        return (*bots, *(f"gateway {name}" for name in gateways))


def write_units(place: Installation, gateways: Iterable[str]) -> None:
    """Write the units of both bots and of the gateways; one that stands is left as it is."""
    for command in place.commands(gateways):
        if not place.unit(command).exists():
            place.unit(command).write_text(unit(place, command), "utf-8")


def unit(place: Installation, command: str) -> str:
    """A systemd unit: of the system where the bots have users of their own, else of the user. A
    gateway is the staff bot's: it has its settings, user and data, and nothing of the reports."""
    bot = command if command in BOTS else "staff"
    shared = [place.shared] if command in BOTS else []
    writes = _words(str(path) for path in (place.data_of(bot), *shared))
    # The staff bot takes in reports from the file that the public one makes, by its group.
    users = [f"User={place.user_of(bot)}"] if place.user_of(bot) else []
    if users and command == "staff" and place.public_user != place.staff_user:
        users.append(f"SupplementaryGroups={place.public_user}")
    lines = (
        "[Unit]",
        f"Description=yinlu, the {bot} bot"
        if command == bot
        else f"Description=yinlu, the {command}",
        "After=network-online.target",
        "Wants=network-online.target",
        "",
        "[Service]",
        *users,
        f"WorkingDirectory={place.data_of(bot)}",
        f"EnvironmentFile={place.environment(bot).path}",
        f"ExecStart={_words([str(PROGRAM)])} {command}",
        "Restart=on-failure",
        "RestartSec=5",
        "TimeoutStopSec=10",
        "UMask=0077",
        "NoNewPrivileges=yes",
        *(("PrivateTmp=yes", "ProtectSystem=strict", "ProtectHome=yes") if users else ()),
        *((f"ReadWritePaths={writes}",) if users else ()),
        "",
        "[Install]",
        f"WantedBy={'multi-user.target' if users else 'default.target'}",
    )
    return "\n".join(lines) + "\n"


def _words(words: Iterable[str]) -> str:
    return shlex.join(words)
