"""What is shown of a whole department to somebody who may see a part of its people at most."""

from collections.abc import Iterator

from domain.figures.counting import Cells
from domain.figures.reading import (
    ADMITTED,
    ENDED,
    ENDINGS,
    MONTHS,
    by_month,
    by_part,
    called_stages,
    is_parted,
    labels_of,
    shown,
    shown_parts,
    without,
)
from domain.rulebook.schema import Rulebook, Text
from services.figures.block_texts import BECAME, BY_MONTH, DECIDED, month
from services.figures.views import Shown


def published(book: Rulebook, whole: Cells, own: Cells) -> tuple[Shown, ...]:
    """`own`: what of `whole` the reader sees anyway."""
    return tuple(_blocks(book, whole, without(whole, own)))


def _blocks(book: Rulebook, whole: Cells, rest: Cells) -> Iterator[Shown]:
    yield Shown(BECAME, tuple(_stages(book, whole, rest)))
    yield Shown(DECIDED, tuple(_decided(book, whole, rest)))
    admitted = f"made.{ADMITTED}"
    total, left = whole.get(admitted, 0), rest.get(admitted, 0)
    if not total or shown(total, left) is None:
        return
    months = {str(place): n for place, n in zip(MONTHS, by_month(whole, ADMITTED), strict=True)}
    others = {str(place): n for place, n in zip(MONTHS, by_month(rest, ADMITTED), strict=True)}
    kept = shown_parts(months, others)
    yield Shown(BY_MONTH, tuple((month(int(name)), number) for name, number in kept.items()))
    for division in book.divisions:
        if is_parted(book, division):
            parts = by_part(whole, book, admitted, division)
            seen = shown_parts(parts, by_part(rest, book, admitted, division))
            rows = ((text, seen[part]) for part, text in labels_of(book, division))
            yield Shown(division.title, tuple(row for row in rows if row[1] != 0))


def _stages(book: Rulebook, whole: Cells, rest: Cells) -> Iterator[tuple[Text, int | None]]:
    for stage in called_stages(book):
        cell = f"made.{stage.id}"
        if stage.called is not None:
            yield stage.called, shown(whole.get(cell, 0), rest.get(cell, 0))


def _decided(book: Rulebook, whole: Cells, rest: Cells) -> Iterator[tuple[Text, int | None]]:
    cells = [(f"figure.{figure.id}", figure.title) for figure in book.figures]
    cells += [(f"ended.{ending}", ENDED[ending]) for ending in ENDINGS]
    for cell, text in cells:
        yield text, shown(whole.get(cell, 0), rest.get(cell, 0))
