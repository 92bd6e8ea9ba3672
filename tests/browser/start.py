"""Starts what a browser is to look at: everything as `make run` does, or the messenger alone."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.left_behind import ends_with_us
from bot.app.keys import make_keys
from bot.app.settings import Settings
from bot.processes.staff_services import opened
from sandbox.cast import play
from sandbox.run import beginning

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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
        started.wait(20)
        started.stdout.close()


async def invent(folder: Path) -> None:
    """The invented people and all their cases, as `make run` makes them beside the bots."""
    settings = Settings.model_validate({"data": folder})
    make_keys(settings)
    async with opened(settings) as (services, _):
        await play(services, beginning(folder / "clock"))
