"""What a city tells the level above of a year that is over, and how levels add it up.

A city keeps back what tells of a group of one to four (`domain.figures.suppression`), before
anything leaves it. Each level above adds up what it was told, and nothing else: who knows every
message of every level knows no more than what the cities told. So a sum may be too low, and says in
how many cities a number was kept back.

Worked example: one city told of 22 newly admitted, 20 women, and keeps the men back; another of 30,
18 women and 12 men. Above them stand 52, 38 women, 12 men, and men kept back in one of two.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from domain.figures.counting import Cells
from domain.figures.reading import (
    ADMITTED,
    APPRAISED_BEFORE,
    ENDINGS,
    FULL,
    MADE,
    MONTHS,
    called_stages,
    is_parted,
    labels_of,
)
from domain.figures.suppression import FEWEST, Group, Readers, together, without
from domain.rulebook.schema import Figure, Rulebook, StepKind

VISITS = "visit.made"
EXTENDED, PUT_OFF = "figure.extended", "figure.put_off"
DECIDED_WITH: Mapping[str, tuple[str, ...]] = {
    ADMITTED: (PUT_OFF, "ended.not_admitted"),
    FULL: (EXTENDED, "ended.cancelled"),
}
"""What else comes of a decision by which people become something: with it, each tells of the
others."""
MOST_CELLS = 2000
"""More cells than any rulebook counts: a message with more isn't read."""
LONGEST_CELL = 80


@dataclass(frozen=True)
class Totals:
    """A year of some cities. `units`: cities that are in it; `missing`: those that told nothing.
    `numbers`: by cell; what isn't named is nobody. `kept`: in how many of the cities a cell was
    kept back, and with it all its parts. `reports`: of cities with five or more; `few_reports`:
    cities with fewer."""

    year: int
    units: int = 1
    missing: int = 0
    numbers: Cells = field(default_factory=dict)
    kept: Cells = field(default_factory=dict)
    reports: int = 0
    few_reports: int = 0

    def kept_in(self, cell: str) -> int:
        """In how many cities a cell is kept back, by itself or with what it is a part of."""
        whole = whole_of(cell)
        return self.kept.get(cell, 0) + (self.kept.get(whole, 0) if whole != cell else 0)


Groups = Mapping[str, Group]
"""By cell, how many each organisation counts; who counts nobody is left out."""


@dataclass(frozen=True)
class Told:
    """What a city told once, with what stood behind it: later numbers are held against it."""

    totals: Totals
    groups: Groups


def whole_of(cell: str) -> str:
    """The cell of which this one is a part; itself, where it is a part of none."""
    return ".".join(cell.split(".")[:2]) if cell.startswith(MADE) else cell


def grouped(book: Rulebook, sums: Mapping[str, Cells]) -> Groups:
    """Return what is told of, from the sums of a year by organisation."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    singles = {*_singles(book)}
    stems = tuple(f"{whole}.{parts}." for whole, parts in _parted(book))
    for place, cells in sums.items():
        for cell, number in cells.items():
            # A part that the rulebook knows no more still belongs to the whole.
            part = cell.count(".") == 3 and cell.startswith(stems)
            if number and (part or cell in singles):
                found[cell][place] = number
    return found


def told(book: Rulebook, readers: Readers, groups: Groups, year: int, reports: int) -> Totals:
    """Return what a city may tell of a year that is over."""
    kept = _kept(book, readers, groups)
    # Of four reports or fewer, that there were any could tell who wrote one.
    few = reports < FEWEST
    return Totals(
        year=year,
        numbers=_numbers(book, readers, groups, kept),
        kept=dict.fromkeys(sorted(kept), 1),
        reports=0 if few else reports,
        few_reports=int(few),
    )


def corrected(
    book: Rulebook, readers: Readers, earlier: Sequence[Told], groups: Groups
) -> Totals | None:
    """Return what may be told in place of the newest of `earlier`, or None where the difference to
    what was told would tell of a group of one to four. What was kept back stays kept back. The
    number of reports stays as it was told first."""
    kept = _kept(book, readers, groups).union(*(one.totals.kept for one in earlier))
    # A whole that is kept back says so of its parts.
    kept = frozenset(c for c in kept if whole_of(c) == c or whole_of(c) not in kept)
    if not all(_follows(book, readers, one, groups, kept) for one in earlier):
        return None
    numbers = _numbers(book, readers, groups, kept)
    return replace(earlier[-1].totals, numbers=numbers, kept=dict.fromkeys(sorted(kept), 1))


def summed(many: Iterable[Totals], year: int, missing: int = 0) -> Totals:
    """Return the sum of what was told, and of nothing else. `missing`: who told nothing."""
    found = Totals(year, units=0, missing=missing)
    numbers, kept = Counter[str](), Counter[str]()
    # Numbers that a level kept back aren't guessed: the sum is too low, and says where.
    for one in many:
        numbers.update(one.numbers)
        kept.update(one.kept)
        found = replace(
            found,
            units=found.units + one.units,
            missing=found.missing + one.missing,
            reports=found.reports + one.reports,
            few_reports=found.few_reports + one.few_reports,
        )
    return replace(found, numbers=dict(numbers), kept=dict(kept))


def fits(totals: Totals) -> bool:
    """Whether a message holds what such totals may hold: one that doesn't is refused, so that what
    a level tells by mistake ends there."""
    counts = totals.units, totals.missing, totals.few_reports
    cells = (*totals.numbers, *totals.kept)
    return (
        all(n >= 0 for n in counts)
        and totals.few_reports <= totals.units
        and (totals.reports == 0 or totals.reports >= FEWEST)
        and len(cells) <= MOST_CELLS
        and all(len(cell) <= LONGEST_CELL and "." in cell for cell in cells)
        and all(n >= FEWEST for n in totals.numbers.values())
        and all(1 <= n <= totals.units for n in totals.kept.values())
    )


def _singles(book: Rulebook) -> Iterator[str]:
    """What isn't a part of anything, in the order in which it is shown."""
    yield from (f"{MADE}{stage}" for stage, _ in called_stages(book))
    yield from (f"figure.{figure.id}" for figure in book.figures)
    yield from (f"ended.{ending}" for ending in ENDINGS)
    yield VISITS
    for stage in APPRAISED_BEFORE:
        yield from (f"appraisal.{stage}.{name}" for name in ("valid", "yes", "held"))


