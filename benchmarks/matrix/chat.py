"""The two ends of a gateway: a bot that answers each text once, and somebody who writes."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import nio
from aiohttp import ClientError, ClientSession, ClientTimeout

from benchmarks.matrix.server import PASSWORD, WITHIN, Synapse

ANSWER = "收到"
PAUSE, LONG_POLL = 0.05, 5
LONG_WAIT = 30_000
"""Milliseconds."""


@dataclass
class EchoBot:
    """As the staff bot does, it knows an update by its number, and asks again until it is answered.
    `texts`: how often it was told each."""

    url: str
    token: str
    texts: Counter[str] = field(default_factory=Counter)
    seen: set[int] = field(default_factory=set)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        offset = 0
        async with ClientSession(timeout=ClientTimeout(LONG_POLL + 10)) as session:
            self.session = session
            while True:
                asked = {"offset": offset, "timeout": LONG_POLL}
                for update in await self._until_answered("getUpdates", asked):
                    offset = update["update_id"] + 1
                    if update["update_id"] not in self.seen:
                        self.seen.add(update["update_id"])
                        await self._answer(update)

    async def _answer(self, update: dict[str, Any]) -> None:
        message = update.get("message", {})
        text = message.get("text", "")
        self.texts[text] += 1
        told = {"chat_id": message["chat"]["id"], "text": f"{ANSWER} {text}"}
        await self._until_answered("sendMessage", told)

    async def _until_answered(self, method: str, told: dict[str, Any]) -> Any:
        while True:
            with suppress(ClientError, TimeoutError, OSError):
                url = f"{self.url}/bot{self.token}/{method}"
                async with self.session.post(url, json=told) as answer:
                    said = await answer.json()
                    if said["ok"]:
                        return said["result"]
            await asyncio.sleep(PAUSE)


@dataclass
class BareEcho:
    """The least that can answer over Matrix: what is left of a way without it is the server's."""

    client: nio.AsyncClient

    @classmethod
    @asynccontextmanager
    async def at(cls, server: Synapse, name: str) -> AsyncIterator["BareEcho"]:
        async with signed_in(server, name) as client:
            task = asyncio.create_task(cls(client)._run())
            try:
                yield cls(client)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            answer = await self.client.sync(LONG_WAIT)
            assert isinstance(answer, nio.SyncResponse), answer
            for room in answer.rooms.invite:
                await self.client.join(room)
            for room, text in texts_of(answer, without=self.client.user_id):
                told = {"msgtype": "m.text", "body": f"{ANSWER} {text}"}
                await self.client.room_send(room, "m.room.message", told)


def texts_of(answer: nio.SyncResponse, without: str) -> Iterator[tuple[str, str]]:
    """Texts that the stream brings, by their rooms; `without` those of one account."""
    for room, info in answer.rooms.join.items():
        for event in info.timeline.events:
            if isinstance(event, nio.RoomMessageText) and event.sender != without:
                yield room, event.body


@asynccontextmanager
async def signed_in(server: Synapse, name: str) -> AsyncIterator[nio.AsyncClient]:
    number = await server.register(name)
    config = nio.AsyncClientConfig(encryption_enabled=False)
    client = nio.AsyncClient(server.url, number, config=config)
    try:
        assert isinstance(await client.login(PASSWORD), nio.LoginResponse)
        yield client
    finally:
        await client.close()


@dataclass
class Writer:
    client: nio.AsyncClient
    room: str = ""

    @classmethod
    @asynccontextmanager
    async def at(cls, server: Synapse, name: str) -> AsyncIterator["Writer"]:
        async with signed_in(server, name) as client:
            yield cls(client)

    async def opens(self, account: str) -> None:
        """A private room with the bot, and waits until it is there."""
        made = await self.client.room_create(
            is_direct=True, invite=(account,), preset=nio.RoomPreset.trusted_private_chat
        )
        assert isinstance(made, nio.RoomCreateResponse), made
        self.room = made.room_id
        async with asyncio.timeout(WITHIN):
            while account not in await self._there():
                await self._waits()

    async def _there(self) -> list[str]:
        answer = await self.client.joined_members(self.room)
        assert isinstance(answer, nio.JoinedMembersResponse), answer
        return [member.user_id for member in answer.members]

    async def writes(self, text: str) -> None:
        told = {"msgtype": "m.text", "body": text}
        sent = await self.client.room_send(self.room, "m.room.message", told)
        assert isinstance(sent, nio.RoomSendResponse), sent

    async def trip(self, room: str, text: str) -> None:
        """Write, and see the answer as a client does: in the stream, which stands open. The stream
        has to have been read up to now."""
        self.room = room
        await self.writes(text)
        async with asyncio.timeout(WITHIN):
            while True:
                answer = await self.client.sync(LONG_WAIT)
                assert isinstance(answer, nio.SyncResponse), answer
                if (room, f"{ANSWER} {text}") in texts_of(answer, self.client.user_id):
                    return

    async def hears(self, text: str) -> None:
        """The bot's answer to a text."""
        async with asyncio.timeout(WITHIN):
            while f"{ANSWER} {text}" not in (await self._page())[0]:
                await self._waits()

    async def _waits(self) -> None:
        """Until something has changed, or not for long. What changed isn't looked at here: the
        stream leaves out what is too much at once."""
        answer = await self.client.sync(200)
        assert isinstance(answer, nio.SyncResponse), answer

    async def stands(self) -> Counter[str]:
        """How often each text of the bot stands in the room; what was taken away doesn't."""
        found: Counter[str] = Counter()
        texts, before = await self._page()
        while before:
            found.update(texts)
            texts, before = await self._page(before)
        return found

    async def _page(self, before: str | None = None) -> tuple[list[str], str | None]:
        """Texts of the bot among the newest hundred events, or the hundred before, and where those
        before them are; None where nothing was left."""
        answer = await self.client.room_messages(self.room, before, limit=100)
        assert isinstance(answer, nio.RoomMessagesResponse), answer
        texts = [
            event.body
            for event in answer.chunk
            if isinstance(event, nio.RoomMessageText) and event.sender != self.client.user_id
        ]
        return texts, answer.end if answer.chunk else None
