"""A Matrix server that answers badly, and people who write what no app of theirs would."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nio
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from botapi.markup import Said
from gateway.matrix import events
from gateway.matrix.client import MatrixPlatform, MatrixSettings
from gateway.platform import Account, Elsewhere, Event, Left, Part, Unreachable, Written

ME, WANG, ROOM = "@yinlu:here.test", "@wang:here.test", "!room:here.test"
ACCOUNT = Account(WANG, ROOM, "王芳")
AT_LEAST = {"sender": WANG, "origin_server_ts": 1, "type": "m.room.message", "room_id": ROOM}
TOO_OFTEN = {"errcode": "M_LIMIT_EXCEEDED", "error": "", "retry_after_ms": 1}


def wrote(number: int) -> dict[str, Any]:
    content = {"msgtype": "m.text", "body": f"第{number}句"}
    return {**AT_LEAST, "event_id": f"$e{number}", "content": content}


def member(user: str) -> dict[str, Any]:
    told = {**AT_LEAST, "type": "m.room.member", "sender": user, "state_key": user}
    return {**told, "event_id": f"$m{user}", "content": {"membership": "join"}}


def in_room(members: int = 2, **timeline: Any) -> dict[str, Any]:
    state = [member(user) for user in (ME, WANG, "@li:here.test")[:members]]
    told = {"events": [], "limited": False, "prev_batch": "p", **timeline}
    joined = {"state": {"events": state}, "timeline": told, "ephemeral": {"events": []}}
    return {"join": {ROOM: {**joined, "account_data": {"events": []}}}, "invite": {}, "leave": {}}


@dataclass
class Server:
    """`rooms`: of its next answers, one each; with none left it waits. `bad`: of the next calls of
    that kind."""

    rooms: list[dict[str, Any]] = field(default_factory=list)
    bad: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    waits: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        kind = request.path.rsplit("/", 1)[-1]
        kind = "join" if "/join/" in request.path else kind
        self.asked.append(kind)
        if self.bad.get(kind):
            return web.json_response(self.bad[kind].pop(0), status=429)
        return web.json_response(await self._answer(kind))

    async def _answer(self, kind: str) -> dict[str, Any]:
        if kind == "login":
            return {"user_id": ME, "device_id": "D", "access_token": "t"}
        if kind == "messages":
            return {"chunk": [wrote(2), wrote(1)], "start": "p"}
        if kind == "sync":
            if not self.rooms:
                self.waits.set()
                await asyncio.Event().wait()
            return {"next_batch": f"s{len(self.asked)}", "rooms": self.rooms.pop(0)}
        return {"room_id": ROOM}


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made, app = Server(), web.Application()
    app.router.add_route("*", "/{path:.*}", made.handle)
    async with TestServer(app) as listening:
        made.url = str(listening.make_url(""))
        yield made


class Kept(dict[str, str]):
    """What a platform keeps between two processes."""

    async def recall(self, name: str) -> str:
        return self.get(name, "")

    async def remember(self, name: str, value: str) -> None:
        self[name] = value


@dataclass
class Running:
    platform: MatrixPlatform
    came: asyncio.Queue[Event]

    async def next(self, number: int) -> list[Event]:
        async with asyncio.timeout(30):
            return [await self.came.get() for _ in range(number)]


@pytest.fixture
async def running(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    monkeypatch.setattr("gateway.matrix.client.FIRST_PAUSE", 0.01)
    told = MatrixSettings(server.url, ME, "secret", tmp_path, "pickle", encrypted=False)
    made = Running(MatrixPlatform(told, Kept(sync="s0")), asyncio.Queue())

    async def receive(event: Event) -> None:
        await made.came.put(event)

    task = asyncio.create_task(made.platform.run(receive))
    yield made
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_what_a_busy_server_doesnt_give_at_once_is_asked_for_again(
    server: Server, running: Running
) -> None:
    """The rest of a long silence, and an invitation that couldn't be accepted."""
    gap = in_room(limited=True, events=[wrote(3)])
    server.bad = {"messages": [TOO_OFTEN], "join": [TOO_OFTEN]}
    server.rooms += [{**gap, "invite": {"!new:here.test": {"invite_state": {"events": []}}}}, gap]
    texts = [one.text for one in await running.next(3) if isinstance(one, Written)]
    assert texts == ["第1句", "第2句", "第3句"]
    assert server.asked.count("join") == 2


async def test_nothing_goes_out_before_the_rooms_are_known(
    server: Server, running: Running
) -> None:
    """A file for an encrypted room would be brought to the server readable."""
    async with asyncio.timeout(30):
        await server.waits.wait()
    with pytest.raises(Unreachable):
        await running.platform.store(ACCOUNT, "document", "名单.xlsx", "a/b", b"names")
    assert "upload" not in server.asked


async def test_nothing_is_said_where_somebody_else_reads_along(
    server: Server, running: Running
) -> None:
    server.rooms += [in_room(members=3)]
    await running.platform.reached()
    with pytest.raises(Left):
        await running.platform.send(ACCOUNT, Part(Said("一")), "key")
    with pytest.raises(Left):
        await running.platform.store(ACCOUNT, "document", "名单.xlsx", "a/b", b"names")
    assert {*server.asked} == {"login", "sync"}


async def test_a_login_that_the_server_has_ended_ends_the_gateway_and_isnt_kept(
    server: Server, tmp_path: Path
) -> None:
    """Kept, it would be refused at every start."""
    told = MatrixSettings(server.url, ME, "secret", tmp_path, "pickle", encrypted=False)
    kept = Kept(sync="s0")

    async def receive(event: Event) -> None:
        pass

    server.rooms += [in_room()]
    server.bad = {"sync": [{"errcode": "M_UNKNOWN_TOKEN", "error": ""}]}
    with pytest.raises(Elsewhere, match="M_UNKNOWN_TOKEN"):
        await MatrixPlatform(told, kept).run(receive)
    assert kept["login"] == ""
    # Started again it signs in anew.
    second = MatrixPlatform(told, kept)
    task = asyncio.create_task(second.run(receive))
    await second.reached()
    assert (server.asked.count("login"), kept["login"] != "") == (2, True)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    "content",
    [
        {"m.relates_to": "x"},
        {"m.relates_to": {"m.in_reply_to": "x"}},
        {"m.relates_to": {"m.in_reply_to": {"event_id": 7}}},
        {"m.relates_to": {"rel_type": "m.replace"}, "m.new_content": "x"},
        {"msgtype": "m.file", "url": 7},
        {"msgtype": "m.file", "url": "mxc://a/b", "info": "x"},
        {"msgtype": "m.file", "url": "mxc://a/b", "info": {"size": "x", "w": "x", "h": []}},
        {"msgtype": "m.image", "file": "x"},
        {"msgtype": "m.image", "file": {"url": 7}},
        {"msgtype": "m.file", "url": "mxc://a/b", "filename": 7},
    ],
)
def test_what_no_app_would_write_ends_nothing(content: dict[str, Any]) -> None:
    """Anybody can write to the account: one such message would end the gateway at every start."""
    told = {"msgtype": "m.text", "body": "你好", **content}
    one = nio.RoomMessageUnknown.from_dict({**AT_LEAST, "event_id": "$e", "content": told})
    room = nio.MatrixRoom(ROOM, ME)
    client = SimpleNamespace(user_id=ME)
    found = list(events.of_event(client, room, one))
    assert all(isinstance(event, Written) and event.account.key == WANG for event in found)
