"""No identity at rest (TRUST P1, P5): two hundred reporters, each with marks in everything that
tells who they are, through the real processes at DEBUG; then every file is searched."""

import asyncio
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from bot.install import found
from bot.run import free_port
from bot.settings import Settings
from tests.public import samples
from tests.public.bot_api import BotApi
from tests.public.canaries import Identity, Search, identity
from tests.public.conftest import NOON

REPORTS = 200
AT_ONCE = 8
WITH_FILES = 10
"""Every tenth report brings a photo, a PDF or a Word file."""


class Reporter:
    """Speaks to the public process as their messenger would, with all it adds of its own."""

    def __init__(self, api: BotApi, who: Identity, number: int) -> None:
        self.api, self.who, self.number = api, who, number
        self.written: set[int] = set()

    def _from(self) -> dict[str, Any]:
        names = {"first_name": self.who.first_name, "last_name": self.who.last_name}
        about = {"id": self.who.id, "username": self.who.username, **names}
        return {
            "from": {**about, "is_bot": False, "language_code": self.who.language},
            "chat": {**about, "type": "private"},
        }

    async def says(self, text: str = "", **more: Any) -> str:
        content: dict[str, Any] = {"text": text, **more} if text else more
        if text.startswith("/"):
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        self.api.last += 1
        self.written.add(self.api.last)
        message = {"message_id": self.api.last, "date": 1, **self._from(), **content}
        return await self._heard({"message": message})

    async def presses(self, data: str) -> str:
        message = {"message_id": 1, "date": 1, **self._from()}
        query = {"id": "1", "chat_instance": "1", "data": data, "from": self._from()["from"]}
        return await self._heard({"callback_query": {**query, "message": message}})

    async def _heard(self, update: dict[str, Any]) -> str:
        before = len(self.api.said[self.who.id])
        await self.api.hands_over(update)
        return str((await self.api.answer(self.who.id, before))["text"])

    async def reports(self) -> None:
        await self.says("/start")
        await self.presses("report")
        await self.says(f"河湾村第{self.number}户")
        origin = {"type": "hidden_user", "date": 1, "sender_user_name": self.who.origin}
        assert "转发的消息" in await self.says("别人写的话。", forward_origin=origin)
        await self.says(f"第{self.number}件：公示期间他仍在集体林地里私自开荒。")
        await self.presses("written")
        if self.number % WITH_FILES == 0:
            assert "收到1份" in await self.says(document=self._document())
        await self.presses("checked")
        while "您的八个字" not in (said := await self.presses("confirm")):
            assert "请过几分钟" in said
            await self.api.passes(seconds=20)

    def _document(self) -> dict[str, Any]:
        kinds = (samples.photo(self.who.camera), samples.pdf(self.who.author),
                 samples.word(self.who.author))  # fmt: skip
        name = f"f{self.number}"
        self.api.files[name] = kinds[self.number // WITH_FILES % 3]
        return {"file_id": name, "file_unique_id": name, "file_name": self.who.file_name}


def environment(folder: Path, api: str, messenger: str) -> dict[str, dict[str, str]]:
    """Each process with what it needs; whatever it writes anywhere lands below `folder`."""
    places = {"HOME": str(folder), "TMPDIR": str(folder), "PATH": os.environ["PATH"]}
    common = places | {"YINLU_DATA": str(folder), "YINLU_LOG_LEVEL": "DEBUG"}
    return {
        "messenger": common,
        "public": common | {"YINLU_API": api, "YINLU_FOLLOW_CLOCK": "1",
                            "YINLU_PUBLIC_TOKEN": "43:TEST"},
        "staff": common | {"YINLU_API": messenger, "YINLU_STAFF_TOKEN": "700001:local-staff",
                           "YINLU_FOLLOW_CLOCK": "1"},
    }  # fmt: skip


@asynccontextmanager
async def process(
    name: str, folder: Path, given: dict[str, str], *more: str
) -> AsyncIterator[None]:
    """`python -m bot NAME`, its output in a file among the others."""
    with (folder / f"{name}.log").open("wb") as log:
        running = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", name, *more, env=given, stdout=log, stderr=log
        )
        try:
            yield
            assert running.returncode is None, (folder / f"{name}.log").read_text()[-2000:]
        finally:
            running.terminate()
            assert await running.wait() == 0


