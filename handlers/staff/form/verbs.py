"""What a button of the conversation does."""

from enum import StrEnum, unique


@unique
class Verb(StrEnum):
    PICK = "p"
    TOGGLE = "t"
    ALL = "a"
    NEXT = "o"
    BACK = "b"
    SKIP = "k"
    SUMMARY = "z"
    LATER = "l"
    CANCEL = "c"
    HOW = "h"
    DAY = "d"
    MONTH = "m"
    LAST_PROOF = "r"
    RIGHT = "y"
    WRONG = "n"
    PAGE = "g"
    CHANGE = "e"
    MISSING = "i"
    CONFIRM = "s"
    AGAIN = "u"
