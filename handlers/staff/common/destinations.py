"""Where a button leads, and how much it unfolds; one letter each, no letter twice."""

from enum import StrEnum, unique


# Buttons of old messages carry these letters for ever: none is given to another place later.
@unique
class Destination(StrEnum):
    TODO = "t"
    CASES = "c"
    NEW = "n"
    MEMBER = "b"
    ORGANISATION = "o"
    MORE = "m"
    INVITE = "i"
    LANGUAGE = "l"
    REPORTS = "r"
    CHECKS = "k"
    HELP = "h"
    PRIVACY = "p"
    SETTINGS = "s"
    BREACHES = "v"
    PLANS = "y"
    CHARGES = "a"
    ENTER_REPORT = "e"
    MEETINGS = "x"
    POSTS = "w"
    HOTLINES = "q"
    CLASSES = "z"
    TEMPLATES = "d"
    SHEETS = "u"
    FIGURES = "f"
    FORM = "g"


@unique
class View(StrEnum):
    """How much of a case is unfolded."""

    SHORT = "s"
    DONE = "d"
    DATES = "t"
