"""Starts what a browser is to look at: everything as `make run` does, or the messenger alone."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from benchmarks.left_behind import ends_with_us
from bot.app.keys import make_keys
from bot.app.settings import Settings
from bot.processes.staff_services import opened
from messenger.core.settings import user_id
from sandbox.cast import Cast
from sandbox.people import FILE, people, read
from sandbox.run import beginning
from services.container import build_services

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
"""The first has the same engine and no window around it, which took a quarter of the time."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


ASKED_FOR = {
    "孟春雨", "梁永福", "安达", "包玉兰", "丁海涛", "汪洋", "敖特根", "谢小红",
}  # fmt: skip
"""The cases that the tests look at, with enough others that lists are lists: each takes a second or
two, and tests/house/test_cast.py plays them too."""


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """A browser with these flags besides; skips where there is none, which fails where CI is."""
    if CHROMIUM is None:
        why = "no Chromium on this machine: the page isn't looked at"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        yield started
        started.close()


@contextmanager
def process(*arguments: str, **environment: str) -> Iterator[str]:
    """A process that prints its address first; gives the address."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("YINLU_")}
    started = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, text=True, env=kept | environment
    )
    ends_with_us(started.pid)
    assert started.stdout
    try:
        url = started.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:"), url
        yield url
    finally:
        started.send_signal(signal.SIGTERM)
        ended = started.wait(60)
        started.stdout.close()
    assert ended == 0


async def invent(folder: Path, names: Collection[str] = ASKED_FOR) -> None:
    """The invented people and these cases, as `make run` makes them beside the bots."""
    settings = Settings.model_validate({"data": folder})
    make_keys(settings)
    chats = {name: user_id(place) for place, name in enumerate(people())}
    whole = read(FILE)
    cases = [item for item in whole["cases"] if item["name"] in names]
    assert len(cases) == len(names)
    async with opened(settings) as (services, _):
        quiet = build_services(services.database, services.procedure, tells=False)
        now = beginning(folder / "clock")
        cast = Cast(quiet, chats, now, {**whole, "cases": cases})
        await cast.gather()
        # Its last act tells the run that nothing of it is left to be played.
        await cast.play()
