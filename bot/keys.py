"""The keys of an installation: for rows, for reports, and the pepper of the codes."""

from base64 import b64decode, b64encode
from binascii import Error
from contextlib import suppress
from pathlib import Path

from nacl.utils import random

from bot.settings import Settings, SettingsError, write_private
from models.columns import Rings
from models.crypto import KeyProblem, KeyRing
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


class KeyFile:
    """The ring in a file, read again when the file was replaced: a new key reaches processes that
    run. While the file can't be read, the ring it held last."""

    def __init__(self, path: Path, held: KeyRing) -> None:
        self.path, self.held = path, held
        self._known = self._seen()

    def __call__(self) -> KeyRing:
        seen = self._seen()
        if seen is not None and seen != self._known:
            with suppress(KeyProblem, OSError):
                self.held = KeyRing.read(self.path.read_text("utf-8"))
                self._known = seen
        return self.held

    def _seen(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    def replace(self, ring: KeyRing) -> None:
        """At once: whoever reads meanwhile finds the old ring or the new one."""
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.unlink(missing_ok=True)
        write_private(beside, ring.write())
        beside.replace(self.path)


def rings(settings: Settings) -> Rings:
    """What gives the keys of the staff database. Raises SettingsError."""
    ring = settings.ring()
    return KeyFile(settings.keys_path, ring) if settings.keys is None else lambda: ring


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
