"""Whatever the messenger answers at its start, the public bot waits for it and asks again."""

from typing import Any

import pytest
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter

from bot.app.settings import SettingsError
from bot.processes import public, public_updates


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
