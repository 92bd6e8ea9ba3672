"""What the sources leave open (docs/procedure.md § 6): each point as it is, and as it may be
set."""

from pathlib import Path

import pytest

from domain.case.entry_validation import check_entry, verdict_of
from domain.case.facts import CaseFacts, Entry, Value
from domain.case.progress import assess
from domain.case.public_notice import notice_of
from domain.case.replay import Fold
from domain.case.reports import answer_day
from domain.rulebook.reading.reader import FOLDER, FileError, load
from domain.rulebook.schema import LimitKind, Role, Rulebook, Unit
from domain.rulebook.validation.conflicts import conflicts_of
from domain.states import Status
from tests.domain.books import CALENDAR, day
from tests.domain.test_rule_rest import landmarks, last_day, met
from tests.domain.walk import made

CITY = load("yakeshi")


def shelf(tmp_path: Path, **chosen: str) -> Path:
    """The city with open points settled otherwise, in a folder of its own."""
    for core in ("national_2026.toml", "national_2014.toml"):
        (tmp_path / core).write_bytes((FOLDER / core).read_bytes())
    text = (FOLDER / "yakeshi.toml").read_text("utf-8")
    said = ", ".join(f'{name} = "{value}"' for name, value in chosen.items())
    (tmp_path / "town.toml").write_text(f"set = {{ {said} }}\n{text}", "utf-8")
    return tmp_path / "national_2026.toml"


def town_with(tmp_path: Path, **chosen: str) -> Rulebook:
    shelf(tmp_path, **chosen)
    return load("town", tmp_path)


def entered(number: int, step: str, on: str, **answers: Value) -> Entry:
    given: dict[str, Value] = {CITY.step(step).day: day(on), **answers}
    return Entry(number, step, day(on), given, day(on), "", frozenset(Role))


def test_every_open_point_has_more_than_one_answer_and_its_default() -> None:
    chosen = {setting.id: setting.chosen for setting in CITY.settings}
    assert chosen == {
        "long_notice": "calendar", "one_week": "calendar", "posting_day": "no",
        "month_end": "same_day", "probation_end": "same_day", "approval_clock": "submission",
        "appraisal_base": "due", "older_text": "by_day", "admission_notice": "off",
    }  # fmt: skip
    assert all(len(setting.options) >= 2 for setting in CITY.settings)


@pytest.mark.rule("setting_posting_day")
def test_the_day_of_posting_counts_where_it_is_set_so(tmp_path: Path) -> None:
    town = town_with(tmp_path, posting_day="counts")
    assert last_day(CITY, "8a", "2026-11-02") == day("2026-11-17")
    assert last_day(town, "8a", "2026-11-02") == day("2026-11-16")
    assert notice_of(town.step("8a"), day("2026-11-02"), CALENDAR).first_day == day("2026-11-02")


@pytest.mark.rule("setting_long_notice")
def test_fifteen_days_are_working_days_where_it_is_set_so(tmp_path: Path) -> None:
    town = town_with(tmp_path, long_notice="working")
    assert last_day(town, "8a", "2026-11-02") == day("2026-11-23")
    assert CITY.step("8a").notice_days == 15


@pytest.mark.rule("setting_one_week")
@pytest.mark.parametrize(
    ("received", "calendar", "working"),
    [
        ("2026-11-02", "2026-11-09", "2026-11-09"),
        ("2026-11-06", "2026-11-13", "2026-11-13"),
        ("2026-09-25", "2026-10-02", "2026-10-09"),
    ],
)
def test_the_week_for_an_answer_runs_in_calendar_or_in_working_days(
    tmp_path: Path, received: str, calendar: str, working: str
) -> None:
    town = town_with(tmp_path, one_week="working")
    assert answer_day(CITY, day(received), CALENDAR) == day(calendar)
    assert answer_day(town, day(received), CALENDAR) == day(working)
    assert (town.report_days, town.report_unit) == (5, Unit.WORKING_DAYS)


