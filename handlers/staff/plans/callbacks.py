"""Callback data of the yearly plan."""

from aiogram.filters.callback_data import CallbackData


class Plan(CallbackData, prefix="py"):
    """The plan of a year."""

    year: int


class PlanList(CallbackData, prefix="pl"):
    """The names of a year as a sheet."""

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


class QuotaOf(CallbackData, prefix="pu"):
    """The places of a committee in a year; without one, all are shared out."""

    year: int
    organisation: str = ""


class KeyActivists(CallbackData, prefix="pa"):
    year: int


class Guidance(CallbackData, prefix="ig"):
    """A year's guidance; without one, the list of them."""

    year: int = 0
    number: int = 0


class PublishGuidance(CallbackData, prefix="ip"):
    year: int


class PlanPicture(CallbackData, prefix="pi"):
    year: int
