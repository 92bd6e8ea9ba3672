"""What a finding on a report leads to, by where the person stands, in the city and nationally."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.case.dates import add_months
from domain.case.entry_validation import check_entry
from domain.case.facts import CaseFacts, Entry, Progress, Value
from domain.case.progress import assess, why_not
from domain.case.replay import Fold
from domain.case.reports import answers_of, leads_to
from domain.files.toml import FileError
from domain.rulebook.kinds import Role
from domain.rulebook.reading.reader import FOLDER, load
from domain.rulebook.schema import FindingEffect, Rulebook
from domain.states import Status
from tests.domain.books import CALENDAR
from tests.domain.walk import fill, made, straight_way

NATION, CITY = load("national_2026"), load("yakeshi")
WAYS = {book.id: straight_way(book) for book in (NATION, CITY)}
TRUE = {NATION.id: ("true",), CITY.id: ("light", "serious", "grave")}
BEFORE = {NATION.id: ["finding_decision"], CITY.id: ["finding_ballot"]}
AFTER = {NATION.id: ["21f"], CITY.id: ["21e", "21f"]}
VOTE = {"all": 6, "present": 6, "issued": 6, "returned": 6, "valid": 6}
MEETING = {
    "entitled": 20, "due": 20, "present": 20, "written": 0, "issued": 20, "returned": 20,
    "valid": 20, "abstain": 0,
}  # fmt: skip


def after(book: Rulebook, step: str) -> tuple[CaseFacts, date]:
    """A case in which this step was the last to be done, and the day after that."""
    way = WAYS[book.id]
    place = next(n for n, (entry, _) in enumerate(way) if entry.step == step)
    return way[place + 1][1], way[place][0].done_on + timedelta(days=1)


def found(book: Rulebook, case: CaseFacts, finding: str, on: date) -> CaseFacts:
    """What the register enters."""
    assert book.reported is not None
    return made(case, book.reported, on, dict(answers_of(book.reported, finding, on)))


def found_otherwise(book: Rulebook, case: CaseFacts, first: str, then: str, on: date) -> CaseFacts:
    """A report that is settled anew: the first finding is taken back, and the new one follows."""
    kept = tuple(e for e in case.entries if e.answers.get("finding") != first)
    number = len(case.entries) + 1
    assert book.reported is not None
    entry = Entry(number, book.reported.id, on, answers_of(book.reported, then, on), on)
    return replace(case, entries=(*kept, entry))


def look(book: Rulebook, case: CaseFacts, on: date) -> Progress:
    return assess(book, case, on, CALENDAR)


def waits(book: Rulebook, case: CaseFacts, on: date) -> list[str]:
    return [step.id for step in look(book, case, on).awaited]


def tried(
    book: Rulebook, case: CaseFacts, step: str, on: date, **answers: Value
) -> list[tuple[str, str]]:
    """Codes and rules of what refuses an entry."""
    given_here = {book.step(step).day: on, **answers}
    problems = check_entry(book, case, step, given_here, on, CALENDAR)
    return [(problem.code, problem.rule) for problem in problems if problem.refuses]


def enter(book: Rulebook, case: CaseFacts, step: str, on: date, **answers: Value) -> CaseFacts:
    assert tried(book, case, step, on, **answers) == []
    return made(case, book.step(step), on, {book.step(step).day: on, **answers})


def voted(case: CaseFacts, on: date, yes: int, conclusion: str, **more: Value) -> CaseFacts:
    """The organisers' ballot of six."""
    numbers = {**VOTE, "yes": yes, "no": 6 - yes}
    return enter(CITY, case, "finding_ballot", on, **numbers, conclusion=conclusion, **more)


def put_off(case: CaseFacts, on: date) -> CaseFacts:
    until = on + timedelta(days=90)
    return voted(case, on, 4, "put_off", until_on=until, reason="情节较轻，暂缓三个月。")


def shut(book: Rulebook, case: CaseFacts, on: date) -> list[str]:
    """For what the next gate waits beside its conditions."""
    done = Fold(book, case, CALENDAR).done
    step = next(step for step in book.steps if step.gate and step.id not in done)
    found_here = why_not(book, case, step.id, on, CALENDAR)
    return [blocker.step for blocker in found_here if blocker.kind == "awaited"]


