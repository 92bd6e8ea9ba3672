"""The keys of an installation: for rows, for reports, and the pepper of the codes."""

from base64 import b64decode, b64encode
from binascii import Error

from nacl.utils import random

from bot.settings import Settings, SettingsError, write_private
from models.crypto import KeyRing
from services.sealing import (
    Opener,
    Sealer,
    WrongPassphrase,
    new_private_key,
    public_key_of,
    read_key_file,
    read_public_keys,
    write_key_file,
    write_public_keys,
)

PEPPER_BYTES = 32


def make_keys(settings: Settings) -> None:
    """Makes what is missing; keeps what is there."""
    if settings.keys is None and not settings.keys_path.exists():
        write_private(settings.keys_path, KeyRing.new().write())
    if not settings.pepper_path.exists():
        write_private(settings.pepper_path, b64encode(random(PEPPER_BYTES)).decode())
    if not settings.report_public_path.exists():
        private = new_private_key()
        write_key_file(settings.report_key_path, private, settings.report_passphrase_text)
        public = write_public_keys([public_key_of(private)])
        write_private(settings.report_public_path, public)


def sealer(settings: Settings) -> Sealer:
    """Closes reports for the department. Raises SettingsError."""
    path = settings.report_public_path
    try:
        return Sealer(tuple(read_public_keys(path.read_text("utf-8"))))
    except (OSError, ValueError) as problem:
        raise SettingsError(f"{path}: {_said(problem)}") from None


def opener(settings: Settings) -> Opener | None:
    """Opens reports; None where this machine holds no key. Raises SettingsError."""
    path = settings.report_key_path
    if not path.exists():
        return None
    try:
        return Opener(read_key_file(path, settings.report_passphrase_text))
    except WrongPassphrase:
        raise SettingsError(
            "YINLU_REPORT_PASSPHRASE: it doesn't open the key file of the reports"
        ) from None
    except (OSError, ValueError, KeyError) as problem:
        raise SettingsError(f"{path}: {_said(problem)}") from None


def pepper(settings: Settings) -> bytes:
    """Raises SettingsError."""
    path = settings.pepper_path
    try:
        found = b64decode(path.read_text("utf-8").strip(), validate=True)
    except (OSError, Error) as problem:
        raise SettingsError(f"{path}: {_said(problem)}") from None
    if len(found) != PEPPER_BYTES:
        raise SettingsError(f"{path}: expected {PEPPER_BYTES} bytes in base64")
    return found


def _said(problem: Exception) -> str:
    if isinstance(problem, OSError):
        return f"can't be read ({problem.strerror}); `yinlu init` makes it"
    return str(problem)
