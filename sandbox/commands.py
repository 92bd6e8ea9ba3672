"""The commands that the sandbox brings to `yinlu`, registered as entry points in pyproject.toml:
so the command line finds them, and nothing of production imports the sandbox."""

import argparse
import asyncio
import sys
from typing import Any

from bot.app.deferred_validators import load_aiogram
from bot.app.loading import loading
from bot.app.settings import Settings
from bot.app.shutdown import RUN_CANCEL_AFTER


def add_run(commands: Any) -> None:
    made = commands.add_parser("run", help="everything on this machine, with invented people")
    made.add_argument("--port", type=int, default=8080)
    made.set_defaults(does=run, cancel_after=RUN_CANCEL_AFTER)


def add_messenger(commands: Any) -> None:
    made = commands.add_parser("messenger", help="the local messenger alone")
    made.add_argument("--port", type=int, default=8080)
    made.set_defaults(does=messenger)


def add_local_staff(commands: Any) -> None:
    made = commands.add_parser("local-staff", help="the staff bot, as a child of `run`")
    made.set_defaults(does=local_staff)


async def run(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    with loading():
        from sandbox.run import PortTaken, local_run
    try:
        return await local_run(settings, arguments.port).serve(stop)
    except PortTaken as problem:
        print(f"{problem}. Choose another one: make run PORT=8090", file=sys.stderr)  # noqa: T201
        return 1


async def messenger(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    with loading():
        load_aiogram()
        from messenger.core.settings import MessengerSettings
        from messenger.server import running
    async with running(MessengerSettings(port=arguments.port)) as server:
        print(server.url, flush=True)  # noqa: T201
        await stop.wait()
    return 0


async def local_staff(
    arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event
) -> int:
    with loading():
        load_aiogram()
        from sandbox.local_staff import serve_local
    await serve_local(settings, stop)
    return 0
