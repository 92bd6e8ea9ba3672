"""Matrix as a platform: one account, its private rooms, plain or encrypted.

No buttons: the standard has none. Menus are lettered lines, changes are edits, deleting is
redacting; a transaction id sent twice makes one message, so that nothing is seen twice.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

import nio
import structlog
from nio.crypto.attachments import decrypt_attachment, encrypt_attachment

from gateway.matrix import events, html
from gateway.matrix.account import tenant_of
from gateway.matrix.answers import checked, network
from gateway.matrix.events import MOST_MEMBERS
from gateway.platform import (
    Abilities,
    Account,
    Content,
    Elsewhere,
    Left,
    Memory,
    Part,
    Receive,
    Refused,
    TooOften,
    Unreachable,
    short,
)

NAME = "matrix"
ABILITIES = Abilities(buttons=0, text_bytes=20_000, file_bytes=20 * 1024 * 1024, keys_hold=inf)
"""A message may have 60 kB, and holds its text twice: plain and as HTML, which is longer."""
SYNC, LOGIN = "sync", "login"
TIMELINE = 50
MOST_JOINS = 5
LONG_POLL = 30_000
"""Milliseconds."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
REQUEST_TIMEOUT = 20.0

log = structlog.get_logger()


@dataclass(frozen=True)
class MatrixSettings:
    """`folder`: for the keys of encrypted rooms. `pickle_key`: what they are sealed with there.
    `encrypted`: whether rooms that Element encrypts can be read; where not, what is written there
    isn't answered."""

    homeserver: str
    user: str
    password: str = field(repr=False)
    folder: Path
    pickle_key: str = field(repr=False)
    encrypted: bool = True


