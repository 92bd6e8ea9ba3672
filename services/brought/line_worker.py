"""The process that works out what follows from the lines of a sheet: rules and lines come in, what
is to be stored beside them goes out. It has no keys, and reads and writes no file."""

import sys
from collections.abc import Callable, Sequence

from services.beside.packed import serve
from services.brought.lines import Line, Rules
from services.casefile.follows import Follows


def begin(rules: Rules) -> Callable[[Sequence[Line]], list[Follows | None]]:
    return lambda part: [rules.follows(line) for line in part]


if __name__ == "__main__":
    serve(begin, sys.stdin.buffer, sys.stdout.buffer)