@pytest.mark.rule("setting_month_end")
def test_an_earliest_day_rolls_over_and_a_last_day_stays_where_it_is_set_so(tmp_path: Path) -> None:
    """Nobody waits a day less, and nobody who has to act gets a day more."""
    town = town_with(tmp_path, month_end="next_month")
    facts = CaseFacts(day("2026-05-11"), (entered(1, "13", "2027-01-31"),))
    for book in (CITY, town):
        (deadline,) = assess(book, facts, day("2027-02-01"), CALENDAR).ahead
        assert (deadline.limit, deadline.on) == ("meeting_in_time", day("2027-02-28"))
    for book, ends, earliest in (
        (CITY, "2029-02-28", "2029-03-01"),
        (town, "2029-03-01", "2029-03-02"),
    ):
        meeting = met(book, "2028-02-29")
        assert landmarks(book, meeting)["probation_end"] == day(ends)
        over = next(limit for limit in book.step("23").limits if limit.id == "probation_over")
        assert Fold(book, meeting, CALENDAR).day_of(over) == (day(earliest), False)
    rolling = [limit for s in town.steps for limit in s.limits if limit.rolls_over]
    assert rolling
    assert {limit.kind for limit in rolling} == {LimitKind.NOT_BEFORE}


@pytest.mark.rule("probation_end", "setting_probation_end", "probation_over")
@pytest.mark.parametrize(
    ("met_on", "same", "before"),
    [
        ("2027-03-10", "2028-03-10", "2028-03-09"),
        ("2028-02-29", "2029-02-28", "2029-02-27"),
        ("2027-03-01", "2028-03-01", "2028-02-29"),
    ],
)
def test_probation_ends_on_the_same_day_or_the_day_before_and_the_meeting_comes_after_it(
    tmp_path: Path, met_on: str, same: str, before: str
) -> None:
    town = town_with(tmp_path, probation_end="day_before")
    for book, end in ((CITY, same), (town, before)):
        meeting = met(book, met_on)
        assert landmarks(book, meeting) == {"probation_end": day(end)}
        late = [
            (p.code, p.refuses)
            for p in check_entry(book, meeting, "23", {"held_on": day(end)}, day("2035-01-01"),
                                 CALENDAR)
            if p.rule == "probation_over"
        ]  # fmt: skip
        assert late == [("too_early", True)]
        over = next(limit for limit in book.step("23").limits if limit.id == "probation_over")
        found = Fold(book, meeting, CALENDAR).day_of(over)
        assert found is not None
        assert (found[0] - day(end)).days == 1
        assert over.more_days >= 0


@pytest.mark.rule("setting_approval_clock")
def test_the_approval_runs_from_the_meeting_where_it_is_set_so(tmp_path: Path) -> None:
    town = town_with(tmp_path, approval_clock="meeting")
    for book, of in ((CITY, "15.submitted_on|15"), (town, "15")):
        assert {limit.of for limit in book.step("17").limits} == {of}
    assert town.step("24").limits[0].of == "23"


@pytest.mark.rule("setting_appraisal_base", "g22c_due")
@pytest.mark.parametrize(("yes", "passed"), [(24, False), (25, True), (26, True)])
def test_both_appraisals_are_counted_on_those_due_where_it_is_set_so(
    tmp_path: Path, yes: int, passed: bool
) -> None:
    town = town_with(tmp_path, appraisal_base="due_both")
    numbers: dict[str, Value] = {"due": 50, "present": 30, "yes": yes, "no": 30 - yes}
    for book, expected in ((CITY, True), (town, passed)):
        verdict = verdict_of(book.step("22c"), numbers)
        assert verdict is not None
        assert verdict.passed is expected
    asked = [field.id for field in town.step("22c").fields]
    assert asked[:3] == ["held_on", "due", "present"]
    assert "due" not in [field.id for field in CITY.step("22c").fields]


@pytest.mark.rule("setting_older_text")
def test_old_steps_are_judged_by_the_text_in_force_now_where_it_is_set_so(tmp_path: Path) -> None:
    town = town_with(tmp_path, older_text="current")
    assert CITY.step_on("8", day("2026-05-10")).title.zh == "报上级党委备案"
    assert town.step_on("8", day("2026-05-10")).title.zh == "报上级党委同意"
    assert town.earlier is None