PLACES = [
    (book, step, approved)
    for book, last in ((NATION, ("16", "17", "18")), (CITY, ("16", "17", "17a", "18")))
    for step in last
    for approved in [step in {NATION.id: ("17", "18"), CITY.id: ("17a", "18")}[book.id]]
]
STANDING = pytest.mark.parametrize(
    ("book", "step", "approved"), PLACES, ids=[f"{b.id}-{s}" for b, s, _ in PLACES]
)


@pytest.mark.rule(
    "finding_light", "finding_serious", "finding_grave", "step_finding", "step_finding_ballot",
    "step_21f",
)  # fmt: skip
@STANDING
def test_what_is_true_goes_to_the_body_that_decides_by_where_the_person_stands(
    book: Rulebook, step: str, approved: bool
) -> None:
    case, on = after(book, step)
    assert Fold(book, case, CALENDAR).approved is approved
    for name in TRUE[book.id]:
        told = leads_to(book.finding(name), Fold(book, case, CALENDAR), on)
        expected = AFTER[book.id] if approved else BEFORE[book.id]
        assert sorted(s.id for s in told) == expected
        held = found(book, case, name, on)
        assert set(waits(book, held, on)) == set(expected) & {s.id for s in book.holding}
        seen = look(book, held, on)
        assert (seen.status, seen.outcome) == (Status.RUNNING, "")
        assert expected[0] in {item.step.id for item in seen.open if item.possible}
        assert shut(book, held, on) == waits(book, held, on)


@pytest.mark.rule("finding_unclear", "step_resumed", "holds_resumed")
@STANDING
def test_what_is_unclear_only_holds_until_it_is_clear(
    book: Rulebook, step: str, approved: bool
) -> None:
    case, on = after(book, step)
    held = found(book, case, "unclear", on)
    assert (waits(book, held, on), look(book, held, on).status) == (["resumed"], Status.RUNNING)
    assert shut(book, held, on) == ["resumed"]
    clear = enter(book, held, "resumed", on, conclusion="clear", grounds="查了账，没有问题。")
    assert (waits(book, clear, on), shut(book, clear, on)) == ([], [])
    true = enter(book, held, "resumed", on, conclusion="true", grounds="查了账，确有其事。")
    expected = (AFTER if approved else BEFORE)[book.id]
    assert sorted(Fold(book, true, CALENDAR).calls) == expected
    assert waits(book, true, on) == (["21f"] if approved else expected)


@pytest.mark.rule("finding_untrue")
@STANDING
def test_what_is_untrue_changes_nothing(book: Rulebook, step: str, approved: bool) -> None:
    case, on = after(book, step)
    assert leads_to(book.finding("untrue"), Fold(book, case, CALENDAR), on) == ()
    free, before = look(book, found(book, case, "untrue", on), on), look(book, case, on)
    assert (free.open, free.status, free.awaited) == (before.open, before.status, ())


@pytest.mark.rule("g_finding_pass", "holds_finding_ballot")
def test_the_organisers_put_off_or_strike_out_by_two_thirds_of_all_of_them() -> None:
    case, on = after(CITY, "12")
    held = found(CITY, case, "serious", on)
    for yes, conclusion, refused in (
        (3, "put_off", "verdict_fails"), (3, "not_admitted", "verdict_fails"), (3, "go_on", ""),
        (4, "put_off", ""), (4, "not_admitted", ""), (4, "go_on", "verdict_passes"),
        (5, "not_admitted", ""),
    ):  # fmt: skip
        more: dict[str, Value] = {"until_on": on} if conclusion == "put_off" else {}
        more |= {} if conclusion == "go_on" else {"reason": "情节较重，核实属实。"}
        numbers = {**VOTE, "yes": yes, "no": 6 - yes}
        problems = tried(CITY, held, "finding_ballot", on, **numbers, conclusion=conclusion, **more)
        assert problems == ([(refused, "g_finding_pass" if yes < 4 else "")] if refused else [])
    absent = {**VOTE, "present": 4, "issued": 4, "returned": 4, "valid": 4, "yes": 3, "no": 1}
    said = tried(CITY, held, "finding_ballot", on, **absent, conclusion="put_off",
                 until_on=on, reason="按到会人数算的。")  # fmt: skip
    assert said == [("verdict_fails", "g_finding_pass")]


