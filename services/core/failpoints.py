"""Failpoints: named points at which a test may end this process, as a power cut would.

`YINLU_TEST_KILL=act.after:3` ends it when that point is passed for the third time. Without the
variable nothing happens.
"""

import os
import signal

VARIABLE = "YINLU_TEST_KILL"

POINTS = tuple(
    f"{commit}.{side}"
    for commit in ("store", "act", "draft", "finish", "claim", "sent")
    for side in ("before", "after")
)
"""Before and after each kind of commit. `store.after` lies between the commit and the confirmation
to the messenger, `sent.before` between a message and the note that it was sent."""

_armed: dict[str, int] = {}
"""Passings left until the kill, by point."""


def arm(said: str) -> None:
    """Set the point at which this process ends. `said`: "point:count", or "" for none."""
    name, _, count = said.partition(":")
    _armed.clear()
    if name:
        _armed[name] = int(count or 1)


def failpoint(point: str) -> None:
    """End this process where a test has armed `point`; else do nothing."""
    if point in _armed:
        _armed[point] -= 1
        if _armed[point] <= 0:
            # Not sys.exit: no `finally` and no rollback runs in a power cut either.
            os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get(VARIABLE, ""))
