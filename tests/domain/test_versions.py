"""A step is judged by the text in force on its day: before 2026-05-11 by that of 2014."""

from collections.abc import Mapping
from datetime import date

import pytest

from docs.rulebook import EXAMPLES
from domain.case.entry_validation import check_entry, fields_to_ask
from domain.case.facts import CaseFacts, Entry, Problem, Value
from domain.case.progress import assess, why_not
from domain.rulebook.listing.diff import changes
from domain.rulebook.listing.rules import rules_of
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Role, Rulebook
from tests.domain.books import CALENDAR, day

NATION, CITY, LINHE = load("national_2026"), load("yakeshi"), load("linhe", EXAMPLES)
BOOKS = pytest.mark.parametrize("book", [NATION, CITY], ids=["nation", "city"])
TODAY = day("2026-11-24")


def entry(book: Rulebook, number: int, step: str, on: str, **answers: Value) -> Entry:
    given = {book.step(step).day: day(on), **answers}
    return Entry(number, step, day(on), given, day(on), "", frozenset(Role))


def filed(book: Rulebook, on: str) -> CaseFacts:
    """A case up to its filing as candidate."""
    steps = ["1", "2", "3", "4", "5", "5a", "6", "7", "7a"]
    known = [step for step in steps if step in book.by_id]
    entries = [entry(book, n, step, "2026-01-10") for n, step in enumerate(known, 1)]
    return CaseFacts(day("2025-01-01"), (*entries, entry(book, 20, "8", on)))


def tried(book: Rulebook, facts: CaseFacts, step: str, on: str, **answers: Value) -> list[Problem]:
    given: Mapping[str, Value] = {book.step(step).day: day(on), **answers}
    return list(check_entry(book, facts, step, given, TODAY, CALENDAR))


@BOOKS
@pytest.mark.parametrize(
    ("on", "version"),
    [
        ("2026-05-10", "2014"),
        ("2026-05-11", "2026"),
        ("2026-05-12", "2026"),
        ("2001-01-01", "2014"),
    ],
)
def test_each_day_has_its_text(book: Rulebook, on: str, version: str) -> None:
    found = book.on(day(on))
    assert found.in_force.year == int(version)
    assert (found is book) is (version == "2026")


@BOOKS
@pytest.mark.rule("setting_older_text", "step_8")
def test_before_the_new_text_step_eight_is_a_filing(book: Rulebook) -> None:
    old, new = book.step_on("8", day("2026-05-10")), book.step_on("8", day("2026-05-11"))
    assert [f.id for f in fields_to_ask(old, {})] == ["consented_on", "remark"]
    assert [f.id for f in fields_to_ask(new, {})] == ["consented_on", "conclusion", "remark"]
    assert (old.gate, new.gate) == (False, True)
    before = CaseFacts(day("2025-01-01"), filed(book, "2026-05-10").entries[:-1])
    assert [p.code for p in tried(book, before, "8", "2026-05-10")] == []
    needed = [(p.code, p.field) for p in tried(book, before, "8", "2026-05-11")]
    assert needed == [("required", "conclusion")]
    given = tried(book, before, "8", "2026-05-10", conclusion="consent")
    assert [(p.code, p.field) for p in given] == [("unknown_field", "conclusion")]


@pytest.mark.rule("setting_older_text", "step_8a")
def test_no_national_notice_is_asked_of_what_went_on_before_it() -> None:
    """Introducers confirmed on the last day of the old text: no notice before, and none after."""
    facts = filed(NATION, "2026-04-20")
    assert [p.code for p in tried(NATION, facts, "9", "2026-05-11")][:1] == ["step_not_open"]
    fine = tried(NATION, facts, "9", "2026-05-10", introducers=("a", "b"), discipline="none")
    assert fine == []
    confirmed = entry(NATION, 21, "9", "2026-05-10", introducers=("a", "b"), discipline="none")
    after = CaseFacts(facts.opened_on, (*facts.entries, confirmed))
    shown = assess(NATION, after, TODAY, CALENDAR)
    assert [item.step.id for item in shown.open] == ["10", "11"]
    assert not {"8a", "8b"} & {step.id for step in shown.later}
    assert [b.step for b in why_not(NATION, after, "12", TODAY, CALENDAR)] == ["10", "11"]
    waiting = assess(NATION, facts, TODAY, CALENDAR)
    assert [item.step.id for item in waiting.open] == ["8a"]
    assert shown.total == waiting.total - 2


