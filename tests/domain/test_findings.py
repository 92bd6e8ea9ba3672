"""A finding on a report never ends the case of a member."""

from datetime import date

import pytest

from domain.case.facts import CaseFacts, Entry
from domain.case.findings import leads_to
from domain.case.replay import Fold
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import FindingEffect, ReportFinding, Role
from tests.domain.books import CALENDAR

CITY = load("yakeshi")
ON = date(2026, 6, 1)


def fold(*steps: str) -> Fold:
    signed = frozenset(Role)
    entries = tuple(
        Entry(number, step, ON, {CITY.step(step).day: ON}, ON, "", signed)
        for number, step in enumerate(steps, 1)
    )
    return Fold(CITY, CaseFacts(ON, entries), CALENDAR)


@pytest.mark.parametrize("finding", ["serious", "grave"])
@pytest.mark.parametrize(
    ("done", "effect"),
    [
        ((), FindingEffect.END),
        (("17",), FindingEffect.END),
        (("17", "17a"), FindingEffect.PUT_OFF),
        (("17", "17a", "18", "20"), FindingEffect.PUT_OFF),
    ],
)
def test_from_the_approval_on_a_finding_holds(
    finding: str, done: tuple[str, ...], effect: FindingEffect
) -> None:
    assert leads_to(CITY.finding(finding), fold(*done)) is effect


@pytest.mark.parametrize("finding", CITY.findings, ids=lambda finding: finding.id)
def test_no_finding_ends_the_case_of_a_member(finding: ReportFinding) -> None:
    assert leads_to(finding, fold("17", "17a")) is not FindingEffect.END
