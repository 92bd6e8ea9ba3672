"""`yinlu report-keys new | add | rotate` and `yinlu receipt verify | key`."""

import argparse
import asyncio
import sys
from base64 import b64decode
from binascii import Error
from getpass import getpass
from pathlib import Path
from typing import Any

from bot.keys import signer
from bot.settings import Settings, SettingsError, replace_private, write_private
from services.receipts import BadReceipt, read_receipt
from services.sealing import (
    WrongPassphrase,
    key_file,
    new_private_key,
    public_key_of,
    read_key_file,
    read_public_keys,
    write_public_keys,
)

LEAST_PASSPHRASE = 12
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


async def rotate(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    """A new key for this holder. The old ones stay in the key file: what was sealed to them can
    still be read; nothing new is."""
    path = settings.report_key_path
    try:
        keys = read_key_file(path, settings.report_passphrase_text)
    except WrongPassphrase:
        raise SettingsError("YINLU_REPORT_PASSPHRASE: it doesn't open the key file") from None
    except (OSError, ValueError, KeyError) as problem:
        raise SettingsError(f"{path}: can't be read ({problem})") from None
    private = new_private_key()
    # The key file first: what is sealed to a key that nobody has is lost.
    replace_private(path, key_file([private, *keys], settings.report_passphrase_text))
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
    keys.add_parser("rotate", help="a new key for this holder").set_defaults(does=rotate)
    receipt = commands.add_parser("receipt", help="proofs of filing").add_subparsers(
        required=True, metavar="act"
    )
    checked = receipt.add_parser("verify", help="is this line genuine?")
    checked.add_argument("line")
    checked.add_argument("--key", help="the installation's public key; else this one's own")
    checked.set_defaults(does=verify)
    receipt.add_parser("key", help="the public key to check with").set_defaults(does=public_key)
