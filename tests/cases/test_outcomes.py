"""What becomes of a person after each vote of the report, and what that calls for."""

import pytest

from domain.case.dates import add_months
from domain.case.entry_validation import check_entry
from domain.case.facts import Value
from domain.states import Status
from tests.cases.cases import CITY, before, called, days, due, enter, resolved, seen, tried
from tests.domain.books import CALENDAR

LOST_VOTES: tuple[tuple[str, dict[str, Value], Status, str], ...] = (
    ("14a", {"conclusion": "back"}, Status.RUNNING, "activist"),
    ("15", {"conclusion": "put_off"}, Status.RUNNING, "admission"),
    ("15", {"conclusion": "not_admitted"}, Status.ENDED, "admission"),
    ("17a", {"conclusion": "put_off"}, Status.PUT_OFF, "admission"),
    ("17a", {"conclusion": "struck_out"}, Status.ENDED, "admission"),
    ("22c", {"conclusion": "again"}, Status.PUT_OFF, "full_membership"),
    ("22c", {"conclusion": "extend"}, Status.RUNNING, "full_membership"),
    ("23", {"conclusion": "not_carried"}, Status.PUT_OFF, "full_membership"),
    ("23", {"conclusion": "anew"}, Status.RUNNING, "full_membership"),
)


@pytest.mark.rule("step_14b", "step_23a", "tell_soon", "tell_soon_full")
@pytest.mark.parametrize(("step", "wanted", "status", "stage"), LOST_VOTES)
def test_every_lost_vote_is_brought_to_the_person(
    step: str, wanted: dict[str, Value], status: Status, stage: str
) -> None:
    case, on = before(step)
    assert called(case, on) == set()
    lost = enter(case, step, on, lost=True, **wanted)
    progress = seen(lost, on)
    assert (progress.status, progress.stage) == (status, stage)
    telling, limit = ("23a", "tell_soon_full") if step > "2" else ("14b", "tell_soon")
    assert called(lost, on) == {telling}
    assert due(lost, limit, on) == days(on, 7)
    told = enter(lost, telling, on, follow_up_on=days(on, 30))
    assert called(told, on) == {"14c"}


@pytest.mark.rule("step_14b", "step_14c", "follow_up_due")
def test_nothing_is_called_for_after_a_vote_that_was_carried() -> None:
    for step in ("14a", "15", "17a", "22c", "23"):
        case, on = before(step)
        assert called(enter(case, step, on), on) == set()
        for name in ("14b", "14c", "23a"):
            assert [p.code for p in tried(case, name, on)] == ["step_not_open"]


@pytest.mark.rule("step_14c", "follow_up_due")
def test_follow_up_goes_on_until_it_needs_no_more() -> None:
    case, on = before("17a")
    case = enter(case, "17a", on, lost=True, conclusion="put_off")
    case = enter(case, "14b", on, follow_up_on=days(on, 30))
    assert due(case, "follow_up_due", on) == days(on, 30)
    again = days(on, 30)
    case = enter(case, "14c", again, result="more", follow_up_on=days(again, 20))
    assert due(case, "follow_up_due", again) == days(again, 20)
    assert called(enter(case, "14c", again, result="better"), again) == set()


@pytest.mark.rule("step_14b", "tell_soon")
def test_nobody_is_told_before_the_vote() -> None:
    case, on = before("14a")
    case = enter(case, "14a", on, lost=True, conclusion="back")
    early = {p.code for p in tried(case, "14b", days(on, -1))}
    assert early == {"day_before_condition"}
    assert tried(case, "14b", on) == []


def test_somebody_struck_out_is_told_and_followed_up_and_nothing_else() -> None:
    case, on = before("15")
    ended = enter(case, "15", on, lost=True, conclusion="not_admitted")
    assert [item.step.id for item in seen(ended, on).open] == ["14b"]
    assert [p.code for p in tried(ended, "16", on)] == ["case_ended"]
    told = enter(ended, "14b", on, follow_up_on=days(on, 30))
    assert [item.step.id for item in seen(told, on).open] == ["14c"]
    done = enter(told, "14c", days(on, 30), result="better")
    assert seen(done, on).open == ()


