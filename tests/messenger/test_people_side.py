"""What the page and tests send: clock, faults, changes told, and what is refused, never a 500."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import ClientError

from messenger.client import MessengerClient, Person
from messenger.server import Running
from tests.messenger.conftest import MORNING, TOKEN
from tests.messenger.libraries import Library

PEOPLE = "/api/people/secretary"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/people/nobody/messages", {"bot": "staff", "text": "在"}, 404),
        (f"{PEOPLE}/messages", {"bot": "other", "text": "在"}, 404),
        (f"{PEOPLE}/messages", {"bot": ["staff"], "text": "在"}, 404),
        (f"{PEOPLE}/messages", {"bot": "staff"}, 400),
        (f"{PEOPLE}/messages", {"bot": "staff", "text": 7}, 400),
        (f"{PEOPLE}/messages", {"bot": "staff", "text": "字" * 4097}, 400),
        (f"{PEOPLE}/messages", {"bot": "staff", "text": "在", "edit": "first"}, 400),
        (f"{PEOPLE}/messages", {"bot": "staff", "text": "在", "edit": 5}, 404),
        (f"{PEOPLE}/messages", {"bot": "staff", "text": "在", "reply_to": 5}, 404),
        (f"{PEOPLE}/presses", {"bot": "staff", "message_id": "x", "data": "a"}, 400),
        (f"{PEOPLE}/presses", {"bot": "staff", "message_id": 5, "data": "a"}, 404),
        (f"{PEOPLE}/presses", [], 400),
        (PEOPLE, {"language_code": "not a language"}, 400),
        (PEOPLE, {"first_name": ""}, 400),
        (PEOPLE, {"bot": "other", "read": True}, 404),
        ("/api/people/no%20name", {}, 400),
        ("/api/clock", {"advance": "soon"}, 400),
        ("/api/clock", {"advance": 7}, 400),
        ("/api/clock", {"to": "2026-01-01T00:00:00+00:00"}, 400),
        ("/api/clock", {"to": "2027-01-01T00:00:00"}, 400),
        ("/api/clock", {"to": "next"}, 400),
        ("/api/clock", {}, 400),
        ("/api/faults", {"bot": "staff", "kind": "fire"}, 400),
        ("/api/faults", {"bot": "staff", "kind": "delay", "method": "fly"}, 400),
        ("/api/faults", {"bot": "staff", "kind": "delay", "count": 0}, 400),
        ("/api/faults", {"bot": "staff", "kind": "delay", "seconds": "long"}, 400),
        ("/api/faults", {"kind": "delay"}, 404),
    ],
)
async def test_what_is_refused_says_why(
    messenger: MessengerClient, path: str, body: Any, status: int
) -> None:
    before = await messenger.get("/api/people")
    async with messenger.session.post(path, json=body) as answer:
        assert (answer.status, set(await answer.json())) == (status, {"error"})
    assert await messenger.get("/api/people") == before


@pytest.mark.parametrize("sent", [b"", b"not json", b"\xff\xfe", b'"text"'])
async def test_what_isnt_json_is_refused(messenger: MessengerClient, sent: bytes) -> None:
    for path in (PEOPLE, f"{PEOPLE}/messages", f"{PEOPLE}/presses", "/api/clock", "/api/faults"):
        async with messenger.session.post(path, data=sent) as answer:
            assert (answer.status, set(await answer.json())) == (400, {"error"})


@pytest.mark.parametrize("query", ["bot=other", "", "bot=staff&after=x", "bot=staff&wait=long"])
async def test_a_chat_that_is_asked_for_wrongly(messenger: MessengerClient, query: str) -> None:
    async with messenger.session.get(f"{PEOPLE}/messages?{query}") as answer:
        assert answer.status in (400, 404)
        assert (await answer.json())["error"]


async def test_somebody_new_comes_in(messenger: MessengerClient) -> None:
    guest = await messenger.person("guest", "staff", "en")
    await guest.says("hello")
    [shown] = [one for one in await messenger.get("/api/people") if one["id"] == "guest"]
    assert (shown["language_code"], shown["user_id"]) == ("en", guest.user_id)
    assert shown["chats"][0]["last"]["text"] == "hello"


async def test_the_clock_only_moves_on(messenger: MessengerClient) -> None:
    await messenger.advance("7d")
    now = datetime.fromisoformat((await messenger.get("/api/clock"))["now"])
    assert timedelta() <= now - MORNING - timedelta(days=7) < timedelta(hours=1)
    due = (now + timedelta(days=2)).astimezone(UTC).isoformat()
    assert (await messenger.post("/api/clock", {"next": due}))["next"] == due
    after = await messenger.post("/api/clock", {"to": "next"})
    assert after["next"] is None
    assert datetime.fromisoformat(after["now"]) >= datetime.fromisoformat(due)


async def test_every_change_is_told(messenger: MessengerClient, secretary: Person) -> None:
    async with messenger.session.ws_connect("/api/events") as line:
        first = await line.receive_json(timeout=60)
        await secretary.says("在吗")
        told = await line.receive_json(timeout=60)
        await messenger.advance("1d")
        later = await line.receive_json(timeout=60)
    assert first["seq"] < told["seq"] < later["seq"]
    moved = datetime.fromisoformat(later["now"]) - datetime.fromisoformat(told["now"])
    assert moved >= timedelta(days=1)


@pytest.mark.parametrize(
    "headers",
    [{"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}],
)
async def test_nobody_from_elsewhere_is_let_in(
    messenger: MessengerClient, headers: dict[str, str]
) -> None:
    for path in ("/", "/api/people", "/api/events", f"/bot{TOKEN}/getMe"):
        async with messenger.session.get(path, headers=headers) as answer:
            assert answer.status == 403
    async with messenger.session.get("/api/people") as answer:
        assert answer.status == 200


async def test_it_listens_on_this_machine_only(server: Running) -> None:
    assert server.url.startswith("http://127.0.0.1:")


async def test_the_page_asks_for_nothing_from_elsewhere(messenger: MessengerClient) -> None:
    async with messenger.session.get("/") as answer:
        policy, page = answer.headers["Content-Security-Policy"], await answer.text()
    assert "default-src 'none'" in policy
    assert "http" not in page.replace("http-equiv", "")
    async with messenger.session.get("/../settings.py") as answer:
        assert answer.status == 404


async def test_faults_are_met_once_each(
    library: Library, messenger: MessengerClient, secretary: Person
) -> None:
    fault = {"bot": "staff", "method": "sendMessage"}
    chat = {"chat_id": secretary.user_id}
    await messenger.post("/api/faults", {**fault, "kind": "rate_limit", "seconds": 7})
    await messenger.post("/api/faults", {**fault, "kind": "server_error"})
    with library.refused("flood control exceeded", 429):
        await library.bot.send_message(**chat, text="一")
    with library.refused("bad gateway", 502):
        await library.bot.send_message(**chat, text="二")
    await messenger.post("/api/faults", {**fault, "kind": "delay", "seconds": 0})
    await library.bot.send_message(**chat, text="三")
    assert [message["text"] for message in await secretary.screen()] == ["三"]


async def test_a_lost_answer_loses_only_the_answer(
    server: Running, messenger: MessengerClient, secretary: Person
) -> None:
    fault = {"bot": "staff", "method": "sendMessage", "kind": "lost_answer"}
    await messenger.post("/api/faults", fault)
    url, body = f"/bot{TOKEN}/sendMessage", {"chat_id": secretary.user_id, "text": "到了"}
    with pytest.raises(ClientError):
        async with asyncio.timeout(120), messenger.session.post(url, json=body):
            pass
    assert await secretary.last() == "到了"
    assert len(server.state.bots["staff"].record) == 1


async def test_wrong_requests_of_a_bot_are_no_500(messenger: MessengerClient) -> None:
    for method, sent, status in (
        ("sendMessage", {"chat_id": {}, "text": "x"}, 400),
        ("sendMessage", {"chat_id": 5000001, "text": "x", "reply_markup": "{"}, 400),
        ("getUpdates", {"offset": "later"}, 400),
        ("deleteMessages", {"chat_id": 5000001, "message_ids": []}, 400),
        ("fly", {}, 404),
    ):
        async with messenger.session.post(f"/bot{TOKEN}/{method}", json=sent) as answer:
            told = await answer.json()
            assert (answer.status, told["ok"], told["error_code"]) == (status, False, status)