@pytest.fixture
async def api() -> AsyncIterator[tuple[BotApi, str]]:
    made = BotApi(NOON)
    server = TestServer(made.application())
    await server.start_server()
    yield made, str(server.make_url("")).rstrip("/")
    await server.close()


async def all_report(api: BotApi) -> list[Reporter]:
    people = [Reporter(api, identity(number), number) for number in range(REPORTS)]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(reporter: Reporter) -> None:
        async with gate:
            await reporter.reports()

    await asyncio.gather(*map(one, people))
    return people


def keep_copies(folder: Path) -> None:
    """What an administrator or a thief might take along: the files as they lie, and a backup."""
    copies = folder / "copies"
    copies.mkdir()
    for path in list(folder.iterdir()):
        if path.is_file():
            shutil.copy(path, copies / path.name)
    with (
        closing(sqlite3.connect(folder / "intake.sqlite3")) as source,
        closing(sqlite3.connect(copies / "backup.sqlite3")) as target,
    ):
        source.backup(target)


async def test_nothing_of_two_hundred_reporters_is_written_down_anywhere(
    tmp_path: Path, api: tuple[BotApi, str]
) -> None:
    fake, url = api
    await found(Settings.model_validate({"data": tmp_path}), "组织部", "苏和")
    port = free_port(0)
    given = environment(tmp_path, url, f"http://127.0.0.1:{port}")
    async with AsyncExitStack() as running:
        messenger = process("messenger", tmp_path, given["messenger"], "--port", str(port))
        for each in (messenger, process("public", tmp_path, given["public"]),
                     process("staff", tmp_path, given["staff"])):  # fmt: skip
            await running.enter_async_context(each)
        people = await all_report(fake)
        keep_copies(tmp_path)
    search = Search([reporter.who for reporter in people])
    with closing(sqlite3.connect(tmp_path / "intake.sqlite3")) as database:
        [(count,)] = database.execute("SELECT count(*) FROM intake_report")
        [(files,)] = database.execute("SELECT count(*) FROM intake_file")
        days = database.execute("SELECT DISTINCT received_on FROM intake_report").fetchall()
    assert (count, files, days) == (REPORTS, REPORTS // WITH_FILES, [(NOON.date().isoformat(),)])
    assert search.count > REPORTS * 400
    assert (tmp_path / "copies" / "intake.sqlite3-wal").exists()
    assert search.hits(tmp_path) == []
    assert_every_message_was_deleted(fake, people)
    assert_a_planted_one_is_found(tmp_path, search, people[17].who)


def assert_every_message_was_deleted(api: BotApi, people: list[Reporter]) -> None:
    for reporter in people:
        assert reporter.written
        assert api.deleted[reporter.who.id] >= reporter.written


def assert_a_planted_one_is_found(folder: Path, search: Search, who: Identity) -> None:
    """The search finds what is there, however it is written down."""
    with closing(sqlite3.connect(folder / "planted.sqlite3")) as database:
        database.execute("CREATE TABLE t (a)")
        database.execute("INSERT INTO t VALUES (?)", (who.id,))
        database.commit()
    (folder / "planted.log").write_text(f"x {sha256(who.username.encode()).hexdigest()} y")
    (folder / "planted.bin").write_bytes(who.camera.encode("utf-16-le"))
    names = {hit.partition(":")[0] for hit in search.hits(folder)}
    assert names == {"planted.sqlite3", "planted.log", "planted.bin"}
