"""The process that judges rows of a long sheet: what they are judged by and the rows come in, what
becomes of each goes out. It has no keys, and reads and writes no file."""

import sys
from collections.abc import Callable, Sequence

from services.sheets.judging import Judge, Judged, Row
from services.workers.packed import serve


def begin(judge: Judge) -> Callable[[Sequence[Row]], list[Judged]]:
    return judge.rows


if __name__ == "__main__":
    serve(begin, sys.stdin.buffer, sys.stdout.buffer)
