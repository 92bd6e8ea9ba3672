"""Opening the two forms of a meeting: by a button, or at once where only that is left to do."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode

from domain.states import MeetingState
from handlers.staff.common.replies import close, fit, show
from handlers.staff.form.answers import Draft, first_open
from handlers.staff.form.session import Session, open_form, refuse_closed
from handlers.staff.meetings import texts
from handlers.staff.meetings.screens import meeting_rows
from services.casefile.update_context import UpdateContext
from services.cases.views import Form
from services.container import Services
from services.core.errors import StepNotOpen
from services.meetings.views import MeetingView
from services.people.views import Actor

MEETING, ITEM = "meeting", "item"


@dataclass(frozen=True)
class Opening:
    """Who opens a form, and when. `below`: under what was said just now, which stays."""

    manager: DialogManager
    services: Services
    actor: Actor
    today: date
    below: bool = False

    async def count(self, meeting: str) -> None:
        """What is asked once for all candidates: the day, who is there."""
        view, preview = await self.services.meetings.preview(self.actor, meeting, self.today)
        # The service gives no title: what a body is called depends on the language.
        named = replace(view.opening, title=texts.title(view.body))
        form = Form("", view.organisation, named, view.answers, {}, known=view.known)
        draft = Draft.begin({}, form, MEETING, view.meeting_id)
        at = first_open(preview, draft, self.today)
        await open_form(self.manager, draft, at, below=self.below)

    async def vote(self, item: str, update: UpdateContext) -> None:
        """What is asked of one candidate. Raises StepNotOpen before there is a quorum."""
        meetings, today = self.services.meetings, self.today
        form = await meetings.form(self.actor, item, today)
        preview = await meetings.preview_of(self.actor, item, form.answers, today, update)
        refuse_closed(preview, form.step.id)
        draft = Draft.begin({}, form, ITEM, item)
        await open_form(self.manager, draft, first_open(preview, draft, today), below=self.below)


async def show_and_go_on(
    event: Message | CallbackQuery, session: Session, view: MeetingView
) -> None:
    """Show the meeting in the place of the form that ends. Where a single candidate is on its
    agenda, open what comes next below it: with several the chair says when, and with whom."""
    said, rows = fit(texts.meeting(view)), meeting_rows(view)
    quorate = view.verdict is None or view.verdict.passed
    if isinstance(event, Message) or len(view.lines) != 1 or not (view.waiting and quorate):
        await close(event, session.manager, said, rows)
        return
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    services, actor, today = session.services, session.actor, session.today
    opening = Opening(session.manager, services, actor, today, below=True)
    # What was stored stands: where the next form is refused, since the case is held by now, the
    # meeting is shown all the same, and its button says why.
    with suppress(StepNotOpen):
        if view.state is MeetingState.DRAFT:
            await opening.count(view.meeting_id)
        else:
            await opening.vote(view.waiting[0].item_id, session.update)
    # After the form, which takes the buttons off the message above it.
    await show(event, said, rows)
