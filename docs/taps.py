"""The page `docs/taps.md`: `python -m docs.taps write | check`.

`write` walks a case from its application to the archive, as `WALK` does, and stores what each step
took. `check` fails when the page isn't what its own figures come to; whether these are right, the
walk itself looks.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "taps.md"
WALK = "tests/conversation/test_whole_way.py::test_the_whole_way"
WRITE = "YINLU_WRITE_TAPS"
"""Set, the walk stores its figures in the page instead of comparing them."""
MOST_TAPS, MOST_MESSAGES = 120, 25
"""Aims of a whole case."""
SUM = "Sum"
HEAD = """# Taps

Made by `make taps`; `make check` fails when the sums are stale, the walk in `make test` when a step
takes another number of taps. Counted is what the people of a case do in their chats, all together,
from the application to the archive under the rules of Yakeshi, where they know the shortest way: by
the button of a message that came, where there was one. A button, a word of the keyboard below the
chat, a command and an opened link are a tap each; a text, a photo and a file are a message each.
What comes again is counted together. At first: before screens of several questions, on 2026-11-29.

"""


@dataclass(frozen=True)
class Count:
    """What one step took. `first_taps`, `first_messages`: when it was first counted."""

    taps: int
    messages: int
    first_taps: int
    first_messages: int

    def row(self, name: str) -> str:
        numbers = (self.taps, self.messages, self.first_taps, self.first_messages)
        return f"| {name} | " + " | ".join(str(number) for number in numbers) + " |"


Counts = Mapping[str, Count]


def page(counts: Counts) -> str:
    """The page, with the sums below its rows."""
    rows = [count.row(name) for name, count in counts.items()]
    total = Count(
        sum(count.taps for count in counts.values()),
        sum(count.messages for count in counts.values()),
        sum(count.first_taps for count in counts.values()),
        sum(count.first_messages for count in counts.values()),
    )
    table = [
        "| step | taps | messages | taps at first | messages at first |",
        "|---|--:|--:|--:|--:|",
    ]
    aim = f"Aim of a whole case: at most {MOST_TAPS} taps and {MOST_MESSAGES} messages.\n"
    return "\n".join([HEAD + aim, *table, *rows, total.row(f"**{SUM}**")]) + "\n"


def read() -> Counts:
    """The figures of the page."""
    if not PAGE.exists():
        return {}
    found = {}
    for line in PAGE.read_text("utf-8").splitlines():
        name, *numbers = [cell.strip() for cell in line.strip("|").split("|")]
        if len(numbers) == 4 and all(number.isdecimal() for number in numbers) and SUM not in name:
            found[name] = Count(*(int(number) for number in numbers))
    return found


def store(walked: Mapping[str, tuple[int, int]]) -> None:
    """Write what a walk has counted beside what was counted at first."""
    known = read()
    found = {}
    for name, (taps, messages) in walked.items():
        first = known.get(name)
        at_first = (first.first_taps, first.first_messages) if first else (taps, messages)
        found[name] = Count(taps, messages, *at_first)
    PAGE.write_text(page(found), "utf-8")


def main() -> int:
    if sys.argv[1:] == ["check"]:
        if PAGE.read_text("utf-8") == page(read()):
            return 0
        print(f"{PAGE.name} is stale: make taps", file=sys.stderr)
        return 1
    if sys.argv[1:] != ["write"]:
        print("python -m docs.taps write | check", file=sys.stderr)
        return 2
    os.environ[WRITE] = "1"
    return int(pytest.main(["-q", "-n", "0", str(ROOT / WALK)]))


if __name__ == "__main__":
    sys.exit(main())
