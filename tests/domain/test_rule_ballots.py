"""Every ballot of the rulebooks at its edge: n/2 for even and odd n, 2/3 of n
(docs/procedure.md § 2)."""

import pytest

from domain.case.answers import check_totals, judge, shown_fields, verdict_of
from domain.case.entry_validation import check_entry
from domain.case.facts import BallotShare, CaseFacts, Value, Verdict
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import BallotRule, FieldType, Strength
from domain.rulebook.validation.conflicts import conflicts
from tests.domain.books import CALENDAR, day

CITY = load("yakeshi")
RULES = {rule.id: rule for step in CITY.steps for rule in step.ballot}
SIZES = pytest.mark.parametrize("n", range(1, 31))


def needed(rule: BallotRule, n: int) -> int:
    """The fewest that pass, by trying."""
    counts = {rule.base: n}
    passing = [k for k in range(n + 1) if judge((rule,), {**counts, rule.of: k}).passed]
    assert passing == list(range(passing[0], n + 1))
    return passing[0]


@pytest.mark.rule("n15_quorum", "n15_pass", "n23_quorum", "n23_pass")
@SIZES
def test_more_than_half_of_those_entitled_and_due(n: int) -> None:
    for name in ("n15_quorum", "n15_pass", "n23_quorum", "n23_pass"):
        assert (RULES[name].base, RULES[name].layer) == ("due", Strength.LEGAL)
        assert needed(RULES[name], n) == n // 2 + 1


@pytest.mark.rule("g15_quorum", "g15_pass", "g14a_pass", "g22c_pass", "g23_quorum", "g23_pass")
@SIZES
def test_half_and_more_in_the_city(n: int) -> None:
    bases = {"g15_quorum": "due", "g15_pass": "due", "g14a_pass": "due", "g22c_pass": "present",
             "g23_quorum": "due", "g23_pass": "present"}  # fmt: skip
    for name, base in bases.items():
        assert (RULES[name].base, RULES[name].layer) == (base, Strength.LOCAL)
        counts = {base: n, "present": n} if RULES[name].of != "present" else {base: n}
        passing = [
            k for k in range(n + 1) if judge((RULES[name],), {**counts, RULES[name].of: k}).passed
        ]
        assert passing[0] == (n + 1) // 2


@pytest.mark.rule("g7a_pass", "g17a_pass")
@SIZES
def test_two_thirds_of_all_organisers(n: int) -> None:
    thirds = [1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10, 10,
              11, 12, 12, 13, 14, 14, 15, 16, 16, 17, 18, 18, 19, 20, 20]  # fmt: skip
    for name in ("g7a_pass", "g17a_pass"):
        assert needed(RULES[name], n) == thirds[n - 1]
        assert RULES[name].base == "entitled"


def votes(step: str, **numbers: int) -> Verdict:
    verdict = verdict_of(CITY.step(step), numbers)
    assert verdict is not None
    return verdict


def share(verdict: Verdict, rule: str) -> BallotShare:
    return next(item for item in verdict.shares if item.rule == rule)


@pytest.mark.rule("stricter_decides", "n15_pass", "g15_pass", "n23_pass", "g23_pass")
@pytest.mark.parametrize("n", range(2, 31, 2))
def test_exactly_half_passes_in_the_city_fails_nationally_and_so_fails(n: int) -> None:
    half = n // 2
    admission = votes("15", entitled=n, due=n, present=n, yes=half, no=half)
    assert share(admission, "g15_pass").passed
    assert not share(admission, "n15_pass").passed
    assert (admission.passed, admission.conflict) == (False, True)
    full = votes("23", entitled=n, present=n, yes=half, no=half)
    assert share(full, "g23_pass").passed
    assert not share(full, "n23_pass").passed
    assert (full.passed, full.conflict) == (False, True)


@pytest.mark.rule("stricter_decides")
def test_six_of_eleven_present_and_twenty_entitled_fail_nationally() -> None:
    full = votes("23", entitled=20, present=11, yes=6, no=5)
    assert {item.rule: item.passed for item in full.shares} == {
        "n23_quorum": True, "n23_pass": False, "g23_quorum": True, "g23_pass": True,
    }  # fmt: skip
    assert not full.passed


@pytest.mark.rule("written_opinions", "entitled_only")
@pytest.mark.parametrize("step", ["15", "23"])
def test_written_opinions_are_votes_and_nobody_votes_who_isnt_entitled(step: str) -> None:
    """11 present and 2 opinions of 20 entitled: 11 votes for, two of them on paper."""
    numbers = {"entitled": 20, "due": 20, "present": 11, "written": 2, "yes": 11, "no": 2}
    assert check_totals(numbers) == ()
    assert share(votes(step, **numbers), f"n{step}_pass").passed
    assert not share(votes(step, **numbers), f"n{step}_pass").needed > 11
    for more in ({"written": 10}, {"present": 21}, {"yes": 12}):
        assert check_totals({**numbers, **more})
    assert check_totals({**numbers, "written": 9, "yes": 18}) == ()


@pytest.mark.rule("n15_quorum", "g15_quorum")
def test_written_opinions_make_no_quorum() -> None:
    meeting = votes("15", entitled=20, due=20, present=10, written=10, yes=20, no=0)
    assert not share(meeting, "n15_quorum").passed
    assert share(meeting, "g15_quorum").passed
    assert not meeting.passed