def test_the_meeting_decides_what_one_organiser_proposed() -> None:
    case, on = after(CITY, "12")
    held = found(CITY, case, "serious", on)
    assert look(CITY, held, on).status is Status.RUNNING
    out = voted(held, on, 4, "not_admitted", reason="核实属实，情节较重。")
    assert (look(CITY, out, on).status, look(CITY, out, on).outcome) == (
        Status.ENDED, "not_admitted",
    )  # fmt: skip
    on_with = voted(held, on, 3, "go_on")
    assert (waits(CITY, on_with, on), look(CITY, on_with, on).status) == ([], Status.RUNNING)


@pytest.mark.rule("put_off_until", "clear_soon")
def test_put_off_by_the_ballot_lasts_until_it_is_over_or_clear() -> None:
    case, on = after(CITY, "12")
    waiting = put_off(found(CITY, case, "light", on), on)
    seen = look(CITY, waiting, on)
    assert (seen.status, [s.id for s in seen.awaited]) == (Status.PUT_OFF, ["resumed"])
    days = {d.limit: d.on for d in seen.deadlines}
    assert days["put_off_until"] == on + timedelta(days=90)
    assert "clear_soon" not in days
    for last in (on + timedelta(days=89), on + timedelta(days=90), on + timedelta(days=91)):
        answers: dict[str, Value] = {
            "resumed_on": last, "conclusion": "over", "grounds": "支部意见，表现好。",
        }  # fmt: skip
        late = check_entry(CITY, waiting, "resumed", answers, last, CALENDAR)
        assert [p.code for p in late] == (["too_late"] if last > days["put_off_until"] else [])
    over = enter(CITY, waiting, "resumed", on, conclusion="over", grounds="支部意见，表现好。")
    assert (look(CITY, over, on).status, waits(CITY, over, on)) == (Status.RUNNING, [])
    unclear = found(CITY, case, "unclear", on)
    (due,) = [d.on for d in look(CITY, unclear, on).deadlines if d.limit == "clear_soon"]
    assert due == add_months(on, 1)
    for last, code in ((due - timedelta(days=1), []), (due, []), (due + timedelta(days=1), [LATE])):
        answers = {"resumed_on": last, "conclusion": "clear", "grounds": "查了账，没有问题。"}
        problems = check_entry(CITY, unclear, "resumed", answers, last, CALENDAR)
        assert [p.code for p in problems] == code


LATE = "too_late"


@pytest.mark.rule("finding_voted", "finding_discussed", "cancellation_decided")
@pytest.mark.parametrize(
    ("step", "limit", "months"),
    [("finding_ballot", "finding_voted", 1), ("21f", "finding_discussed", 1),
     ("21g", "cancellation_decided", 3)],
)  # fmt: skip
def test_what_holds_a_case_has_a_day(step: str, limit: str, months: int) -> None:
    case, on = after(CITY, "12" if step == "finding_ballot" else "20")
    held = found(CITY, case, "serious", on)
    if step == "21g":
        held = cancelled(agenda(held, on), on)
    if step == "21f":
        held = agenda(held, on)
    (due,) = [d.on for d in look(CITY, held, on).deadlines if d.limit == limit]
    assert due == add_months(on, months)
    for day in (due - timedelta(days=1), due, due + timedelta(days=1)):
        answers = fill(CITY.step(step), day, Random(1))
        problems = check_entry(CITY, held, step, answers, day, CALENDAR)
        late = [p.code for p in problems if p.rule == limit]
        assert late == (["too_late"] if day > due else [])


def agenda(case: CaseFacts, on: date) -> CaseFacts:
    return enter(CITY, case, "21e", on, told=True)


def cancelled(case: CaseFacts, on: date, yes: int = 11) -> CaseFacts:
    return enter(CITY, case, "21f", on, **MEETING, yes=yes, no=20 - yes, conclusion="cancel",
                 opinions="不履行党员义务，情节较重。")  # fmt: skip


