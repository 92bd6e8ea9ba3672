"""What an answer has to hold: one below, at, one above, each with its rule and source."""

import pytest

from domain.case.entry_validation import check_entry
from domain.case.facts import CaseFacts, Entry, Problem, Value
from domain.rulebook.listing.rules import rules_of
from domain.rulebook.reading.reader import load, written
from domain.rulebook.schema import Field, Role, Step
from tests.domain.books import CALENDAR, day

CITY = load("yakeshi")
ON = day("2030-06-03")


def problems(step: str, answers: dict[str, Value], *before: Entry) -> list[Problem]:
    facts = CaseFacts(day("2026-05-11"), before)
    return list(check_entry(CITY, facts, step, answers, ON, CALENDAR))


def found(rule: str, step: str, answers: dict[str, Value]) -> list[tuple[str, bool]]:
    return [(p.code, p.refuses) for p in problems(step, answers) if p.rule == rule]


def holder(rule: str) -> tuple[Step, Field]:
    return next(
        (step, field)
        for step in CITY.steps
        for field in step.fields
        if field.rule is not None and field.rule.id == rule
    )


def shown(step: Step, field: Field) -> dict[str, Value]:
    """The answers that make a field appear."""
    if field.shown_if is None:
        return {}
    name, wanted = field.shown_if.names[0], field.shown_if.any_of
    above = step.field(name)
    first = next((one for one in wanted if one in above.option_ids), wanted[0])
    value: Value = (first,) if above.type == "choices" else first
    return {name: value, **shown(step, above)}


def answered(rule: str, value: Value | None = None) -> list[tuple[str, bool]]:
    """What is found of a rule where its question is answered so; None: left open."""
    step, field = holder(rule)
    given = shown(step, field)
    return found(rule, step.id, given if value is None else {**given, field.id: value})


LISTS = {
    "talk_topics": 5, "contacts_number": 1, "opinions_heard": 4, "notice_places": 1,
    "city_places": 2, "introducers_two": 2, "agenda": 5, "five_points": 5, "collective": 2,
    "talk_group": 2, "talk_content": 3, "archive_items": 6, "key_activist_grounds": 3,
    "city_places_full": 2, "visit_ways": 1, "visit_measures": 1, "plan_levels": 3,
    "new_contacts_number": 1, "new_introducers_two": 2, "mobile_notice": 2,
    "full_opinions_heard": 3, "appraisal_invited": 1, "full_appraisal_invited": 1,
    "wrong_admission": 1,
}  # fmt: skip


@pytest.mark.rule(*LISTS)
@pytest.mark.parametrize(("rule", "fewest"), LISTS.items())
def test_a_list_holds_as_many_as_the_rule_says(rule: str, fewest: int) -> None:
    _, field = holder(rule)
    known = [option.id for option in field.options] or ["p1", "p2", "p3"]
    below = answered(rule, tuple(known[: fewest - 1]))
    assert below in ([("too_few", True)], [("required", True)])
    assert answered(rule, tuple(known[:fewest])) == []


EACH = {"channels_proved": "8a", "channels_proved_admission": "13a", "channels_proved_full": "22a"}


@pytest.mark.rule(*EACH)
@pytest.mark.parametrize(("rule", "step"), EACH.items())
def test_each_way_of_posting_has_its_proof(rule: str, step: str) -> None:
    """One below, at, one above; for one way one photo is enough."""

    def told(channels: int, proofs: int) -> list[tuple[str, bool]]:
        ways = tuple(option.id for option in book.step(step).field("channels").options)
        answers: dict[str, Value] = {
            "channels": ways[:channels],
            "proofs": tuple(f"photo{number}" for number in range(proofs)),
        }
        facts = CaseFacts(day("2026-05-11"))
        entry = check_entry(book, facts, step, answers, ON, CALENDAR)
        return [(p.code, p.refuses) for p in entry if p.rule == rule]

    book = written("yakeshi")
    assert told(3, 2) == [("not_for_each", True)]
    assert told(3, 3) == []
    assert told(3, 4) == []
    assert told(1, 1) == []
    assert told(5, 1) == [("not_for_each", True)]