class MatrixPlatform:
    """As gateway.platform.Platform asks for it."""

    name = NAME

    def __init__(self, settings: MatrixSettings, memory: Memory) -> None:
        self.settings, self.memory = settings, memory
        self.tenant = tenant_of(settings.user)
        self.abilities = ABILITIES
        self.link = f"https://matrix.to/#/{settings.user}"
        self.connected = False
        self._reached = asyncio.Event()
        self._invited: dict[str, int] = {}
        self._client: nio.AsyncClient | None = None

    async def reached(self) -> None:
        await self._reached.wait()

    @property
    def client(self) -> nio.AsyncClient:
        # Before the first answer of the stream nobody knows which rooms are encrypted.
        if self._client is None or not self._reached.is_set():
            raise Unreachable
        return self._client

    def _room(self, account: Account) -> nio.MatrixRoom:
        """The private room with somebody. Raises Left where somebody else would read along."""
        room = self.client.rooms.get(account.address)
        if room is None or room.member_count > MOST_MEMBERS:
            raise Left
        return room

    # Coming in

    async def run(self, receive: Receive) -> None:
        try:
            await self._run(receive)
        except Elsewhere:
            # Kept, it would be refused at every start.
            await self.memory.remember(LOGIN, "")
            raise

    async def _run(self, receive: Receive) -> None:
        async with self._logged_in() as client:
            since = await self.memory.recall(SYNC)
            pause = FIRST_PAUSE
            while True:
                try:
                    since = await self._once(client, since, receive)
                    pause = FIRST_PAUSE
                except (Unreachable, TooOften) as problem:
                    self.connected = False
                    log.warning("matrix_unreachable", error=type(problem).__name__)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, LONGEST_PAUSE)

    async def _once(self, client: nio.AsyncClient, since: str, receive: Receive) -> str:
        """One answer of the stream, stored; gives the place after it."""
        waits = LONG_POLL if self.connected else 0
        async with network():
            answer = await client.sync(
                waits, wanted(client.user_id), since or None, full_state=not self.connected
            )
        found = checked(answer, nio.SyncResponse)
        await self._keys(client)
        self._invited |= dict.fromkeys(found.rooms.invite, MOST_JOINS)
        await self._join(client)
        if since:
            for event in await events.of(client, found, since):
                await receive(event)
        # After its events are stored: killed in between, they come again and are known.
        await self.memory.remember(SYNC, found.next_batch)
        self.connected = True
        self._reached.set()
        return str(found.next_batch)

    async def _join(self, client: nio.AsyncClient) -> None:
        """Accept invitations. One that fails is tried again after the next answer of the stream,
        and not for ever: a room of a server that is gone holds up nobody else."""
        for room, left in list(self._invited.items()):
            del self._invited[room]
            try:
                async with network():
                    answer = await client.join(room)
                checked(answer, nio.JoinResponse)
            except (Left, Refused):
                # Taken back meanwhile.
                continue
            except (Unreachable, TooOften):
                if left > 1:
                    self._invited[room] = left - 1

    async def _keys(self, client: nio.AsyncClient) -> None:
        """What encryption asks for beside the messages."""
        if client.olm is None:
            return
        async with network():
            await client.send_to_device_messages()
            if client.should_upload_keys:
                await client.keys_upload()
            if client.should_query_keys:
                await client.keys_query()
            if client.should_claim_keys:
                await client.keys_claim(client.get_users_for_key_claiming())

    @asynccontextmanager
    async def _logged_in(self) -> AsyncIterator[nio.AsyncClient]:
        settings = self.settings
        settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        config = nio.AsyncClientConfig(
            encryption_enabled=settings.encrypted,
            pickle_key=settings.pickle_key,
            max_limit_exceeded=0,
            max_timeouts=0,
            request_timeout=REQUEST_TIMEOUT,
        )
        client = nio.AsyncClient(
            settings.homeserver, settings.user, store_path=str(settings.folder), config=config
        )
        try:
            await self._login(client)
            self._client = client
            yield client
        finally:
            self.connected = False
            await client.close()

    async def _login(self, client: nio.AsyncClient) -> None:
        """With the device of the process before, so that what was encrypted to it can be read."""
        kept = await self.memory.recall(LOGIN)
        if kept:
            told = json.loads(kept)
            client.restore_login(told["user"], told["device"], told["token"])
            return
        pause = FIRST_PAUSE
        while True:
            try:
                made = await _login(client, self.settings.password)
                break
            except (Unreachable, TooOften):
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
        told = {"user": made.user_id, "device": made.device_id, "token": made.access_token}
        await self.memory.remember(LOGIN, json.dumps(told))

    # Going out

    async def send(self, account: Account, part: Part, key: str) -> str:
        return await self._put(account, html.content(part), key)

    async def change(self, account: Account, message: str, part: Part, key: str) -> None:
        fresh = html.content(part)
        edit = {
            **fresh,
            "body": f"* {fresh['body']}",
            "m.new_content": fresh,
            "m.relates_to": {"rel_type": "m.replace", "event_id": message},
        }
        await self._put(account, edit, key)

    async def _put(self, account: Account, content: dict[str, Any], key: str) -> str:
        room = self._room(account)
        async with network():
            answer = await self.client.room_send(
                room.room_id,
                "m.room.message",
                content,
                tx_id=short(key),
                ignore_unverified_devices=True,
            )
        return str(checked(answer, nio.RoomSendResponse).event_id)

    async def remove(self, account: Account, message: str) -> None:
        async with network():
            answer = await self.client.room_redact(
                account.address, message, tx_id=short(f"remove {message}")
            )
        checked(answer, nio.RoomRedactResponse)

    async def answer(self, account: Account, token: Mapping[str, Any], text: str) -> None:
        """There are no presses here but letters, which are answered by messages."""

    async def drawn(
        self, account: Account, token: Mapping[str, Any], note: str, part: Part | None
    ) -> None:
        """There are no cards here."""

    async def store(
        self, account: Account, kind: str, name: str, content_type: str, content: bytes
    ) -> Content:
        ref: dict[str, Any] = {}
        body, told_type = content, content_type
        if self._room(account).encrypted:
            body, ref = encrypt_attachment(content)
            told_type = "application/octet-stream"
        async with network():
            answer, _ = await self.client.upload(
                lambda *_: body, content_type=told_type, filename=None, filesize=len(body)
            )
        ref = {**ref, "url": checked(answer, nio.UploadResponse).content_uri}
        return Content(kind, name, content_type, len(content), ref)

    async def fetch(self, content: Content) -> bytes:
        async with network():
            answer = await self.client.download(content.ref["url"])
        body = checked(answer, nio.MemoryDownloadResponse).body
        if "hashes" not in content.ref:
            return bytes(body)
        ref = content.ref
        try:
            key, mark = ref["key"]["k"], ref["hashes"]["sha256"]
            return bytes(decrypt_attachment(body, key, mark, ref["iv"]))
        except (nio.EncryptionError, KeyError, TypeError, ValueError):
            raise Refused("the file was changed on its way") from None


def wanted(user: str) -> dict[str, Any]:
    """What the stream is to bring. Neither what `user` sends itself, which would be an answer more
    for each message sent, nor who types, who has read what, and notes of clients for themselves."""
    nothing: dict[str, Any] = {"types": []}
    timeline = {"limit": TIMELINE, "not_senders": [user]}
    room = {"timeline": timeline, "ephemeral": nothing, "account_data": nothing}
    return {"room": room, "presence": nothing, "account_data": nothing}


async def sign_in(homeserver: str, user: str, password: str) -> None:
    """Log in once and out again, which leaves no device. Raises Refused, Unreachable, TooOften."""
    config = nio.AsyncClientConfig(
        encryption_enabled=False,
        max_limit_exceeded=0,
        max_timeouts=0,
        request_timeout=REQUEST_TIMEOUT,
    )
    client = nio.AsyncClient(homeserver, user, config=config)
    try:
        await _login(client, password)
        with suppress(Unreachable):
            async with network():
                await client.logout()
    finally:
        await client.close()


async def _login(client: nio.AsyncClient, password: str) -> nio.LoginResponse:
    async with network():
        answer = await client.login(password, device_name="yinlu")
    return checked(answer, nio.LoginResponse)
