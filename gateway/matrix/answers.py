"""What the server said, in the words of the port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import nio
from aiohttp import ClientError

from gateway.platform import Elsewhere, Left, Refused, TooOften, Unreachable

WHO_MAY_NOT = ("M_FORBIDDEN", "M_NOT_FOUND")
LOST_LOGIN = ("M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED")


@asynccontextmanager
async def network() -> AsyncIterator[None]:
    try:
        yield
    except nio.LocalProtocolError:
        # A room that isn't ours any more, or not yet known again.
        raise Left from None
    except (nio.SendRetryError, ClientError, OSError, TimeoutError):
        raise Unreachable from None


def checked(answer: Any, kind: type) -> Any:
    """The answer, or what it says went wrong in the words of the port."""
    if isinstance(answer, kind):
        return answer
    code = getattr(answer, "status_code", "") or ""
    if code == "M_LIMIT_EXCEEDED":
        waits = getattr(answer, "retry_after_ms", None) or 1000
        raise TooOften(max(1, round(waits / 1000)))
    if code in LOST_LOGIN:
        raise Elsewhere(code)
    if code in WHO_MAY_NOT:
        raise Refused(code) if kind in (nio.LoginResponse, nio.RoomRedactResponse) else Left
    if code.startswith("M_") and code != "M_UNKNOWN":
        raise Refused(code)
    raise Unreachable
