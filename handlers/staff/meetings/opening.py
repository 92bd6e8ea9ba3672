"""Opening the two forms of a meeting: by a button, or at once where only that is left to do."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode

from domain.states import MeetingState
from handlers.staff.common.replies import close, fit, show
from handlers.staff.form.answers import FormData, first_open
from handlers.staff.form.session import FormSession, open_form, refuse_closed
from handlers.staff.meetings import texts
from handlers.staff.meetings.screens import meeting_rows
from services.casefile.update_context import UpdateContext
from services.cases.views import Form
from services.container import Services, services_of
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
        draft = FormData.begin({}, form, MEETING, view.meeting_id)
        at = first_open(preview, draft, self.today)
        await open_form(self.manager, draft, at, below=self.below)

    async def vote(
        self, item: str, update: UpdateContext, votes: Mapping[str, int] | None = None
    ) -> None:
        """What is asked of one candidate. `votes`: by count, written along with who is there.
        Raises StepNotOpen before there is a quorum."""
        meetings, today = self.services.meetings, self.today
        form = await meetings.form(self.actor, item, today)
        counts = {field.count: field.id for field in form.step.fields if field.count}
        written = {counts[c]: number for c, number in (votes or {}).items() if c in counts}
        if written:
            form = replace(form, answers={**form.answers, **written})
            # Before anybody answers here: whoever leaves now finds them again.
            await meetings.keep_of(update.act("votes"), self.actor, item, form.answers)
        preview = await meetings.preview_of(self.actor, item, form.answers, today, update)
        refuse_closed(preview, form.step)
        draft = FormData.begin({}, form, ITEM, item)
        await open_form(self.manager, draft, first_open(preview, draft, today), below=self.below)


async def show_and_go_on(
    event: Message | CallbackQuery, session: FormSession, view: MeetingView
) -> None:
    """Show the meeting in the place of the form that ends, with what comes next below it."""
    if isinstance(event, Message) or not goes_on(view):
        await close(event, session.manager, fit(texts.meeting(view)), meeting_rows(view))
        return
    votes = session.draft.later
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    opening = Opening(
        session.manager,
        services_of(session.data),
        session.actor,
        session.today,
        below=True,
    )
    await show_with_next(event, opening, view, session.update, votes)


def goes_on(view: MeetingView) -> bool:
    """Whether what comes next opens by itself: with several candidates the chair says when, and
    with whom."""
    return view.only is not None and (view.verdict is None or view.verdict.passed)


async def show_with_next(
    event: CallbackQuery,
    opening: Opening,
    view: MeetingView,
    update: UpdateContext,
    votes: Mapping[str, int] | None = None,
) -> None:
    """Show a meeting that goes on by itself. `votes`: as for `Opening.vote`."""
    # What was stored stands: where the next form is refused, since the case is held by now, the
    # meeting is shown all the same, and its button says why.
    with suppress(StepNotOpen):
        if view.state is MeetingState.DRAFT:
            await opening.count(view.meeting_id)
        else:
            await opening.vote(view.waiting[0].item_id, update, votes)
    # After the form, which takes the buttons off the message above it.
    await show(event, fit(texts.meeting(view)), meeting_rows(view))
