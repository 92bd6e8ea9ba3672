"""What may happen at any time: talks and reports, changes of people, moves, the end of a case."""

from datetime import date

import pytest

from domain.case.dates import add_months
from domain.case.facts import CaseFacts, DateKind
from domain.rulebook.schema import Role
from domain.states import Status
from tests.cases.cases import CITY, WAY, before, called, days, due, enter, seen, tried

ALWAYS = {
    "thought_report": ("3", "25"),
    "education": ("3", "25"),
    "talk": ("3", "25"),
    "contacts_change": ("5", "17"),
    "introducers_new": ("9", "25"),
    "moved": ("1", "25"),
    "ends": ("1", "25"),
    "moved_in": ("1", "2"),
    "not_recognised": ("17", "25"),
}
AFTER_ARCHIVE = {"not_recognised"}
PLACES = [entry.step for entry, _ in WAY]


def offered(case: CaseFacts, on: date) -> set[str]:
    return {item.step.id for item in seen(case, on).anytime}


@pytest.mark.rule(*(f"step_{name}" for name in ALWAYS))
@pytest.mark.parametrize(("name", "span"), ALWAYS.items())
def test_it_is_offered_from_its_first_step_to_its_last(name: str, span: tuple[str, str]) -> None:
    first, last = (PLACES.index(step) for step in span)
    found = [name in offered(case, entry.done_on) for entry, case in WAY]
    assert found == [first < place <= last for place in range(len(WAY))]


def test_nobody_waits_for_it_and_it_is_never_next() -> None:
    for entry, case in WAY:
        progress = seen(case, entry.done_on)
        assert not any(item.step.anytime for item in progress.open)
        assert not {d.step for d in progress.deadlines} & set(ALWAYS)
    assert all(CITY.step(name).called_by for name in ALWAYS if CITY.step(name).limits)


def test_it_may_be_entered_again_and_changes_nothing_else() -> None:
    case, on = before("21")
    noted = enter(enter(case, "thought_report", on), "thought_report", days(on, 30))
    before_it, after_it = seen(case, on), seen(noted, on)
    assert [i.step.id for i in before_it.open] == [i.step.id for i in after_it.open]
    assert len(after_it.done) == len(before_it.done) + 2


def test_a_change_of_people_says_why() -> None:
    for name in ("contacts_change", "introducers_new"):
        step = CITY.step(name)
        assert not step.field("reason").optional
        assert any(field.appoints in (Role.CONTACT, Role.INTRODUCER) for field in step.fields)


@pytest.mark.rule("step_ends")
@pytest.mark.parametrize("how", ["withdrawn", "moved_away", "deceased"])
def test_a_case_that_ends_has_a_status_and_no_dates(how: str) -> None:
    case, on = before("6")
    ended = enter(case, "ends", on, conclusion=how)
    progress = seen(ended, on)
    assert (progress.status, progress.outcome) == (Status.ENDED, how)
    assert (progress.open, progress.anytime, progress.deadlines, progress.ahead) == ((), (), (), ())


def test_what_was_still_called_for_ends_with_a_person_who_died() -> None:
    case, on = before("14a")
    case = enter(case, "14a", on, lost=True, conclusion="back")
    assert called(case, on) == {"14b"}
    assert seen(enter(case, "ends", on, conclusion="deceased"), on).open == ()


@pytest.mark.rule("time_counts_on")
def test_an_activist_who_moved_here_counts_on() -> None:
    case, _ = before("2")
    since, arrived = date(2026, 6, 1), date(2026, 12, 1)
    moved = enter(case, "moved_in", arrived, standing="activist", activist_since=since)
    progress = seen(moved, arrived)
    assert {"2", "3", "4"} <= {entry.step for entry in progress.done}
    assert progress.next is not None
    assert progress.next.step.id == "5"
    ready = enter(enter(moved, "5", arrived), "5a", arrived)
    assert [p.code for p in tried(ready, "6", date(2027, 5, 31))] == ["too_early"]
    assert [p.code for p in tried(ready, "6", date(2027, 6, 1))] == ["lacking"]
    reviewed = enter(ready, "6a", date(2027, 5, 20))
    assert tried(reviewed, "6", date(2027, 6, 1)) == []


def probationer() -> tuple[CaseFacts, date]:
    """Admitted elsewhere on 31 January 2028, here since 1 October 2028."""
    case, _ = before("2")
    arrived = date(2028, 10, 1)
    return enter(
        case, "moved_in", arrived, standing="probation",
        admitted_on=date(2028, 1, 31), approved_on=date(2028, 3, 1),
    ), arrived  # fmt: skip


