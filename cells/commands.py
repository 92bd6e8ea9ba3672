"""The commands that cells bring to `yinlu`, registered as entry points in pyproject.toml: so the
command line finds them, and nothing of the product imports this room."""

import argparse
import asyncio
import signal
from pathlib import Path
from typing import Any

from bot.app.deferred_validators import load_aiogram
from bot.app.loading import loading
from bot.app.settings import Settings
from bot.app.shutdown import RUN_CANCEL_AFTER


def add_cells(commands: Any) -> None:
    made = commands.add_parser("cells", help="the staff bots of many cells in one process")
    made.add_argument("file", type=Path, help="which cells there are")
    about = "instead of the file's: of several on one machine each has its own"
    made.add_argument("--health-port", type=int, metavar="PORT", help=about)
    # Each cell is cancelled before.
    made.set_defaults(does=cells, cancel_after=RUN_CANCEL_AFTER)


def add_cell(commands: Any) -> None:
    made = commands.add_parser("cell", help="make a cell; list those there are")
    parts = made.add_subparsers(required=True, metavar="what")
    new = parts.add_parser("new", help="databases, keys and first invitation of a cell")
    new.add_argument("name", help="small letters, digits and _")
    new.add_argument("file", type=Path, help="the file of cells")
    new.add_argument("--english", action="store_true", help="ask in English")
    new.add_argument("--staff-user", default="yinlu", help="whom root lets the cells run as")
    new.add_argument("--public-user", default="yinlu-public", help="and the public bot")
    new.set_defaults(does=cell_new)
    listed = parts.add_parser("list", help="each cell, and who serves it")
    listed.add_argument("file", type=Path, help="the file of cells")
    listed.set_defaults(does=cell_list)


async def cells(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    with loading():
        load_aiogram()
        from cells.serving import serve
    await serve(arguments.file, stop, arguments.health_port)
    return 0


async def cell_new(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    load_aiogram()
    from bot.setup.asking import Terminal
    from cells.founding import new_cell

    # Whoever waits at a question is broken off at once; what was answered is on the disk.
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().remove_signal_handler(name)
    users = arguments.staff_user, arguments.public_user
    return await new_cell(arguments.name, arguments.file, arguments.english, users, Terminal())


async def cell_list(arguments: argparse.Namespace, settings: Settings, stop: asyncio.Event) -> int:
    load_aiogram()
    from cells.serving import listed

    print("\n".join(await listed(arguments.file)))  # noqa: T201
    return 0
