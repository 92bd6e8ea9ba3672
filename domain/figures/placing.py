"""Where a case is counted: by the organisation in which it happened, and all above that."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from domain.figures.counting import NOW, Years

Placed = Mapping[str, Years]
"""By organisation."""
Change = Mapping[tuple[str, int], Mapping[str, int]]
"""By organisation and year: what is added to each cell, less than nothing for what is taken off."""


def placed(before: Placed, counts: Years, here: str) -> dict[str, dict[int, dict[str, int]]]:
    """Return in which organisation a case counts, by year and cell. What was counted before it
    moved `here` stays where that happened; where somebody stands goes along."""
    found: dict[str, dict[int, dict[str, int]]] = {}
    for year, cells in counts.items():
        # Where somebody stands goes along; what happened stays where it did.
        stays = before if year != NOW else {}
        old = {place: years.get(year, {}) for place, years in stays.items()}
        if not old.keys() - {here}:
            # Nobody else counted it: most cases never move.
            left = {cell: number for cell, number in cells.items() if number}
            if left:
                found.setdefault(here, {})[year] = left
            continue
        for cell, number in cells.items():
            for place, part in _shared(old, cell, number, here):
                found.setdefault(place, {}).setdefault(year, {})[cell] = part
    return found


def _shared(
    old: Mapping[str, Mapping[str, int]], cell: str, number: int, here: str
) -> Iterable[tuple[str, int]]:
    """Share a cell out among the organisations that counted it, the rest `here`."""
    # All cells of one event stay together: a corrected date of birth moves nobody.
    event = ".".join(cell.split(".")[:2])
    where = {place: cells.get(event, 0) for place, cells in old.items() if place != here}
    left = number
    for place, known in where.items():
        once = cell != event and cell.startswith("made.")
        # No more than there is to share: a correction may have made fewer of them.
        part = min(left, known if once else old[place].get(cell, 0))
        if part:
            left -= part
            yield place, part
    if left:
        yield here, left


def together(many: Iterable[Placed]) -> Placed:
    """Return the sum of what several cases count in."""
    found: dict[str, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for one in many:
        for place, years in one.items():
            for year, cells in years.items():
                found[place][year].update(cells)
    return found


def change(before: Placed, after: Placed, paths: Mapping[str, tuple[str, ...]]) -> Change:
    """Return what the sums of organisations change by. `paths`: each organisation of both and all
    above it."""
    found: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for sums, sign in ((before, -1), (after, 1)):
        for place, years in sums.items():
            for year, cells in years.items():
                for above in paths[place]:
                    for cell, number in cells.items():
                        found[above, year][cell] += sign * number
    return _moved(found)


def summed(changes: Iterable[Change]) -> Change:
    """Return several changes as one."""
    found: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for one in changes:
        for key, cells in one.items():
            found[key].update(cells)
    return _moved(found)


def _moved(found: Change) -> Change:
    moved = {key: {c: n for c, n in cells.items() if n} for key, cells in found.items()}
    return {key: cells for key, cells in moved.items() if cells}


def added(cells: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Return the sum of two; what came to nothing is left out."""
    found = dict(cells)
    # Only what changes: the sums of a department have thousands of cells, a case counts in a few.
    for name, number in more.items():
        found[name] = found.get(name, 0) + number
        if not found[name]:
            del found[name]
    return found
