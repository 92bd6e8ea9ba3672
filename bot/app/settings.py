"""Settings of an installation, from the environment. A wrong value stops the start by its name."""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.app.deferred_validators import VARIABLE as EAGER_VALIDATORS
from bot.app.sources import Source
from bot.app.sources import read as read_sources
from models.crypto import KeyProblem, KeyRing
from services.core.failpoints import VARIABLE as TEST_KILL

if TYPE_CHECKING:
    from domain.catalogue import Catalogue

TELEGRAM = "https://api.telegram.org"
SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
DATABASES = ("sqlite+aiosqlite:///", "postgresql+asyncpg://")
MATRIX, WECOM, FEISHU, WEB = "matrix", "wecom", "feishu", "web"
GATEWAYS = (MATRIX, WECOM, FEISHU, WEB)
"""The messengers a gateway is for, in the order of their ports: only ever add at the end."""
SOCKETS = "wss://", "ws://127.0.0.1", "ws://localhost"
SECURE = "https://", "http://127.0.0.1", "http://localhost"
"""How an address begins that a secret goes along to."""
PLATFORM = "{platform}"
MATRIX_USER = re.compile(r"@[^:\s]+:\S+")
TOKEN = re.compile(r"\d+:[\w-]{3,}")
FEWEST_CONNECTIONS = 4
"""Of a staff bot: its locks hold one, an update needs one while another one waits for a lock in the
database, and reports are fetched over one of their own."""


S = TypeVar("S")


@dataclass(frozen=True)
class MatrixLogin:
    url: str
    user: str
    password: str = field(repr=False)


class SettingsError(Exception):
    """What is set wrongly, by name, and what is expected."""