@pytest.mark.rule("totals_fit")
def test_slips_never_grow_on_their_way() -> None:
    fits = {"entitled": 20, "due": 20, "present": 18, "issued": 18, "returned": 17, "valid": 16,
            "yes": 10, "no": 5, "abstain": 1}  # fmt: skip
    assert check_totals(fits) == ()
    for wrong in ({"due": 21}, {"present": 21}, {"issued": 19}, {"returned": 19}, {"valid": 18},
                  {"yes": 11}, {"no": 4}):  # fmt: skip
        assert check_totals({**fits, **wrong}), wrong


@pytest.mark.rule("setting_appraisal_base")
def test_an_appraisal_of_nobody_is_refused() -> None:
    field = CITY.step("14a").field("due")
    for due, fits in ((0, False), (1, True)):
        answers: dict[str, Value] = {"due": due}
        found = check_entry(CITY, CaseFacts(day("2026-06-01")), "14a", answers,
                            day("2026-06-01"), CALENDAR)  # fmt: skip
        small = [p for p in found if p.field == field.id and p.code == "too_small"]
        assert (small == []) is fits


@pytest.mark.rule("stricter_decides", "totals_fit", "only_totals")
def test_what_the_software_holds_by_itself_is_laid_at_no_articles_door() -> None:
    own = {item.id: item for item in CITY.principles if item.source == "-"}
    assert own.keys() == {"stricter_decides", "totals_fit", "only_totals"}
    assert all(item.refuses and item.strength is Strength.ADVISED for item in own.values())
    for name in ("thought_report", "resubmit"):
        assert (CITY.step(name).source, CITY.step(name).strength) == ("P", Strength.ADVISED)


@pytest.mark.rule("only_totals")
def test_no_step_has_a_place_for_a_single_vote() -> None:
    """Beside the totals a ballot asks for no person but those who talk or help."""
    ballots = [step for step in CITY.steps if step.ballot]
    assert len(ballots) >= 5
    people = (FieldType.PERSON, FieldType.PERSONS)
    assert not [f.id for step in ballots for f in step.fields if f.type in people]


@pytest.mark.rule("n23_body", "g23_body")
def test_both_layers_are_named_where_they_differ() -> None:
    found = {(c.step, c.matter): (c.national.source, c.local.source) for c in conflicts(CITY)}
    assert found == {
        ("8a", "notice"): ("N13", "G三"),
        ("15", "quorum"): ("N19", "G一"),
        ("15", "pass"): ("N20", "G一"),
        ("23", "quorum"): ("N32", "G一"),
        ("23", "pass"): ("N32", "G一"),
        ("23", "body"): ("N31", "G一"),
    }
    (body,) = [c for c in conflicts(CITY) if c.matter == "body"]
    assert body.follows is Strength.LEGAL
    assert (body.national.rule, body.local.rule) == ("n23_body", "g23_body")
    assert conflicts(load("national_2026")) == ()


@pytest.mark.rule("not_due_grounds_15", "not_due_grounds_23")
@pytest.mark.parametrize("step", ["15", "23"])
@pytest.mark.parametrize(
    ("present", "yes", "passed"), [(7, 6, True), (6, 6, True), (5, 5, False), (7, 5, False)]
)
def test_twelve_entitled_and_ten_due(step: str, present: int, yes: int, passed: bool) -> None:
    """The base is who is due; why the other two aren't has to be said."""
    numbers: dict[str, Value] = {"entitled": 12, "due": 10, "present": present, "yes": yes}
    verdict = verdict_of(CITY.step(step), {**numbers, "no": present - yes})
    assert verdict is not None
    national = [item for item in verdict.shares if item.layer is Strength.LEGAL]
    assert all(item.passed for item in national) is passed
    asked = [field.id for field in shown_fields(CITY.step(step), numbers)]
    assert "not_due" in asked
    everybody = [field.id for field in shown_fields(CITY.step(step), {**numbers, "due": 12})]
    assert "not_due" not in everybody
    none = CaseFacts(day("2025-01-01"))
    found = check_entry(CITY, none, step, numbers, day("2026-11-01"), CALENDAR)
    missing = [problem for problem in found if problem.field == "not_due"]
    assert [(problem.code, problem.rule) for problem in missing] == [
        ("required", f"not_due_grounds_{step}")
    ]


def test_written_opinions_come_from_those_who_are_due() -> None:
    numbers = {"entitled": 12, "due": 10, "present": 8, "written": 2}
    assert check_totals(numbers) == ()
    assert check_totals({**numbers, "written": 3})


def test_the_guide_of_a_meeting_counts_on_the_base_of_its_rules() -> None:
    """Half of those entitled *and due*: who reads the guide expects the verdict that follows."""
    for book in (load("national_2026"), CITY):
        guide = book.step("15").guide
        assert guide is not None
        acts = [act.zh for act in guide.acts]
        halves = [act for act in acts if "超过" in act and ("半数" in act or "一半" in act)]
        assert len(halves) == 2
        assert all("应到会有表决权党员" in act for act in halves)
