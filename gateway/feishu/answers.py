"""What the platform said, in the words of the port. Numbers only are told on: its sentences may
quote what was sent."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gateway.platform import Left, NotSent, Refused, TooLate, TooOften, Unreachable

BUSY = (1, 1000040343)
TOO_MANY_CONNECTIONS = 1000040350
"""Fifty of one app: those of processes that are gone are counted until Feishu has missed them."""
LOST_TOKEN = (99991661, 99991663, 99991664, 99991665, 99991668, 99991671)
TOO_OFTEN = (11020, 11021, 11232, 11233, 99991400, 99991402, 230020, 230049)
"""230049: the same message is being sent at this moment."""
NOBODY_THERE = (230002, 230013, 230029, 230034, 230035, 230038, 230053)
"""Out of the app's range or gone from the firm, muted, of another firm, or the person wants no
messages of the robot."""
TOO_LATE = (230009, 230026, 230031, 230050)
GONE = (230011, 230110)
"""Recalled or deleted by somebody."""
CARD = 230099
LOCKED = "card action is lock"
"""Said beside 230099 of a card whose press hasn't been answered yet."""


class Locked(Exception):
    """The card can't be changed while its press isn't answered."""


class Recalled(TooLate):
    """It isn't there any more."""


class LostToken(Exception):
    """The token is worth nothing any more."""


@contextmanager
def not_of_time() -> Iterator[None]:
    """Raises Refused for TooLate and Locked: sending and fetching have no time limit that could be
    over, and no press to wait for."""
    try:
        yield
    except (TooLate, Locked):
        raise Refused("the message is gone") from None


def code_of(told: Mapping[str, Any]) -> int:
    code = told.get("code", -1)
    return code if isinstance(code, int) else -1


def check(told: Mapping[str, Any], pause: int) -> None:
    """Raises what the answer says went wrong. `pause`: seconds that it asks to wait."""
    code, message = code_of(told), told.get("msg")
    if code == 0:
        return
    if code in LOST_TOKEN:
        raise LostToken
    if code in BUSY:
        raise Unreachable
    if code in TOO_OFTEN:
        raise TooOften(pause)
    if code in NOBODY_THERE:
        raise Left
    if code in GONE:
        raise Recalled
    if code in TOO_LATE:
        raise TooLate
    if code == CARD and isinstance(message, str) and LOCKED in message:
        raise Locked
    raise Refused(f"code {code}")


def check_login(told: Mapping[str, Any]) -> None:
    """Of an answer to the app's id and secret: surely nothing was done yet. Raises NotSent, and
    Refused for wrong ones."""
    code = code_of(told)
    if code == 0:
        return
    if code in (*BUSY, *TOO_OFTEN, TOO_MANY_CONNECTIONS, -1):
        raise NotSent
    raise Refused(f"code {code}")