@pytest.mark.rule("n21f_quorum", "n21f_pass", "holds_21f")
def test_the_general_meeting_decides_on_a_member_by_more_than_half_of_those_due() -> None:
    case, on = after(CITY, "20")
    ready = agenda(found(CITY, case, "grave", on), on)
    assert look(CITY, ready, on).status is Status.RUNNING
    for yes, fits in ((9, False), (10, False), (11, True)):
        for conclusion in ("extend", "cancel"):
            problems = tried(CITY, ready, "21f", on, **MEETING, yes=yes, no=20 - yes,
                             conclusion=conclusion, opinions="核实属实，影响较坏。")  # fmt: skip
            assert problems == ([] if fits else [("verdict_fails", "n21f_pass")])
    few = {**MEETING, "present": 10, "issued": 10, "returned": 10, "valid": 10}
    for present, rules in ((10, {"n21f_quorum", "n21f_pass"}), (11, set())):
        slips = dict.fromkeys(("present", "issued", "returned", "valid"), present)
        answers: dict[str, Value] = {
            **few, **slips, "held_on": on, "yes": present, "no": 0, "conclusion": "cancel",
            "opinions": "核实属实，影响较坏。",
        }  # fmt: skip
        verdict = check_entry(CITY, ready, "21f", answers, on, CALENDAR)
        assert {p.rule for p in verdict if p.refuses} <= rules
        assert bool([p for p in verdict if p.refuses]) is bool(rules)
    kept = enter(CITY, ready, "21f", on, **MEETING, yes=10, no=10, conclusion="keep")
    assert (waits(CITY, kept, on), look(CITY, kept, on).status) == ([], Status.RUNNING)


@pytest.mark.rule("step_21g", "holds_21g")
def test_a_cancellation_counts_once_it_is_approved_above() -> None:
    case, on = after(CITY, "20")
    resolved = cancelled(agenda(found(CITY, case, "grave", on), on), on)
    assert (waits(CITY, resolved, on), look(CITY, resolved, on).status) == (
        ["21g"], Status.RUNNING,
    )  # fmt: skip
    back = enter(CITY, resolved, "21g", on, conclusion="send_back", reason="证据还不够充分。")
    assert waits(CITY, back, on) == ["21f"]
    out = enter(CITY, resolved, "21g", on, conclusion="approve_cancel")
    assert (look(CITY, out, on).outcome, look(CITY, out, on).status) == ("cancelled", Status.ENDED)
    assert [item.step.id for item in look(CITY, out, on).open] == ["24b"]


def extended(case: CaseFacts, on: date) -> CaseFacts:
    """The general meeting resolves an extension for a finding."""
    return enter(CITY, agenda(found(CITY, case, "light", on), on), "21f", on, **MEETING, yes=11,
                 no=9, conclusion="extend", opinions="核实属实，情节较轻。")  # fmt: skip


def concluded(case: CaseFacts, step: str, on: date, **answers: Value) -> list[str]:
    """What refuses the conclusion of a later step, its other questions aside."""
    problems = check_entry(CITY, case, step, {CITY.step(step).day: on, **answers}, on, CALENDAR)
    return [p.code for p in problems if p.refuses and p.field == "conclusion"]


def at_23(case: CaseFacts, on: date, matter: str, yes: int = 20, **more: Value) -> CaseFacts:
    given_here = fill(CITY.step("23"), on, Random(1), straight=True)
    numbers = {**MEETING, "yes": yes, "no": 20 - yes}
    answers = {**given_here, **numbers, "matter": matter, "conclusion": matter, **more}
    return made(case, CITY.step("23"), on, answers)


@pytest.mark.rule("voted_as_such", "finding_extension_once")
def test_an_extension_resolved_for_a_finding_is_kept_to_at_the_end_of_probation() -> None:
    """On time is no choice then, until the meeting itself has voted on the extension."""
    case, on = after(CITY, "22d")
    resolved = extended(case, on)
    on_time: dict[str, Value] = {**MEETING, "yes": 20, "no": 0, "matter": "on_time",
                                 "conclusion": "on_time"}  # fmt: skip
    assert concluded(case, "23", on, **on_time) == []
    assert concluded(resolved, "23", on, **on_time) == ["option_barred"]
    longer = {**on_time, "matter": "extend", "conclusion": "extend"}
    assert concluded(resolved, "23", on, **longer) == []
    # The same meeting may see it otherwise: where the extension isn't carried, it votes anew.
    lost = at_23(resolved, on, "extend", yes=8, conclusion="not_carried", opinions="表现有改进。")
    assert concluded(lost, "23", on, **on_time) == []


