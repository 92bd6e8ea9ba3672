"""What a terminal shows of a command that takes long."""

import sys
from io import StringIO

import pytest

from bot.cli import progress as shown
from services.core.ports import Told


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


async def led(told: Told) -> None:
    for done in range(0, 301, 100):
        await told(done, 300)


async def test_a_command_that_takes_long_shows_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shown, "SHOWN_AFTER", 0)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    await led(shown.progress("rows"))
    assert "rows: 100%" in terminal.getvalue()
    assert "300/300" in terminal.getvalue()


async def test_one_that_is_soon_done_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    await led(shown.progress("rows"))
    assert terminal.getvalue() == ""


async def test_nothing_is_written_where_no_terminal_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "SHOWN_AFTER", 0)
    monkeypatch.setattr(sys, "stderr", file := StringIO())
    await led(shown.progress("rows"))
    assert file.getvalue() == ""
