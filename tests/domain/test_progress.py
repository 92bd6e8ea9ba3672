"""Where a case stands: what is done, what is next, what blocks it, and every date."""

from datetime import date, timedelta

import pytest

from domain.case.dates import add_months
from domain.case.facts import CaseFacts, DateKind, Hold, OpenStep, Progress
from domain.case.progress import assess, why_not
from domain.rulebook.schema import Role
from domain.states import Status
from tests.domain.books import CALENDAR, begun, book, day, entry, facts


def look(case: CaseFacts, on: str, name: str = "core") -> Progress:
    return assess(book(name), case, day(on), CALENDAR)


def opened(progress: Progress) -> list[str]:
    return [item.step.id for item in progress.open]


def only(progress: Progress, step: str) -> OpenStep:
    return next(item for item in progress.open if item.step.id == step)


def due(progress: Progress, step: str) -> list[tuple[DateKind, date]]:
    return [(deadline.kind, deadline.on) for deadline in only(progress, step).deadlines]


def test_a_new_case_begins_with_the_application() -> None:
    progress = look(facts(), "2024-01-31")
    assert opened(progress) == ["1"]
    assert progress.next is not None
    assert progress.next.possible
    assert (progress.status, progress.stage, progress.total) == (Status.RUNNING, "start", 9)
    assert [step.id for step in progress.later] == ["2", "3", "4", "5", "6", "7", "8", "9"]


def test_the_talk_is_due_in_a_month_that_ends_earlier() -> None:
    progress = look(begun(1), "2024-02-01")
    assert opened(progress) == ["2", "2a"]
    assert due(progress, "2") == [(DateKind.LEGAL, day("2024-02-29"))]
    assert progress.deadlines[0].ladder == (7, 0, -1, -8)


def test_what_repeats_is_due_from_its_newest_entry_and_stands_in_nobodys_way() -> None:
    first = look(begun(2), "2024-03-01")
    assert due(first, "2a") == [(DateKind.LEGAL, day("2024-07-31"))]
    reviewed = facts(*begun(2).entries, entry(3, "2a", "2024-07-15"))
    second = look(reviewed, "2024-07-16")
    assert due(second, "2a") == [(DateKind.LEGAL, day("2025-01-15"))]
    assert [item.step for item in second.done] == ["1", "2", "2a"]
    assert "2a" not in [step.id for step in look(begun(9), "2026-04-01").later]


def test_what_repeats_ends_with_its_stage() -> None:
    assert "2a" in opened(look(begun(3), "2025-02-01"))
    assert "2a" not in opened(look(begun(4), "2025-02-11"))


@pytest.mark.parametrize(
    ("on", "possible"), [("2025-01-30", False), ("2025-01-31", True), ("2025-02-01", True)]
)
def test_a_year_is_a_year(on: str, possible: bool) -> None:
    step = only(look(begun(2), on), "3")
    assert step.possible is possible
    assert step.deadlines[0].kind is DateKind.EARLIEST
    if not possible:
        assert [(b.kind, b.until) for b in step.blockers] == [("earliest", day("2025-01-31"))]


def test_what_can_be_done_now_comes_before_what_waits() -> None:
    assert opened(look(begun(2), "2025-01-01")) == ["2a", "3"]
    assert opened(look(begun(2), "2025-02-01")) == ["2a", "3"]
    reviewed = facts(*begun(2).entries, entry(3, "2a", "2025-01-20"))
    assert opened(look(reviewed, "2025-02-01")) == ["3", "2a"]


def test_the_result_of_a_notice_waits_until_its_last_day_is_over() -> None:
    """Posted on Monday the 10th: five working days are over with the 17th."""
    blocked = only(look(begun(4), "2025-02-17"), "5")
    assert [b.until for b in blocked.blockers] == [day("2025-02-18")]
    assert only(look(begun(4), "2025-02-18"), "5").possible


def test_the_longer_notice_of_the_city_decides() -> None:
    case = facts(*begun(3).entries, entry(4, "3a", "2025-02-03"), entry(5, "4", "2025-02-10"))
    step = only(look(case, "2025-02-20", "city"), "5")
    assert [b.until for b in step.blockers] == [day("2025-02-26")]


def test_both_layers_are_shown_and_the_stricter_blocks() -> None:
    case = facts(*begun(5).entries, entry(6, "3a", "2025-02-03"))
    step = only(look(case, "2025-02-19", "city"), "6")
    assert [(d.limit, d.kind) for d in step.deadlines] == [
        ("rest", DateKind.EARLIEST),
        ("meeting", DateKind.LEGAL),
    ]
    assert [b.source for b in step.blockers] == ["G"]


