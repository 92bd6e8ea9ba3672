"""The keys of an installation: for rows, for reports, and the pepper of the codes."""

from base64 import b64decode, b64encode
from binascii import Error
from contextlib import suppress
from pathlib import Path

from nacl.utils import random

from bot.app.settings import Settings, SettingsError, replace_private, write_private
from models.crypto import KeyProblem, KeyRing, Rings
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
from services.intake.answers import public_half
from services.intake.receipts import Signer, new_seed

SECRET_BYTES = 32


class KeyFile:
    """The key ring in a file, read again when the file was replaced.

    Key rotation, as a running process sees it: `yinlu keys rotate` puts key 2 before key 1 in the
    file. The next value this process seals takes key 2, and rows that the command has sealed anew
    can be opened, without a restart. While the file can't be read, the last ring is kept.
    """

    def __init__(self, path: Path, held: KeyRing) -> None:
        self.path, self.held = path, held
        self._known = self._seen()

    def __call__(self) -> KeyRing:
        # Stat before reading: replaced in between, the file is read again next time.
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
        # The inode as well: a file replaced within the clock's resolution has the same time.
        return found.st_ino, found.st_mtime_ns

    def replace(self, ring: KeyRing) -> None:
        """At once: whoever reads meanwhile finds the old ring or the new one."""
        replace_private(self.path, ring.write())


def rings(settings: Settings) -> Rings:
    """Return the source of the staff database's keys. Raises SettingsError."""
    ring = settings.ring()
    return KeyFile(settings.keys_path, ring) if settings.keys is None else lambda: ring


def make_keys(settings: Settings) -> None:
    """Makes what is missing; keeps what is there."""
    if settings.keys is None and not settings.keys_path.exists():
        write_private(settings.keys_path, KeyRing.new().write())
    if not settings.pepper_path.exists():
        write_private(settings.pepper_path, b64encode(random(SECRET_BYTES)).decode())
    if not settings.report_public_path.exists():
        private = new_private_key()
        # The private half first: what is sealed to a key that nobody has is lost.
        sealed = key_file([private], settings.report_passphrase_text)
        write_private(settings.report_key_path, sealed)
        public = write_public_keys([public_key_of(private)])
        write_private(settings.report_public_path, public)
    if not settings.receipt_key_path.exists():
        write_private(settings.receipt_key_path, b64encode(new_seed()).decode())
    if not settings.answers_public_path.exists():
        half = public_half(settings.ring())
        write_private(settings.answers_public_path, b64encode(half).decode())


def sealer(settings: Settings) -> Sealer:
    """Closes reports for the department. Raises SettingsError."""
    path = settings.report_public_path
    try:
        return Sealer(tuple(read_public_keys(path.read_text("utf-8"))))
    except (OSError, ValueError) as problem:
        raise SettingsError(f"{path}: {_said(problem)}") from None


def opener(settings: Settings) -> Opener | None:
    """Opens reports; None where this machine holds no key, or only one under a passphrase that
    isn't given: a holder unlocks it then (bot.operations.unlock_socket). Raises SettingsError."""
    path = settings.report_key_path
    if not path.exists():
        return None
    try:
        return Opener(read_key_file(path, settings.report_passphrase_text))
    except WrongPassphrase:
        if not settings.report_passphrase_text:
            return None
        raise SettingsError(
            "YINLU_REPORT_PASSPHRASE: it doesn't open the key file of the reports"
        ) from None
    except (OSError, ValueError, KeyError) as problem:
        raise SettingsError(f"{path}: {_said(problem)}") from None


def pepper(settings: Settings) -> bytes:
    """Raises SettingsError."""
    return _secret(settings.pepper_path)


def signer(settings: Settings) -> Signer:
    """Signs receipts. Raises SettingsError."""
    return Signer(_secret(settings.receipt_key_path))


def answers(settings: Settings) -> bytes:
    """What the department's answers are checked with. Raises SettingsError."""
    return _secret(settings.answers_public_path)


def _secret(path: Path) -> bytes:
    try:
        found = b64decode(path.read_text("utf-8").strip(), validate=True)
    except (OSError, Error) as problem:
        raise SettingsError(f"{path}: {_said(problem)}") from None
    if len(found) != SECRET_BYTES:
        raise SettingsError(f"{path}: expected {SECRET_BYTES} bytes in base64")
    return found


def _said(problem: Exception) -> str:
    if isinstance(problem, OSError):
        return f"can't be read ({problem.strerror}); `yinlu init` makes it"
    return str(problem)
