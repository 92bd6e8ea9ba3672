"""As what somebody goes to another city, and what can't be said so."""

from datetime import date

import pytest

from domain.case.elsewhere import CountsOtherwise, Standing, entrance, standing
from domain.case.facts import CaseFacts
from tests.cases.cases import CITY, before, enter
from tests.domain.books import CALENDAR


def goes(case: CaseFacts, on: date) -> Standing:
    return standing(CITY, case, on, CALENDAR)


def days(case: CaseFacts) -> dict[str, date]:
    return {entry.step: entry.done_on for entry in case.entries}


def test_somebody_goes_as_what_the_last_step_that_counts_made_of_them() -> None:
    expected = {
        "2": "",
        # Recommended, and not yet filed with the committee.
        "4": "",
        "5": "activist",
        "7": "activist",
        "8": "candidate",
        "15": "candidate",
        "19": "probation",
        "23": "probation",
    }
    found = {}
    for step in expected:
        case, on = before(step)
        option = goes(case, on).option
        found[step] = option.id if option else ""
    assert found == expected


def test_the_days_are_those_of_the_former_branch() -> None:
    case, on = before("19")
    made = goes(case, on)
    assert made.step == "moved_in"
    assert made.days == {"admitted_on": days(case)["15"], "approved_on": days(case)["17"]}
    assert made.answers == {"standing": "probation", **made.days}
    assert list(made.ends.values()) == [made.ends["probation_end"]]
    case, on = before("8")
    known = days(case)
    assert goes(case, on).days == {"activist_since": known["3"], "candidate_since": known["7"]}


def test_between_the_meeting_and_the_approval_nobody_goes_by_message() -> None:
    case, on = before("16")
    with pytest.raises(CountsOtherwise):
        goes(case, on)


def test_an_extended_probation_goes_on_paper() -> None:
    case, on = before("23")
    case = enter(case, "23", on, matter="extend", conclusion="extend", extension_months=8)
    case = enter(case, "24", on, conclusion="approve_extension", extension_months=8)
    with pytest.raises(CountsOtherwise):
        goes(case, on)


def test_the_way_in_is_a_step_of_the_rulebook() -> None:
    found = entrance(CITY)
    assert found is not None
    assert (found[0].id, found[1]) == ("moved_in", "standing")