def test_the_citys_own_notice_was_asked_for_before_as_well() -> None:
    facts = filed(CITY, "2026-04-20")
    early = tried(CITY, facts, "9", "2026-05-10", introducers=("a", "b"), discipline="none")
    assert [p.code for p in early] == ["step_not_open"]
    old = CITY.step_on("8a", day("2026-05-10"))
    assert (old.notice_days, old.notice_working_days, old.source) == (15, 0, "G三")


@pytest.mark.rule("setting_older_text", "step_8a", "step_9")
def test_a_notice_of_old_days_may_lie_before_the_filing_and_neither_is_passed_over() -> None:
    """Consent before the notice is of 2026 (N13): a city's own notice could hang before."""

    def notice(on: str) -> dict[str, Value]:
        return {"posted_on": day(on), "mobile": "no", "places": ("unit",), "channels": ("board",),
                "both": ("unit", "committee"), "proofs": ("one",), "contact": "0470-1"}  # fmt: skip

    filed_later = filed(CITY, "2026-05-10")
    planned = CaseFacts(filed_later.opened_on, filed_later.entries[:-1])
    for facts in (planned, filed_later):
        assert tried(CITY, facts, "8a", "2026-04-01", **notice("2026-04-01")) == []
    unplanned = CaseFacts(planned.opened_on, planned.entries[:-1])
    for facts, on in ((planned, "2026-05-11"), (unplanned, "2026-04-01")):
        found = tried(CITY, facts, "8a", on, **notice(on))
        assert [p.code for p in found] == ["step_not_open"]
    posted = entry(CITY, 30, "8a", "2026-04-01", **notice("2026-04-01"))
    closed = entry(CITY, 31, "8b", "2026-04-20", objections=False, conclusion="clear")
    unfiled = CaseFacts(planned.opened_on, (*planned.entries, posted, closed))
    for on in ("2026-05-10", "2026-05-11"):
        found = tried(CITY, unfiled, "9", on, introducers=("a", "b"), discipline="none")
        assert [p.code for p in found] == ["step_not_open"]
        assert (found[0].values or {})["missing"] == ("8",)


@pytest.mark.rule("mobile_notice", "notice_places")
def test_what_the_nation_asks_of_a_notice_since_2026_is_not_asked_of_a_citys_older_one() -> None:
    """Mobile persons in both places is N13 of 2026; the text of 2014 knew no such notice."""
    given: dict[str, Value] = {
        "mobile": "both", "two_places": ("here",), "channels": ("board",),
        "both": ("unit", "committee"), "proofs": ("one",), "contact": "0470-1",
    }  # fmt: skip
    assert tried(CITY, filed(CITY, "2026-04-01"), "8a", "2026-05-10", **given) == []
    later = tried(CITY, filed(CITY, "2026-04-01"), "8a", "2026-05-11", **given)
    assert [p.rule for p in later] == ["mobile_notice"]
    # What the city itself asks stays.
    one = tried(CITY, filed(CITY, "2026-04-01"), "8a", "2026-05-10", **{**given, "both": ("unit",)})
    assert [(p.rule, p.source) for p in one] == [("city_places", "G三")]


