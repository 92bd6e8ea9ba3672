"""How much a platform lets one account send. Some drop what is beyond it without a word, so it is
counted here, and the bot is told to wait."""

from collections import deque
from collections.abc import Callable, Iterable
from math import ceil

from gateway.platform import Abilities, NotYet, Rate

FORGET_BEYOND = 1000


class Limits:
    """`clock`: monotonic seconds."""

    def __init__(self, abilities: Abilities, clock: Callable[[], float]) -> None:
        self.abilities, self.clock = abilities, clock
        self._overall: deque[float] = deque()
        self._chats: dict[int, deque[float]] = {}

    def check(self, chat: int, messages: int = 1) -> None:
        """Raises NotYet where so many can't be sent now."""
        now = self.clock()
        if len(self._chats) > FORGET_BEYOND:
            self._chats = {key: sent for key, sent in self._chats.items() if sent}
        can = self.abilities
        for rates, times in ((can.overall, self._overall), (can.chat, self._sent(chat))):
            _forget(rates, times, now)
            wait = max((_wait(rate, times, now, messages) for rate in rates), default=0.0)
            if wait > 0:
                raise NotYet(max(1, ceil(wait)))

    def take(self, chat: int, messages: int = 1) -> None:
        """Counts what is about to be sent. Raises NotYet, and counts nothing then."""
        self.check(chat, messages)
        now = self.clock()
        for times in (self._overall, self._sent(chat)):
            times.extend([now] * messages)

    def _sent(self, chat: int) -> deque[float]:
        return self._chats.setdefault(chat, deque())


def _forget(rates: Iterable[Rate], times: deque[float], now: float) -> None:
    longest = max((rate.seconds for rate in rates), default=0.0)
    while times and times[0] <= now - longest:
        times.popleft()


def _wait(rate: Rate, times: deque[float], now: float, messages: int) -> float:
    recent = [at for at in times if at > now - rate.seconds]
    # More parts than the limit at once would never be let through: they count as many as fit.
    too_many = len(recent) + min(messages, rate.most) - rate.most
    return recent[too_many - 1] + rate.seconds - now if too_many > 0 else 0.0
