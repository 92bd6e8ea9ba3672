"""Where a step is entered: in its own form, or where a plan decides it."""

from aiogram.filters.callback_data import CallbackData

from domain.case.facts import OpenStep
from domain.rulebook.schema import Step
from handlers.staff.common.callbacks import Fill, Go
from handlers.staff.common.destinations import Destination


def entrance(case_id: str, step: Step) -> CallbackData:
    return Go(place=Destination.PLANS) if step.planned else Fill(case=case_id, step=step.id)


def ready(step: OpenStep) -> bool:
    """Whether it can be entered now: nothing blocks it, and no signature is missing."""
    return step.possible and not step.waits_for
