"""The buttons that lead on from wherever somebody is."""

from aiogram.filters.callback_data import CallbackData

from handlers.staff.common.callbacks import Card, Go
from handlers.staff.common.destinations import Destination
from handlers.staff.shared import texts as words

Way = tuple[str, CallbackData]


def todo() -> Way:
    return words.to_todo(), Go(place=Destination.TODO)


def case(case_id: str) -> Way:
    return words.to_case(), Card(case=case_id)


def onward(case_id: str) -> list[Way]:
    """Below what was done with a case."""
    return [case(case_id), todo()]