def test_what_the_committee_has_before_it_is_sent_back_after_such_a_resolution() -> None:
    """Full membership was resolved, then a finding led to an extension: approved it can't be."""
    case, on = after(CITY, "23")
    resolved = extended(case, on)
    assert concluded(case, "24", on, conclusion="approve_full") == []
    assert concluded(resolved, "24", on, conclusion="approve_full") == ["option_barred"]
    back = enter(
        CITY, resolved, "24", on, conclusion="send_back", send_back_reason="先按决议延长。"
    )
    assert concluded(back, "23", on, **MEETING, yes=20, no=0, matter="on_time",
                     conclusion="on_time") == ["option_barred"]  # fmt: skip


@pytest.mark.rule("finding_extension_once")
def test_once_extended_nobody_is_extended_again_for_a_finding() -> None:
    case, on = after(CITY, "22d")
    meeting = at_23(case, on, "extend", extension_months=6, decided_by="meeting",
                    opinions="表现还不稳定。")  # fmt: skip
    granted = enter(CITY, meeting, "24", on, conclusion="approve_extension", extension_months=6)
    ready = agenda(found(CITY, granted, "light", on), on)
    answers: dict[str, Value] = {**MEETING, "yes": 11, "no": 9, "opinions": "核实属实。"}
    again = [(p, rule) for p, rule in tried(CITY, ready, "21f", on, **answers, conclusion="extend")]
    assert again == [("only_once", "finding_extension_once")]
    assert tried(CITY, ready, "21f", on, **answers, conclusion="cancel") == []
    first = agenda(found(CITY, case, "light", on), on)
    assert tried(CITY, first, "21f", on, **answers, conclusion="extend") == []


def test_found_otherwise_later_the_case_goes_on_where_the_ballot_had_ended_it() -> None:
    case, on = after(CITY, "12")
    out = voted(found(CITY, case, "serious", on), on, 4, "not_admitted", reason="核实属实。")
    assert look(CITY, out, on).status is Status.ENDED
    again = found_otherwise(CITY, out, "serious", "untrue", on)
    assert (look(CITY, again, on).status, waits(CITY, again, on)) == (Status.RUNNING, [])
    assert look(CITY, again, on).open == look(CITY, case, on).open
    graver = found_otherwise(CITY, out, "serious", "grave", on)
    assert (look(CITY, graver, on).status, waits(CITY, graver, on)) == (
        Status.RUNNING, ["finding_ballot"],
    )  # fmt: skip


def test_found_otherwise_later_what_the_general_meeting_decided_stands() -> None:
    case, on = after(CITY, "20")
    resolved = cancelled(agenda(found(CITY, case, "grave", on), on), on)
    out = enter(CITY, resolved, "21g", on, conclusion="approve_cancel")
    again = found_otherwise(CITY, out, "grave", "untrue", on)
    assert look(CITY, again, on).outcome == "cancelled"


def test_a_report_on_somebody_whose_case_is_over_moves_nothing() -> None:
    case, on = after(CITY, "12")
    out = voted(found(CITY, case, "serious", on), on, 4, "not_admitted", reason="核实属实。")
    fold = Fold(CITY, out, CALENDAR)
    assert leads_to(CITY.finding("grave"), fold, on) == ()
    assert waits(CITY, found(CITY, out, "grave", on), on) == []
    assert look(CITY, found(CITY, out, "grave", on), on).open == look(CITY, out, on).open


@pytest.mark.parametrize("book", [NATION, CITY], ids=["nation", "city"])
@pytest.mark.rule("finding_light", "finding_serious", "finding_grave", "step_21e", "step_21f")
def test_a_report_on_a_full_member_leads_to_no_meeting_on_their_probation(book: Rulebook) -> None:
    case, on = after(book, "24")
    before = look(book, case, on)
    for name in TRUE[book.id]:
        assert leads_to(book.finding(name), Fold(book, case, CALENDAR), on) == ()
        settled = look(book, found(book, case, name, on), on)
        assert (settled.open, settled.awaited) == (before.open, ())
    unclear = found(book, case, "unclear", on)
    assert waits(book, unclear, on) == ["resumed"], "until it is clear"
    found_true = book.step("resumed").field("conclusion").options[-1]
    assert (found_true.id, "已经转正的另行研究" in found_true.text.zh) == ("true", True)
    true = enter(book, unclear, "resumed", on, conclusion="true", grounds="查了账，确有其事。")
    assert waits(book, true, on) == []
    assert look(book, true, on).open == before.open