def test_a_hold_blocks_gates_and_nothing_else() -> None:
    report = (Hold("r1", "举报核实中", day("2025-01-01")),)
    assert not only(look(begun(3, report), "2025-02-01"), "4").possible
    assert only(look(begun(4, report), "2025-03-01"), "5").possible
    assert only(look(begun(3, report), "2025-02-01"), "4").blockers[0].text.zh == "举报核实中"


def test_a_decision_to_wait_puts_the_case_off_until_the_step_is_taken_again() -> None:
    waiting = entry(5, "5", "2025-02-18", outcome="wait", reason="有反映")
    put_off = look(facts(*begun(4).entries, waiting), "2025-03-01")
    assert (put_off.status, opened(put_off)) == (Status.PUT_OFF, ["5"])
    lifted = facts(*begun(4).entries, waiting, entry(6, "5", "2025-03-02", outcome="clear"))
    assert look(lifted, "2025-03-03").status is Status.RUNNING
    assert opened(look(lifted, "2025-03-03")) == ["6"]


def test_a_reopened_step_has_to_be_taken_again() -> None:
    again = entry(5, "5", "2025-02-18", outcome="again", reason="地点不对")
    progress = look(facts(*begun(4).entries, again), "2025-03-01")
    assert opened(progress) == ["4"]
    assert [item.step for item in progress.done] == ["1", "2", "3"]


def test_an_end_ends_everything() -> None:
    stop = entry(5, "5", "2025-02-18", outcome="stop", reason="不符合")
    progress = look(facts(*begun(4).entries, stop), "2025-03-01")
    assert (progress.status, progress.outcome) == (Status.ENDED, "stopped")
    assert (progress.open, progress.deadlines, progress.next) == ((), (), None)


def test_a_case_with_every_step_done_is_archived() -> None:
    progress = look(begun(9), "2026-04-01")
    assert (progress.status, progress.open, progress.later) == (Status.ARCHIVED, (), ())
    assert progress.stage == "end"


def test_a_step_counts_when_everybody_signed() -> None:
    visit = entry(7, "7", "2026-03-01", signed="secretary")
    progress = look(facts(*begun(6).entries, visit), "2026-03-10")
    assert only(progress, "7").waits_for == {Role.INTRODUCER}
    assert "7" not in [item.step for item in progress.done]
    assert opened(look(begun(7), "2026-03-10")) == ["8"]


def test_an_extension_moves_the_end_of_probation_by_its_months() -> None:
    """Voted on 10 March 2025; a year, and seven months more."""
    extended = entry(8, "8", "2026-03-10", conclusion="extend", months=7)
    progress = look(facts(*begun(7).entries, extended), "2026-03-11")
    assert opened(progress) == ["7"]
    again = facts(*begun(7).entries, extended, entry(9, "7", "2026-09-01"))
    step = only(look(again, "2026-10-09"), "8")
    assert [(b.kind, b.until) for b in step.blockers] == [("earliest", day("2026-10-10"))]
    assert only(look(again, "2026-10-10"), "8").possible


def test_clocks_that_run_for_later_steps_are_known_ahead() -> None:
    progress = look(begun(6), "2025-04-01")
    assert opened(progress) == ["7"]
    assert [(d.step, d.kind, d.on) for d in progress.ahead] == [
        ("8", DateKind.ADVISED, day("2026-06-10"))
    ]
    assert look(begun(7), "2025-04-01").ahead == ()


def test_why_a_later_step_waits_is_said_by_its_conditions() -> None:
    missing = why_not(book(), begun(1), "4", day("2024-02-01"), CALENDAR)
    assert [(b.kind, b.step) for b in missing] == [("condition", "3")]
    ended = why_not(book(), begun(9), "4", day("2026-04-01"), CALENDAR)
    assert [b.kind for b in ended] == ["ended"]
    assert why_not(book(), begun(2), "2a", day("2024-04-01"), CALENDAR) == ()


def test_an_entry_of_an_unknown_step_changes_nothing() -> None:
    stranger = entry(1, "3a", "2024-01-05")
    assert opened(look(facts(stranger), "2024-02-01")) == ["1"]


def test_entries_are_taken_by_their_number_not_by_their_place() -> None:
    shuffled = CaseFacts(day("2024-01-01"), tuple(reversed(begun(5).entries)))
    assert opened(look(shuffled, "2025-02-20")) == ["6"]


def test_deadlines_stay_in_their_month_over_month_ends_and_leap_years() -> None:
    start = date(2023, 12, 25)
    for number in range(800):
        received = start + timedelta(days=number)
        case = facts(entry(1, "1", received.isoformat()))
        moved = assess(book(), case, received, CALENDAR)
        limit = next(d for d in moved.deadlines if d.step == "2").on
        following = received.month % 12 + 1
        assert limit.month == following
        assert limit == add_months(received, 1)
