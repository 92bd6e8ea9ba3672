"""Which form is offered below what was just saved."""

from datetime import date, timedelta

import pytest

from domain.case.facts import CaseFacts, OpenStep
from domain.case.progress import assess
from domain.rulebook.reading.reader import load
from handlers.staff.common.navigation import my_next
from services.cases.views import CaseStanding
from tests.domain.books import CALENDAR
from tests.domain.walk import straight_way

YAKESHI = load("yakeshi")


def after(step: str) -> tuple[CaseFacts, date]:
    """The case of the straight way when the step was first entered, and that day."""
    way = straight_way(YAKESHI)
    at = next(number for number, (entry, _) in enumerate(way) if entry.step == step)
    return way[at + 1][1], way[at][0].done_on


def offered(case: CaseFacts, today: date, step: str) -> OpenStep | None:
    """To who may enter that step alone."""
    progress = assess(YAKESHI, case, today, CALENDAR)
    mine = tuple(item for item in progress.open if item.step.id == step)
    assert mine
    assert mine[0].possible
    return my_next(CaseStanding("K", "张三", "第一支部", YAKESHI, progress, (), mine), today)


@pytest.mark.parametrize(("entered", "again"), [("6a", "6a"), ("4", "6c")])
def test_what_comes_again_in_months_is_not_offered_until_it_is_near(
    entered: str, again: str
) -> None:
    case, today = after(entered)
    assert offered(case, today, again) is None
    progress = assess(YAKESHI, case, today, CALENDAR)
    due = next(item for item in progress.open if item.step.id == again).deadlines[0].on
    near = offered(case, due - timedelta(days=7), again)
    assert near is not None
    assert near.step.id == again
