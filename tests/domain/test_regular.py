"""The half-yearly reviews as a condition of the observation (docs/procedure.md § 1, step 6;
N11)."""

import pytest

from domain.case.entry_validation import check_entry
from domain.case.facts import CaseFacts, Entry, OpenStep, Problem, Value
from domain.case.progress import assess
from domain.rulebook.reading.reader import FileError, load
from domain.rulebook.schema import Role
from tests.domain.books import CALENDAR, CORE, day, shelf

CITY = load("yakeshi")
LATER = day("2035-01-01")


def entered(number: int, step: str, on: str, **answers: Value) -> Entry:
    given: dict[str, Value] = {CITY.step(step).day: day(on), **answers}
    return Entry(number, step, day(on), given, day(on), "", frozenset(Role))


def activist(*reviews: str, since: str = "2026-06-15") -> CaseFacts:
    """Determined as activist on a day, and reviewed on these."""
    before = [entered(n, step, since) for n, step in enumerate(("3", "4", "5", "5a"), 1)]
    return CaseFacts(
        day("2026-05-11"),
        (*before, *(entered(n, "6a", on) for n, on in enumerate(reviews, 11))),
    )


def lacks(facts: CaseFacts, on: str) -> list[Problem]:
    found = check_entry(CITY, facts, "6", {"concluded_on": day(on)}, LATER, CALENDAR)
    return [problem for problem in found if problem.rule == "reviews_complete"]


def missing(facts: CaseFacts, on: str) -> list[str]:
    said = []
    for problem in lacks(facts, on):
        assert problem.refuses
        assert problem.source == "N11"
        said.append(str((problem.values or {})["text"].zh))  # type: ignore[attr-defined]
    return said


FIRST = "还缺第1次半年考察，应在2026年12月15日前办好，请先登记这一次"
SECOND = "还缺第2次半年考察，应在2027年6月15日前办好，请先登记这一次"


@pytest.mark.rule("reviews_complete")
def test_a_year_needs_both_reviews_and_the_missing_one_is_named() -> None:
    on = "2027-06-15"
    assert missing(activist(), on) == [FIRST]
    assert missing(activist("2026-12-01"), on) == [SECOND]
    assert missing(activist("2026-12-01", "2027-06-10"), on) == []
    assert missing(activist("2026-12-01", "2027-06-10", "2027-06-12"), on) == []


@pytest.mark.rule("reviews_complete")
@pytest.mark.parametrize(
    ("on", "lacking"), [("2027-12-14", 0), ("2027-12-15", 1), ("2027-12-16", 1)]
)
def test_the_third_is_asked_from_the_day_its_half_year_is_full(on: str, lacking: int) -> None:
    assert len(missing(activist("2026-12-15", "2027-06-15"), on)) == lacking


@pytest.mark.rule("reviews_complete")
@pytest.mark.parametrize(
    ("on", "lacking"), [("2027-06-30", 0), ("2027-07-01", 0), ("2027-07-02", 1)]
)
def test_no_half_year_after_the_last_review_stays_without_one(on: str, lacking: int) -> None:
    assert len(missing(activist("2026-07-01", "2027-01-01"), on)) == lacking


def test_a_review_made_late_counts_and_two_of_one_day_are_one() -> None:
    assert missing(activist("2027-02-01", "2027-06-15"), "2027-06-15") == []
    assert missing(activist("2027-06-15", "2027-06-15"), "2027-06-15") == [SECOND]


def test_reviews_after_the_day_of_the_conclusion_do_not_count() -> None:
    assert missing(activist("2026-12-01", "2027-06-20"), "2027-06-18") == [SECOND]
    assert missing(activist("2026-12-01", "2027-06-20"), "2027-06-20") == []


def test_what_was_due_before_a_move_was_seen_to_there() -> None:
    """Activist since June 2026, here since January 2027: the second review is ours."""
    moved: dict[str, Value] = {"standing": "activist", "activist_since": day("2026-06-15")}
    here = (entered(1, "1", "2027-01-10"), entered(2, "moved_in", "2027-01-20", **moved))
    contact = (entered(3, "5", "2027-01-25"), entered(4, "5a", "2027-01-26"))
    facts = CaseFacts(day("2027-01-10"), (*here, *contact))
    (named,) = missing(facts, "2027-06-15")
    assert "第1次" in named
    assert "2027年6月15日" in named
    facts = CaseFacts(facts.opened_on, (*facts.entries, entered(5, "6a", "2027-06-14")))
    assert missing(facts, "2027-06-15") == []


def test_a_year_under_the_earlier_text_is_noted_not_refused() -> None:
    facts = activist(since="2025-04-01")
    assert [(p.refuses, p.source) for p in lacks(facts, "2026-05-10")] == [(False, "O")]
    assert [(p.refuses, p.source) for p in lacks(facts, "2026-05-11")] == [(True, "N11")]


def opened(facts: CaseFacts, today: str) -> OpenStep:
    return next(s for s in assess(CITY, facts, day(today), CALENDAR).open if s.step.id == "6")


def test_the_list_of_tasks_says_beforehand_what_is_missing() -> None:
    facts = activist("2026-12-01")
    assert [b.kind for b in opened(facts, "2027-06-14").blockers] == ["earliest"]
    (blocker,) = opened(facts, "2027-06-15").blockers
    assert (blocker.kind, blocker.text.zh, blocker.step) == ("lacking", SECOND, "6a")
    assert opened(activist("2026-12-01", "2027-06-20"), "2028-06-20").possible


def test_who_goes_on_as_activist_is_reviewed_from_then_on() -> None:
    """A candidate isn't reviewed: nothing of that time is missing, and none of it is overdue."""
    way = ("6", "7", "7a", "8", "8a", "8b", "9", "10", "11", "12", "13", "14")
    on = [entered(n, step, "2027-07-01") for n, step in enumerate(way, 21)]
    back = entered(40, "14a", "2028-03-01", conclusion="back")
    before = activist("2026-12-01", "2027-06-10")
    facts = CaseFacts(before.opened_on, (*before.entries, *on, back))
    review = next(
        s for s in assess(CITY, facts, day("2028-03-01"), CALENDAR).open if s.step.id == "6a"
    )
    assert [deadline.on for deadline in review.deadlines] == [day("2028-09-01")]
    assert missing(facts, "2028-08-31") == []
    assert len(missing(facts, "2028-09-01")) == 1


@pytest.mark.parametrize(
    ("named", "reason"),
    [('limit = "often"', "no limit often"), ('limit = "review", elsewhere = "77"', "step 77")],
)
def test_a_condition_that_names_nothing_is_refused(named: str, reason: str) -> None:
    rule = '{id="r", source="N", strength="legal", text={zh="齐全", en="Complete"}}'
    regular = f'after = ["2"]\nregular = [{{ step = "2a", {named}, rule = {rule} }}]'
    with pytest.raises(FileError, match=reason):
        load("core", shelf(CORE.replace('after = ["2"]', regular, 1)))
