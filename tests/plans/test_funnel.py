"""The funnel of a year, and whose turn it is: on paper, without a computer."""

from hypothesis import given
from hypothesis import strategies as st

from domain.plans import Funnel, decided_as, funnel, may_propose
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Option, Text
from domain.states import PlanState

STATES = st.lists(st.sampled_from(list(PlanState)), max_size=400)


def test_the_year_of_the_report() -> None:
    states = [PlanState.ACCEPTED] * 285 + [PlanState.STRUCK_OUT] * 25
    assert funnel(states) == Funnel(310, 310, 310, 285, 25, 0, 0)


def test_each_level_counts_those_who_reached_it() -> None:
    found = funnel(PlanState)
    assert (found.proposed, found.forwarded, found.checked) == (7, 5, 4)
    assert (found.accepted, found.struck_out, found.later, found.returned) == (1, 1, 1, 1)
    assert found.undecided == 3


@given(STATES)
def test_no_level_is_wider_than_the_one_before(states: list[PlanState]) -> None:
    found = funnel(states)
    decided = found.accepted + found.struck_out + found.later
    assert found.proposed >= found.forwarded >= found.checked >= decided
    assert found.proposed == len(states) == decided + found.returned + found.undecided


def test_a_name_is_proposed_once_a_year() -> None:
    for state in PlanState:
        again = state in (PlanState.RETURNED, PlanState.ACCEPTED)
        assert may_propose(state, same_year=True) is again
        assert may_propose(state, same_year=False) is (again or state is PlanState.LATER)
    assert may_propose(None, same_year=False)


def test_every_conclusion_of_the_organisers_makes_one_of_three() -> None:
    options = load().step("7a").field("conclusion").options
    made = [decided_as(option) for option in options]
    assert made == [PlanState.ACCEPTED, PlanState.STRUCK_OUT, PlanState.LATER]
    assert decided_as(Option("x", Text("甲", "a"))) is PlanState.ACCEPTED
