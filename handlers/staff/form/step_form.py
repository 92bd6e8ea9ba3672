"""The form of a step, as it is opened: what is known stands there, and what is asked first."""

from dataclasses import dataclass
from datetime import date

from aiogram_dialog import DialogManager

from handlers.staff.form.answers import FormData, first_open
from handlers.staff.form.session import open_form, refuse_closed
from services.casefile.update_context import UpdateContext
from services.container import Services
from services.people.views import Actor


@dataclass(frozen=True)
class StepForm:
    """Who opens it, and when."""

    manager: DialogManager
    services: Services
    actor: Actor
    today: date
    update: UpdateContext

    async def read(self, case: str, step: str) -> tuple[FormData, str | None]:
        """The draft, and its first question; None for the summary. Raises NotOpened before
        anything is asked: else it would be refused only after all of it."""
        steps, today = self.services.steps, self.today
        form = await steps.form(self.actor, case, step, today, self.update)
        draft = FormData.begin({}, form)
        preview = await steps.preview(
            self.actor, case, form.step.id, draft.answers, today, update=self.update
        )
        # What is known of a question that isn't asked is no answer.
        draft.prune(preview)
        refuse_closed(preview, form.step)
        return draft, first_open(preview, draft, today)

    async def open_below(self, case: str, step: str) -> None:
        """Open it under what is said in the same update."""
        draft, at = await self.read(case, step)
        await open_form(self.manager, draft, at, below=True)