def test_the_national_text_names_no_ways_of_posting() -> None:
    assert load("national_2026").step("8a").field("proofs").each is None


HELPING = ("introducers_two", "contacts_number", "new_introducers_two", "new_contacts_number")


@pytest.mark.rule(*HELPING)
def test_two_introducers_and_no_more_one_or_two_contacts() -> None:
    for rule in HELPING:
        step, field = holder(rule)
        assert found(rule, step.id, {field.id: ("p1", "p2")}) == []
        assert found(rule, step.id, {field.id: ("p1", "p2", "p3")}) == [("too_many", True)]


NUMBERS = {
    "training_days": (3, None),
    "training_hours": (24, None),
    "extension_proposed": (6, 12),
    "extension_granted": (6, 12),
    "plan_opinions_members": (1, None),
    "plan_opinions_masses": (1, None),
}


@pytest.mark.rule(*NUMBERS)
@pytest.mark.parametrize(("rule", "edges"), NUMBERS.items())
def test_a_number_at_its_edges(rule: str, edges: tuple[int, int | None]) -> None:
    least, most = edges
    assert answered(rule, least - 1) == [("too_small", True)]
    assert answered(rule, least) == []
    assert answered(rule, least + 1) == []
    if most is not None:
        assert answered(rule, most) == []
        assert answered(rule, most + 1) == [("too_big", True)]


FLAGS = ("application_signed", "joint_review", "talk_noted", "probation_written",
         "committee_ballot", "full_application_written", "members_told", "analysis_county",
         "resolution_contains", "results_written_15", "results_written_17", "results_written_17a",
         "results_written_23", "results_grounds", "appraisal_reported",
         "full_appraisal_reported", "wrong_admission_announced")  # fmt: skip


@pytest.mark.rule(*FLAGS)
@pytest.mark.parametrize("rule", FLAGS)
def test_a_no_is_taken_and_noted_with_its_rule(rule: str) -> None:
    assert answered(rule, True) == []
    assert answered(rule, False) == [("breaks_rule", False)]


@pytest.mark.rule("may_not_approve")
def test_what_a_body_without_the_power_approved_is_refused() -> None:
    """A general branch may examine, and no more; so does every text."""
    given: dict[str, Value] = {"may_approve": True, "one_by_one": ("collective", "single")}
    assert found("may_not_approve", "17", given) == []
    against = found("may_not_approve", "17", {**given, "may_approve": False})
    assert against == [("breaks_rule", True)]


DIFFER = ("contacts_differ", "new_contacts_differ", "introducers_differ", "new_introducers_differ",
          "moved_contacts_differ", "moved_introducers_differ", "received_contacts_differ",
          "received_introducers_differ", "helper_differs", "named_helper_differs")  # fmt: skip


@pytest.mark.rule(*DIFFER)
@pytest.mark.parametrize("rule", DIFFER)
def test_one_person_is_not_appointed_twice_nor_for_themselves(rule: str) -> None:
    """Asked by the services alone, where names are alike; said to be one person, it is refused."""
    _, field = holder(rule)
    assert (field.expects, field.optional) == (True, True)
    assert answered(rule) == []
    assert answered(rule, True) == []
    assert answered(rule, False) == [("breaks_rule", True)]


def test_whoever_is_appointed_is_compared_by_name() -> None:
    for book in (CITY, load("national_2026")):
        for step in book.steps:
            for one in (field for field in step.fields if field.appoints):
                assert [f.id for f in step.fields if f.namesakes == one.id], (step.id, one.id)


WANTED = ("recommendation", "activist_body", "mobile_review", "talk_not_ready", "political_review",
          "committee_talker", "visit_check_1", "visit_check_2", "visit_check_3", "visit_check_4",
          "lost_vote_opinions", "lost_full_opinions", "lost_appraisal_opinions",
          "lost_full_appraisal_opinions", "pre_review_written", "full_examined",
          "visit_leading", "entry_gate", "contacts_suit")  # fmt: skip


