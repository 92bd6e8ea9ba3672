"""`make bench`: one row that can't be measured doesn't take the others with it."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import rows
from benchmarks.rows import Row, missing, row
from tests.operations.conftest import MONDAY


async def fine() -> Sequence[Row]:
    return [row("fine", [3.0, 1.0, 2.0], "s", "<= 3", True), missing("absent", "s", "no server")]


async def broken() -> Sequence[Row]:
    raise RuntimeError("a disk of its own")


async def test_what_fails_is_said_and_the_others_are_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rows, "RESULTS", tmp_path)
    monkeypatch.setattr(bench, "ALL", {"broken": broken, "fine": fine})
    assert await bench.main(()) == 1
    assert await bench.main(("fine",)) == 0
    said = capsys.readouterr()
    assert "failed: RuntimeError" in said.out
    assert "no server" in said.out
    assert "a disk of its own" in said.err
    names = sorted(path.name[10:] for path in tmp_path.iterdir())
    assert names == ["-fine.json", ".json"]
    [whole] = [path for path in tmp_path.iterdir() if "fine" not in path.name]
    kept = {item["what"]: item for item in json.loads(whole.read_text("utf-8"))["rows"]}
    assert (kept["fine"]["value"], kept["fine"]["runs"]) == (2.0, [3.0, 1.0, 2.0])
    assert (kept["broken"]["value"], kept["broken"]["met"]) == (None, False)


def test_a_run_is_named_by_its_day(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rows, "RESULTS", tmp_path)
    assert rows.keep([], MONDAY).name == "2026-11-23.json"
    assert rows.keep([], MONDAY, ("visit", "due")).name == "2026-11-23-visit-due.json"
