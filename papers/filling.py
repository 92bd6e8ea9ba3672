"""A form and a case make what stands on the paper, the lists it may hold, and the list of what is
missing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.rulebook.schema import Rulebook, Step
from papers import sources, values
from papers.forms import LINK, FormField, PaperForm
from papers.matter import CaseOnPaper, PaperEntry
from papers.values import BLANK

Row = Mapping[str, str]


@dataclass(frozen=True)
class Filled:
    """`values`: by field. `asked`: whether the rules ask for it at all. `missing`: labels of what
    isn't known yet. `rows`: of the lists that a paper may hold."""

    form: PaperForm
    values: Mapping[str, str]
    asked: Mapping[str, bool]
    missing: tuple[str, ...]
    made: str
    rows: Mapping[str, tuple[Row, ...]]
    link: str = ""
    template: bytes | None = None
    """An organisation's own, in place of ours."""


def fill(
    form: PaperForm,
    matter: CaseOnPaper,
    here: Step | None,
    rows: Mapping[str, tuple[Row, ...]] | None = None,
    link: str = "",
    names: Iterable[str] | None = None,
) -> Filled:
    """Fill a paper of the step `here`; None for one about the whole case. `link`: where somebody
    gets who scans it. `names`: the fields that another template than ours asks for."""
    wanted = [name for name in names or () if name in form.fields]
    # Ours as well: where another template fails, ours takes its place.
    used = dict.fromkeys((*wanted, *form.used))
    asked = {name: sources.asked(form.fields[name].of, matter.book, here) for name in used} | {
        LINK: bool(link)
    }
    # For whoever types it: a workplace's app that scans knows who scanned.
    values: dict[str, str] = {LINK: link}
    missing: list[str] = []
    shown = form.shown(asked)
    for name in dict.fromkeys((*wanted, *shown)):
        field = form.fields[name]
        said = _said(field, matter, here) if asked[name] or field.by_stage else None
        # What an own template doesn't ask for isn't missing on it.
        told = name in (shown if names is None else wanted)
        if said is None and asked[name] and not field.optional and told:
            missing.append(field.label)
        values[name] = said or (BLANK if asked[name] else "")
    today, lacking = f"{matter.today:%Y-%m-%d}", tuple(dict.fromkeys(missing))
    return Filled(form, values, asked, lacking, today, rows or {}, link)


def _said(field: FormField, matter: CaseOnPaper, here: Step | None) -> str | None:
    said = sources.read(field.of, matter, here)
    if said is not None or here is None:
        return said
    entered = matter.last(here.id) is not None
    return (field.none if entered else "") or field.by_stage.get(here.stage) or None


ARCHIVE, ITEMS = "25", "items"


def rows_of(matter: CaseOnPaper) -> Mapping[str, tuple[Row, ...]]:
    """The lists of a case by name: `steps` taken, and `papers` that are handed in with it."""
    entries = matter.entries
    return {
        "steps": _numbered(_done(entries, matter.book)),
        "papers": _numbered(_kept(entries, matter.book)),
    }


def _numbered(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple({"number": str(number), **row} for number, row in enumerate(rows, 1))


def _done(entries: Iterable[PaperEntry], book: Rulebook) -> Iterator[Row]:
    """Every step with its day, who decided it, and where it stands."""
    for entry in entries:
        yield {
            "step": values.step(entry.step),
            "day": values.short_day(entry.done_on),
            "body": values.body(entry.step),
            "source": values.source(entry.step.source, book.city),
        }


def _kept(entries: Iterable[PaperEntry], book: Rulebook) -> Iterator[Row]:
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
