"""The lists that a paper may hold: what was done in a case, and what is handed in with it."""

from collections.abc import Iterable, Iterator, Mapping

from domain.rulebook.schema import Rulebook
from papers import values
from papers.filling import Row
from papers.matter import Entered, Matter

ARCHIVE, ITEMS = "25", "items"


def rows_of(matter: Matter) -> Mapping[str, tuple[Row, ...]]:
    """The lists of a case by name: `steps` taken, and `papers` that are handed in with it."""
    entries = matter.entries
    return {
        "steps": _numbered(_done(entries, matter.book)),
        "papers": _numbered(_kept(entries, matter.book)),
    }


def _numbered(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple({"number": str(number), **row} for number, row in enumerate(rows, 1))


def _done(entries: Iterable[Entered], book: Rulebook) -> Iterator[Row]:
    """Every step with its day, who decided it, and where it stands."""
    for entry in entries:
        yield {
            "step": values.step(entry.step),
            "day": values.short_day(entry.done_on),
            "body": values.body(entry.step),
            "source": values.source(entry.step.source, book.city),
        }


def _kept(entries: Iterable[Entered], book: Rulebook) -> Iterator[Row]:
    """What the archive has to hold, then the papers of the steps that were taken."""
    named = dict[str, bool]()
    for option in _archived(book):
        named[option] = False
    for entry in entries:
        for paper in entry.step.papers:
            named.setdefault(paper.title.zh, paper.generated)
    for title, generated in named.items():
        yield {"title": title, "kept": "" if generated else "原件"}


def _archived(book: Rulebook) -> Iterator[str]:
    fields = book.by_id[ARCHIVE].fields if ARCHIVE in book.by_id else ()
    for field in fields:
        if field.id == ITEMS:
            yield from (option.text.zh for option in field.options)
