"""A real Matrix server on a free port of this machine: Synapse, in an environment of its own that
`make test-slow` makes. It is a tool of tests and no part of the product."""

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
from typing import Any

import nio
import pytest
from aiohttp import ClientError, ClientSession

from benchmarks.left_behind import ends_with_us
from tests.gateway.fake import WITHIN, Reader

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
QUIET = "version: 1\nroot: {level: ERROR}\ndisable_existing_loggers: false\n"


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


def _free_port() -> int:
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
    port: int = field(default_factory=_free_port)
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
    if not PYTHON.exists():
        pytest.skip("no Synapse here: `make test-slow` makes it, from the package registry")
    server = Synapse(folder)
    await asyncio.to_thread(server.prepare)
    await server.start()
    try:
        yield server
    finally:
        await server.kill()


@dataclass
class Member(Reader):
    """A person with Element, as far as the server can tell: their own client, and what it shows."""

    client: nio.AsyncClient
    room: str = ""
    shown: dict[str, str] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)
    edits: int = 0

    @classmethod
    async def of(cls, server: Synapse, name: str, folder: Path, encrypts: bool = False) -> "Member":
        number = await server.register(name)
        folder.mkdir(parents=True, exist_ok=True)
        config = nio.AsyncClientConfig(encryption_enabled=encrypts)
        client = nio.AsyncClient(server.url, number, store_path=str(folder), config=config)
        answer = await client.login(PASSWORD)
        assert isinstance(answer, nio.LoginResponse), answer
        return cls(client)

    async def opens(self, *others: str, encrypted: bool = False) -> str:
        """A private room with whom is invited."""
        state = [
            {
                "type": "m.room.encryption",
                "state_key": "",
                "content": {"algorithm": "m.megolm.v1.aes-sha2"},
            }
        ]
        answer = await self.client.room_create(
            is_direct=True, invite=others, preset=nio.RoomPreset.trusted_private_chat,
            initial_state=state if encrypted else (),
        )  # fmt: skip
        assert isinstance(answer, nio.RoomCreateResponse), answer
        self.room = answer.room_id
        return self.room

    async def joined_by(self, other: str) -> None:
        async with asyncio.timeout(WITHIN):
            while other not in self._members():
                await self.looks()

    def _members(self) -> list[str]:
        room = self.client.rooms.get(self.room)
        return [one for one in room.users if not room.users[one].invited] if room else []

    async def looks(self) -> None:
        """Takes what has come."""
        answer = await self.client.sync(200)
        if self.client.olm is not None:
            await self.client.send_to_device_messages()
            if self.client.should_upload_keys:
                await self.client.keys_upload()
            if self.client.should_query_keys:
                await self.client.keys_query()
        assert isinstance(answer, nio.SyncResponse), answer
        info = answer.rooms.join.get(self.room)
        for event in info.timeline.events if info else ():
            self._take(event)

    def _take(self, event: Any) -> None:
        if isinstance(event, nio.RedactionEvent):
            self.shown.pop(event.redacts, None)
        elif event.sender == self.client.user_id:
            return
        elif isinstance(event, nio.RoomMessageText):
            content = event.source["content"]
            relation = content.get("m.relates_to") or {}
            if relation.get("rel_type") == "m.replace":
                self.edits += 1
                if relation["event_id"] in self.shown:
                    self.shown[relation["event_id"]] = content["m.new_content"]["body"]
            else:
                self.shown[event.event_id] = event.body
        elif isinstance(event, nio.RoomMessageMedia | nio.RoomEncryptedMedia):
            self.files[event.event_id] = event

    def sees(self) -> list[str]:
        return list(self.shown.values())

    async def writes(self, text: str, **content: Any) -> str:
        told = {"msgtype": "m.text", "body": text, **content}
        answer = await self.client.room_send(
            self.room, "m.room.message", told, ignore_unverified_devices=True
        )
        assert isinstance(answer, nio.RoomSendResponse), answer
        return str(answer.event_id)
