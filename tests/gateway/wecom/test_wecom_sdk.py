"""Two clients of WeCom that aren't ours, unmodified, against the stand-in: the vendor's own, over
wss, and the community's. What they don't accept, the stand-in may not do."""

import asyncio
import ssl
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from botapi.markup import Said
from gateway.platform import Button, Part
from gateway.wecom import wire
from tests.certificates import write_certificate
from tests.gateway.wecom.server import BOT, SECRET, Colleague, WeComServer, labels, wecom

CARD = Part(Said("选一个"), ((Button("甲", data="do:1"), Button("乙", says="乙")),))
CAME = ("message.text", "message.voice", "message.image", "message.file", "message.mixed")
EVENTS = ("event.enter_chat", "event.template_card_event")


class Silent:
    """What the clients log quotes what was said."""

    def debug(self, message: str, *more: Any) -> None: ...

    info = warn = error = debug


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """Of 127.0.0.1, and a server's side with it."""
    file = write_certificate(tmp_path_factory.mktemp("wecom") / "here.pem", "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return file, context


@dataclass
class Robot:
    """One of the clients. `came`: what it was told, as it calls it."""

    client: Any
    came: asyncio.Queue[tuple[str, Any]]

    async def next(self, name: str) -> Any:
        async with asyncio.timeout(20):
            while (found := await self.came.get())[0] != name:
                pass
        return found[1]


def community(url: str, secret: str) -> Any:
    from wecom_aibot_sdk import WSClient

    more = {"reconnect_interval": 10, "max_auth_failure_attempts": 1}
    return WSClient(BOT, secret, ws_url=url, logger=Silent(), **more)


@pytest.fixture(scope="module")
def official(certificate: tuple[Path, ssl.SSLContext]) -> Any:
    """The vendor's, which trusts this machine's certificates where there is no certifi."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "certifi", None)
        patch.setenv("SSL_CERT_FILE", str(certificate[0]))
        with pytest.warns(DeprecationWarning, match="deprecated"):
            import aibot

    def made(url: str, secret: str) -> Any:
        told = aibot.WSClientOptions(BOT, secret, ws_url=url, logger=Silent())
        return aibot.WSClient(told)

    return made


@asynccontextmanager
async def robot(
    make: Callable[[str, str], Any], server: WeComServer, secret: str = SECRET
) -> AsyncIterator[Robot]:
    made = Robot(make(server.url, secret), asyncio.Queue())
    for name in (*CAME, *EVENTS, "event.disconnected_event", "authenticated", "error"):
        made.client.on(name, lambda *told, name=name: made.came.put_nowait((name, *told, None)[:2]))
    await made.client.connect()
    try:
        yield made
    finally:
        ended = made.client.disconnect()
        if ended is not None:
            await ended
        await asyncio.sleep(0.05)


@pytest.fixture(params=["vendor", "community"])
async def both(
    request: pytest.FixtureRequest, certificate: tuple[Path, ssl.SSLContext]
) -> AsyncIterator[tuple[WeComServer, Any]]:
    vendor = request.param == "vendor"
    make = request.getfixturevalue("official") if vendor else community
    async with wecom(secure=certificate[1] if vendor else None) as server:
        yield server, make


async def test_a_client_that_isnt_ours_reads_all_that_people_do(
    both: tuple[WeComServer, Any],
) -> None:
    server, make = both
    wang = Colleague(server)
    async with robot(make, server) as it:
        await it.next("authenticated")
        server.pieces = True
        await wang.writes("你好")
        assert (await it.next("message.text"))["body"]["text"]["content"] == "你好"
        await wang.tells("voice", {"content": "说的话"})
        assert (await it.next("message.voice"))["body"]["from"]["userid"] == "WangFang"
        await wang.sends_file("名单.xlsx", b"names")
        told = (await it.next("message.file"))["body"]["file"]
        fetched = await it.client.download_file(told["url"], told["aeskey"])
        content, name = fetched if isinstance(fetched, tuple) else fetched.values()
        assert (content, name) == (b"names", "名单.xlsx")
        await wang.enters()
        entered = await it.next("event.enter_chat")
        await it.client.reply_welcome(entered, {"msgtype": "text", "text": {"content": "您好"}})


async def test_a_client_that_isnt_ours_sends_what_ours_sends(
    both: tuple[WeComServer, Any],
) -> None:
    server, make = both
    wang = Colleague(server)
    async with robot(make, server) as it:
        await it.next("authenticated")
        with pytest.raises(Exception, match="846607"):
            await it.client.send_message(wang.user, wire.text(Part(Said("早"))))
        await wang.writes("你好")
        await it.client.send_message(wang.user, wire.text(Part(Said("早"))))
        await it.client.send_message(wang.user, wire.card(CARD, "t1"))
        assert wang.sees() == ["早", "选一个\n甲\n乙"]
        await wang.presses("甲")
        press = await it.next("event.template_card_event")
        told = press["body"]["event"]["template_card_event"]
        assert (told["event_key"], told["task_id"]) == ("d:do:1", "t1")
        drawn = wire.update(CARD, "t1", "已选：甲")["template_card"]
        await it.client.update_template_card(press, drawn)
        assert wang.sees()[-1] == "选一个\n已选：甲\n甲\n乙"
        await wang.presses("乙")
        late = await it.next("event.template_card_event")
        server.now += 6
        with pytest.raises(Exception, match="846605"):
            await it.client.update_template_card(late, drawn)


async def test_a_wrong_secret_is_refused(both: tuple[WeComServer, Any]) -> None:
    server, make = both
    async with robot(make, server, "another") as it:
        assert "40001" in str(await it.next("error"))


async def test_the_communitys_brings_up_a_file_and_yields_to_a_second_one() -> None:
    """The vendor's can do neither."""
    async with wecom() as server:
        wang = Colleague(server)
        async with robot(community, server) as it:
            await it.next("authenticated")
            await wang.writes("你好")
            content = bytes(range(256)) * 3000
            told = await it.client.upload_media(content, type="file", filename="纪要.docx")
            await it.client.send_media_message(wang.user, "file", told["media_id"])
            assert wang.sees() == ["[纪要.docx]"]
            assert server.media[told["media_id"]][2] == content
            async with robot(community, server) as second:
                await second.next("authenticated")
                await it.next("event.disconnected_event")
                await wang.writes("在吗")
                await second.next("message.text")
        assert labels(server.seen[0]) == []
