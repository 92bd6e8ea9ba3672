"""The real processes, and reporters who speak to the public one as their messenger would."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from signal import SIGTERM
from typing import Any

from aiohttp import ClientSession

from tests.intake import samples
from tests.intake.bot_api import BotApi
from tests.intake.canaries import Identity, file_names
from tests.intake.citizens import SAID
from tests.intake.forms import KIND, upload, whole
from tests.intake.visitors import token_of
from tests.operations.forked import fork

WITH_FILES = 5
"""Every fifth report brings a file, of each kind in turn."""

ONE_MOMENT = ("请稍等。", "One moment, please.")


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
        said = str((await self.api.answer(self.who.id, before))["text"])
        if said in ONE_MOMENT:
            # What holds something of a report is written into it.
            said = str((await self.api.answer(self.who.id, before + 1))["text"])
        return said

    async def reports(self) -> None:
        await self.says("/start")
        await self.presses("report")
        await self.says(f"河湾村第{self.number}户")
        origin = {"type": "hidden_user", "date": 1, "sender_user_name": self.who.origin}
        said = await self.says("别人写的话。", forward_origin=origin)
        assert "转发的消息" in said, (said, self.api.said[self.who.id])
        await self.says(f"第{self.number}件：公示期间他仍在集体林地里私自开荒。")
        await self.presses("written")
        if self.number % WITH_FILES == 0:
            await self._shows()
        await self.presses("checked")
        while "您的八个字" not in (said := await self._confirms()):
            assert "请过几分钟" in said
            await self.api.passes(seconds=20)

    async def _shows(self) -> None:
        """Sends a file and gets back what was kept, in the place of the word that it is cleaned."""
        before = len(self.api.said[self.who.id])
        assert "先清理" in await self.says(document=self._document())
        shown = await self.api.answer(self.who.id, before + 1)
        assert "收到1份" in shown["media"]["caption"]
        kept = [value for value in shown.values() if isinstance(value, bytes)]
        assert len(kept) == 1
        assert self.who.camera.encode() not in kept[0]
        assert self.who.author.encode() not in kept[0]

    async def _confirms(self) -> str:
        """What comes after the placeholder."""
        before = len(self.api.said[self.who.id])
        assert "收到您的确认" in await self.presses("confirm")
        return str((await self.api.answer(self.who.id, before + 1))["text"])

    def _document(self) -> dict[str, Any]:
        camera, author = self.who.camera, self.who.author
        kinds = (samples.photo(camera), samples.pdf(author), samples.word(author),
                 samples.photo(camera, "HEIF"), samples.tiff(author, sheets=2),
                 samples.encrypted_pdf("AES-256", "", author))  # fmt: skip
        name, names = f"f{self.number}", file_names(self.who)
        self.api.files[name] = kinds[self.number // WITH_FILES % len(kinds)]
        return {
            "file_id": name,
            "file_unique_id": name,
            "file_name": names[self.number // WITH_FILES % len(names)],
        }


async def reports_at_the_page(address: str, who: Identity, number: int) -> tuple[int, ...]:
    """One form for each name that a file may have, with all that a browser says; gives how each was
    answered."""
    agent = {"User-Agent": who.username, "Accept-Language": who.language, "Content-Type": KIND}
    answered = []
    async with ClientSession(headers=agent) as browser:
        for place, name in enumerate(file_names(who)):
            async with browser.get(address) as opened:
                token = token_of(await opened.text())
            body = whole(token, upload(name, samples.photo(who.camera)))
            body = body.replace(SAID.encode(), f"{SAID}第{number}人，第{place}件。".encode())
            async with browser.post(address, data=body) as answer:
                answered.append(answer.status)
    return tuple(answered)


def environment(folder: Path, api: str, messenger: str, page: int = 0) -> dict[str, dict[str, str]]:
    """Each process with what it needs; whatever it writes anywhere lands below `folder`."""
    places = {"HOME": str(folder), "TMPDIR": str(folder), "PATH": os.environ["PATH"]}
    common = places | {"YINLU_DATA": str(folder), "YINLU_LOG_LEVEL": "DEBUG"}
    return {
        "messenger": common,
        "public": common | {"YINLU_API": api, "YINLU_FOLLOW_CLOCK": "1",
                            "YINLU_PUBLIC_TOKEN": "43:TEST", "YINLU_PUBLIC_PORT": str(page)},
        "staff": common | {"YINLU_API": messenger, "YINLU_STAFF_TOKEN": "700001:local-staff",
                           "YINLU_FOLLOW_CLOCK": "1"},
    }  # fmt: skip


@asynccontextmanager
async def process(
    name: str, folder: Path, given: dict[str, str], *more: str
) -> AsyncIterator[None]:
    """`python -m bot NAME`, its output in a file among the others."""
    log = folder / f"{name}.log"
    running = await fork(given, name, *more, prepare=(all_goes_to, log))
    try:
        yield
        assert running.returncode is None, log.read_text()[-2000:]
    finally:
        running.send_signal(SIGTERM)
        assert await running.wait() == 0


def all_goes_to(log: Path) -> None:
    """In the new process: what it says goes into this file, and its other files where its own
    environment says, not its parent's."""
    tempfile.tempdir = None
    with log.open("wb") as file:
        for number in (1, 2):
            os.dup2(file.fileno(), number)
