"""Cases that have everything a paper can ask for, and cases that have nothing yet."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from random import Random

from domain.case.facts import Value
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import FieldType, Rulebook, Step
from papers.filling import Filled, fill, rows_of
from papers.forms import WORD, PaperForm, forms, places_of
from papers.matter import CaseOnPaper, Office, PaperEntry, RegisterLine
from tests.domain.books import CALENDAR
from tests.domain.walk import fill as answered

CITY, NATION = load("yakeshi"), load("national_2026")
PERSON, HELPERS = "赵𠮷㛃喆", {"p1": "欧阳玥", "p2": "钱𬭎"}
NASTY = "<b>&{{ 7*7 }}{% raw %}]]>\x07"
SAID = {
    FieldType.PERSON: "p1",
    FieldType.PERSONS: ("p1", "p2"),
    FieldType.TEXT: "情况属实，表现良好",
}
TODAY = date(2026, 11, 28)
LINK = "https://example.org/report"
REPORT = RegisterLine(
    "letter", date(2026, 11, 20), date(2026, 11, 27), "李组织员", date(2026, 11, 26)
)


@cache
def entries(book: Rulebook, said: str = "") -> tuple[PaperEntry, ...]:
    """Every step once, with an answer to each of its questions."""
    return tuple(PaperEntry(step, step_day(n), _answers(step, n, said), HELPERS)
                 for n, step in enumerate(book.steps))  # fmt: skip


def step_day(number: int) -> date:
    return date(2025, 1 + number % 12, 1 + number % 28)


def _answers(step: Step, number: int, said: str) -> dict[str, Value]:
    answers = answered(step, step_day(number), Random(1), straight=True)
    for field in step.fields:
        if field.id in answers and field.type in SAID:
            typed = said if said and field.type is FieldType.TEXT else None
            answers[field.id] = typed or SAID[field.type]
    return answers


def matter(
    book: Rulebook = CITY, *, full: bool = True, said: str = "", name: str = PERSON
) -> CaseOnPaper:
    return CaseOnPaper(
        person=name,
        branch="机关第一党支部",
        committee="林草局党委",
        department="市委组织部",
        book=book,
        entries=entries(book, said) if full else (),
        calendar=CALENDAR,
        today=TODAY,
        landmarks={"probation_end": date(2027, 3, 1)} if full else {},
        office=Office("0470-0000000", "李组织员") if full else Office(),
        report=REPORT if full else None,
    )


OF_A_YEAR = "yearly_report"
"""Made of figures (`tests/figures`)."""


def every(book: Rulebook = CITY) -> Iterator[tuple[PaperForm, Step | None]]:
    """Each Word paper of a case with each step that leaves it behind."""
    for form in forms().values():
        if form.made == WORD and form.id != OF_A_YEAR:
            yield from ((form, here) for here in places_of(form.id, book))


def filled(form: PaperForm, here: Step | None, about: CaseOnPaper) -> Filled:
    return fill(form, about, here, rows_of(about), LINK if here and here.has_notice else "")
