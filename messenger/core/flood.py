"""How much a bot may send, where a setting asks for it: beyond it, 429 with retry_after."""

import time
from collections import deque
from dataclasses import dataclass, field
from math import ceil

from botapi.errors import ApiError, too_many
from messenger.core.settings import FloodLimits


@dataclass
class Flood:
    """`early`: requests that came inside a retry_after, which a bot should have obeyed."""

    limits: FloodLimits | None
    early: int = 0
    _until: float = 0
    _sent: deque[tuple[float, int]] = field(default_factory=deque)

    def check(self, chat_id: int) -> None:
        """Counts one send. Raises ApiError 429."""
        if self.limits is None:
            return
        # Not the messenger's own clock, which a person may move on by a week.
        now = time.monotonic()
        if now < self._until:
            self.early += 1
            raise self._refused(now)
        while self._sent and self._sent[0][0] <= now - self.limits.window:
            self._sent.popleft()
        here = sum(chat == chat_id for _, chat in self._sent)
        if len(self._sent) >= self.limits.overall or here >= self.limits.chat:
            # The pause begins anew only with a request that comes after it, so that an obedient
            # bot gets through.
            self._until = now + self.limits.pause
            raise self._refused(now)
        self._sent.append((now, chat_id))

    def _refused(self, now: float) -> ApiError:
        return too_many(max(1, ceil(self._until - now)))
