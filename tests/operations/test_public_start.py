"""Whatever the messenger answers at its start, the public bot waits for it and asks again."""

import socket
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter

from bot.app.settings import SettingsError
from bot.processes import public, public_updates
from tests.installed import give_keys
from tests.operations.conftest import settings_in
from tests.operations.process import TOKEN, environment, started
from tests.operations.test_ending import ends, silent


class Starting:
    """A bot whose first calls to the messenger meet these errors."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)

    async def initialize(self) -> None:
        if self.errors:
            raise self.errors.pop(0)


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
async def test_it_waits_as_long_as_it_was_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(public_updates.asyncio, "sleep", sleep)
    waits = public.MessengerErrors()
    errors = [RetryAfter(17), Conflict("two"), BadRequest("html"), NetworkError("away")]
    bot: Any = Starting(*errors)
    await public_updates.until_answered(bot.initialize, waits)
    assert slept == [17, 1, 2, 4]
    assert waits.errors == len(errors)


async def test_a_refused_token_is_said() -> None:
    bot: Any = Starting(InvalidToken("x"))
    with pytest.raises(SettingsError, match="YINLU_PUBLIC_TOKEN"):
        await public_updates.until_answered(bot.initialize, public.MessengerErrors())


async def test_the_page_is_open_while_the_messenger_says_nothing(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "var")
    give_keys(settings)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with silent() as messenger:
        given = environment(
            settings.data,
            YINLU_API=f"http://127.0.0.1:{messenger.port}",
            YINLU_FOLLOW_CLOCK="0",
            YINLU_PUBLIC_TOKEN=TOKEN,
            YINLU_PUBLIC_PORT=str(port),
        )
        async with started(given, "public") as process, ClientSession() as web:
            await messenger.asked.wait()
            async with web.get(f"http://127.0.0.1:{port}/report") as page:
                assert (page.status, "<form" in await page.text()) == (200, True)
            await ends(process)
