"""Somebody with Element, as far as a real Matrix server can tell."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import nio
import pytest

from benchmarks.matrix.server import PASSWORD, Synapse, there
from benchmarks.matrix.server import serving as server_serving
from tests.gateway.fake import WITHIN, Reader

ALL_AT_ONCE = {"room": {"timeline": {"limit": 200}}}
"""What comes between two looks isn't left out."""


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Synapse]:
    if not there():
        pytest.skip("no Synapse here: `make test-slow` makes it, from the package registry")
    async with server_serving(folder) as server:
        yield server


@dataclass
class Member(Reader):
    """Their own client, and what it shows."""

    client: nio.AsyncClient
    room: str = ""
    shown: dict[str, str] = field(default_factory=dict)
    files: dict[str, Any] = field(default_factory=dict)
    edits: int = 0

    @classmethod
    async def of(cls, server: Synapse, name: str, folder: Path, encrypts: bool = False) -> Self:
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

    async def looks(self, waits: int = 200) -> None:
        """Takes what has come. `waits`: for something to come, milliseconds."""
        answer = await self.client.sync(waits, ALL_AT_ONCE)
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

    async def sends_file(self, name: str, content: bytes, kind: str) -> None:
        """In a plain room."""
        answer, _ = await self.client.upload(
            lambda *_: content, content_type=kind, filename=name, filesize=len(content)
        )
        assert isinstance(answer, nio.UploadResponse), answer
        info = {"mimetype": kind, "size": len(content)}
        told = {"msgtype": "m.image" if kind.startswith("image/") else "m.file"}
        told |= {"body": name, "url": answer.content_uri, "info": info}
        sent = await self.client.room_send(self.room, "m.room.message", told)
        assert isinstance(sent, nio.RoomSendResponse), sent
