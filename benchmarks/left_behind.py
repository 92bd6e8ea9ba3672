"""End what this process has started once it is gone itself: one that is broken off, by SIGKILL or
by a time limit, can end nothing any more.

A process of its own reads from a pipe which of them there are, and which folders they leave: those
of a server stand in memory. The pipe closes when its writer is gone, however that went. On systems
without /proc no process is watched.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
GONE_IN = 10.0
"""Seconds in which a process that was told to end has ended."""
_pipes: list[int] = []


def ends_with_us(pid: int, how: signal.Signals = signal.SIGKILL) -> None:
    """Whatever `pid` starts ends as well. `how`: what it is told, for a server that has to put
    something in order."""
    _tell(f"{pid} {int(how)}")


def goes_with_us(folder: Path) -> None:
    """Deleted with all that is in it, once nobody is left who could write there."""
    _tell(str(folder.resolve()))


def _tell(line: str) -> None:
    if not _pipes:
        _pipes.append(_watcher())
    os.write(_pipes[0], f"{line}\n".encode())


def _watcher() -> int:
    """Start it. Gives the end of its pipe that is written to, which is never closed: the watcher
    has to outlive everything that could still be started."""
    reading, writing = os.pipe()
    arguments = [sys.executable, "-I", __file__]
    # A session of its own: what ends a whole group must not end this one first.
    os.posix_spawn(
        sys.executable, arguments, os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, reading, 0)], setsid=True,
    )  # fmt: skip
    os.close(reading)
    return writing


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
        # Behind the last bracket: the name before it may hold spaces and brackets itself.
        return (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()
    return []


def below(pid: int, above: dict[int, int]) -> list[int]:
    """All that were started by a process, or by one of those."""
    children = [child for child, parent in above.items() if parent == pid]
    return children + [each for child in children for each in below(child, above)]


def main() -> None:
    watched: dict[int, tuple[str, int]] = {}
    folders = []
    for line in map(str.rstrip, sys.stdin):
        if line.startswith("/"):
            folders.append(line)
            continue
        pid, how = map(int, line.split())
        watched[pid] = begun(pid), how
    _end(watched)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _end(watched: dict[int, tuple[str, int]]) -> None:
    """Tells all that still run, and waits until they have ended."""
    above, until = parents(), time.monotonic() + GONE_IN
    left = [pid for pid, (start, _) in watched.items() if start and begun(pid) == start]
    for pid in left:
        how = watched[pid][1]
        # A server that is told to end puts away its own processes; a killed one can't.
        rest = below(pid, above) if how == signal.SIGKILL else []
        for each, told in [(pid, how), *((one, signal.SIGKILL) for one in rest)]:
            with suppress(ProcessLookupError):
                os.kill(each, told)
    while time.monotonic() < until and any(begun(pid) == watched[pid][0] for pid in left):
        time.sleep(0.05)


if __name__ == "__main__":
    main()
