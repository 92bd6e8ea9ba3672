"""A process works or ends (docs/promises.md Q10): the first part that ends ends them all."""

import asyncio

import pytest
from structlog.testing import capture_logs
from telegram.error import InvalidToken

from bot.app.process_tasks import Part, PartEnded, Parts, forever
from bot.app.settings import SettingsError
from bot.operations.health import Health, serving
from bot.operations.public_health import PublicHealth
from bot.processes.public import MessengerErrors, PublicBot
from handlers.public.chat.application import build
from services.core.database import Database
from services.intake.intake import Intake
from tests.intake.conftest import Hand, intake, intake_url
from tests.intake.telegram import Telegram
from tests.operations.conftest import MONDAY
from tests.operations.process import HANGS
from tests.operations.test_health import asks

__all__ = ["intake", "intake_url"]


async def waits() -> None:
    await asyncio.Event().wait()


def after(seen: list[str], name: str) -> Part:
    """Runs until it is cancelled, and says so."""

    async def part() -> None:
        try:
            await waits()
        finally:
            seen.append(name)

    return part


async def fails() -> None:
    raise LookupError("私人的话")


async def test_one_that_fails_ends_all_and_names_the_reason() -> None:
    parts, stop, seen = Parts(), asyncio.Event(), list[str]()

    async def leaving() -> None:
        """Finishes what is in hand, also after a failure."""
        for _ in range(3):
            await asyncio.sleep(0)
        seen.append(f"left, {parts.ended}")

    running = {"a": after(seen, "a"), "broken": fails, "b": after(seen, "b")}
    with capture_logs() as logged, pytest.raises(LookupError):
        await parts.run(stop, running, leaving)
    assert (parts.ended, stop.is_set()) == ("broken", True)
    assert sorted(seen) == ["a", "b", "left, broken"]
    [said] = [line for line in logged if line["event"] == "part_ended"]
    assert (said["part"], said["error"], said["log_level"]) == ("broken", "LookupError", "critical")
    assert "私人的话" not in str(logged)


async def test_one_that_merely_returns_has_ended_too() -> None:
    parts = Parts()

    async def returns() -> None:
        await asyncio.sleep(0)

    with pytest.raises(PartEnded):
        await parts.run(asyncio.Event(), {"short": returns, "long": waits})
    assert parts.ended == "short"


async def test_a_part_that_swallows_its_cancellation_is_not_waited_for_as_alive() -> None:
    """What swallows it returns, and so the others end."""
    parts, begun = Parts(), asyncio.Event()

    async def swallows() -> None:
        begun.set()
        try:
            await waits()
        except asyncio.CancelledError:
            return

    async def cancels() -> None:
        await begun.wait()
        for task in asyncio.all_tasks():
            if task.get_coro().__qualname__ == "Parts._one" and task is not asyncio.current_task():
                task.cancel()
        await waits()

    with pytest.raises(PartEnded):
        await parts.run(asyncio.Event(), {"swallows": swallows, "cancels": cancels})
    assert parts.ended == "swallows"


async def test_asked_to_end_it_ends_without_a_reason_and_a_bad_end_is_only_said() -> None:
    parts, stop, seen = Parts(), asyncio.Event(), list[str]()

    async def ends_badly() -> None:
        try:
            await waits()
        finally:
            raise OSError

    async def asked() -> None:
        stop.set()
        await waits()

    with capture_logs() as logged:
        await parts.run(stop, {"bad": ends_badly, "asks": asked, "a": after(seen, "a")})
    assert (parts.ended, seen) == ("", ["a"])
    assert [line["event"] for line in logged] == ["part_ended_badly"]


async def test_work_that_ends_can_be_a_part() -> None:
    parts, stop, done = Parts(), asyncio.Event(), list[int]()

    async def once() -> None:
        done.append(1)
        stop.set()

    await parts.run(stop, {"once": forever(once), "other": waits})
    assert done == [1]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_healthz_of_both_processes_names_the_dead_part(
    database: Database, intake: Intake
) -> None:
    staff = Health(database, lambda: MONDAY, ended=lambda: "leader")
    public = PublicHealth(intake, lambda: MONDAY, lambda: 0, lambda: "intake")
    for health, part in ((staff, "leader"), (public, "intake")):
        async with serving(health, 0):
            status, said = await asks(health, "/healthz")
        assert (status, f"ended: {part}" in said) == (503, True)


async def test_a_token_refused_while_it_runs_ends_the_public_process(
    intake: Intake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's own polling would stop alone: nobody is heard, and all looks well."""
    hand, telegram = Hand(), Telegram()
    bot = build("43:TEST", intake, hand.now, request=telegram)
    running = PublicBot(bot, intake, MessengerErrors(), "")
    parts, stop = Parts(), asyncio.Event()

    async def refused(**_: object) -> None:
        raise InvalidToken("私人的话")

    monkeypatch.setattr(type(bot.bot), "get_updates", staticmethod(refused))
    with pytest.raises(SettingsError, match="YINLU_PUBLIC_TOKEN"):
        async with asyncio.timeout(HANGS):
            await parts.run(stop, running.parts, running.shut_down)
    assert (parts.ended, bot.running) == ("intake", False)
