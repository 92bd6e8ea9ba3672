"""The process that works out what follows from the lines of a sheet: rules and lines come in, what
is to be stored beside them goes out. It has no keys, and reads and writes no file."""

import sys
from collections.abc import Callable, Sequence

from services.casefile.follows import Follows
from services.sheet_lines.lines import Line, Rules
from services.workers.packed import serve


def begin(rules: Rules) -> Callable[[Sequence[Line]], list[Follows | None]]:
    return lambda part: [rules.follows(line) for line in part]


if __name__ == "__main__":
    serve(begin, sys.stdin.buffer, sys.stdout.buffer)
