"""A real Matrix server on a free port of this machine: Synapse, in an environment of its own that
`make test-slow` makes. It is a tool of tests and measurements and no part of the product."""

import asyncio
import hashlib
import hmac
import re
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp

from aiohttp import ClientError, ClientSession

from benchmarks.left_behind import ends_with_us

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".synapse" / "bin" / "python"
NAME = "loc.test"
PASSWORD = "only-on-this-machine"
SETTINGS = """
listeners:
  - port: {port}
    bind_addresses: ["127.0.0.1"]
    type: http
    tls: false
    resources: [{{names: [client], compress: false}}]
database: {{name: sqlite3, args: {{database: "{folder}/homeserver.db"}}}}
log_config: "{folder}/quiet.yaml"
pid_file: "{folder}/pid"
media_store_path: "{folder}/media"
signing_key_path: "{folder}/{name}.signing.key"
trusted_key_servers: []
suppress_key_server_warning: true
bcrypt_rounds: 4
presence: {{enabled: false}}
"""
LIMITS = ("rc_message", "rc_registration", "rc_joins", "rc_invites", "rc_login")
WITHIN = 60.0
QUIET = "version: 1\nroot: {level: ERROR}\ndisable_existing_loggers: false\n"


def there() -> bool:
    return PYTHON.exists()


@cache
def made() -> Path:
    """Keys and secrets of a server, made once a session: it takes as long as a start."""
    folder = Path(mkdtemp(prefix="synapse-"))
    arguments = ["--server-name", NAME, "-c", str(folder / "made.yaml"), "--generate-config"]
    arguments += ["--report-stats=no", "--data-directory", str(folder)]
    subprocess.run(
        [PYTHON, "-m", "synapse.app.homeserver", *arguments], check=True, capture_output=True
    )
    return folder


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _limits() -> str:
    rate = "{per_second: 1000, burst_count: 1000}"
    nested = {
        "rc_joins": ("local", "remote"),
        "rc_invites": ("per_room", "per_user", "per_issuer"),
        "rc_login": ("address", "account", "failed_attempts"),
    }
    lines = []
    for name in LIMITS:
        parts = nested.get(name)
        lines.append(f"{name}: {rate}" if parts is None else f"{name}:")
        lines += [f"  {part}: {rate}" for part in parts or ()]
    return "\n".join(lines)


@dataclass
class Synapse:
    folder: Path
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        copytree(made(), self.folder, dirs_exist_ok=True)
        told = SETTINGS.format(port=self.port, folder=self.folder, name=NAME)
        (self.folder / "ours.yaml").write_text(f"{told}{_limits()}\n", "utf-8")
        (self.folder / "quiet.yaml").write_text(QUIET, "utf-8")

    async def start(self) -> None:
        files = ("-c", str(self.folder / "made.yaml"), "-c", str(self.folder / "ours.yaml"))
        self.process = await asyncio.create_subprocess_exec(
            str(PYTHON), "-m", "synapse.app.homeserver", *files,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        ends_with_us(self.process.pid)
        async with asyncio.timeout(WITHIN), ClientSession() as session:
            while True:
                assert self.process.returncode is None, "Synapse has ended"
                with suppress(ClientError, OSError):
                    async with session.get(f"{self.url}/_matrix/client/versions") as answer:
                        if answer.status == 200:
                            return
                await asyncio.sleep(0.1)

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def register(self, name: str) -> str:
        """An account; gives its id."""
        secret = re.search(
            r'registration_shared_secret: "(.*)"', (self.folder / "made.yaml").read_text()
        )
        assert secret is not None
        async with ClientSession(self.url) as session:
            async with session.get("/_synapse/admin/v1/register") as answer:
                nonce = (await answer.json())["nonce"]
            parts = "\0".join((nonce, name, PASSWORD, "notadmin")).encode()
            mac = hmac.new(secret[1].encode(), parts, hashlib.sha1).hexdigest()
            told = {"nonce": nonce, "username": name, "password": PASSWORD, "mac": mac}
            async with session.post("/_synapse/admin/v1/register", json=told) as answer:
                return str((await answer.json())["user_id"])


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Synapse]:
    server = Synapse(folder)
    await asyncio.to_thread(server.prepare)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()
