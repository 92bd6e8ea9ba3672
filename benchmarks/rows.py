"""What a measurement gives, how rows are printed, and where they are kept."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).parent / "results"
WIDTHS = (58, 14, 30, 5)


@dataclass(frozen=True)
class Row:
    """`value` in `unit` is the median of `runs`. `target`: what it has to keep to, in words; `met`:
    whether it does, None where nothing is asked. `why`: why there is no value."""

    what: str
    value: float | None
    unit: str
    target: str = ""
    met: bool | None = None
    runs: tuple[float, ...] = ()
    why: str = ""


def row(
    what: str, runs: Sequence[float], unit: str, target: str = "", met: bool | None = None
) -> Row:
    return Row(what, median(runs), unit, target, met, tuple(round(run, 4) for run in runs))


def missing(what: str, unit: str, why: str) -> Row:
    return Row(what, None, unit, why=why)


def failed(what: str, error: Exception) -> Row:
    """A row for a measurement that failed."""
    return Row(what, None, "", met=False, why=f"failed: {type(error).__name__}")


def machine() -> dict[str, object]:
    """Name the machine, so that figures of two machines aren't compared."""
    names = [line for line in _read("/proc/cpuinfo") if line.startswith("model name")]
    memory = next((line.split()[1] for line in _read("/proc/meminfo")), "0")
    return {
        "processor": names[0].partition(": ")[2] if names else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(int(memory) / 1024**2, 1),
        "system": platform.system(),
        "python": platform.python_version(),
    }


def _read(path: str) -> list[str]:
    try:
        return Path(path).read_text("utf-8").splitlines()
    except OSError:
        return []


def table(rows: Sequence[Row]) -> str:
    heads = ("what", "median", "at least / at most", "met")
    lines = [_line(*heads), _line(*("-" * width for width in WIDTHS))]
    return "\n".join([*lines, *map(line, rows)])


def line(item: Row) -> str:
    value = item.why or f"{item.value:,.2f} {item.unit}"
    met = {True: "yes", False: "NO", None: ""}[item.met]
    return _line(item.what, value, item.target, met)


def _line(*cells: str) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def keep(rows: Sequence[Row], now: datetime, names: Sequence[str] = ()) -> Path:
    """Writes everything to `results`: one file a day, and one for each choice of `names`."""
    RESULTS.mkdir(exist_ok=True)
    # A partial run has a file of its own, or it would replace the day's whole one.
    path = RESULTS / f"{'-'.join([f'{now.astimezone(UTC):%Y-%m-%d}', *names])}.json"
    kept = {"at": now.isoformat(), "machine": machine(), "rows": [asdict(item) for item in rows]}
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return path