def test_a_lost_appraisal_leaves_no_full_membership_on_time() -> None:
    case, on = before("22c")
    case = enter(case, "22c", on, lost=True, conclusion="extend")
    case = enter(case, "22d", on)
    late = before("23")[1]
    assert [(p.code, p.field) for p in tried(case, "23", late, conclusion="on_time")] == [
        ("option_barred", "matter"),
        ("option_barred", "conclusion"),
    ]
    assert tried(case, "23", late, matter="extend", conclusion="extend") == []


@pytest.mark.rule("voted_as_such")
@pytest.mark.parametrize("matter", ["on_time", "extend", "cancel"])
def test_the_meeting_concludes_what_was_voted_on_and_carried(matter: str) -> None:
    """11 of 20 for it, and 10: carried is concluded as such, lost concludes nothing."""
    case, on = before("23")
    for yes, carried in ((10, False), (11, True), (12, True)):
        numbers: dict[str, Value] = {"yes": yes, "no": 20 - yes, "matter": matter}
        for conclusion in ("on_time", "extend", "cancel", "not_carried", "anew"):
            found = tried(case, "23", on, **numbers, conclusion=conclusion)
            wanted = conclusion == matter if carried else conclusion in ("not_carried", "anew")
            assert (found == []) is wanted, (yes, conclusion, found)
            other = conclusion in ("on_time", "extend", "cancel") and conclusion != matter
            assert [p.code for p in found if p.rule == "voted_as_such"] == (
                ["not_voted_on"] if other else []
            )


@pytest.mark.rule("voted_as_such")
def test_what_was_not_carried_is_voted_on_again_and_ends_nobodys_membership() -> None:
    """Two ballots of one evening lost: the case is held. Then an extension is carried."""
    case, on = before("23")
    for matter in ("on_time", "cancel"):
        case = enter(case, "23", on, lost=True, matter=matter, conclusion="not_carried")
        progress = seen(case, on)
        assert (progress.status, progress.outcome) == (Status.PUT_OFF, "")
        assert progress.moving is not None
        assert progress.moving.step.id == "23"
        assert [p.code for p in tried(case, "24", on)] == ["step_not_open"]
    case = enter(case, "23", on, matter="extend", conclusion="extend", extension_months=8)
    assert seen(case, on).status is Status.RUNNING
    case = enter(case, "24", on, conclusion="approve_extension", extension_months=8)
    assert "21" in {item.step.id for item in seen(case, on).open}


def test_a_lost_appraisal_leads_on_when_the_meeting_carries_nothing() -> None:
    """Applied for anew, noticed and appraised again: then full membership may be voted on."""
    case, on = before("22c")
    case = enter(case, "22c", on, lost=True, conclusion="extend")
    case = enter(case, "22d", on)
    late = before("23")[1]
    case = enter(case, "23", late, lost=True, matter="extend", conclusion="anew")
    for step, day in (
        ("22", late),
        ("22a", late),
        ("22b", days(late, 20)),
        ("22c", days(late, 20)),
        ("22d", days(late, 20)),
    ):
        case = enter(case, step, day)
    assert tried(case, "23", days(late, 20)) == []


COMMITTEE = ("approve_full", "approve_extension", "approve_cancel")


@pytest.mark.parametrize(
    ("resolution", "approval"), [*zip(("on_time", "extend", "cancel"), COMMITTEE, strict=True)]
)
def test_the_committee_approves_what_the_meeting_resolved_or_sends_it_back(
    resolution: str, approval: str
) -> None:
    case, on = resolved(resolution)
    for conclusion in COMMITTEE:
        refused = [p.code for p in tried(case, "24", on, conclusion=conclusion)]
        assert refused == ([] if conclusion == approval else ["option_barred"])
    back = enter(case, "24", on, conclusion="send_back")
    assert "23" in {item.step.id for item in seen(back, on).open}
    assert tried(back, "23", on, matter="extend", conclusion="extend") == []


