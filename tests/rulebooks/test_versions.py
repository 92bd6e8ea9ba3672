"""Another version of a rulebook: whom it would concern is said, and nobody's case is changed."""

from datetime import date

from sqlmodel import select

from bot.cli.rules_command import differences, said
from domain.rulebook.reading.reader import load
from models import AuditLine, CaseFile, EntryRow
from services.core.database import Database
from services.rulebooks.impact import Touched, Versions
from tests.casefile.test_recount import EARLY, cases_at_a_notice, procedure

OLD, NEW = load("national_2014"), load("national_2026")
TODAY = date(2026, 12, 29)


async def test_only_cases_with_a_changed_step_before_them_are_named(
    database: Database, second: Database
) -> None:
    hanging, beyond = await cases_at_a_notice(database, 2)
    async with database.write() as session:
        case = await session.get_one(CaseFile, beyond)
        case.status = "archived"
    found = await Versions(second, procedure(EARLY)).touched(NEW, OLD, TODAY)
    assert [touched.case_id for touched in found] == [hanging]
    assert found[0].steps[0] == "8b"
    assert "8" not in found[0].steps
    assert await Versions(second, procedure(EARLY)).touched(NEW, NEW, TODAY) == ()
    async with second.read() as session:
        assert (await session.exec(select(AuditLine))).first() is None
        books = set(await session.exec(select(EntryRow.rulebook)))
    assert books == {"national_2026"}


def test_the_differences_are_said_rule_by_rule() -> None:
    lines = differences(OLD, NEW)
    assert "+ notice_8a_working_days >= 5 working_days posted_on N13" in lines
    assert any(line.startswith("~ step_9 after 8 ") for line in lines)
    assert lines[-1].startswith("steps taken otherwise: 2, 6a, 6c, 8, 8a, 8b, 9, ")
    assert differences(NEW, NEW) == ["steps taken otherwise: none"]
    assert said((Touched("abc", ("8", "8a")),))[1] == "  abc: 8, 8a"
