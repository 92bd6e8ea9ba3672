"""`yinlu report-keys …`: who can open the reports; and `yinlu receipt verify | key`."""

import argparse
import asyncio
import json
import sys
from base64 import b64decode
from binascii import Error
from getpass import getpass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from bot.app.keys import signer
from bot.app.settings import Settings, SettingsError, replace_private, write_private
from bot.operations.unlock_socket import send_keys
from services.core.sealing import (
    Opener,
    Sealer,
    WrongPassphrase,
    key_file,
    new_private_key,
    public_key_of,
    read_key_file,
    read_public_keys,
    write_public_keys,
)
from services.intake.receipts import BadReceipt, read_receipt

LEAST_PASSPHRASE = 12
REMOVED = (
    "Restart the public bot; from then on nothing is sealed to this key. What was sealed to it "
    "before it still opens, for whoever has the key and the database: run `yinlu report-keys "
    "reseal` beside a remaining holder's key file. Backups and copies made before stay open to it."
)
RESTART = "Restart the public bot; from then on reports are sealed to these keys too."


async def new(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    """A holder's own key, on the holder's own machine; prints the half that may be given away."""
    private = new_private_key()
    try:
        write_private(arguments.file, key_file([private], _chosen(settings)))
    except FileExistsError:
        raise SettingsError(f"{arguments.file}: is there already; nothing was changed") from None
    print(write_public_keys([public_key_of(private)]), end="")
    return 0


async def add(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    """One more holder to whom reports are sealed from now on."""
    try:
        added = read_public_keys(arguments.public)
    except ValueError as problem:
        raise SettingsError(f"{arguments.public}: {problem}") from None
    known = _known(settings)
    replace_private(settings.report_public_path, write_public_keys(dict.fromkeys([*known, *added])))
    print(RESTART)
    return 0


async def shown(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    """To whom reports are sealed, by a short name and by the whole line."""
    own = _own(settings.report_key_path)
    for key in _known(settings):
        here = "  (the key file of this machine)" if key == own else ""
        print(f"{name_of(key)}  {_line(key)}{here}")
    return 0


async def remove(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    """One holder less. Raises SettingsError for the last one."""
    known = _known(settings)
    kept = [key for key in known if arguments.holder not in (name_of(key), _line(key))]
    if len(kept) == len(known):
        raise SettingsError(f"{arguments.holder}: no holder of this name; see `report-keys list`")
    if not kept:
        raise SettingsError("the last holder can't be removed: add another one first")
    replace_private(settings.report_public_path, write_public_keys(kept))
    print(REMOVED)
    return 0


async def reseal(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    """What lies sealed, sealed anew to those who are listed now."""
    # Import here: the other commands handle keys only, and run where there is no database.
    from bot.app.database import open_intake
    from services.reports.reseal import reseal_reports

    keys = _opened(settings.report_key_path, _passphrase(settings))
    intake = await open_intake(settings.intake_database)
    try:
        found = await reseal_reports(intake, Opener(keys), Sealer(tuple(_known(settings))))
    finally:
        await intake.close()
    print(f"sealed anew: {found.changed}; not to be opened by this key: {found.unreadable}")
    return int(bool(found.unreadable))


async def unlock(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    """A holder's key, to the staff processes that run here; 1 where none does."""
    keys = _opened(arguments.file or settings.report_key_path, _passphrase(settings))
    return _told(await send_keys(settings.data, keys), "reports can be opened until they end")


async def lock(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    """All holders' keys are forgotten by the staff processes that run here."""
    return _told(await send_keys(settings.data, ()), "reports can't be opened any more")


def _told(processes: int, what: str) -> int:
    if not processes:
        print("No staff bot runs over this data folder; nothing was changed.", file=sys.stderr)
        return 1
    print(f"staff processes: {processes}; {what}")
    return 0


async def rotate(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    """A new key for this holder. The old ones stay in the key file: what was sealed to them can
    still be read; nothing new is."""
    path, given = settings.report_key_path, _passphrase(settings)
    keys = _opened(path, given)
    private = new_private_key()
    # The key file first: what is sealed to a key that nobody has is lost.
    replace_private(path, key_file([private, *keys], given))
    # Drop this holder's keys only: the others go on with theirs.
    kept = [key for key in _known(settings) if key not in map(public_key_of, keys)]
    public = write_public_keys([public_key_of(private), *kept])
    replace_private(settings.report_public_path, public)
    print(RESTART)
    return 0


async def verify(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    """1 where the line isn't a receipt of this installation."""
    try:
        public = b64decode(arguments.key, validate=True) if arguments.key else None
        receipt = read_receipt(arguments.line, public or signer(settings).public)
    except Error:
        raise SettingsError("--key: expected the public key in base64") from None
    except BadReceipt as problem:
        said = {"form": "it isn't a receipt", "signature": "its signature is wrong"}
        print(f"Not genuine: {said[problem.reason]}.", file=sys.stderr)
        return 1
    print(f"Genuine: a report was received on {receipt.day.isoformat()} (tag {receipt.tag}).")
    return 0


async def public_key(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    """The key by which anybody can check a receipt: to be published."""
    print(write_public_keys([signer(settings).public]), end="")
    return 0


def name_of(key: bytes) -> str:
    """Short enough to be compared over the telephone."""
    return blake2b(key, digest_size=6).hexdigest()


def _line(key: bytes) -> str:
    return write_public_keys([key]).strip()


def _own(path: Path) -> bytes | None:
    try:
        # Read the unsealed half, so that nobody is asked for a passphrase to be shown a list.
        return b64decode(json.loads(path.read_text("utf-8"))["public"])
    except (OSError, ValueError, KeyError):
        return None


def _passphrase(settings: Settings) -> str:
    """Of a key file that is there: from the environment, or typed."""
    # Without a terminal nobody can be asked; an empty one opens a key file made without any.
    given = settings.report_passphrase_text
    return given or (getpass("Passphrase of the key file: ") if sys.stdin.isatty() else "")


def _opened(path: Path, given: str) -> tuple[bytes, ...]:
    """A holder's keys. Raises SettingsError."""
    try:
        return read_key_file(path, given)
    except WrongPassphrase:
        raise SettingsError("YINLU_REPORT_PASSPHRASE: it doesn't open the key file") from None
    except (OSError, ValueError, KeyError) as problem:
        raise SettingsError(f"{path}: can't be read ({problem})") from None


def _chosen(settings: Settings) -> str:
    """A new passphrase: from the environment, or typed twice. Raises SettingsError."""
    given = settings.report_passphrase_text
    if not given and sys.stdin.isatty():
        given = getpass("Passphrase for the key file: ")
        if given != getpass("Once more: "):
            raise SettingsError("the two passphrases differ; nothing was changed")
    if len(given) < LEAST_PASSPHRASE:
        raise SettingsError(
            f"YINLU_REPORT_PASSPHRASE: expected at least {LEAST_PASSPHRASE} characters"
        )
    return given


def _known(settings: Settings) -> list[bytes]:
    path = settings.report_public_path
    try:
        return list(read_public_keys(path.read_text("utf-8")))
    except (OSError, ValueError) as problem:
        raise SettingsError(f"{path}: can't be read ({problem})") from None


def add_to(commands: Any) -> None:
    """Both commands, into the command line."""
    keys = commands.add_parser("report-keys", help="who can open the reports").add_subparsers(
        required=True, metavar="act"
    )
    made = keys.add_parser("new", help="a holder's key file; prints its public half")
    made.add_argument("file", type=Path)
    made.set_defaults(does=new)
    added = keys.add_parser("add", help="seal to one more holder")
    added.add_argument("public", help="the line that `new` printed")
    added.set_defaults(does=add)
    keys.add_parser("list", help="to whom reports are sealed").set_defaults(does=shown)
    removed = keys.add_parser("remove", help="seal to one holder less")
    removed.add_argument("holder", help="its name or line, as `list` shows them")
    removed.set_defaults(does=remove)
    keys.add_parser("reseal", help="what lies sealed, to the holders of now").set_defaults(
        does=reseal
    )
    opened = keys.add_parser("unlock", help="a holder's key to the staff bot that runs here")
    opened.add_argument("file", type=Path, nargs="?", help="else YINLU_REPORT_KEY_FILE")
    opened.set_defaults(does=unlock)
    keys.add_parser("lock", help="the staff bot forgets the holders' keys").set_defaults(does=lock)
    keys.add_parser("rotate", help="a new key for this holder").set_defaults(does=rotate)
    receipt = commands.add_parser("receipt", help="proofs of filing").add_subparsers(
        required=True, metavar="act"
    )
    checked = receipt.add_parser("verify", help="is this line genuine?")
    checked.add_argument("line")
    checked.add_argument("--key", help="the installation's public key; else this one's own")
    checked.set_defaults(does=verify)
    receipt.add_parser("key", help="the public key to check with").set_defaults(does=public_key)
