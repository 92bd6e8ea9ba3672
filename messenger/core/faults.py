"""Faults that a person or a test asks for: the next calls of a method are answered late, wrongly or
not at all."""

import asyncio

from botapi.errors import ApiError, too_many
from messenger.core.state import Bot, Fault

KINDS = ("delay", "lost_answer", "rate_limit", "server_error")
ANY = "*"


def next_fault(bot: Bot, method: str) -> Fault | None:
    """The fault that this call meets, counted."""
    found = next((fault for fault in bot.faults if fault.method in (method, ANY)), None)
    if found is not None:
        # Counted before the call is answered: a call that fails has met its fault all the same.
        found.count -= 1
        if found.count <= 0:
            bot.faults.remove(found)
    return found


async def play(fault: Fault) -> None:
    """Raises ApiError where the call is refused; a lost answer is lost after the call is done."""
    if fault.kind == "delay":
        await asyncio.sleep(fault.seconds)
    elif fault.kind == "rate_limit":
        raise too_many(int(fault.seconds))
    elif fault.kind == "server_error":
        raise ApiError(502, "Bad Gateway")
