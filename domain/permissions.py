"""Who may do what, where: one table (docs/design.md § 7). Every service method asks `may`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.organisations import BRANCH, COMMITTEE, DEPARTMENT
from domain.rulebook.kinds import HELPERS, Role


class Permission(StrEnum):
    OPEN_CASE = "open_case"
    SEE_CASE = "see_case"
    ENTER_STEP = "enter_step"
    SIGN = "sign"
    CORRECT = "correct"
    INVITE_DIRECTOR = "invite_director"
    INVITE_ORGANISER = "invite_organiser"
    INVITE_COMMITTEE = "invite_committee"
    INVITE_SECRETARY = "invite_secretary"
    INVITE_INTRODUCER = "invite_introducer"
    ADD_MEMBER = "add_member"
    SEE_REPORTS = "see_reports"
    READ_REPORT = "read_report"
    INSTRUCT_REPORT = "instruct_report"
    DECIDE_REPORT = "decide_report"
    REGISTER_REPORT = "register_report"
    SEE_BREACHES = "see_breaches"
    DRAW_CHECK = "draw_check"
    ENTER_CHECK = "enter_check"
    CIRCULATE_CHECK = "circulate_check"
    READ_CHECK = "read_check"
    ANSWER_CHECK = "answer_check"
    SEE_PLAN = "see_plan"
    PROPOSE_FOR_PLAN = "propose_for_plan"
    CHECK_PLAN = "check_plan"
    GIVE_COMMITTEE = "give_committee"
    HOLD_MEETING = "hold_meeting"
    TICK_DUTY = "tick_duty"
    SET_HOTLINE = "set_hotline"
    HOLD_CLASS = "hold_class"
    TREAT_BREACH = "treat_breach"
    SEE_QUOTA = "see_quota"
    SEE_FIGURES = "see_figures"
    SEE_TOTALS = "see_totals"
    SEND_TOTALS = "send_totals"
    SET_QUOTA = "set_quota"
    PUBLISH_GUIDANCE = "publish_guidance"
    SET_TEMPLATE = "set_template"
    TAKE_OVER = "take_over"


class Position(Protocol):
    """A role held somewhere. `level`: department | committee | branch."""

    @property
    def role(self) -> Role: ...

    @property
    def organisation_id(self) -> str: ...

    @property
    def level(self) -> str: ...


@dataclass(frozen=True)
class ActPlace:
    """Where an act takes place. `path`: the organisation and all above it. `helper_roles`: what
    the actor is in this case (introducer, contact)."""

    organisation_id: str
    path: tuple[str, ...] = ()
    helper_roles: frozenset[Role] = frozenset()


ABOVE = frozenset({Role.COMMITTEE, Role.ORGANISER, Role.DIRECTOR})
STAFF = ABOVE | {Role.SECRETARY}
DEPARTMENT_ROLES = frozenset({Role.ORGANISER, Role.DIRECTOR})

TABLE: Mapping[Permission, frozenset[Role]] = {
    Permission.OPEN_CASE: frozenset({Role.SECRETARY}),
    Permission.SEE_CASE: STAFF | HELPERS,
    Permission.ENTER_STEP: STAFF | HELPERS,
    Permission.SIGN: STAFF | HELPERS,
    Permission.CORRECT: STAFF,
    Permission.INVITE_DIRECTOR: frozenset({Role.DIRECTOR}),
    Permission.INVITE_ORGANISER: frozenset({Role.DIRECTOR}),
    Permission.INVITE_COMMITTEE: DEPARTMENT_ROLES,
    Permission.INVITE_SECRETARY: ABOVE,
    Permission.INVITE_INTRODUCER: frozenset({Role.SECRETARY}),
    Permission.ADD_MEMBER: frozenset({Role.SECRETARY}),
    Permission.SEE_REPORTS: DEPARTMENT_ROLES,
    Permission.READ_REPORT: DEPARTMENT_ROLES,
    Permission.INSTRUCT_REPORT: frozenset({Role.DIRECTOR}),
    Permission.DECIDE_REPORT: DEPARTMENT_ROLES,
    Permission.REGISTER_REPORT: DEPARTMENT_ROLES,
    Permission.SEE_BREACHES: ABOVE,
    Permission.DRAW_CHECK: DEPARTMENT_ROLES,
    Permission.ENTER_CHECK: DEPARTMENT_ROLES,
    Permission.CIRCULATE_CHECK: frozenset({Role.DIRECTOR}),
    Permission.READ_CHECK: frozenset({Role.SECRETARY, Role.COMMITTEE}),
    Permission.ANSWER_CHECK: frozenset({Role.SECRETARY}),
    Permission.SEE_PLAN: STAFF,
    Permission.PROPOSE_FOR_PLAN: frozenset({Role.SECRETARY}),
    Permission.CHECK_PLAN: frozenset({Role.ORGANISER}),
    Permission.GIVE_COMMITTEE: frozenset({Role.DIRECTOR}),
    Permission.HOLD_MEETING: frozenset({Role.SECRETARY, Role.COMMITTEE, Role.ORGANISER}),
    Permission.HOLD_CLASS: frozenset({Role.COMMITTEE, Role.ORGANISER}),
    Permission.TREAT_BREACH: ABOVE,
    Permission.SEE_QUOTA: ABOVE,
    Permission.SEE_FIGURES: STAFF,
    Permission.SEE_TOTALS: DEPARTMENT_ROLES,
    Permission.SEND_TOTALS: frozenset({Role.DIRECTOR}),
    Permission.SET_QUOTA: frozenset({Role.DIRECTOR}),
    Permission.PUBLISH_GUIDANCE: frozenset({Role.DIRECTOR}),
    Permission.TICK_DUTY: ABOVE,
    Permission.TAKE_OVER: STAFF,
    Permission.SET_HOTLINE: frozenset({Role.COMMITTEE, Role.DIRECTOR}),
    Permission.SET_TEMPLATE: frozenset({Role.SECRETARY, Role.COMMITTEE, Role.DIRECTOR}),
}
"""A role named here may act at its own organisation and below; a helper in their cases only."""

SEATS: Mapping[Role, str] = {
    Role.SECRETARY: BRANCH,
    Role.COMMITTEE: COMMITTEE,
    Role.ORGANISER: DEPARTMENT,
    Role.DIRECTOR: DEPARTMENT,
}
"""The level at which a post carries its rights: a committee's post at a branch carries none."""


