"""Feishu away, refusing, asking again, or saying what nobody expects."""

import asyncio
import json
from typing import Any

import pytest
from aiogram.exceptions import TelegramRetryAfter, TelegramServerError
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from botapi.markup import from_person, read
from gateway.feishu import cards, connection, events, frames
from gateway.feishu.api import LONGEST_ANSWER, FeishuSettings
from gateway.feishu.client import ABILITIES, LEAST_PAUSE, LOCKED_FOR
from gateway.feishu.connection import MOST_PIECES, Hints, Pieces, hints_of
from gateway.feishu.frames import Frame
from gateway.feishu.markdown import LONGEST
from gateway.platform import Button, Part, Refused, Unreachable
from gateway.screens import Screen, fit
from tests.gateway.away import Away, outlasts_a_day
from tests.gateway.feishu.conftest import Office
from tests.gateway.feishu.server import (
    APP,
    LARGEST_CARD,
    SECRET,
    Colleague,
    FeishuServer,
    card_fits,
    said_of,
)
from tests.gateway.house import Bot
from tests.gateway.test_core import KeyboardDeath, buttons

VENDORS = bytes.fromhex(
    "080710808080808080808010182120012a0d0a047479706512056576656e742a160a0a6d6573736167655f696412"
    "0872657065617465643204677a697042097b2261223a317d0aff4a036c6f67"
)
"""As the vendor's library writes a frame, with its fields 1 to 9."""
DEEP = b"[" * 100_000