@pytest.mark.parametrize(("book", "last", "name"), [(NATION, "16", "17"), (CITY, "22a", "22b")])
def test_a_gate_is_refused_while_something_waits_for_its_result(
    book: Rulebook, last: str, name: str
) -> None:
    case, _ = after(book, last)
    entry = next(entry for entry, _ in WAYS[book.id] if entry.step == name)
    held = found(book, case, TRUE[book.id][0], entry.done_on)
    problems = check_entry(book, held, name, entry.answers, entry.done_on, CALENDAR)
    (told,) = [p for p in problems if p.refuses]
    (title,) = [step.title for step in look(book, held, entry.done_on).awaited]
    assert (told.code, told.rule) == ("awaited", f"gate_{name}")
    assert told.values == {"titles": (title,)}


def test_nobody_enters_a_finding_by_hand() -> None:
    case, on = after(CITY, "12")
    assert tried(CITY, case, "finding", on, finding="serious") == [
        ("step_not_open", "step_finding")
    ]


MEMBERS = [(book, n) for book in (NATION, CITY) for n, (entry, _) in enumerate(WAYS[book.id])
           if Fold(book, WAYS[book.id][n][1], CALENDAR).approved]  # fmt: skip


@settings(max_examples=60)
@given(at=st.sampled_from(MEMBERS), names=st.lists(st.integers(0, 4), min_size=1, max_size=4))
def test_no_finding_ends_or_puts_off_the_case_of_a_member(
    at: tuple[Rulebook, int], names: list[int]
) -> None:
    book, number = at
    _, case = WAYS[book.id][number]
    on = max(entry.done_on for entry in case.entries)
    was = look(book, case, on).status
    for name in names:
        case = found(book, case, book.findings[name % len(book.findings)].id, on)
        seen = look(book, case, on)
        assert (seen.status, seen.outcome) == (was, "")
        assert not {item.step.id for item in seen.called} & {"finding_ballot", "finding_decision"}


# ── Objections to a public notice ───────────────────────────────────────────────────────────────


def notice_ended(book: Rulebook) -> tuple[CaseFacts, date]:
    """A case whose first notice has hung, and the day on which its result is entered."""
    way = WAYS[book.id] if book.id in WAYS else straight_way(book)
    place = next(n for n, (entry, _) in enumerate(way) if entry.step == "8b")
    return way[place][1], way[place][0].done_on


def objected(book: Rulebook, case: CaseFacts, on: date) -> CaseFacts:
    """The branch checked what was said, and hands it on."""
    said = "两人反映他拖欠集体的钱，查了账，确有其事。"
    return enter(book, case, "8b", on, objections=True, points=said, conclusion="referred")


def decided(book: Rulebook, case: CaseFacts, on: date, conclusion: str, **more: Value) -> CaseFacts:
    if book is CITY:
        return voted(case, on, 3 if conclusion == "go_on" else 4, conclusion, **more)
    return enter(book, case, "finding_decision", on, conclusion=conclusion, **more)


LINHE = load("linhe", Path(__file__).parents[2] / "docs" / "examples")
PLACED = pytest.mark.parametrize("book", [NATION, CITY, LINHE], ids=lambda book: book.id)


