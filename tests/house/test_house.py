"""The architecture, guarded: sizes, languages, and where texts may stand."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "bot",
    "cells",
    "sandbox",
    "handlers",
    "services",
    "scheduler",
    "models",
    "domain",
    "messenger",
    "botapi",
    "gateway",
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LONGEST_FUNCTION = 40


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "versions" not in path.parts:
                yield path


@cache
def parsed(path: Path) -> ast.Module:
    """Read once for all that look at it."""
    return ast.parse(path.read_text("utf-8"))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def chinese_strings(tree: ast.Module) -> Iterator[int]:
    """Lines of string constants with Chinese in them; docstrings may name a term."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
            and CHINESE.search(node.value)
        ):
            yield node.lineno


@pytest.mark.parametrize("room", ROOMS)
def test_functions_stay_short(room: str) -> None:
    paths = list(sources(room))
    too_long = []
    for path in paths:
        for function in functions(parsed(path)):
            length = (function.end_lineno or 0) - function.lineno + 1
            if length > LONGEST_FUNCTION:
                too_long.append(f"{path.relative_to(ROOT)}: {function.name}: {length} lines")
    assert paths
    assert not too_long


@pytest.mark.parametrize("room", ["bot", "handlers", "scheduler", "services", "gateway"])
def test_what_people_read_stands_in_texts_files(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources(room)
        if "texts" not in path.stem and "texts" not in path.parent.name
        for line in chinese_strings(parsed(path))
    ]
    assert not found


def test_only_the_clock_reads_the_time() -> None:
    reads = re.compile(r"datetime\.now\(|datetime\.utcnow\(|date\.today\(|\btime\.time\(")
    found = [
        str(path.relative_to(ROOT))
        for path in sources(*(room for room in ROOMS if room not in ("messenger", "botapi")))
        if reads.search(path.read_text("utf-8"))
    ]
    assert found == ["bot/app/clock.py"]


def test_no_exclamation_marks_are_shouted_at_people() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in sources("bot", "handlers", "scheduler", "services")
        if path.stem == "texts" and re.search(r"[!！]", path.read_text("utf-8"))
    ]
    assert not found