@pytest.mark.rule("mobile_notice", "notice_places", "notice_8a_working_days", "notice_over")
@pytest.mark.parametrize("book", [NATION, LINHE], ids=["nation", "linhe"])
def test_a_notice_that_no_text_of_its_day_asked_for_is_taken_as_it_was(book: Rulebook) -> None:
    """Some branches posted one of their own accord: one place, two days, no photo counted."""
    given: dict[str, Value] = {
        "mobile": "both", "two_places": ("here",), "channels": ("board", "radio"),
        "proofs": ("one",), "contact": "0470-1",
    }  # fmt: skip
    facts = filed(book, "2026-04-20")
    before = tried(book, facts, "8a", "2026-04-01", **given)
    assert before == [], "before the filing, since nobody waited for a consent"
    assert tried(book, facts, "8a", "2026-04-01") == [], "nor does it need a photo, or a number"
    assert {p.field for p in tried(book, facts, "8a", "2026-05-11")} >= {"proofs", "contact"}
    assert [p.field for p in tried(book, facts, "8b", "2026-05-10")][-1:] == ["conclusion"]
    for on, rules in (("2026-05-10", []), ("2026-05-11", ["mobile_notice"])):
        found = tried(book, facts, "8a", on, **given)
        assert [(p.rule, p.source) for p in found] == [(rule, "N13") for rule in rules]
    for posted, closed, early in (
        ("2026-05-08", "2026-05-10", []), ("2026-05-11", "2026-05-13", ["notice_running"]),
    ):  # fmt: skip
        hung = entry(book, 30, "8a", posted, **given)
        posted_once = CaseFacts(facts.opened_on, (*facts.entries, hung))
        said: dict[str, Value] = {"objections": False, "conclusion": "clear"}
        assert [p.code for p in tried(book, posted_once, "8b", closed, **said)] == early
    short = CaseFacts(facts.opened_on, (*facts.entries, entry(book, 30, "8a", "2026-05-09")))
    # Judged in the new days, the notice of old days still has no length.
    assert tried(book, short, "8b", "2026-05-11", objections=False, conclusion="clear") == []


@pytest.mark.rule("setting_older_text", "one_year")
@pytest.mark.parametrize(
    ("concluded", "source", "refused"),
    [("2026-05-10", "O", False), ("2026-05-11", "N13", True), ("2026-05-12", "N13", True)],
)
def test_a_year_too_short_is_told_by_the_text_of_its_day(
    concluded: str, source: str, refused: bool
) -> None:
    facts = CaseFacts(day("2025-05-01"), (entry(CITY, 1, "3", "2025-06-01"),))
    found = tried(CITY, facts, "6", concluded)
    (early,) = [problem for problem in found if problem.rule == "one_year"]
    assert (early.code, early.source, early.refuses) == ("too_early", source, refused)


def test_what_is_the_same_in_both_texts_is_said_by_the_old_one_without_an_article() -> None:
    old = load("national_2014")
    sources = {rule.source for rule in rules_of(old) if not rule.id.startswith("setting_")}
    assert sources <= {"O", "P", "-", "G一", "G三"}
    assert old.in_force == date(2014, 5, 28)


def test_what_changed_from_one_text_to_the_next() -> None:
    found = changes(load("national_2014"), NATION)
    assert found.added >= {"step_8a", "step_8b", "notice_8a_working_days", "gate_8", "notice_over"}
    assert found.removed == frozenset()
    assert "step_9" in found.changed
    assert "n15_pass" not in found.changed
    assert {"2", "6a", "6c", "8", "8a", "8b", "9", "10", "11", "15", "20", "25"} <= found.steps
    assert not {"5", "13", "17", "23", "24"} & found.steps
    assert changes(NATION, NATION).steps == frozenset()


LATER_RULES = (
    ("2", "talk_topics"),
    ("6a", "contacts_suit"),
    ("6c", "analysis_county"),
    ("9", "introducer_unsuitable"),
    ("introducers_new", "new_introducer_unsuitable"),
    ("10", "joint_review"),
    ("15", "meeting_in_time"),
    ("20", "oath_in_time"),
)


