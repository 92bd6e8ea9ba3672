"""The meetings of my bodies, one meeting, and giving one up."""

from datetime import date

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.replies import Row, fit, settle, show
from handlers.staff.meetings import texts
from handlers.staff.meetings.callbacks import (
    AdjournCallback,
    CancelMeetingCallback,
    MeetingCallback,
    OpenMeetingCallback,
    VoteOnCallback,
)
from handlers.staff.meetings.opening import Opening
from handlers.staff.meetings.screens import list_rows, meeting_rows, onward
from handlers.staff.shared import texts as words
from services.casefile.eligibility import bodies_of
from services.casefile.update_context import UpdateContext
from services.container import Services
from services.core.acts import Acts
from services.people.views import Actor


async def meetings(event: Message | CallbackQuery, services: Services, actor: Actor) -> None:
    bodies = bodies_of(actor)
    # Meetings of all bodies together: one person may keep the minutes of two.
    found = await services.meetings.mine(actor)
    await show(event, fit(texts.meetings(found, len(bodies))), list_rows(found, bodies))


async def meeting(
    query: CallbackQuery, callback_data: MeetingCallback, services: Services, actor: Actor
) -> None:
    view = await services.meetings.meeting(actor, callback_data.meeting)
    await show(query, fit(texts.meeting(view)), meeting_rows(view))


async def cancel(
    query: CallbackQuery,
    callback_data: CancelMeetingCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    """Cancel a meeting, asking once whether it is meant."""
    if callback_data.sure:
        # Before anything is read: handled again after a lost answer, the meeting is gone.
        await services.meetings.cancel(act("cancel"), actor, callback_data.meeting)
        await show(query, texts.cancelled(), [onward()])
        return
    view = await services.meetings.meeting(actor, callback_data.meeting)
    again: Row = [(texts.yes_cancel(), CancelMeetingCallback(meeting=view.meeting_id, sure=True))]
    back: Row = [(words.back(), MeetingCallback(meeting=view.meeting_id))]
    await show(query, texts.sure(view), [again, back])


async def adjourn(
    query: CallbackQuery,
    callback_data: AdjournCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    """Adjourn: the rest of the agenda is for another day. Asks once whether it is meant."""
    meeting_id = callback_data.meeting
    if not callback_data.sure:
        view = await services.meetings.meeting(actor, meeting_id)
        yes: Row = [(texts.yes_adjourn(), AdjournCallback(meeting=meeting_id, sure=True))]
        back: Row = [(texts.to_meeting(), MeetingCallback(meeting=meeting_id))]
        await show(query, texts.sure_adjourned(view), [yes, back])
        return
    view = await services.meetings.adjourn(act("adjourn"), actor, meeting_id)
    await show(query, fit([texts.adjourned(), "", *texts.meeting(view)]), meeting_rows(view))


async def count(
    query: CallbackQuery,
    callback_data: OpenMeetingCallback,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
) -> None:
    """Open the form of what is asked once for all candidates: the day, who is there."""
    await Opening(dialog_manager, services, actor, today).count(callback_data.meeting)
    await settle(query)


async def vote(
    query: CallbackQuery,
    callback_data: VoteOnCallback,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
    update_context: UpdateContext,
) -> None:
    """Open the form of one candidate. Raises StepNotOpen before there is a quorum."""
    opening = Opening(dialog_manager, services, actor, today)
    await opening.vote(callback_data.item, update_context)
    await settle(query)


def build() -> Router:
    router = Router(name="meetings")
    router.message.register(meetings, Command("meetings"))
    router.callback_query.register(meetings, GoCallback.filter(F.place == Destination.MEETINGS))
    router.callback_query.register(meeting, MeetingCallback.filter())
    router.callback_query.register(cancel, CancelMeetingCallback.filter())
    router.callback_query.register(adjourn, AdjournCallback.filter())
    router.callback_query.register(count, OpenMeetingCallback.filter())
    router.callback_query.register(vote, VoteOnCallback.filter())
    return router
