"""One request of a bot, together with what the messenger remembers."""

from dataclasses import dataclass

from botapi.requests import Asked, Request
from messenger.core.state import Bot, State


@dataclass(frozen=True)
class Call(Request[Asked]):
    """`bot`: who asks; its token was in the address."""

    state: State
    bot: Bot
