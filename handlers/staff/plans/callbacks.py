"""Callback data of the yearly plan."""

from aiogram.filters.callback_data import CallbackData

from handlers.staff.common.destinations import Destination as Destination
from handlers.staff.common.destinations import View as View


class Plan(CallbackData, prefix="py"):
    """The plan of a year."""

    year: int


class Propose(CallbackData, prefix="pp"):
    year: int


class CheckNames(CallbackData, prefix="pk"):
    """The first check, one name after the other; without `item` the first that waits."""

    year: int
    item: str = ""


class PassName(CallbackData, prefix="po"):
    item: str


class ReturnName(CallbackData, prefix="pr"):
    item: str


class Charge(CallbackData, prefix="pq"):
    """Which organiser looks after this committee."""

    organisation: str


class GiveTo(CallbackData, prefix="pg"):
    organisation: str
    organiser: str


class PlanPicture(CallbackData, prefix="pi"):
    year: int
