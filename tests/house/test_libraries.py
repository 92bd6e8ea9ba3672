"""Nothing of ours patches a library or calls a private name of one: an update would break it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.house.test_house import ROOMS, ROOT, parsed, sources

THE_EXCEPTION = "bot/app/deferred_validators.py"
OURS = {*ROOMS, "locales"}
SELF = ("self", "cls")
PUBLIC_ALL_THE_SAME = {"_replace", "_asdict", "_fields", "_make", "_exit"}
"""Documented in spite of their names: named tuples, and `os._exit`."""
HOOKS = {"sys.excepthook", "sys.unraisablehook", "warnings.showwarning", "Image.MAX_IMAGE_PIXELS",
         "AvifImagePlugin.DEFAULT_MAX_THREADS", *(f"pillow_heif.options.{name}" for name in
         ("DECODE_THREADS", "THUMBNAILS", "DEPTH_IMAGES", "AUX_IMAGES"))}  # fmt: skip
"""Made to be set."""
SETTERS = {"setattr", "delattr"}


@dataclass
class Reading:
    """What one file imports from elsewhere, and the private members that its own classes have."""

    tree: ast.Module
    foreign: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                self.foreign |= {
                    alias.asname or alias.name.split(".")[0]
                    for alias in node.names
                    if alias.name.split(".")[0] not in OURS
                }
            elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] not in OURS:
                self.foreign |= {alias.asname or alias.name for alias in node.names}
            elif isinstance(node, ast.ClassDef):
                self.members |= set(members(node))


def members(node: ast.ClassDef) -> Iterator[str]:
    for part in node.body:
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield part.name
        elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            yield part.target.id
        elif isinstance(part, ast.Assign):
            yield from (target.id for target in part.targets if isinstance(target, ast.Name))
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
            yield from [part.attr] if root(part) == "self" else []


def root(node: ast.expr) -> str:
    """The name a chain of attributes begins with; empty where it begins with anything else."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("_") and name not in PUBLIC_ALL_THE_SAME


def offences(tree: ast.Module, known: frozenset[str] = frozenset()) -> Iterator[str]:
    """Each as `line: what`. `known`: private members of our classes, whichever file they are in."""
    reading = Reading(tree)
    members_of_ours = known | reading.members
    for node in ast.walk(reading.tree):
        found = _patch(node, reading) or _private(node, reading, members_of_ours)
        if found:
            yield f"{getattr(node, 'lineno', 0)}: {found}"


def _patch(node: ast.AST, reading: Reading) -> str:
    if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
        patched = root(node) in reading.foreign and ast.unparse(node) not in HOOKS
        return f"sets {ast.unparse(node)}" if patched else ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
        patched = node.func.id in SETTERS and root(node.args[0]) in reading.foreign
        return f"sets {ast.unparse(node)}" if patched else ""
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = {getattr(node, "module", None), *(alias.name for alias in node.names)}
        return "imports unittest.mock" if "unittest.mock" in names else ""
    return ""


def _private(node: ast.AST, reading: Reading, known: frozenset[str] | set[str]) -> str:
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [getattr(node, "module", "") or "", *(alias.name for alias in node.names)]
        parts = {part for name in names for part in name.split(".") if is_private(part)}
        ours = names[0].split(".")[0] in OURS
        return f"imports {sorted(parts)}" if parts and not ours and names[0] != "__future__" else ""
    if isinstance(node, ast.Attribute) and is_private(node.attr):
        own = isinstance(node.value, ast.Name) and node.value.id in SELF
        theirs = root(node) in reading.foreign or node.attr not in (
            known if own else reading.members
        )
        return f"uses {ast.unparse(node)}" if theirs else ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) > 1:
        named = node.args[1]
        text = named.value if isinstance(named, ast.Constant) else None
        by_name = node.func.id in {*SETTERS, "getattr", "hasattr"} and isinstance(text, str)
        return f"uses {ast.unparse(node)}" if by_name and is_private(str(text)) else ""
    return ""


def all_members() -> frozenset[str]:
    return frozenset(
        name
        for path in sources(*ROOMS)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef)
        for name in members(node)
    )


def test_one_file_patches_a_library_and_no_other() -> None:
    known, found = all_members(), {}
    for path in sources(*OURS):
        if offended := list(offences(parsed(path), known)):
            found[str(path.relative_to(ROOT))] = offended
    assert list(found) == [THE_EXCEPTION], found
    assert len((ROOT / THE_EXCEPTION).read_text("utf-8").splitlines()) <= 40


@pytest.mark.parametrize(
    "wrong",
    [
        "import ssl\nssl.create_default_context = lambda: None",
        "from aiogram.types import Message as M\nM.answer = None",
        "import aiogram\naiogram.types.Message.answer = None",
        "import aiogram\ndel aiogram.Bot",
        "from aiogram import Bot\nBot.calls += 1",
        "from aiogram import Bot\nsetattr(Bot, 'x', 1)",
        "from unittest.mock import patch",
        "from pypdf import PdfWriter\n\ndef f(w: PdfWriter):\n    return w._objects",
        "from sqlmodel import SQLModel\nprint(SQLModel._sa_registry)",
        "from aiosqlite import Connection\n\nclass Mine(Connection):\n    def f(self): self._tx",
        "import asyncio._x",
        "from asyncio.base_events import _run_until_complete_cb",
        "def f(x): return getattr(x, '_data')",
    ],
)
def test_each_way_of_patching_is_found(wrong: str) -> None:
    assert list(offences(ast.parse(wrong)))


@pytest.mark.parametrize(
    "right",
    [
        "import logging\nlog = logging.getLogger()\nlog.propagate = False",
        "from services import core\ncore.x = 1",
        "import os\nos._exit(1)",
        "from pathlib import Path\n\nclass Mine:\n    def f(self): self._at = Path()",
        "from collections import namedtuple\nP = namedtuple('P', 'x')\nP(1)._replace(x=2)",
    ],
)
def test_what_is_ours_or_public_passes(right: str) -> None:
    assert not list(offences(ast.parse(right)))
