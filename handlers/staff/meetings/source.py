"""The two forms of a meeting: what is asked once for all, and what of each candidate."""

from collections.abc import Mapping
from dataclasses import replace

from aiogram.types import CallbackQuery, Message

from domain.states import MeetingState
from handlers.staff.common.replies import Row, close, fit
from handlers.staff.form import outcome_texts
from handlers.staff.form.session import FieldSource, FormSession
from handlers.staff.meetings import texts
from handlers.staff.meetings.callbacks import OpenMeetingCallback, VoteOnCallback
from handlers.staff.meetings.opening import ITEM, MEETING, show_and_go_on
from handlers.staff.meetings.screens import meeting_rows, onward, outcome_rows
from handlers.staff.shared import texts as words
from services.cases.views import Preview
from services.container import services_of
from services.core.errors import UnreadNotes
from services.meetings.views import VoteOutcome


async def _opening(session: FormSession) -> Preview:
    """Ask what holds for the whole meeting; beside who is entitled stands what the roster says."""
    draft, meetings = session.draft, services_of(session.data).meetings
    view, found = await meetings.preview(session.actor, draft.of, session.today, draft.answers)
    # Shown, not filled in: the rows don't know everybody who may vote.
    hints = {"entitled": texts.roster(view.roster)}
    if (line := view.only) is not None:
        hints["present"] = texts.votes_along(line.person, draft.later)
    fields = tuple(
        replace(field, hint=hints.get(field.count or "") or field.hint) for field in found.fields
    )
    return replace(found, fields=fields)


async def _votes(session: FormSession, totals: Mapping[str, int]) -> Mapping[str, int]:
    """The votes on the only candidate, written in one line with who is there. They stand in that
    candidate's form, to be read and saved there, once the count is."""
    view = await services_of(session.data).meetings.meeting(session.actor, session.draft.of)
    if view.only is None:
        return {}
    asked = {field.count for field in view.only.step.fields}
    asked -= {field.count for field in view.opening.fields}
    return {count: number for count, number in totals.items() if count in asked}


async def _keep_opening(session: FormSession) -> None:
    draft = session.draft
    await services_of(session.data).meetings.keep(
        session.act("draft"), session.actor, draft.of, draft.given
    )
    if draft.later:
        await _keep_votes(session)


async def _keep_votes(session: FormSession) -> None:
    """Keep the votes written along as the draft of the only candidate, where whoever leaves now
    finds them again; not while a count is begun anew: by then that draft may hold more."""
    draft, meetings = session.draft, services_of(session.data).meetings
    view = await meetings.meeting(session.actor, draft.of)
    if (line := view.only) is None or view.state is not MeetingState.DRAFT:
        return
    asked = {field.count: field.id for field in line.step.fields if field.count}
    votes = {asked[count]: number for count, number in draft.later.items() if count in asked}
    await meetings.keep_of(session.act("votes"), session.actor, line.item_id, votes)


async def _begin(event: CallbackQuery | Message, session: FormSession) -> None:
    draft = session.draft
    view = await services_of(session.data).meetings.begin(
        session.act("begin"), session.actor, draft.of, draft.answers
    )
    await show_and_go_on(event, session, view)


async def _left_opening(session: FormSession) -> tuple[str, list[Row]]:
    """Say what is kept. A first count is, one begun anew isn't: a meeting stores a single one."""
    view = await services_of(session.data).meetings.meeting(session.actor, session.draft.of)
    if view.state is not MeetingState.DRAFT:
        return texts.count_stands(), [*meeting_rows(view)]
    again: Row = [(texts.go_on(), OpenMeetingCallback(meeting=session.draft.of))]
    return texts.kept(), [again, onward()]


async def _candidate(session: FormSession) -> Preview:
    draft = session.draft
    return await services_of(session.data).meetings.preview_of(
        session.actor, draft.of, draft.answers, session.today, session.update
    )


async def _keep_candidate(session: FormSession) -> None:
    draft = session.draft
    await services_of(session.data).meetings.keep_of(
        session.act("draft"), session.actor, draft.of, draft.answers
    )


async def _decide(event: CallbackQuery | Message, session: FormSession) -> None:
    """Enter the result, say what the numbers allow and what follows, go on to the next."""
    draft, meetings = session.draft, services_of(session.data).meetings
    try:
        result = await meetings.decide(
            session.act("decide"),
            session.actor,
            draft.of,
            draft.answers,
            session.update,
            draft.read,
        )
    except UnreadNotes:
        await session.look_again(outcome_texts.changed_meanwhile())
        return
    await close(event, session.manager, fit(_said(result, session)), outcome_rows(result))


def _said(result: VoteOutcome, session: FormSession) -> list[str]:
    # Nothing is entered in a case for a level of the plan that only passes a name on.
    if result.recorded is None:
        return texts.level(result)
    lines = outcome_texts.recorded(texts.decided(result), result.recorded, session.today)
    conclusion = words.read(result.line.conclusion) if result.line.conclusion else ""
    return [lines[0], words.bold(conclusion), *lines[1:]]


async def _left_candidate(session: FormSession) -> tuple[str, list[Row]]:
    again: Row = [(texts.go_on(), VoteOnCallback(item=session.draft.of))]
    return texts.kept(), [again, onward()]


SOURCES = {
    MEETING: FieldSource(_opening, _keep_opening, _begin, _left_opening, later=_votes),
    ITEM: FieldSource(_candidate, _keep_candidate, _decide, _left_candidate),
}
