"""Papers of a case, and fifty ballots in a process of their own."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import perf_counter, process_time

from benchmarks.rows import Row, missing, row
from domain.calendar.calendar import WorkCalendar
from domain.rulebook.reading.reader import load
from papers.archive import Packer, folders, still
from papers.filling import fill, rows_of
from papers.forms import WORD, forms, places_of
from papers.matter import CaseOnPaper, PaperEntry
from papers.print import ballots
from papers.processes.typesetting import NoFonts, typeset
from papers.word import document

RUNS, DUE = 7, 48
ARCHIVES = 3
PAPER, BALLOTS, ARCHIVE = 0.1, 1.0, 5.0
"""At most so many seconds."""


def case() -> CaseOnPaper:
    book = load("yakeshi")
    on = date(2026, 11, 28)
    return CaseOnPaper("张三", "第一党支部", "第一党委", "组织部", book, (), WorkCalendar(), on)


def papers(about: CaseOnPaper) -> list[float]:
    """Seconds of the processor for each paper, the first of which loads the library."""
    found = []
    for form in forms().values():
        if form.made == WORD:
            began = process_time()
            document(fill(form, about, places_of(form.id, about.book)[0]))
            found.append(process_time() - began)
    return found


def archive() -> list[float]:
    """Seconds of the processor to make and pack the papers of a whole case, without its photos."""
    empty = case()
    done = (PaperEntry(step, empty.today, {}) for step in empty.book.steps)
    about = replace(empty, entries=tuple(done))
    found = []
    for _ in range(ARCHIVES):
        began = process_time()
        packer, rows = Packer(50 * 1024 * 1024), rows_of(about)
        for folder in folders(about):
            for piece in folder.pieces:
                if piece.form is not None:
                    made = document(fill(piece.form, about, piece.step, rows))
                    packer.add(f"{piece.path}.docx", still(made))
        packer.part()
        found.append(process_time() - began)
    return found


async def slips(about: CaseOnPaper) -> tuple[float, float]:
    """Seconds of the processor in the process that sets them, and on the clock."""
    began, before = perf_counter(), getrusage(RUSAGE_CHILDREN)
    await typeset(ballots("表决票", about, about.book.step("15"), DUE, "https://t.me/b?start=x"))
    after = getrusage(RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, perf_counter() - began


async def rows() -> Sequence[Row]:
    about = case()
    first, *others = await asyncio.to_thread(papers, about)
    said = [
        row("first paper of a process", [first], "s"),
        row("a paper as Word", others, "s", f"<= {PAPER} s", median(others) <= PAPER),
    ]
    packed = await asyncio.to_thread(archive)
    met = median(packed) <= ARCHIVE
    said.append(row("a whole case packed for the archive", packed, "s", f"<= {ARCHIVE} s", met))
    what = "50 ballots and their counting sheet, cold process"
    try:
        runs = [await slips(about) for _ in range(RUNS)]
    except NoFonts:
        return [*said, missing(what, "s", "no Chinese font here")]
    used, waited = zip(*runs, strict=True)
    aim = f"<= {BALLOTS} s of the processor"
    kept = row(what, used, "s", aim, median(used) <= BALLOTS)
    return [*said, kept, row("  the same on the clock", waited, "s")]