@pytest.mark.rule("time_counts_on")
def test_a_probationary_member_who_moved_here_keeps_the_date() -> None:
    case, arrived = probationer()
    progress = seen(case, arrived)
    assert progress.next is not None
    assert progress.next.step.id == "21"
    over = next(d for d in progress.ahead if d.limit == "discuss_soon")
    assert over.on == date(2029, 2, 28)


def test_days_from_elsewhere_come_in_their_order() -> None:
    case, _ = before("2")
    arrived = date(2028, 10, 1)
    wrong = tried(
        case, "moved_in", arrived, standing="probation",
        admitted_on=date(2028, 3, 1), approved_on=date(2028, 1, 31),
    )  # fmt: skip
    assert [(p.code, p.field) for p in wrong] == [("too_early", "approved_on")]


@pytest.mark.rule("step_put_off_move", "put_off_over", "put_off_months")
def test_only_after_a_move_the_discussion_may_be_put_off_by_six_months_at_most() -> None:
    straight, on = before("22")
    assert "put_off_move" not in offered(straight, on)
    case, arrived = probationer()
    assert "put_off_move" in offered(case, arrived)
    codes = {
        n: [p.code for p in tried(case, "put_off_move", arrived, months=n)] for n in (0, 1, 6, 7)
    }
    assert codes == {0: ["too_small"], 1: [], 6: [], 7: ["too_big"]}


@pytest.mark.rule("put_off_over", "put_off_once")
def test_a_discussion_put_off_is_no_extension() -> None:
    case, arrived = probationer()
    waits = enter(case, "put_off_move", arrived, months=6)
    assert "put_off_over" not in {d.limit for d in seen(case, arrived).ahead}
    last = next(d for d in seen(waits, arrived).ahead if d.limit == "put_off_over")
    assert (last.on, last.kind) == (date(2029, 7, 31), DateKind.LEGAL)
    for facts in (case, waits):
        for step in ("21", "21a", "22", "22a"):
            facts = enter(facts, step, arrived)
        for step in ("22b", "22c", "22d"):
            facts = enter(facts, step, days(arrived, 20))
        (blocker,) = next(i for i in seen(facts, days(arrived, 20)).open).blockers
        assert blocker.until == date(2029, 2, 1)
    assert [p.code for p in tried(waits, "put_off_move", arrived, months=1)] == ["only_once"]


@pytest.mark.rule("step_moved", "step_received", "receive_soon")
def test_who_moves_within_the_city_is_received_within_a_month() -> None:
    case, on = before("21")
    assert called(case, on) == set()
    moved = enter(case, "moved", on, to="branch2")
    assert called(moved, on) == {"received"}
    assert due(moved, "receive_soon", on) == add_months(on, 1)
    assert seen(moved, on).done[:-1] == seen(case, on).done
    received = enter(moved, "received", on, standing="later")
    assert called(received, on) == set()
    assert "put_off_move" in offered(received, on)


def test_a_candidate_who_moved_here_is_determined_anew_but_not_educated_anew() -> None:
    case, _ = before("2")
    since, determined, arrived = date(2026, 6, 10), date(2027, 7, 1), date(2027, 9, 1)
    moved = enter(
        case, "moved_in", arrived, standing="candidate", activist_since=since,
        candidate_since=determined,
    )  # fmt: skip
    progress = seen(moved, arrived)
    assert {"3", "4", "5", "6", "5a"} <= {entry.step for entry in progress.done}
    assert next(i.step.id for i in progress.open if not i.step.repeats) == "7"
    assert [p.code for p in tried(moved, "8a", arrived)] == ["step_not_open"]
    backward = tried(
        case, "moved_in", arrived, standing="candidate", activist_since=determined,
        candidate_since=since,
    )  # fmt: skip
    assert [(p.code, p.field) for p in backward] == [("too_early", "candidate_since")]


@pytest.mark.rule("step_received")
@pytest.mark.parametrize("stage", ["6", "12", "17", "21"])
def test_a_case_given_back_stands_as_if_it_had_never_moved(stage: str) -> None:
    case, on = before(stage)
    moved = enter(case, "moved", on, to="branch2")
    back = enter(moved, "received", on, conclusion="refuse", reason="不在本支部工作。")
    assert called(back, on) == set()
    assert {i.step.id for i in seen(back, on).open} == {i.step.id for i in seen(case, on).open}
    assert seen(back, on).deadlines == seen(case, on).deadlines
    assert "put_off_move" not in offered(back, on)
    assert called(enter(back, "moved", on, to="branch3"), on) == {"received"}
