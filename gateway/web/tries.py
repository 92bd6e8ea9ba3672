"""How often somebody may try: in any hour, by whatever tells them apart."""

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from gateway.web.web_texts import Problem

FORGET_BEYOND = 5000

Limit = tuple[Hashable, int]
"""What is counted, and how often it may be in an hour."""


@dataclass
class Tries:
    """Kept in memory: whoever could start the gateway anew needs no guessing. `clock`: seconds."""

    clock: Callable[[], float]
    seconds: float = 3600.0
    _made: dict[Hashable, deque[float]] = field(default_factory=dict)

    def check(self, *limits: Limit, code: str = "too_many_tries") -> None:
        """Raises Problem where any of them has been tried as often as it may."""
        for key, most in limits:
            if len(self._recent(key)) >= most:
                raise Problem(code, 429)

    def count(self, *limits: Limit) -> None:
        if len(self._made) > FORGET_BEYOND:
            self._made = {key: made for key in [*self._made] if (made := self._recent(key))}
        for key, _ in limits:
            self._made.setdefault(key, deque()).append(self.clock())

    def give_back(self, *limits: Limit) -> None:
        """Don't count the last one: it was right."""
        for key, _ in limits:
            if made := self._made.get(key):
                made.pop()

    def _recent(self, key: Hashable) -> deque[float]:
        made, now = self._made.get(key, deque()), self.clock()
        while made and made[0] <= now - self.seconds:
            made.popleft()
        return made