@pytest.mark.rule(*WANTED)
@pytest.mark.parametrize("rule", WANTED)
def test_what_a_rule_asks_for_has_to_be_said(rule: str) -> None:
    _, field = holder(rule)
    assert answered(rule) == [("required", True)]
    assert answered(rule, field.options[0].id if field.options else "意见如实记录") == []


PICKS = {
    "introducer_unsuitable": ("9", "discipline", "in_effect", "none", False),
    "introducer_impossible": ("9", "discipline", "on_probation", "none", True),
    "new_introducer_unsuitable": ("introducers_new", "discipline", "in_effect", "none", False),
    "new_introducer_impossible": ("introducers_new", "discipline", "on_probation", "none", True),
    "untrained": ("11", "length", "exception", "days", False),
    "leaving_soon": ("13", "leaving", "leaves", "stays", False),
    "full_body": ("23", "decided_by", "committee", "meeting", True),
}


@pytest.mark.rule(*PICKS)
@pytest.mark.parametrize("rule", PICKS)
def test_an_answer_against_a_rule_is_noted_or_refused(rule: str) -> None:
    step, name, against, well, refuses = PICKS[rule]
    given = shown(CITY.step(step), CITY.step(step).field(name))
    assert found(rule, step, {**given, name: against}) == [("breaks_rule", refuses)]
    assert found(rule, step, {**given, name: well}) == []
    (problem,) = [p for p in problems(step, {**given, name: against}) if p.rule == rule]
    assert problem.source.startswith("N")


def test_of_whoever_may_not_be_appointed_it_is_said_to_choose_somebody_else() -> None:
    said = {rule.id: rule.text for rule in rules_of(CITY)}
    for rule in (*DIFFER, "introducer_impossible", "new_introducer_impossible"):
        assert "另选一名" in said[rule].zh, rule
        assert "choose another" in said[rule].en, rule


@pytest.mark.rule("political_review")
def test_a_failed_review_ends_the_case() -> None:
    option = CITY.step("10").field("conclusion").options[1]
    assert (option.effect, option.status) == ("end", "not_admitted")


@pytest.mark.rule("extension_once", "extension_granted_once")
@pytest.mark.parametrize(
    ("rule", "step", "option"),
    [("extension_once", "23", "extend"), ("extension_granted_once", "24", "approve_extension")],
)
def test_probation_is_extended_once(rule: str, step: str, option: str) -> None:
    answers: dict[str, Value] = {CITY.step(step).day: ON, "conclusion": option}
    first = Entry(1, step, ON, answers, ON, "", frozenset(Role))
    assert [p.code for p in problems(step, answers) if p.rule == rule] == []
    again = [(p.code, p.refuses) for p in problems(step, answers, first) if p.rule == rule]
    assert again == [("only_once", True)]


NO_QUORUM = [
    ("15", "put_off", {"n15_quorum"}), ("15", "not_admitted", {"n15_quorum"}),
    ("23", "not_carried", {"n23_quorum"}), ("23", "anew", {"n23_quorum"}),
]  # fmt: skip


@pytest.mark.rule("n15_quorum", "n23_quorum")
@pytest.mark.parametrize(("step", "conclusion", "rules"), NO_QUORUM)
def test_whatever_a_meeting_concludes_without_a_quorum_is_noted(
    step: str, conclusion: str, rules: set[str]
) -> None:
    """10 and 11 of 20: extending and cancelling need the quorum as much as admitting does."""
    numbers: dict[str, Value] = {"entitled": 20, "due": 20, "yes": 4, "no": 6}
    known = {field.id for field in CITY.step(step).fields}
    counted = {name: number for name, number in numbers.items() if name in known}
    for present, expected in ((10, rules), (11, set())):
        answers = {**counted, "present": present, "conclusion": conclusion}
        noted = [p for p in problems(step, answers) if p.code == "no_quorum"]
        assert {p.rule for p in noted} == expected
        assert not any(p.refuses for p in noted)
        assert {p.field for p in noted} <= {"conclusion"}