def _parted(book: Rulebook) -> Iterator[tuple[str, str]]:
    """Each whole with how it is parted."""
    for stage in (ADMITTED, FULL):
        yield f"{MADE}{stage}", "month"
        yield from ((f"{MADE}{stage}", one.id) for one in book.divisions if is_parted(book, one))


def _parts(book: Rulebook, groups: Groups) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each whole with the cells that make it up, those of nobody among them."""
    labels = {d.id: tuple(part for part, _ in labels_of(book, d)) for d in book.divisions}
    for whole, name in _parted(book):
        stem = f"{whole}.{name}."
        known = map(str, MONTHS) if name == "month" else labels[name]
        cells = dict.fromkeys(f"{stem}{part}" for part in known)
        yield whole, tuple(cells | dict.fromkeys(c for c in groups if c.startswith(stem)))


def _families(book: Rulebook) -> Iterator[tuple[str, ...]]:
    """Cells of which one may hold others, so that what is left of it would be known: of 22 found
    wanting by a visit, 20 criticised."""
    yield from _figures_of_a_step(book)
    for stage, became in APPRAISED_BEFORE.items():
        yield f"appraisal.{stage}.valid", f"appraisal.{stage}.yes"
        yield f"{MADE}{became}", *DECIDED_WITH[became], f"appraisal.{stage}.held"


def _figures_of_a_step(book: Rulebook) -> Iterator[tuple[str, ...]]:
    left = list(book.figures)
    while left:
        first, steps = left.pop(0), set[str]()
        family, more = [first], [first]
        while more:
            steps |= {step for figure in more for step in _steps(figure)}
            more = [figure for figure in left if steps & _steps(figure)]
            left = [figure for figure in left if figure not in more]
            family += more
        visited = any(book.step(step).kind is StepKind.VISIT for step in steps)
        yield *(f"figure.{figure.id}" for figure in family), *((VISITS,) if visited else ())


def _steps(figure: Figure) -> frozenset[str]:
    return frozenset(answer.partition(".")[0] for answer in figure.of)


def _kept(book: Rulebook, readers: Readers, groups: Groups) -> frozenset[str]:
    """What is kept back, by itself or because something else could be reckoned from it."""
    kept = {cell for cell in _singles(book) if readers.give_away(groups.get(cell, {}))}
    for family in _families(book):
        shown: list[str] = []
        for cell in family:
            if cell in kept or not groups.get(cell):
                continue
            rests = (rest for rest, _ in _rests(groups, shown, cell))
            if any(readers.give_away(rest) for rest in rests):
                kept.add(cell)
            else:
                shown.append(cell)
    for whole, parts in _parts(book, groups):
        # Of a whole that is kept back no part is told either.
        if whole not in kept and groups.get(whole):
            kept |= _kept_parts(readers, groups, whole, parts)
    return frozenset(kept)


def _kept_parts(
    readers: Readers, groups: Groups, whole: str, parts: Sequence[str]
) -> frozenset[str]:
    of = {part: groups.get(part, {}) for part in parts}
    # Parts that don't make up their whole tell of those who are in none.
    if dict(together(of.values())) != dict(groups[whole]):
        return frozenset(parts)
    return readers.kept_back(of)


def _rests(
    groups: Groups, shown: Sequence[str], cell: str
) -> Iterator[tuple[Group, tuple[str, tuple[str, ...]]]]:
    """What is left of one of some cells when it is taken for holding others, `cell` among them;
    and which those are."""
    members = (*shown, cell)
    for holder in members:
        others = [one for one in members if one != holder]
        # Every choice of them: two together may fill what each alone leaves open.
        for size in range(1, len(members)):
            for some in combinations(others, size):
                if cell not in (holder, *some):
                    continue
                rest = without(_all(groups, (holder, *some)), together(groups[o] for o in some))
                # Less than nobody: then this one doesn't hold those.
                if min(rest.values()) >= 0:
                    yield rest, (holder, some)


def _all(groups: Groups, cells: Sequence[str]) -> Group:
    """The group of the first of some cells, with every organisation that counts in any of them."""
    places = {place: 0 for cell in cells for place in groups.get(cell, {})}
    return places | dict(groups.get(cells[0], {}))


def _numbers(
    book: Rulebook, readers: Readers, groups: Groups, kept: frozenset[str]
) -> dict[str, int]:
    shown = [cell for cell in _singles(book) if cell not in kept]
    whole_shown = (parts for whole, parts in _parts(book, groups) if whole not in kept)
    shown += [part for parts in whole_shown for part in parts if part not in kept]
    numbers = {cell: groups.get(cell, {}).get(readers.top, 0) for cell in shown}
    return {cell: number for cell, number in numbers.items() if number}


def _follows(
    book: Rulebook, readers: Readers, before: Told, groups: Groups, kept: frozenset[str]
) -> bool:
    """Whether the difference to what was told once tells of nobody: it is itself such a total, in
    which nothing else would have to be kept back."""
    # Of whom nobody was told before, the first number is no difference.
    known = {
        cell for cell in (*_singles(book), *before.groups) if before.groups.get(whole_of(cell))
    }
    if any(cell in known for cell in kept - before.totals.kept.keys()):
        return False
    moved = {cell: without(_both(groups, before.groups, cell), before.groups.get(cell, {}))
             for cell in {*groups, *before.groups}}  # fmt: skip
    singles = (c for c in _singles(book) if c in known and c not in kept)
    return (
        not any(_tells(readers, moved.get(cell, {})) for cell in singles)
        and not any(_family_tells(readers, groups, moved, family, known - kept)
                    for family in _families(book))
        and all(
            _parts_follow(readers, moved, parts, kept)
            for whole, parts in _parts(book, {**groups, **before.groups})
            if whole in known and whole not in kept
        )
    )  # fmt: skip


def _both(groups: Groups, before: Groups, cell: str) -> Group:
    return dict.fromkeys(before.get(cell, {}), 0) | dict(groups.get(cell, {}))


def _tells(readers: Readers, moved: Group) -> bool:
    """As `give_away`, also of people who were taken off."""
    return readers.give_away(moved) or readers.give_away({p: -n for p, n in moved.items()})


def _family_tells(
    readers: Readers, groups: Groups, moved: Groups, family: Sequence[str], shown: Iterable[str]
) -> bool:
    members = [cell for cell in family if cell in shown and groups.get(cell)]
    return any(
        _tells(readers, without(_all(moved, (holder, *some)), together(moved[o] for o in some)))
        for number, cell in enumerate(members)
        for _, (holder, some) in _rests(groups, members[:number], cell)
    )


def _parts_follow(
    readers: Readers, moved: Groups, parts: Sequence[str], kept: frozenset[str]
) -> bool:
    """One way only, all more or all fewer: then no two changes leave a small one between them. What
    is kept back now is a group that may be shown, and stays one with parts of five and more."""
    changes = [number for part in parts for number in moved.get(part, {}).values()]
    hidden, shown = [p for p in parts if p in kept], [p for p in parts if p not in kept]
    return (
        (all(n >= 0 for n in changes) or all(n <= 0 for n in changes))
        and not any(_tells(readers, moved.get(part, {})) for part in shown)
        and not _tells(readers, together(moved.get(part, {}) for part in hidden))
    )
