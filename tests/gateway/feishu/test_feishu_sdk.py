"""Feishu's own client, unmodified, against the stand-in: what it doesn't accept, the stand-in may
not do. It lives in an environment of its own, which `make test-slow` makes: it has 10,700 files,
takes 170 MB of memory, and wants an older `websockets` than the one here."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.left_behind import ends_with_us
from botapi.markup import Said, read
from gateway.feishu import cards
from gateway.platform import Button, Part
from tests.gateway.feishu.server import APP, SECRET, Colleague, FeishuServer
from tests.house.test_house import ROOT

PYTHON = ROOT / ".lark" / "bin" / "python"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not PYTHON.exists(),
        reason="no lark-oapi here: `make test-slow` makes it, from the package registry",
    ),
]
CARD = Part(
    read("<b>选一个</b>", "HTML"),
    (
        (Button("甲", data="do:1"), Button("乙", says="乙")),
        (Button("网页", link="https://a.test"),),
    ),
    dates=True,
)


@dataclass
class Vendor:
    process: asyncio.subprocess.Process

    async def next(self, name: str) -> Any:
        assert self.process.stdout is not None
        async with asyncio.timeout(60):
            async for line in self.process.stdout:
                # Its log goes the same way.
                if line.startswith(b"{") and (told := json.loads(line))["name"] == name:
                    return told["told"]
        raise AssertionError(f"it ended before {name}")

    async def does(self, what: str, **told: Any) -> Any:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": what, **told}).encode() + b"\n")
        return await self.next("done")


@asynccontextmanager
async def vendor(server: FeishuServer, secret: str = SECRET) -> AsyncIterator[Vendor]:
    script = Path(__file__).with_name("vendor.py")
    process = await asyncio.create_subprocess_exec(
        str(PYTHON), str(script), server.url, APP, secret,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, limit=1024 * 1024,
    )  # fmt: skip
    ends_with_us(process.pid)
    try:
        yield Vendor(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_the_vendors_client_reads_what_people_do_and_sends_what_ours_sends(
    server: FeishuServer, wang: Colleague
) -> None:
    async with vendor(server) as it:
        async with asyncio.timeout(120):
            await server.connected.wait()
        # Its pings are answered with hints, and events in pieces are put together.
        while not server.pings:
            await wang.looks()
        server.pieces = True
        await wang.writes("你好")
        event = (await it.next("message"))["event"]
        assert json.loads(event["message"]["content"]) == {"text": "你好"}
        assert event["sender"]["sender_id"]["open_id"] == wang.user
        await wang.enters()
        assert (await it.next("entered"))["event"]["operator_id"]["open_id"] == wang.user
        await wang.chooses_in_menu("待办")
        assert (await it.next("menu"))["event"]["event_key"] == "待办"

        told = {"to": wang.user, "kind": "interactive"}
        card = cards.as_text(cards.card(CARD))
        sent = await it.does("send", content=card, uuid="one", **told)
        assert (await it.does("send", content=card, uuid="one", **told)) == sent
        assert wang.sees() == ["选一个\n[选日期]\n甲\n乙\n网页"]
        refused = await it.does("send", content='{"schema":"2.0"}', uuid="two", **told)
        assert refused["code"] != 0
        await wang.presses("甲")
        press = (await it.next("press"))["event"]
        assert press["action"]["value"] == {"d": "do:1"}
        assert press["context"]["open_message_id"] == sent["message_id"]
        await wang.is_told("收到")
        await wang.picks("2026-11-22")
        assert (await it.next("press"))["event"]["action"]["option"] == "2026-11-22 +0800"
        while server.waiting:
            await wang.looks()
        changed = cards.as_text(cards.card(Part(Said("选好了"))))
        assert (await it.does("change", id=sent["message_id"], content=changed))["code"] == 0
        assert wang.sees() == ["选好了"]
        assert (await it.does("remove", id=sent["message_id"]))["code"] == 0
        assert wang.sees() == []

        paper = bytes(range(256))
        key = (await it.does("file", content=paper.hex(), called="纪要.docx"))["file_key"]
        assert server.media[key] == ("file", "纪要.docx", paper)
        picture = (await it.does("image", content=paper.hex()))["image_key"]
        assert server.media[picture][2] == paper
        await wang.sends_file("名单.xlsx", b"names")
        message = (await it.next("message"))["event"]["message"]
        file = json.loads(message["content"])["file_key"]
        fetched = await it.does("fetch", id=message["message_id"], key=file)
        assert bytes.fromhex(fetched["content"]) == b"names"


async def test_a_wrong_secret_is_refused(server: FeishuServer) -> None:
    async with vendor(server, "another") as it:
        assert "10003" in await it.next("ended")