OUTVOTED: list[tuple[dict[str, int], bool]] = [
    ({"yes": 3, "no": 4}, True), ({"yes": 0, "no": 0, "abstain": 9}, True),
    ({"yes": 4, "no": 4}, True), ({"yes": 5, "no": 0}, True), ({"yes": 6, "no": 4}, False),
    ({"present": 4, "yes": 4}, True), ({"present": 6, "yes": 6}, False),
]  # fmt: skip


@pytest.mark.rule("committee_outvoted")
@pytest.mark.parametrize(("numbers", "asked"), OUTVOTED)
def test_the_committee_approves_without_its_majority_with_a_reason_only(
    numbers: dict[str, Value], asked: bool
) -> None:
    """Of 10 members: outvoted, by abstentions alone, at one half, with too few there. Refusing
    needs no reason."""
    answers: dict[str, Value] = {
        "entitled": 10, "present": 10, "no": 0, **numbers, "conclusion": "approved",
    }  # fmt: skip
    rule = "committee_outvoted"
    assert found(rule, "17", answers) == ([("required", True)] if asked else [])
    if asked:
        assert found(rule, "17", {**answers, "outvoted": "情况特殊，党委一致同意"}) == []
    assert found(rule, "17", {**answers, "conclusion": "refused"}) == []


@pytest.mark.rule("few_members")
@pytest.mark.parametrize(("members", "few"), [(2, True), (3, False), (4, False)])
def test_fewer_than_three_members_discuss_an_admission_with_a_note_for_the_committee(
    members: int, few: bool
) -> None:
    """By practice, so that it is taken: whoever was there said so, and the committee is told."""
    numbers: dict[str, Value] = {"entitled": members, "due": members, "present": members}
    silent = [p.code for p in problems("15", numbers) if p.field == "few_members"]
    assert silent == (["required"] if few else [])
    said = [p for p in problems("15", {**numbers, "few_members": "discussed"})
            if p.field == "few_members"]  # fmt: skip
    noted = [("breaks_rule", False, "P")] if few else [("unknown_field", True, "")]
    assert [(p.code, p.refuses, p.source) for p in said] == noted
    assert CITY.step("15").field("few_members").tells == (Role.COMMITTEE,)


def test_a_talk_that_finds_somebody_not_ready_holds_the_case_or_is_answered() -> None:
    """Again: the step stays open for another talk. To the committee: with the reason."""
    follows = {option.id: option.effect for option in CITY.step("16").field("not_ready").options}
    assert follows == {"again": "hold", "decide": "done"}
    silent: dict[str, Value] = {"opinion": "no"}
    codes = [(p.code, p.field) for p in problems("16", silent) if p.field == "not_ready"]
    assert codes == [("required", "not_ready")]


def test_written_opinions_are_no_more_than_those_due_and_absent() -> None:
    """12 due, 9 present: three written opinions, and not a fourth."""
    for step in ("15", "23"):
        for due in ({"due": 12}, {"due": 12, "entitled": 14}):
            for letters, told in ((2, False), (3, False), (4, True)):
                numbers: dict[str, Value] = {"entitled": 12, **due, "present": 9, "yes": 9, "no": 0}
                given = problems(step, {**numbers, "written": letters})
                sums = [p for p in given if p.code == "totals_contradict" and p.refuses]
                assert bool([p for p in sums if p.field == "written"]) is told, (step, letters)


def test_a_notice_for_a_mobile_person_names_both_places_and_no_single_one() -> None:
    both: dict[str, Value] = {"mobile": "both", "two_places": ("here",)}
    assert found("mobile_notice", "8a", both) == [("too_few", True)]
    alone = problems("8a", {"mobile": "both", "places": ("unit",)})
    assert ("unknown_field", "places") in [(p.code, p.field) for p in alone]