def test_extended_once_then_on_time_or_cancelled() -> None:
    case, on = resolved("extend")
    case = enter(case, "24", on, conclusion="approve_extension", extension_months=6)
    late = add_months(on, 7)
    for step in ("21", "21a", "22", "22a"):
        case = enter(case, step, late)
    late = days(late, 20)
    for step in ("22b", "22c", "22d"):
        case = enter(case, step, late)
    again = tried(case, "23", late, matter="extend", conclusion="extend")
    assert [p.code for p in again] == ["only_once"]
    assert tried(case, "23", late, conclusion="on_time") == []
    cancelled = enter(case, "23", late, matter="cancel", conclusion="cancel")
    cancelled = enter(cancelled, "24", late, conclusion="approve_cancel")
    assert (seen(cancelled, late).status, seen(cancelled, late).outcome) == (
        Status.ENDED,
        "cancelled",
    )


@pytest.mark.rule("step_24a", "helper_soon", "step_21c")
def test_somebody_is_named_to_help_during_an_extension() -> None:
    case, on = resolved("extend")
    assert called(case, on) == {"23a"}
    case = enter(case, "24", on, conclusion="approve_extension", extension_months=6)
    assert called(case, on) == {"23a", "24a", "24b"}
    assert due(case, "helper_soon", on) == add_months(on, 1)
    case = enter(case, "24a", on, help_until=days(on, 90))
    assert called(case, on) == {"23a", "21c", "24b"}
    assert due(case, "help_ends", on) == days(on, 90)


@pytest.mark.rule("step_24b", "full_told", "told_soon")
@pytest.mark.parametrize(
    ("decision", "answers", "afterwards"),
    [
        ("on_time", {"conclusion": "approve_full"}, Status.RUNNING),
        ("extend", {"conclusion": "approve_extension", "extension_months": 6}, Status.RUNNING),
        ("cancel", {"conclusion": "approve_cancel"}, Status.ENDED),
    ],
)
def test_every_approval_is_told_to_the_person_and_announced(
    decision: str, answers: dict[str, Value], afterwards: Status
) -> None:
    case, on = resolved(decision)
    assert [p.code for p in tried(case, "24b", on)] == ["step_not_open"]
    case = enter(case, "24", on, **answers)
    assert seen(case, on).status is afterwards
    assert "24b" in called(case, on)
    assert due(case, "told_soon", on) == add_months(on, 1)
    silent = check_entry(CITY, case, "24b", {"announced_on": on, "talked": False}, on, CALENDAR)
    assert [(p.rule, p.refuses) for p in silent] == [("full_told", False)]
    case = enter(case, "24b", on)
    assert "24b" not in called(case, on)


@pytest.mark.rule("step_25", "step_24b")
def test_nothing_is_archived_before_it_was_announced() -> None:
    case, on = before("24")
    case = enter(case, "24", on)
    assert [p.code for p in tried(case, "25", on)] == ["step_not_open"]
    (waiting,) = [i for i in seen(case, on).open if i.step.id in ("24b", "24c", "25")]
    assert waiting.step.id == "24b"
    assert seen(case, on).moving == waiting
    case = enter(case, "24b", on)
    assert [p.code for p in tried(case, "25", on)] == ["step_not_open"]
    case = enter(case, "24c", on)
    assert tried(case, "25", on) == []


def test_a_talk_that_finds_somebody_not_ready_comes_again_or_goes_up_with_a_reason() -> None:
    case, on = before("16")
    held = enter(case, "16", on, opinion="no", not_ready="again")
    assert seen(held, on).status is Status.PUT_OFF
    assert [p.code for p in tried(held, "17", on)] == ["step_not_open"]
    later = days(on, 20)
    assert tried(enter(held, "16", later, opinion="yes"), "17", later) == []
    up = enter(case, "16", on, opinion="no", not_ready="decide", despite="党委会一并审议")
    assert tried(up, "17", on) == []
