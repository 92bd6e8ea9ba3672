"""What shows that a form was asked for here a short while ago: no session, no cookie, nobody's."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from hmac import compare_digest
from secrets import token_bytes, token_hex

KEPT = timedelta(hours=1)


class FormTokens:
    """Each is good once and for an hour, under a key that dies with the process."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self._key = token_bytes(32)
        self._used: dict[str, int] = {}

    def give(self) -> str:
        until = int((self.now() + KEPT).timestamp())
        said = f"{until}.{token_hex(12)}"
        return f"{said}.{self._mark(said)}"

    def take(self, token: str) -> bool:
        """True where it is good; it isn't afterwards."""
        said, _, mark = token.rpartition(".")
        if not compare_digest(mark.encode(), self._mark(said).encode()):
            return False
        # Read only behind a good mark: what stands in a forged one may be no number.
        moment, until = int(self.now().timestamp()), int(said.partition(".")[0])
        # One whose time is over is refused for that, and needn't be remembered as used.
        self._used = {used: end for used, end in self._used.items() if end > moment}
        if until <= moment or said in self._used:
            return False
        self._used[said] = until
        return True

    def _mark(self, said: str) -> str:
        return blake2b(said.encode(), key=self._key, digest_size=16).hexdigest()
