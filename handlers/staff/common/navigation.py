"""The buttons that lead on from wherever somebody is, and to where a step is entered."""

from datetime import date

from aiogram.filters.callback_data import CallbackData

from domain.case.facts import OpenStep
from domain.case.progress import rests
from domain.rulebook.schema import Step
from handlers.staff.common.callbacks import CardCallback, FillCallback, GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.shared import texts as words
from services.cases.views import CaseStanding

Link = tuple[str, CallbackData]


def todo() -> Link:
    return words.to_todo(), GoCallback(place=Destination.TODO)


def case(case_id: str) -> Link:
    return words.to_case(), CardCallback(case=case_id)


def onward(case_id: str) -> list[Link]:
    """Below what was done with a case."""
    return [case(case_id), todo()]


def entrance(case_id: str, step: Step) -> CallbackData:
    """Its own form, or where a plan decides it."""
    return (
        GoCallback(place=Destination.PLANS)
        if step.planned
        else FillCallback(case=case_id, step=step.id)
    )


def ready(step: OpenStep) -> bool:
    """Whether it can be entered now: nothing blocks it, and no signature is missing."""
    return step.possible and not step.waits_for


def my_next(standing: CaseStanding, today: date) -> OpenStep | None:
    """What the reader can enter next in a case: what comes next, else the first of theirs. Not what
    comes again in months: a press too many would enter it twice."""
    mine = [item for item in standing.mine if ready(item) and not rests(item, today)]
    following = standing.progress.next
    return following if following in mine else next(iter(mine), None)