NOTICE = ("step_13a", "step_13b", "gate_13b", "notice_13a_days", "notice_13a_working_days",
          "admission_notice_over", "city_places_admission")  # fmt: skip


@pytest.mark.rule("setting_admission_notice", *NOTICE)
def test_a_notice_before_admission_stands_only_where_somebody_wants_it(tmp_path: Path) -> None:
    town = town_with(tmp_path, admission_notice="on")
    assert not {"13a", "13b"} & CITY.by_id.keys()
    assert (CITY.step("14a").after, CITY.step("15").after) == (("14",), ("14", "14a"))
    assert town.step("14a").after == ("14", "13b")
    assert town.step("13a").notice_days == 15
    for city, end in (("2026-11-02", "2026-11-17"), ("2027-02-14", "2027-03-01")):
        assert last_day(town, "13a", city) == day(end)
    assert notice_of(town.step("13a"), day("2026-09-28"), CALENDAR).working_days >= 5
    assert town.step("13a").field("both").minimum == 2
    assert conflicts_of(town.step("13a")) == ()


@pytest.mark.rule("step_13b", "admission_notice_over")
@pytest.mark.parametrize(("on", "early"), [("2026-11-17", 1), ("2026-11-18", 0), ("2026-11-19", 0)])
def test_its_result_is_entered_after_the_last_day(tmp_path: Path, on: str, early: int) -> None:
    town = town_with(tmp_path, admission_notice="on")
    facts = CaseFacts(day("2026-05-11"), (entered_in(town, "13a", "2026-11-02"),))
    found = check_entry(town, facts, "13b", {"closed_on": day(on)}, day("2027-01-01"), CALENDAR)
    codes = [p.code for p in found if p.rule == "admission_notice_over"]
    assert codes == ["notice_running"] * early


@pytest.mark.rule("step_13b", "step_finding_ballot")
def test_what_was_objected_before_admission_the_organisers_meeting_decides(
    tmp_path: Path,
) -> None:
    town = town_with(tmp_path, admission_notice="on")
    facts = CaseFacts(day("2026-05-11"), (entered_in(town, "13a", "2026-11-02"),))
    said: dict[str, Value] = {"closed_on": day("2026-11-18"), "objections": True}
    said |= {"points": "反映属实，查了账。"}
    for gone in ("put_off", "not_admitted"):
        answers = {**said, "conclusion": gone}
        found = check_entry(town, facts, "13b", answers, day("2026-11-18"), CALENDAR)
        assert "unknown_option" in {p.code for p in found if p.refuses}
    answers = {**said, "conclusion": "referred"}
    held = made(facts, town.step("13b"), day("2026-11-18"), answers)
    fold = Fold(town, held, CALENDAR)
    assert ([step.id for step in fold.awaited], "13b" in fold.done) == (["finding_ballot"], False)
    assert fold.status is Status.RUNNING


def entered_in(book: Rulebook, step: str, on: str) -> Entry:
    return Entry(1, step, day(on), {book.step(step).day: day(on)}, day(on), "", frozenset(Role))


@pytest.mark.parametrize("name", [setting.id for setting in CITY.settings])
def test_another_answer_is_refused_with_those_there_are(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match=rf"set\.{name}: expected one of \w+, \w+; found"):
        town_with(tmp_path, **{name: "otherwise"})


def test_an_open_point_that_isnt_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"set\.mood: unknown key"):
        town_with(tmp_path, mood="good")


def test_a_setting_may_leave_no_rule_of_the_nation_out(tmp_path: Path) -> None:
    """A core whose majority hangs on a setting: whoever sets it so hears of both."""
    core = shelf(tmp_path, posting_day="counts")
    hanging = '{ id = "n15_pass", only_if = { setting = "posting_day", is = ["no"] },'
    core.write_text(core.read_text("utf-8").replace('{ id = "n15_pass",', hanging), "utf-8")
    with pytest.raises(FileError) as refused:
        load("town", tmp_path)
    assert refused.value.key == "set.posting_day"
    assert "n15_pass: yes > 1/2 of due (N20)" in refused.value.reason
