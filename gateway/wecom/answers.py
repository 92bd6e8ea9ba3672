"""What the platform said, in the words of the port. Numbers only are told on: its sentences may
quote what was sent."""

from typing import Any

from gateway.platform import Left, Refused, TooLate, TooOften, Unreachable

Frame = dict[str, Any]

BUSY, TOO_OFTEN = -1, (45009, 45033)
NOBODY_THERE = (40003, 60111, 81013, 846607)
"""No such person, out of the robot's sight, or one who never opened its chat: 846607 is told of
whoever hasn't written to it."""
TOO_LATE = (846605, 846608, 846609)
"""Of answers to a press: what they answer is over."""
PAUSE = 60


def checked(frame: Frame) -> Frame:
    """The answer, or what it says went wrong in the words of the port."""
    code = frame.get("errcode", 0)
    if code == 0:
        return frame
    if code == BUSY:
        raise Unreachable
    if code in TOO_OFTEN:
        raise TooOften(PAUSE)
    if code in NOBODY_THERE:
        raise Left
    if code in TOO_LATE:
        raise TooLate
    raise Refused(f"errcode {code}" if isinstance(code, int) else "errcode unknown")
