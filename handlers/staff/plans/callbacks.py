"""Callback data of the yearly plan."""

from aiogram.filters.callback_data import CallbackData


class PlanCallback(CallbackData, prefix="py"):
    """The plan of a year."""

    year: int


class PlanListCallback(CallbackData, prefix="pl"):
    """The names of a year as a sheet."""

    year: int


class CheckNamesCallback(CallbackData, prefix="pk"):
    """The first check, one name after the other; without `item` the first that waits."""

    year: int
    item: str = ""


class PassNameCallback(CallbackData, prefix="po"):
    item: str


class ReturnNameCallback(CallbackData, prefix="pr"):
    item: str


class ChargeCallback(CallbackData, prefix="pq"):
    """Which organiser looks after this committee."""

    organisation: str


class GiveToCallback(CallbackData, prefix="pg"):
    organisation: str
    organiser: str


class QuotaOfCallback(CallbackData, prefix="pu"):
    """The places of a committee in a year; without one, all are shared out."""

    year: int
    organisation: str = ""


class KeyActivistsCallback(CallbackData, prefix="pa"):
    year: int


class GuidanceCallback(CallbackData, prefix="ig"):
    """A year's guidance; without one, the list of them."""

    year: int = 0
    number: int = 0


class PublishGuidanceCallback(CallbackData, prefix="ip"):
    year: int


class PlanPictureCallback(CallbackData, prefix="pi"):
    year: int
