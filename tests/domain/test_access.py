"""The whole table of who may what, where: every act, role, level and place, asked one by one.

Written out a second time, by hand and in other words, so that a slip in the table is found.
"""

from dataclasses import dataclass
from itertools import product

import pytest

from domain.permissions import TABLE, ActPlace, Permission, may, roles_at
from domain.rulebook.schema import Role

LEVELS = ("department", "committee", "branch")
WHERE = ("here", "above", "top", "beside", "below")
"""Where a post is held, seen from the place of the act: there, one up, two up, elsewhere."""


@dataclass(frozen=True)
class Post:
    role: Role
    organisation_id: str
    level: str


PLACE = ActPlace("here", ("here", "above", "top"))

SEAT = {"secretary": "branch", "committee": "committee",
        "organiser": "department", "director": "department"}  # fmt: skip
ALLOWED = {
    "open_case": "secretary",
    "see_case": "secretary committee organiser director introducer contact helper",
    "enter_step": "secretary committee organiser director introducer contact helper",
    "sign": "secretary committee organiser director introducer contact helper",
    "correct": "secretary committee organiser director",
    "invite_director": "director",
    "invite_organiser": "director",
    "invite_committee": "organiser director",
    "invite_secretary": "committee organiser director",
    "invite_introducer": "secretary",
    "add_member": "secretary",
    "see_reports": "organiser director",
    "read_report": "organiser director",
    "instruct_report": "director",
    "decide_report": "organiser director",
    "register_report": "organiser director",
    "draw_check": "organiser director",
    "enter_check": "organiser director",
    "circulate_check": "director",
    "read_check": "secretary committee",
    "answer_check": "secretary",
    "see_plan": "secretary committee organiser director",
    "propose_for_plan": "secretary",
    "check_plan": "organiser",
    "give_committee": "director",
    "hold_meeting": "secretary committee organiser",
    "hold_class": "committee organiser",
    "treat_breach": "committee organiser director",
    "see_quota": "committee organiser director",
    "see_figures": "secretary committee organiser director",
    "see_totals": "organiser director",
    "send_totals": "director",
    "set_quota": "director",
    "publish_guidance": "director",
    "set_hotline": "committee director",
    "set_template": "secretary committee director",
    "take_over": "secretary committee organiser director",
    "tick_duty": "committee organiser director",
    "see_breaches": "committee organiser director",
}


@pytest.mark.parametrize("act", Permission)
def test_every_post_at_every_place(act: Permission) -> None:
    asked = 0
    for role, level, where in product(Role, LEVELS, WHERE):
        expected = (
            role.value in ALLOWED[act.value].split()
            and SEAT.get(role.value) == level
            and where in ("here", "above", "top")
        )
        assert may(act, [Post(role, where, level)], PLACE) is expected, (role, level, where)
        asked += 1
    assert asked == len(Role) * len(LEVELS) * len(WHERE)


@pytest.mark.parametrize("act", Permission)
def test_every_helper_in_and_out_of_their_cases(act: Permission) -> None:
    for role in Role:
        helping = ActPlace("here", ("here", "above"), frozenset({role}))
        expected = (
            role.value in ("introducer", "contact", "helper") and role.value in ALLOWED[act.value]
        )
        assert may(act, [], helping) is expected, role
        assert not may(act, [], PLACE)


@pytest.mark.parametrize("act", [Permission.ENTER_STEP, Permission.SIGN, Permission.CORRECT])
def test_every_role_against_every_actor_of_a_step(act: Permission) -> None:
    for held, actor in product(SEAT, Role):
        post = Post(Role(held), "above", SEAT[held])
        expected = held == actor.value
        assert may(act, [post], PLACE, (actor,)) is expected, (held, actor)
    secretary = Post(Role.SECRETARY, "here", "branch")
    assert not may(act, [secretary], PLACE, ())


def test_the_table_names_every_act_and_this_test_every_line() -> None:
    assert set(TABLE) == set(Permission)
    assert set(ALLOWED) == {act.value for act in Permission}


def test_somebody_with_two_posts_is_both() -> None:
    posts = [Post(Role.SECRETARY, "here", "branch"), Post(Role.COMMITTEE, "beside", "committee")]
    place = ActPlace("here", ("here", "above"), frozenset({Role.CONTACT}))
    assert roles_at(posts, place) == {Role.SECRETARY, Role.CONTACT}


def test_nobody_may_nothing() -> None:
    assert not any(may(act, [], PLACE) for act in Permission)