@pytest.mark.parametrize(("step", "rule"), LATER_RULES)
def test_a_rule_of_2026_is_not_in_the_text_of_2014(step: str, rule: str) -> None:
    def rules(on: str) -> set[str]:
        return {item.id for item in rules_of(CITY.on(day(on))) if item.step == step}

    assert rule in rules("2026-05-11")
    assert rule not in rules("2026-05-10")


@BOOKS
@pytest.mark.rule("talk_topics")
def test_an_old_record_of_the_first_talk_needs_no_five_topics(book: Rulebook) -> None:
    facts = CaseFacts(day("2026-05-01"), (entry(book, 1, "1", "2026-05-01"),))
    said: dict[str, Value] = {"talker": "a", "opinion": "谈得很好", "topics": ("motive",)}
    assert tried(book, facts, "2", "2026-05-10", **said) == []
    assert [(p.code, p.rule) for p in tried(book, facts, "2", "2026-05-11", **said)] == [
        ("too_few", "talk_topics")
    ]


@BOOKS
@pytest.mark.rule("introducer_unsuitable", "new_introducer_unsuitable")
@pytest.mark.parametrize(("step", "new"), [("9", ""), ("introducers_new", "new_")])
def test_a_warning_in_effect_was_no_obstacle_before(book: Rulebook, step: str, new: str) -> None:
    said: dict[str, Value] = {"introducers": ("a", "b"), "discipline": "in_effect"}

    def noted(on: str) -> list[str]:
        return [p.rule for p in tried(book, CaseFacts(day("2025-01-01")), step, on, **said)]

    assert f"{new}introducer_unsuitable" not in noted("2026-05-10")
    assert f"{new}introducer_unsuitable" in noted("2026-05-11")
    said["discipline"] = "on_probation"
    assert f"{new}introducer_impossible" in noted("2026-05-10")


@BOOKS
@pytest.mark.rule("joint_review", "archive_items", "analysis_county")
def test_what_a_step_asked_for_before(book: Rulebook) -> None:
    none = CaseFacts(day("2025-01-01"))
    for on, codes in (("2026-05-10", []), ("2026-05-11", ["required"])):
        assert [p.code for p in tried(book, none, "10", on) if p.field == "joint"] == codes
    for on, rules in (("2026-05-10", []), ("2026-05-11", ["analysis_county"])):
        found = tried(book, none, "6c", on, county=False)
        assert [p.rule for p in found if p.field == "county"] == rules
    five = ("application", "review", "form", "full", "records")
    assert not [p for p in tried(book, none, "25", "2026-05-10", items=five) if p.field == "items"]
    assert [p.code for p in tried(book, none, "25", "2026-05-11", items=five) if p.field == "items"]


@BOOKS
@pytest.mark.rule("meeting_in_time", "oath_in_time")
@pytest.mark.parametrize(("before", "step"), [("13", "15"), ("17", "20")])
def test_meeting_and_oath_had_no_month_before(book: Rulebook, before: str, step: str) -> None:
    facts = CaseFacts(day("2025-01-01"), (entry(book, 1, before, "2026-03-01"),))

    def late(on: str) -> list[str]:
        names = ("meeting_in_time", "oath_in_time")
        return [p.rule for p in tried(book, facts, step, on) if p.rule in names]

    assert late("2026-05-10") == []
    assert len(late("2026-05-11")) == 1


@BOOKS
@pytest.mark.parametrize(("met", "source"), [("2026-05-10", "O"), ("2026-05-11", "N31 N32")])
def test_what_a_resolution_bars_is_told_by_the_text_of_its_day(
    book: Rulebook, met: str, source: str
) -> None:
    answers: dict[str, Value] = {"matter": "extend", "conclusion": "extend", "extension_months": 6}
    facts = CaseFacts(day("2024-01-01"), (entry(book, 1, "23", met, **answers),))
    found = tried(book, facts, "24", "2026-06-01", conclusion="approve_full")
    assert [p.source for p in found if p.code == "option_barred"] == [source]
