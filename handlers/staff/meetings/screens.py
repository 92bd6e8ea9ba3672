"""A meeting as a message with its buttons."""

from domain.rulebook.schema import Body
from domain.states import MeetingState
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import CardCallback, GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.replies import Row, in_rows
from handlers.staff.meetings import texts
from handlers.staff.meetings.callbacks import (
    AdjournCallback,
    CancelMeetingCallback,
    ConveneCallback,
    MeetingCallback,
    OpenMeetingCallback,
    VoteOnCallback,
)
from services.meetings.views import MeetingView, VoteOutcome

SHOWN = 8
"""Candidates with a button of their own."""


def list_rows(
    found: tuple[MeetingView, ...], bodies: tuple[tuple[Body, str, str], ...]
) -> list[Row]:
    rows: list[Row] = [
        [(texts.heading(item), MeetingCallback(meeting=item.meeting_id))] for item in found[:SHOWN]
    ]
    rows += [
        [(texts.convene(body, name), ConveneCallback(body=body, organisation=place))]
        for body, place, name in bodies
    ]
    return [*rows, [navigation.todo()]]


def meeting_rows(view: MeetingView) -> list[Row]:
    rows: list[Row] = []
    # A meeting can be cancelled only while nobody was voted on; after that it is adjourned.
    untouched = len(view.waiting) == len(view.lines)
    if view.state is MeetingState.DRAFT:
        rows.append([(texts.to_open(), OpenMeetingCallback(meeting=view.meeting_id))])
        rows += in_rows(
            [(texts.to_read(one), CardCallback(case=one.case_id)) for one in view.lines], 2
        )
    else:
        rows += [
            [
                (texts.to_vote(line), VoteOnCallback(item=line.item_id)),
                (texts.to_read(line), CardCallback(case=line.case_id)),
            ]
            for line in view.waiting[:SHOWN]
        ]
    # Somebody may come or leave between two votes.
    if view.waiting and view.state is not MeetingState.DRAFT:
        rows.append([(texts.to_recount(), OpenMeetingCallback(meeting=view.meeting_id))])
    if view.waiting and not untouched:
        rows.append([(texts.to_adjourn(), AdjournCallback(meeting=view.meeting_id))])
    if untouched:
        rows.append([(texts.to_cancel(), CancelMeetingCallback(meeting=view.meeting_id))])
    if not view.waiting:
        rows += [[(line.person, CardCallback(case=line.case_id))] for line in view.lines[:SHOWN]]
    return [*rows, onward()]


def outcome_rows(result: VoteOutcome) -> list[Row]:
    """Straight on to the next candidate."""
    rows: list[Row] = []
    if result.following is not None:
        label = texts.to_vote(result.following)
        rows.append([(label, VoteOnCallback(item=result.following.item_id))])
    rows.append(
        [
            (texts.to_meeting(), MeetingCallback(meeting=result.meeting_id)),
            navigation.case(result.line.case_id),
        ]
    )
    return [*rows, onward()]


def onward() -> Row:
    return [
        (texts.to_meetings(), GoCallback(place=Destination.MEETINGS)),
        navigation.todo(),
    ]