async def test_an_event_is_acknowledged_once_it_is_stored_and_taken_once(
    bot: Bot, house: Office, server: FeishuServer, wang: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bot.begun(wang)
    store, stored = bot.gateway.store, asyncio.Event()
    take, asked = store.take, asyncio.Event()

    async def slow(*given: Any, **more: Any) -> None:
        asked.set()
        await stored.wait()
        await take(*given, **more)

    monkeypatch.setattr(store, "take", slow)
    taken = len(server.taken)
    server.deaf = True
    await wang.writes("记一下")
    await asked.wait()
    assert len(server.waiting) == 1
    stored.set()
    assert (await bot.next())["message"]["text"] == "记一下"
    # Unheard, it comes again over the next connection: it is known, and acknowledged.
    assert len(server.taken) == taken
    server.deaf = False
    await server.drop()
    while server.waiting:
        await wang.looks()
    assert not await bot.updates()
    # What is written while nobody is connected isn't lost either.
    await server.drop()
    await wang.writes("还在吗")
    assert (await bot.next())["message"]["text"] == "还在吗"


async def test_what_may_have_been_seen_is_seen_once_while_keys_hold_and_marked_after(
    house: Office, server: FeishuServer, wang: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.running() as bot:
        chat = await bot.begun(wang)
        server.codes["send"] = [None]
        with pytest.raises(TelegramServerError):
            await bot.api.send_message(chat, "记下了")
        await bot.api.send_message(chat, "记下了")
        assert wang.sees() == ["记下了"]
        server.codes["send"] = [None]
        with pytest.raises(TelegramServerError):
            await bot.api.send_message(chat, "明天开会")
        house.pass_both(840)
        await bot.api.send_message(chat, "明天开会")
        assert wang.sees() == ["记下了", "明天开会"]

        async def killed(*given: Any) -> None:
            raise KeyboardDeath

        monkeypatch.setattr(bot.gateway.store, "end", killed)
        with pytest.raises(TelegramServerError):
            await bot.api.send_message(chat, "带上笔记")
    # As a process that dies there: the one that begins does it again, with the same key.
    house.pass_both(1800)
    async with house.running() as bot:
        # Answered after that was done again.
        await bot.api.send_message(chat, "好")
        assert wang.sees()[2:] == ["带上笔记", "好"]
        monkeypatch.setattr(bot.gateway.store, "end", killed)
        with pytest.raises(TelegramServerError):
            await bot.api.send_message(chat, "改在后天")
    house.pass_both(3700)
    async with house.running():
        await wang.hears("（可能重复）改在后天")


async def test_a_card_whose_press_isnt_answered_is_changed_a_moment_later(
    house: Office, server: FeishuServer, wang: Colleague
) -> None:
    pauses = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            server.locked.clear()

    house.sleep = sleep
    async with house.running() as bot:
        chat = await bot.begun(wang)
        sent = await bot.api.send_message(chat, "一", reply_markup=buttons("甲"))
        server.locked[server.seen[0].id] = "a press"
        await bot.api.edit_message_text("二", chat_id=chat, message_id=sent.message_id)
        assert wang.sees() == ["二"]
        assert tuple(pauses) == LOCKED_FOR[:2]
        server.locked[server.seen[0].id] = "another one"
        with pytest.raises(TelegramRetryAfter):
            await bot.api.edit_message_text("三", chat_id=chat, message_id=sent.message_id)
        assert wang.sees() == ["二"]


async def test_a_refused_secret_ends_it_and_isnt_told(
    house: Office, server: FeishuServer, wang: Colleague, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.running() as bot:
        chat = await bot.begun(wang)
        # Changed while it runs: what is sent waits, and the next connection says what is wrong.
        server.secret = "a-new-one"
        server.tokens.clear()
        with pytest.raises(TelegramServerError):
            await bot.api.send_message(chat, "一")
        await server.drop()
        problem = await bot.ended()
    assert isinstance(problem, Refused)
    assert str(problem) == "code 10003"
    told = caplog.text + repr(bot.gateway.platform.__dict__)
    assert not [word for word in (SECRET, "secret-ticket", wang.user) if word in told]


async def test_an_app_that_may_never_connect_ends_it(
    house: Office, server: FeishuServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forbidden(request: web.Request) -> web.StreamResponse:
        return web.Response(status=400, headers={"Handshake-Status": "403"})

    there = server.url
    async with house.running(waits=False) as bot:
        pass
    runner = web.AppRunner(app := web.Application())
    app.add_routes([web.get("/ws", forbidden)])
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    monkeypatch.setattr(house, "build", lambda: _at(house, there))
    async with house.running(waits=False) as bot:
        assert str(await bot.ended()) == "code 403"
    await runner.cleanup()


def _at(house: Office, url: str) -> Any:
    platform = Office.build(house)
    object.__setattr__(platform.settings, "url", url)
    return platform


async def test_busy_it_is_asked_again_as_often_as_feishu_wishes(
    house: Office, server: FeishuServer, wang: Colleague
) -> None:
    pauses = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    house.sleep = sleep
    server.codes["connect"] = [1, 1000040343]
    server.hints = {"PingInterval": 90, "ReconnectNonce": 20, "ReconnectInterval": 45}
    async with house.running() as bot:
        await bot.begun(wang)
        assert pauses == [Hints().interval] * 2
        server.codes["connect"] = [1000040350, 1]
        server.connected.clear()
        await server.drop()
        await server.connected.wait()
        first, *others = pauses[2:]
        assert LEAST_PAUSE <= first <= 20
        assert others == [45.0, 45.0]
        while server.pings < 2:
            await wang.looks()


async def test_a_day_without_the_platform_loses_nothing_and_marks_nothing(
    house: Office, wang: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a clock of its own: a pause takes no time."""
    away, tries = Away(), 0

    async def sleep(seconds: float) -> None:
        nonlocal tries
        tries += 1
        if tries == 5:
            await away.waits()
        await asyncio.sleep(0)

    await outlasts_a_day(house, wang, away, sleep, "http://127.0.0.1:9", monkeypatch)


async def test_what_isnt_a_frame_or_an_event_is_passed_over(
    bot: Bot, server: FeishuServer, wang: Colleague
) -> None:
    (socket,) = server.connections
    for data in (b"", b"\xff" * 20, VENDORS[:-3], b"{}"):
        await socket.send_bytes(data)
    await socket.send_str("{}")
    for payload in (b"", b"[]", b"null", b'{"header": 7}', b"\xff", DEEP):
        headers = (("type", "event"), ("message_id", "m"), ("trace_id", "t"), ("sum", "1"))
        await socket.send_bytes(frames.write(Frame(33, frames.DATA, headers, payload)))
    for kind, told in (("im.message.receive_v1", {}), ("card.action.trigger", {"action": []})):
        await server.push(kind, told)
    await server.push("contact.user.deleted_v3", {})
    await bot.begun(wang)
    # Half of an emoji, as an app cuts a text.
    await wang.writes("半个\ud83d")
    assert (await bot.next())["message"]["text"] == "半个?"
    # Nothing is pushed again for hours that can't be read.
    while server.waiting:
        await wang.looks()


@pytest.mark.parametrize("url", ["wss://[::1", "wss://feishu/?service_id=" + "9" * 5000, 7, None])
async def test_an_address_that_is_none_is_asked_for_again(
    url: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked(*given: Any) -> dict[str, Any]:
        return {"code": 0, "data": {"URL": url}}

    monkeypatch.setattr(connection, "ask_openly", asked)
    session: Any = None
    with pytest.raises(Unreachable):
        await connection.place_of(session, FeishuSettings(APP, SECRET), Hints())


async def test_a_long_page_of_a_proxy_isnt_taken_for_a_refusal() -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text="<p>" * LONGEST_ANSWER, content_type="text/html")

    app = web.Application()
    app.add_routes([web.post("/callback/ws/endpoint", page)])
    async with TestServer(app) as server, ClientSession() as session:
        settings = FeishuSettings(APP, SECRET, str(server.make_url("")))
        with pytest.raises(Unreachable):
            await connection.place_of(session, settings, Hints())


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["sender", "sender_id", "open_id", "message", "content", "mentions"])
            | st.sampled_from(["operator", "operator_id", "action", "value", "context", "tag"])
            | st.sampled_from(["d", "s", "day", "option", "open_message_id", "title", "text"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)
KINDS = (events.MESSAGE, events.PRESS, events.ENTERED, events.MENU, "else")


@given(
    kind=st.sampled_from(KINDS),
    event=ANYTHING,
    form=st.sampled_from(["text", "post", "image", "file", "else"]),
    content=ANYTHING,
)
def test_no_event_ends_anything(kind: str, event: Any, form: str, content: Any) -> None:
    message = {"message_id": "m", "chat_type": "p2p", "message_type": form}
    message["content"] = json.dumps(content)
    sender = {"sender_id": {"open_id": "ou"}, "sender_type": "user"}
    for told in (event, {"sender": sender, "message": message}):
        header = {"event_id": "e", "event_type": kind}
        for one in events.read(json.dumps({"header": header, "event": told}).encode()):
            assert one.account.address
            assert one.id


def test_frames_are_read_and_answered_as_the_vendor_writes_them() -> None:
    frame = frames.read(VENDORS)
    assert frame is not None
    assert (frame.sequence, frame.log, frame.service, frame.method) == (7, 2**60, 33, 1)
    assert (frame.header("type"), frame.header("message_id")) == ("event", "repeated")
    assert frame.header("trace_id") == ""
    assert frame.number("sum") == -1
    answer = frames.read(frames.write(frames.answer_to(frame, b"{}", biz_rt="3")))
    assert answer is not None
    assert (answer.payload, answer.header("biz_rt")) == (b"{}", "3")
    assert answer.others == frame.others != b""


@given(st.binary(max_size=60), st.integers(0, 2**63 - 1), st.text(max_size=9), st.binary())
def test_any_frame_comes_back_and_anything_else_is_none(
    data: bytes, number: int, text: str, payload: bytes
) -> None:
    frame = Frame(number & 0xFFFF, 1, ((text, text), ("sum", "3")), payload, number, number)
    assert frames.read(frames.write(frame)) == frame
    if (found := frames.read(data)) is not None:
        assert isinstance(found.payload, bytes)


def test_pieces_come_in_any_order_and_what_never_becomes_whole_is_forgotten() -> None:
    now = 0.0
    pieces = Pieces(lambda: now)

    def piece(number: str, many: int, place: int, payload: bytes) -> bytes | None:
        headers = (("message_id", number), ("sum", str(many)), ("seq", str(place)))
        return pieces.whole(Frame(1, 1, headers, payload))

    assert piece("a", 3, 2, b"!") is None
    assert piece("b", 2, 0, b"x") is None
    assert piece("a", 3, 0, b"ab") is None
    assert piece("a", 3, 0, b"ab") is None
    assert piece("a", 3, 1, b"c") == b"abc!"
    now = 6.0
    assert piece("b", 2, 1, b"y") is None
    for many, place in ((MOST_PIECES + 1, 0), (2, 2), (999_999_999, 5)):
        assert piece("c", many, place, b"z") is None
    for number in range(1000):
        piece(f"n{number}", 2, 0, b"")
    assert len(pieces._waiting) < 200


@given(ANYTHING | st.fixed_dictionaries({"PingInterval": st.integers()}))
def test_hints_stay_within_reason(told: Any) -> None:
    hints = hints_of(told, Hints())
    assert 10 <= hints.ping <= 600
    assert 0 <= hints.jitter <= 120
    assert 1 <= hints.interval <= 600


SIGNS = st.text(st.sampled_from("党员*_~`[]()<>#+-=!|\\$:&\"' 1.\n@"), max_size=200)


@given(SIGNS)
def test_no_name_gives_a_text_form_or_leads_somewhere(text: str) -> None:
    shown = cards.card(Part(read("<b>甲</b>", "HTML")))
    assert said_of(shown) == "甲"
    said = from_person(text)
    with_form = read("<b>甲</b>", "HTML")
    whole = type(said)(f"甲{said.plain}", entities=with_form.entities)
    (element,) = cards.card(Part(whole))["body"]["elements"]
    assert element["tag"] == "markdown"
    rest = element["content"].removeprefix("**\u200b甲\u200b**")
    assert not set(rest) & set("*_~`[]()<>+-=!|\\$:\"'")
    assert said_of(cards.card(Part(whole))) == whole.plain


LABEL = st.text(st.sampled_from('党支部"a'), min_size=1, max_size=20)
ROWS = st.lists(st.lists(LABEL, min_size=1, max_size=8), max_size=40)
LONG = st.text(st.sampled_from('党员"*\n'), min_size=1, max_size=400).map(lambda text: text * 9)


@given(LONG, ROWS, st.booleans())
def test_every_card_is_one_that_feishu_takes(text: str, labels: Any, bold: bool) -> None:
    rows = tuple(
        tuple(Button(label, data=f"{place}:" + "x" * 60) for label in row)
        for place, row in enumerate(labels)
    )
    said = from_person(text)
    if bold:
        said = type(said)(said.plain, entities=read(f"<b>{'甲' * len(text)}</b>", "HTML").entities)
    for part in fit(Screen(said, rows), ABILITIES).parts:
        card = cards.card(part)
        told = {"receive_id": "ou_" + "x" * 32, "msg_type": "interactive", "uuid": "x" * 32}
        told["content"] = cards.as_text(card)
        assert len(json.dumps(told, ensure_ascii=False).encode()) <= LARGEST_CARD
        assert card_fits(card)


def test_what_grows_too_long_with_form_is_shown_without() -> None:
    said = read(f"<b>甲</b>{'*' * (LONGEST // 4)}", "HTML")
    (element,) = cards.card(Part(said))["body"]["elements"]
    assert element["tag"] == "div"


def test_the_link_opens_the_robot_where_there_is_one() -> None:
    for url, there in (
        ("https://open.feishu.cn", f"https://applink.feishu.cn/client/bot/open?appId={APP}"),
        ("https://feishu.firm.example", ""),
    ):
        house = Office("", FeishuServer(url=url))
        assert house.build().link == there
