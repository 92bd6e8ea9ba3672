"""Callback data of figures."""

from aiogram.filters.callback_data import CallbackData


class YearPictureCallback(CallbackData, prefix="nf"):
    """A picture of an organisation's year; `page`: which of them."""

    organisation: str
    year: int
    page: int = 0


class YearSheetCallback(CallbackData, prefix="ns"):
    """The same as a sheet."""

    organisation: str
    year: int


class YearReportCallback(CallbackData, prefix="nr"):
    """The yearly report as Word."""

    organisation: str
    year: int


class NumbersCallback(CallbackData, prefix="nb"):
    """The numbers behind which people can be looked up."""

    organisation: str
    year: int


class PeopleBehindCallback(CallbackData, prefix="np"):
    """Who is behind the `number`-th of them."""

    organisation: str
    year: int
    number: int
    page: int = 0


class WholeDepartmentCallback(CallbackData, prefix="nw"):
    """A finished year of the whole department, for those below it."""

    year: int


class GatheredCallback(CallbackData, prefix="ng"):
    """A picture of a year of all below this level."""

    year: int
    page: int = 0


class GatheredSheetCallback(CallbackData, prefix="nt"):
    """The same as a sheet."""

    year: int


class TotalsCallback(CallbackData, prefix="nu"):
    """What would go to the level above."""

    year: int


class SendTotalsCallback(CallbackData, prefix="nz"):
    """It goes."""

    year: int
