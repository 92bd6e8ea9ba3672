"""WeCom away, taken over, refusing, or saying what nobody expects."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiogram.exceptions import TelegramServerError
from hypothesis import given
from hypothesis import strategies as st

from botapi.markup import from_person
from gateway.platform import Elsewhere, Refused
from gateway.wecom import wire
from gateway.wecom.client import LONGEST_PAUSE
from gateway.wecom.markdown import APART, written
from tests.gateway.away import Away, outlasts_a_day
from tests.gateway.test_core import KeyboardDeath, buttons
from tests.gateway.wecom.conftest import Office
from tests.gateway.wecom.server import Colleague, WeComServer

DEEP = "[" * 100_000


async def test_a_second_process_takes_the_robot_and_the_first_one_stops(
    tmp_path: Path, house: Office, server: WeComServer, wang: Colleague
) -> None:
    other = Office(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}", server)
    async with house.running() as first:
        await first.begun(wang)
        await wang.writes("最后一句")
        async with other.running() as second:
            assert isinstance(await first.ended(), Elsewhere)
            # What this one was given isn't lost with it.
            assert (await first.next())["message"]["text"] == "最后一句"
            await second.begun(wang)
            subscribed = [one for one in server.asked if one["cmd"] == wire.SUBSCRIBE]
            assert len(subscribed) == 2


async def test_a_refused_secret_ends_it_and_isnt_told(
    house: Office, server: WeComServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.secret = "a-new-one"
    async with house.running(waits=False) as bot:
        problem = await bot.ended()
    assert isinstance(problem, Refused)
    assert str(problem) == "errcode 40001"
    assert "secret-of-the-robot" not in caplog.text + repr(bot.gateway.platform.__dict__)


async def test_busy_at_the_beginning_it_is_asked_again(
    house: Office, server: WeComServer, wang: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.wecom.client.FIRST_PAUSE", 0.01)
    server.codes[wire.SUBSCRIBE] = [-1, 45009]
    async with house.running() as bot:
        await bot.begun(wang)


async def test_a_day_without_the_platform_loses_nothing_and_marks_nothing(
    house: Office, wang: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a clock of its own: a pause takes no time."""
    away, passed = Away(), 0.0

    async def sleep(seconds: float) -> None:
        nonlocal passed
        # A minute apart at last, and neither more often nor never: told by the hour from there.
        passed += seconds if seconds < LONGEST_PAUSE else 3600.0
        if passed > 86_400:
            await away.waits()
        await asyncio.sleep(0)

    await outlasts_a_day(house, wang, away, sleep, "ws://127.0.0.1:9", monkeypatch)


async def test_what_may_have_been_seen_is_said_again_and_marked(
    house: Office, server: WeComServer, wang: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.wecom.client.FIRST_PAUSE", 0.01)
    async with house.running() as bot:
        chat = await bot.begun(wang)
        server.codes[wire.SEND] = [None]
        sending = asyncio.create_task(
            bot.api.send_message(chat, "记下了", reply_markup=buttons("好"))
        )
        await wang.hears("记下了")
        # Broken off between the sending and its answer.
        await server.drop()
        with pytest.raises(TelegramServerError):
            await sending
        await server.subscribed.wait()
        await wang.writes("在吗")
        await bot.next()
        sent = await bot.api.send_message(chat, "记下了", reply_markup=buttons("好"))
        assert wang.sees() == ["记下了\n好", "（可能重复）记下了\n好"]
        # The newer one is the one that counts.
        await wang.presses("好")
        assert (await bot.next())["callback_query"]["message"]["message_id"] == sent.message_id

        async def killed(*given: Any) -> None:
            raise KeyboardDeath

        monkeypatch.setattr(bot.gateway.store, "end", killed)
        with pytest.raises(TelegramServerError):
            await bot.api.edit_message_text("改了", chat_id=chat, message_id=sent.message_id)
    # As a process that dies there: the one that begins does it again, and says so.
    async with house.running() as bot:
        await wang.hears("（可能重复）改了")
        assert [text for text in wang.sees() if "改了" in text] == ["改了", "（可能重复）改了"]


async def test_without_an_answer_to_its_heartbeat_it_connects_again(
    house: Office, server: WeComServer, wang: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("BEAT", 0.01), ("ANSWER_IN", 0.05)):
        monkeypatch.setattr(f"gateway.wecom.connection.{name}", value)
    monkeypatch.setattr("gateway.wecom.client.FIRST_PAUSE", 0.01)
    async with house.running() as bot:
        server.codes[wire.PING] = [None, None]
        while sum(one["cmd"] == wire.SUBSCRIBE for one in server.asked) < 2:
            server.changed.clear()
            await server.changed.wait()
        await bot.begun(wang)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cmd", "headers", "body", "from", "userid", "event", "text", "mixed"])
            | st.sampled_from(
                ["msgtype", "msg_item", "image", "url", "content", "req_id", "msgid"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(
    cmd=st.sampled_from([wire.MESSAGE, wire.EVENT, "else"]),
    body=ANYTHING,
    kind=st.sampled_from(["text", "mixed", "image", "file", "voice", "event", "else"]),
    inner=ANYTHING,
)
def test_no_frame_ends_anything(cmd: str, body: Any, kind: str, inner: Any) -> None:
    about = {"msgid": "m", "from": {"userid": "W"}, "chattype": "single", "msgtype": kind}
    for told in (body, {**about, kind: inner}):
        frame = {"cmd": cmd, "headers": {"req_id": "r"}, "body": told}
        assert not wire.is_disconnected(frame) or kind == "event"
        for event in wire.events_of(wire.Taken(frame, 0.0)):
            assert event.account.address
    assert wire.number_of({"headers": body}) == wire.number_of({"headers": body})


async def test_what_isnt_a_frame_is_passed_over(
    house: Office, server: WeComServer, wang: Colleague
) -> None:
    async with house.running() as bot:
        assert server.connection is not None
        for text in (
            "",
            "{",
            "[]",
            "null",
            '{"cmd": 7}',
            '{"headers": []}',
            b"\xff\xfe",
            "[" * 100_000,
        ):
            await server.connection.send(text)
        await bot.begun(wang)


def test_no_name_colours_a_text_or_leads_somewhere() -> None:
    said = from_person("# [看](http://here.test) <font color> <@all> **粗** `码`\n> 引")
    shown = written(said)
    assert shown.replace(APART, "") == said.plain
    for sign in ("](", "<f", "<@", "**"):
        assert sign not in shown
    assert not shown.startswith("#")
    assert "\n>" not in shown
