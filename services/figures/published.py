"""What is shown of a whole department to somebody who may see a part of its people at most."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.figures.counting import Cells
from domain.figures.reading import (
    ADMITTED,
    BECAME,
    BY_MONTH,
    DECIDED,
    ENDED,
    ENDINGS,
    MONTHS,
    called_stages,
    is_parted,
    labels_of,
    month,
)
from domain.figures.suppression import Group, Readers, without
from domain.rulebook.schema import Figure, Rulebook, Text
from services.figures.views import ShownBlock


@dataclass(frozen=True)
class Finished:
    """The sums of a year that is over, by organisation. `mine`: what the reader sees anyway."""

    readers: Readers
    sums: Mapping[str, Cells]
    mine: Cells

    def group(self, cell: str) -> Group:
        return {place: cells.get(cell, 0) for place, cells in self.sums.items()}

    def number(self, cell: str) -> int:
        return self.sums.get(self.readers.top, {}).get(cell, 0)

    def shown(self, cell: str) -> int | None:
        """Who sees all of them anyway is shown the number."""
        number = self.number(cell)
        # Kept back only from whoever would learn something by it.
        back = number != self.mine.get(cell, 0) and self.readers.give_away(self.group(cell))
        return None if back else number

    def parts(self, named: Mapping[str, Text]) -> tuple[tuple[Text, int | None], ...]:
        """The parts of a whole, by cell, as far as they are shown."""
        back = self.readers.kept_back({cell: self.group(cell) for cell in named})
        rows = ((text, None if cell in back else self.number(cell)) for cell, text in named.items())
        # Keep None: a part whose number is kept back is named all the same.
        return tuple(row for row in rows if row[1] != 0)


def published(book: Rulebook, found: Finished) -> tuple[ShownBlock, ...]:
    return tuple(_blocks(book, found))


def _blocks(book: Rulebook, found: Finished) -> Iterator[ShownBlock]:
    yield ShownBlock(BECAME, tuple(_stages(book, found)))
    yield ShownBlock(DECIDED, (*_figures(book, found), *_ended(found)))
    admitted = f"made.{ADMITTED}"
    # Parts of a group that is itself kept back would add up to it again.
    if not found.number(admitted) or found.readers.give_away(found.group(admitted)):
        return
    yield ShownBlock(BY_MONTH, found.parts({f"{admitted}.month.{n}": month(n) for n in MONTHS}))
    for division in book.divisions:
        if is_parted(book, division):
            labels = labels_of(book, division)
            named = {f"{admitted}.{division.id}.{part}": text for part, text in labels}
            yield ShownBlock(division.title, found.parts(named))


def _stages(book: Rulebook, found: Finished) -> Iterator[tuple[Text, int | None]]:
    for stage, called in called_stages(book):
        yield called, found.shown(f"made.{stage}")


def _figures(book: Rulebook, found: Finished) -> Iterator[tuple[Text, int | None]]:
    """Of 22 found wanting by a visit 20 were criticised: that tells of the other two. So what is
    nearly as many as another figure of the same step is kept back."""
    before: list[Figure] = []
    for figure in book.figures:
        cell = f"figure.{figure.id}"
        number, group = found.shown(cell), found.group(cell)
        beside = [other for other in before if _steps(other) & _steps(figure)]
        if number and any(_tell_apart(found, f"figure.{o.id}", group) for o in beside):
            number = None
        if number:
            before.append(figure)
        yield figure.title, number


def _steps(figure: Figure) -> frozenset[str]:
    return frozenset(answer.partition(".")[0] for answer in figure.of)


def _tell_apart(found: Finished, cell: str, group: Group) -> bool:
    """Whether one of two figures may hold all of the other, and but a few more."""
    other = found.group(cell)
    rests = without(other, group), without(group, other)
    return any(min(rest.values()) >= 0 and found.readers.give_away(rest) for rest in rests)


def _ended(found: Finished) -> Iterator[tuple[Text, int | None]]:
    for ending in ENDINGS:
        yield ENDED[ending], found.shown(f"ended.{ending}")