NEXT_UP: Mapping[Role, Role] = {
    Role.CONTACT: Role.SECRETARY,
    Role.INTRODUCER: Role.SECRETARY,
    Role.HELPER: Role.SECRETARY,
    Role.SECRETARY: Role.COMMITTEE,
    Role.COMMITTEE: Role.ORGANISER,
    Role.ORGANISER: Role.DIRECTOR,
}


def next_up(roles: Iterable[Role]) -> frozenset[Role]:
    """Who is told when those with `roles` don't act or can't be reached; nobody above the top."""
    return frozenset(NEXT_UP[role] for role in roles if role in NEXT_UP)


def roles_at(posts: Iterable[Position], place: ActPlace) -> frozenset[Role]:
    """What somebody is at a place: posts there or above it, and what they are in the case."""
    here = {place.organisation_id, *place.path}
    held = {
        post.role
        for post in posts
        # Only a post at its own level counts: a row that says otherwise gives no rights.
        if post.organisation_id in here and SEATS.get(post.role) == post.level
    }
    # Cut it to what helpers can be: helping in a case makes nobody its secretary.
    return frozenset(held) | (place.helper_roles & HELPERS)


def may(
    permission: Permission,
    posts: Iterable[Position],
    place: ActPlace,
    step_actors: Iterable[Role] | None = None,
) -> bool:
    """Whether somebody with `posts` may act there. `step_actors`: who enters or signs this step;
    None where the act concerns no single step."""
    allowed = TABLE[permission]
    if step_actors is not None:
        # The rulebook narrows what the table allows, and never widens it.
        allowed = allowed & frozenset(step_actors)
    return bool(allowed & roles_at(posts, place))
