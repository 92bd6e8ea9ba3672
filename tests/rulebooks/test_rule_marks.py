"""A rulebook changed under its name: found at the start and by doctor, until it is accepted."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlmodel import select

from domain.rulebook.listing.diff import marks_of
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Rulebook, Step
from models import AuditLine, EntryRow
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.database import Database
from services.operations.doctor import rulebooks
from services.rulebooks.fingerprints import RuleMarks
from tests.casefile.test_recount import EARLY, cases_at_a_notice, procedure

BOOK = load("national_2026")
ACT = Act("accept", datetime(2026, 12, 29, 2, tzinfo=UTC))


def with_steps(*changed: Step) -> Procedure:
    """The same version, of which these steps say something else now."""
    named = {step.id: step for step in changed}
    steps = tuple(named.get(step.id, step) for step in BOOK.steps)
    book = replace(BOOK, steps=steps, by_id={step.id: step for step in steps})
    return Procedure(book, lambda _: book, EARLY)


def otherwise(name: str) -> Step:
    return replace(BOOK.step(name), after=(), signed_by=BOOK.step(name).actors)


async def test_a_finished_step_never_comes_to_say_something_else_in_silence(
    database: Database, second: Database
) -> None:
    await cases_at_a_notice(database, 2)
    assert await RuleMarks(database, procedure(EARLY)).remember() == ()
    assert not (await rulebooks(second, procedure(EARLY))).needs
    changed = with_steps(otherwise("7"))
    (found,) = await RuleMarks(database, changed).remember()
    assert (found.rulebook, found.steps, found.cases) == ("national_2026", ("7",), 2)
    finding = await rulebooks(second, changed)
    assert finding.needs
    assert finding.items == ("national_2026: steps 7, finished in 2 cases",)
    (accepted,) = await RuleMarks(database, changed).accept(ACT)
    assert accepted == found
    assert not (await rulebooks(second, changed)).needs
    async with second.read() as session:
        line = (await session.exec(select(AuditLine))).one()
    assert (line.act, line.result) == ("accept_rules", (("national_2026", "7"),))
    assert await RuleMarks(database, changed).accept(ACT) == ()


async def test_what_nobody_had_finished_may_change(database: Database, second: Database) -> None:
    await cases_at_a_notice(database, 1)
    await RuleMarks(database, procedure(EARLY)).remember()
    changed = with_steps(otherwise("23"))
    assert await RuleMarks(database, changed).remember() == ()
    assert await RuleMarks(second, changed).altered() == ()
    async with second.read() as session:
        assert "23" not in set(await session.exec(select(EntryRow.step)))


def test_another_wording_or_source_leaves_the_marks_as_they_are() -> None:
    def said(book: Rulebook) -> Rulebook:
        title = replace(book.steps[0].title, zh="别的说法")
        steps = tuple(replace(s, title=title, source="N99", guide=None) for s in book.steps)
        return replace(book, steps=steps, by_id={step.id: step for step in steps})

    assert marks_of(said(BOOK)) == marks_of(BOOK)
    assert len(set(marks_of(BOOK).values())) == len(BOOK.steps)
    assert marks_of(with_steps(otherwise("7")).current)["7"] != marks_of(BOOK)["7"]
