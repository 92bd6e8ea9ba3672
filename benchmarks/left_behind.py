"""End what this process has started once it is gone itself: one that is broken off, by SIGKILL or
by a time limit, can end nothing any more.

A process of its own reads from a pipe which of them there are. The pipe closes when its writer is
gone, however that went. On systems without /proc nothing is watched.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
_watchers: list[subprocess.Popen[str]] = []


def ends_with_us(pid: int, how: signal.Signals = signal.SIGKILL) -> None:
    """Whatever `pid` starts ends as well. `how`: what it is told, for a server that has to put
    something in order."""
    if not _watchers:
        # A session of its own: what ends a whole group must not end this one first.
        _watchers.append(
            subprocess.Popen(
                [sys.executable, "-I", __file__], stdin=subprocess.PIPE, text=True, bufsize=1,
                start_new_session=True,
            )
        )  # fmt: skip
    pipe = _watchers[0].stdin
    assert pipe is not None
    pipe.write(f"{pid} {int(how)}\n")


def parents() -> dict[int, int]:
    """Process → the one that started it, of all that run."""
    found = {}
    for entry in PROC.glob("[0-9]*"):
        fields = _stat(int(entry.name))
        if fields and fields[0] != "Z":
            found[int(entry.name)] = int(fields[1])
    return found


def begun(pid: int) -> str:
    """When a process was started, in ticks: its number may be another's later. Empty where there is
    none."""
    fields = _stat(pid)
    return fields[19] if fields else ""


def _stat(pid: int) -> list[str]:
    """What follows the name of a process: state, parent, and so on."""
    with suppress(OSError):
        return (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    return []


def below(pid: int, above: dict[int, int]) -> list[int]:
    """All that were started by a process, or by one of those."""
    children = [child for child, parent in above.items() if parent == pid]
    return children + [each for child in children for each in below(child, above)]


def main() -> None:
    watched: dict[int, tuple[str, int]] = {}
    for line in sys.stdin:
        pid, how = map(int, line.split())
        watched[pid] = begun(pid), how
    above = parents()
    for pid, (start, how) in watched.items():
        if start and begun(pid) == start:
            rest = below(pid, above) if how == signal.SIGKILL else []
            for each, told in [(pid, how), *((one, signal.SIGKILL) for one in rest)]:
                with suppress(ProcessLookupError):
                    os.kill(each, told)


if __name__ == "__main__":
    main()
