"""In which order the workers of a suite take the tests.

`--dist worksteal` gives each worker a stretch of the list, and who has done with his own takes from
the end of another's. What lasts long begins a stretch: last, it would keep one worker busy while
the others have nothing left. What needs a PostgreSQL begins the first one, since each worker that
meets it starts a server; what runs alone the last one, since workers would wait for each other.
"""

from collections.abc import Sequence

import pytest

LONG, SERVER, ALONE = "long", "postgres", "alone"


def ordered(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """All of them, for so many workers."""
    alone, others = _divided(items, ALONE)
    long, others = _divided(others, LONG)
    server, others = _divided(others, SERVER)
    heads = [long[worker::workers] for worker in range(workers)]
    heads[0] += server
    heads[-1][:0] = alone
    made: list[pytest.Item] = []
    for worker, head in enumerate(heads):
        end = len(items) * (worker + 1) // workers
        made += head
        taken = max(end - len(made), 0)
        made += others[:taken]
        del others[:taken]
    return made


def _divided(
    items: Sequence[pytest.Item], mark: str
) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """Those with a mark, and the others."""
    marked = [item for item in items if item.get_closest_marker(mark)]
    return marked, [item for item in items if not item.get_closest_marker(mark)]