@pytest.mark.rule("finding_voted", "step_8b", "gate_8b")
@PLACED
def test_no_secretary_puts_off_or_strikes_out_over_an_objection(book: Rulebook) -> None:
    """The body decides that decides on a report, within the same month; until then the case waits
    where it is, and nobody says that it is put off."""
    case, on = notice_ended(book)
    said: dict[str, Value] = {"objections": True, "points": "反映属实，查了账。"}
    for gone in ("put_off", "not_admitted"):
        refused = tried(book, case, "8b", on, **said, conclusion=gone)
        assert [code for code, _ in refused] == ["unknown_option"]
    held = objected(book, case, on)
    (body,) = BEFORE.get(book.id, BEFORE[NATION.id])
    seen = look(book, held, on)
    assert (seen.status, waits(book, held, on)) == (Status.RUNNING, [body])
    assert shut(book, held, on) == [body]
    # Nobody is taken for determined: what follows the notice stays shut, and so does its result.
    assert not {"9", "10", "11"} & {item.step.id for item in seen.open}
    assert ("awaited", "gate_8b") in tried(book, held, "8b", on, **said, conclusion="clear")
    (due,) = [d.on for d in seen.deadlines if d.limit in ("finding_voted", "finding_decided")]
    assert due == add_months(on, 1)


@pytest.mark.rule("step_22b", "gate_22b", "step_21e")
def test_what_is_objected_before_full_membership_goes_to_the_general_meeting() -> None:
    """As what a report says of a member: the secretary could only go on or put it off for good."""
    case, on = next((case, entry.done_on) for entry, case in WAYS[CITY.id] if entry.step == "22b")
    said: dict[str, Value] = {"objections": True, "points": "反映他拖欠集体的钱，确有其事。"}
    held = enter(CITY, case, "22b", on, **said, conclusion="referred")
    assert (look(CITY, held, on).status, waits(CITY, held, on)) == (Status.RUNNING, ["21f"])
    assert "21e" in {item.step.id for item in look(CITY, held, on).open}
    clear = {**said, "conclusion": "clear"}
    assert ("awaited", "gate_22b") in tried(CITY, held, "22b", on, **clear)
    ready = enter(CITY, held, "21e", on, told=True)
    numbers: dict[str, Value] = {**MEETING, "yes": 11, "no": 9, "opinions": "确有其事。"}
    met = enter(CITY, ready, "21f", on, **numbers, conclusion="extend")
    assert waits(CITY, met, on) == []
    assert tried(CITY, met, "22b", on, **clear) == []


@pytest.mark.rule("step_finding_ballot")
@PLACED
def test_what_becomes_of_an_objection_the_body_says(book: Rulebook) -> None:
    case, on = notice_ended(book)
    held = objected(book, case, on)
    out = decided(book, held, on, "not_admitted", reason="核实属实，情节较重。")
    assert (look(book, out, on).status, look(book, out, on).outcome) == (
        Status.ENDED, "not_admitted",
    )  # fmt: skip
    later = decided(book, held, on, "put_off", until_on=on, reason="核实属实，情节较轻。")
    assert (look(book, later, on).status, waits(book, later, on)) == (Status.PUT_OFF, ["resumed"])
    over = enter(book, later, "resumed", on, conclusion="over", grounds="支部意见，表现好。")
    kept = decided(book, held, on, "go_on")
    for free in (over, kept):
        assert (look(book, free, on).status, waits(book, free, on)) == (Status.RUNNING, [])
        ended = enter(book, free, "8b", on, objections=True, points="已经研究，不影响。",
                      conclusion="clear")  # fmt: skip
        assert {"9", "10", "11"} <= {item.step.id for item in look(book, ended, on).open}
        # Seen once more: it is decided on once more.
        assert waits(book, objected(book, free, on), on) == waits(book, held, on)


# ── A profile whose reports couldn't be settled is refused ──────────────────────────────────────

TOWN = """
id = "town"
extends = "national_2026"
version = "1"
title = { zh = "某市", en = "A town" }
document = { zh = "某市实施办法", en = "the measures of the town" }
place = { zh = "某市", en = "the town" }
"""
ONE = """
[[findings]]
id = "{id}"
text = {{ zh = "结论", en = "A finding" }}
effect = "{effect}"
source = "G三"
"""


def of_town(tmp_path: Path, head: str = "", tables: Iterable[str] = ()) -> Rulebook:
    (tmp_path / "town.toml").write_text(TOWN + head + "\n" + "\n".join(tables), "utf-8")
    return load("town", tmp_path)


def test_a_profile_without_findings_has_those_of_the_nation(tmp_path: Path) -> None:
    town = of_town(tmp_path, "report_days = 15")
    assert [item.id for item in town.findings] == ["true", "untrue", "unclear"]
    assert town.report_days == 15
    assert [step.id for step in town.holding] == ["finding_decision", "resumed", "21f", "21g"]