class Settings(BaseSettings):
    """`YINLU_…` in the environment, except `DATABASE_URL`."""

    model_config = SettingsConfigDict(env_prefix="YINLU_", frozen=True)

    data: Path = Path("var")
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    intake_url: str = ""
    keys: SecretStr | None = None
    keys_file: Path | None = None
    pepper_file: Path | None = None
    report_key_file: Path | None = None
    report_public_file: Path | None = None
    receipt_key_file: Path | None = None
    answers_public_file: Path | None = None
    report_passphrase: SecretStr = SecretStr("")
    staff_token: SecretStr | None = None
    public_token: SecretStr | None = None
    api: str = TELEGRAM
    gateways: str = ""
    follow_clock: bool = False
    profile: str = "yakeshi"
    profiles: Path | None = None
    calendar_file: Path | None = None
    catalogue_file: Path | None = None
    fonts: Path | None = None
    largest_file_mb: int = Field(default=50, ge=25, le=2000)
    webhook_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    webhook_host: str = "127.0.0.1"
    webhook_port: int = Field(default=8443, ge=1, le=65535)
    staff_processes: int = Field(default=1, ge=1)
    connections: int = Field(default=40, ge=FEWEST_CONNECTIONS, le=1000)
    health_port: int = Field(default=0, ge=0, le=65535)
    public_health_port: int = Field(default=0, ge=0, le=65535)
    keep_reports_days: int = Field(default=180, ge=1, le=3650)
    public_port: int = Field(default=0, ge=0, le=65535)
    public_url: str = ""
    peers_port: int = Field(default=0, ge=0, le=65535)
    peers_url: str = ""
    gateway_port: int = Field(default=8091, ge=1, le=65500)
    gateway_store: str = ""
    gateway_protected: Literal["refuse", "send"] = "refuse"
    matrix_url: str = ""
    matrix_user: str = ""
    matrix_password: SecretStr = SecretStr("")
    matrix_encrypted: bool = True
    wecom_bot: str = ""
    wecom_secret: SecretStr = SecretStr("")
    wecom_url: str = ""
    feishu_app: str = ""
    feishu_secret: SecretStr = SecretStr("")
    feishu_url: str = ""
    web_url: str = ""
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8100, ge=0, le=65535)
    log_level: str = "INFO"

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("expected DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("database_url", "intake_url", "gateway_store")
    @classmethod
    def _a_database(cls, value: str) -> str:
        if value and not value.startswith(DATABASES):
            raise ValueError(f"expected an address that begins with {' or '.join(DATABASES)}")
        return value

    @field_validator("api", "public_url", "matrix_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("expected an address that begins with http:// or https://")
        return value.rstrip("/")

    @field_validator("wecom_url")
    @classmethod
    def _a_socket(cls, value: str) -> str:
        # The secret of the robot goes along, and all that is said.
        if value and not value.startswith(SOCKETS):
            raise ValueError("expected an address that begins with wss://")
        return value.rstrip("/")

    @field_validator("feishu_url", "peers_url")
    @classmethod
    def _a_secure_address(cls, value: str) -> str:
        # The secret of the app goes along, and all that is said; to peers, whole cases.
        if value and not value.startswith(SECURE):
            raise ValueError("expected an address that begins with https://")
        return value.rstrip("/")

    @field_validator("web_url")
    @classmethod
    def _a_page(cls, value: str) -> str:
        return page_address(value) if value else ""

    @field_validator("gateways")
    @classmethod
    def _sources(cls, value: str) -> str:
        read_sources(value)
        return value

    @field_validator("webhook_url")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if value and not value.startswith(SECURE):
            raise ValueError("expected an address that begins with https://")
        return value

    @classmethod
    def read(cls) -> Self:
        """From the environment. Raises SettingsError."""
        refuse_unknown(os.environ)
        return valid(cls)

    @property
    def sources(self) -> tuple[Source, ...]:
        """The gateways beside `api`. Raises SettingsError where two processes would ask one."""
        found = read_sources(self.gateways)
        if found and self.staff_processes > 1:
            # A gateway gives its updates to one who asks, as long polling does everywhere.
            raise SettingsError("YINLU_GATEWAYS: expected YINLU_STAFF_PROCESSES=1 beside it")
        if self.api in {source.api for source in found}:
            raise SettingsError("YINLU_GATEWAYS: expected another address than YINLU_API")
        return found

    def catalogue(self) -> "Catalogue":
        """The organisation's own situations; empty where none are set. Raises SettingsError,
        FileError."""
        # A gateway asks for none, and doesn't load what reads them.
        from domain.catalogue import Catalogue, read_catalogue

        path = self.catalogue_file
        if path is None:
            return Catalogue()
        try:
            return read_catalogue(str(path), path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise SettingsError(f"YINLU_CATALOGUE_FILE: {path} can't be read ({reason})") from None

    def make_folder(self) -> Path:
        """Create the data folder, which only this user can enter."""
        return _made(self.data)

    @property
    def half_restored(self) -> Path:
        """A file that is there from the beginning of a restore to its end."""
        return self.data / "half-restored"

    def refuse_half_restored(self) -> None:
        """Raises SettingsError."""
        if self.half_restored.exists():
            raise SettingsError(
                f"{self.data}: a restore was broken off: run `yinlu restore FILE` again"
            )

    @property
    def staff_database(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.data / 'staff.sqlite3'}"

    @property
    def intake_database(self) -> str:
        return self.intake_url or f"sqlite+aiosqlite:///{self.data / 'intake.sqlite3'}"

    @property
    def intake_connections(self) -> int:
        """Of the staff bot, which asks the public side's database a few times a day. Both numbers
        together are `connections`, also where only one of both is on PostgreSQL."""
        return self.connections // 4

    @property
    def staff_connections(self) -> int:
        return self.connections - self.intake_connections

    @property
    def keys_path(self) -> Path:
        return self.keys_file or self.data / "keys"

    @property
    def pepper_path(self) -> Path:
        return self.pepper_file or self.data / "pepper"

    @property
    def report_key_path(self) -> Path:
        return self.report_key_file or self.data / "report.key"

    @property
    def report_public_path(self) -> Path:
        return self.report_public_file or self.data / "report.pub"

    @property
    def report_page(self) -> str:
        """The address of the web page for reports, as citizens open it; "" where there is none.
        What is served on this machine alone isn't told: on a telephone 127.0.0.1 leads nowhere."""
        return f"{self.public_url}/report" if self.public_port and self.public_url else ""

    @property
    def receipt_key_path(self) -> Path:
        return self.receipt_key_file or self.data / "receipt.key"

    @property
    def answers_public_path(self) -> Path:
        return self.answers_public_file or self.data / "answers.pub"

    @property
    def report_passphrase_text(self) -> str:
        return self.report_passphrase.get_secret_value()

    @property
    def webhook_secret_text(self) -> str:
        """The secret shared with the messenger alone. Raises SettingsError where it isn't set."""
        found = self.webhook_secret.get_secret_value()
        if not SECRET.fullmatch(found):
            raise SettingsError(
                "YINLU_WEBHOOK_SECRET: expected 16 to 256 letters, digits, _ or -, since "
                "YINLU_WEBHOOK_URL is set"
            )
        return found

    @property
    def gateways_here(self) -> tuple[str, ...]:
        """The messengers whose gateways are set up with these settings."""
        set_up = {
            MATRIX: self.matrix_url,
            WECOM: self.wecom_bot,
            FEISHU: self.feishu_app,
            WEB: self.web_url,
        }
        return tuple(name for name in GATEWAYS if set_up[name])

    def gateway_port_of(self, name: str) -> int:
        """Several gateways on one machine answer side by side."""
        return self.gateway_port + GATEWAYS.index(name)

    @property
    def gateway_databases(self) -> dict[str, str]:
        """Each gateway's own, by its messenger. Raises SettingsError where two would share one."""
        if not self.gateway_store:
            return {
                name: f"sqlite+aiosqlite:///{self.data / f'gateway-{name}.sqlite3'}"
                for name in GATEWAYS
            }
        if len(self.gateways_here) > 1 and PLATFORM not in self.gateway_store:
            raise SettingsError(
                f"YINLU_GATEWAY_STORE: expected {PLATFORM} in it, which becomes "
                f"{' and '.join(self.gateways_here)}: each gateway has a database of its own"
            )
        found = {name: self.gateway_store.replace(PLATFORM, name) for name in self.gateways_here}
        if {self.staff_database, self.intake_database} & {*found.values()}:
            raise SettingsError("YINLU_GATEWAY_STORE: expected a database of its own")
        return found

    @property
    def gateway_folder(self) -> Path:
        """The keys of encrypted rooms."""
        return self.data / "gateway-matrix"

    def matrix(self) -> "MatrixLogin":
        """Raises SettingsError for what isn't set."""
        if not self.matrix_url:
            raise SettingsError("YINLU_MATRIX_URL: expected the address of the Matrix server")
        if not MATRIX_USER.fullmatch(self.matrix_user):
            raise SettingsError("YINLU_MATRIX_USER: expected the bot's account, as @yinlu:SERVER")
        password = self.matrix_password.get_secret_value()
        if not password:
            raise SettingsError("YINLU_MATRIX_PASSWORD: expected the password of the account")
        return MatrixLogin(self.matrix_url, self.matrix_user, password)

    def wecom(self) -> tuple[str, str]:
        """The robot's id and its secret. Raises SettingsError for what isn't set."""
        if not self.wecom_bot:
            raise SettingsError("YINLU_WECOM_BOT: expected the id of the smart robot (BotID)")
        secret = self.wecom_secret.get_secret_value()
        if not secret:
            raise SettingsError("YINLU_WECOM_SECRET: expected the secret of its long connection")
        return self.wecom_bot, secret

    def feishu(self) -> tuple[str, str]:
        """App ID and App Secret. Raises SettingsError."""
        if not self.feishu_app:
            raise SettingsError("YINLU_FEISHU_APP: expected the App ID of the app (cli_…)")
        secret = self.feishu_secret.get_secret_value()
        if not secret:
            raise SettingsError("YINLU_FEISHU_SECRET: expected the App Secret of the app")
        return self.feishu_app, secret

    def web(self) -> tuple[str, str, int]:
        """The address that people open, and where to listen for its proxy. Raises SettingsError."""
        if not self.web_url:
            raise SettingsError("YINLU_WEB_URL: expected the address that people open, https://…")
        return self.web_url, self.web_host, self.web_port

    def ring(self) -> KeyRing:
        """The keys of the staff database. Raises SettingsError."""
        if self.keys is not None:
            text, origin = self.keys.get_secret_value(), "YINLU_KEYS"
        elif self.keys_path.exists():
            text, origin = self.keys_path.read_text("utf-8"), str(self.keys_path)
        else:
            raise SettingsError(
                f"{self.keys_path}: there is no key file. `yinlu init` makes one for a new "
                "installation; for an old one bring its key file back. Nothing was changed"
            )
        try:
            return KeyRing.read(text)
        except KeyProblem as problem:
            raise SettingsError(f"{origin}: {problem}") from None

    def token(self, which: str) -> str:
        """`which`: staff | public. Raises SettingsError where it isn't set."""
        found: SecretStr | None = getattr(self, f"{which}_token")
        if found is None or not TOKEN.fullmatch(found.get_secret_value()):
            raise SettingsError(
                f"YINLU_{which.upper()}_TOKEN: expected the bot's token, as BotFather gave it"
            )
        return found.get_secret_value()


def page_address(value: str) -> str:
    """Where people open the web chat, as browsers name it. Raises ValueError."""
    # Passphrases go along, and all that is said. Cookies belong to a host, and its pages are told
    # from others' by scheme, host and port: in a folder it would share them with its neighbours.
    parts = urlsplit(value)
    if not value.startswith(SECURE) or parts.path.strip("/") or parts.query or not parts.hostname:
        raise ValueError("expected an address that begins with https://, without a folder")
    return f"{parts.scheme}://{parts.netloc}".lower()


def refuse_unknown(names: Iterable[str]) -> None:
    """Raises SettingsError: a mistyped name would silently leave its setting as it was."""
    known = {TEST_KILL, EAGER_VALIDATORS, *(_variable(name) for name in Settings.model_fields)}
    for name in names:
        if name.startswith("YINLU_") and name.upper() not in known:
            raise SettingsError(f"{name}: there is no such setting")


def valid(make: Callable[[], S]) -> S:
    """Raises SettingsError by the name of the first wrong value."""
    try:
        return make()
    except ValidationError as error:
        # Without the input, which may be a token.
        first = error.errors(include_input=False, include_url=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "?"
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise SettingsError(f"{_variable(name)}: {reason}") from None


def _variable(field: str) -> str:
    return "DATABASE_URL" if field in ("database_url", "DATABASE_URL") else f"YINLU_{field.upper()}"


def write_private(path: Path, text: str) -> None:
    """Write a new file, durable and readable by this user only. Raises FileExistsError."""
    _made(path.parent)
    # Private from the first byte, and never over a file that is there: it may be the only key.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
    keep_names(path.parent)


def replace_private(path: Path, text: str) -> None:
    """Replace a file atomically: whoever reads meanwhile finds the old file or the new one."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    write_private(beside, text)
    beside.replace(path)
    keep_names(path.parent)


def keep_names(folder: Path) -> None:
    """Make durable what was created, renamed or removed in a folder."""
    # fsync of a file makes its content durable; its name stands in the folder.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _made(folder: Path) -> Path:
    """Create a folder for this user alone; leave the mode of one that is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