@pytest.mark.parametrize(
    ("head", "tables", "key", "reason"),
    [
        ("report_days = 0", [], "report_days", "at least one"),
        ("", [ONE.format(id="true", effect="decide")], "findings", "lets a case go on"),
        ("", [ONE.format(id="untrue", effect="go_on"), ONE.format(id="bad", effect="decide")],
         "findings[bad].effect", "holds_gates called for before the approval"),
        ("", [ONE.format(id="untrue", effect="go_on"), ONE.format(id="bad", effect="wait")],
         "findings[bad].effect", "from the approval on"),
        ("", [ONE.format(id="untrue", effect="go_on"), ONE.format(id="unclear", effect="decide")],
         "findings[unclear].effect", "needs a step of a body"),
        ("", [ONE.format(id="true", effect="go_on")], "findings[true].effect", "calls for nothing"),
        ("", [ONE.format(id="untrue", effect="end")], "findings[untrue].effect", "decide"),
        ("", ['[[adds]]\nstep = "resumed"\ngate = true\n'], "steps[resumed].gate", "one of them"),
    ],
)  # fmt: skip
def test_a_profile_whose_reports_cannot_be_settled_is_refused(
    tmp_path: Path, head: str, tables: list[str], key: str, reason: str
) -> None:
    with pytest.raises(FileError) as caught:
        of_town(tmp_path, head, tables)
    assert caught.value.file == "town.toml"
    assert any(key in k and reason in said for k, said in caught.value.findings), caught.value


INSTEAD = """
[[steps]]
id = "own"
before = "resumed"
instead_of = "{name}"
title = {{ zh = "另一步", en = "Another" }}
stage = "application"
kind = "record"
actors = ["organiser"]
source = "G三"
strength = "local"
day = "on"
repeats = true
fields = [{{ id = "on", type = "date", label = {{ zh = "哪一天？", en = "When?" }} }}]
"""


@pytest.mark.parametrize(
    ("name", "reason"),
    [("15", "N19"), ("21f", "N31"), ("99", "no step 99"), ("contacts_change", "N9")],
)
def test_only_practice_gives_way_to_a_step_of_the_city(
    tmp_path: Path, name: str, reason: str
) -> None:
    with pytest.raises(FileError, match=reason) as caught:
        of_town(tmp_path, tables=[INSTEAD.format(name=name)])
    assert caught.value.key == "steps[own].instead_of"


def test_the_citys_ballot_stands_in_place_of_the_committees_decision() -> None:
    assert "finding_decision" not in CITY.by_id
    assert NATION.step("finding_decision").body == "committee"
    assert {finding.effect for finding in CITY.findings} == set(FindingEffect)
    assert CITY.step("finding_ballot").actors == (Role.ORGANISER,)
    assert FOLDER.joinpath("yakeshi.toml").exists()


@pytest.mark.rule("step_21f", "step_moved_in")
@pytest.mark.parametrize("book", [NATION, CITY], ids=["nation", "city"])
def test_who_turns_out_to_be_a_member_is_decided_on_by_the_meeting(book: Rulebook) -> None:
    """A report on an applicant, who then is entered as moved here during probation."""
    case, on = after(book, "1")
    held = found(book, case, TRUE[book.id][0], on)
    assert waits(book, held, on) == BEFORE[book.id]
    papers = ("letter", "records", "dates")
    arrived: dict[str, Value] = {"from": "外地某支部", "papers": papers, "helpers": ("a",)}
    for standing, days, expected in (
        ("activist", {"activist_since": on}, BEFORE[book.id]),
        ("probation", {"admitted_on": on, "approved_on": on}, ["21f"]),
    ):
        answers = {"standing": standing, **days, **arrived}
        if standing == "activist":
            answers.pop("helpers")
        moved = enter(book, held, "moved_in", on, **answers)
        assert waits(book, moved, on) == expected
    (former,) = BEFORE[book.id]
    refused = tried(book, moved, former, on, conclusion="not_admitted", reason="情节较重")
    assert ("step_not_open", f"step_{former}") in refused
    assert set(AFTER[book.id]) <= Fold(book, moved, CALENDAR).calls.keys()
