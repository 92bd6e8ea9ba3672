"""Who writes, kept in memory while the head of the house stands: posts, names and who is reachable
are rows of that chain, so that an unchanged head proves that nobody's right was given or withdrawn,
by whichever process (`services.casefile.case_cache` says the same of a case)."""

from collections import OrderedDict
from dataclasses import dataclass

from services.people.views import Actor

MOST = 512


@dataclass(frozen=True)
class KnownActor:
    """`house`: the sealed head that was read before the person."""

    house: bytes
    actor: Actor
    blocked: bool


class ActorCache:
    """Those who wrote last, by the blind index of their chat. Losing one costs a reading."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, KnownActor] = OrderedDict()

    def get(self, chat: str) -> KnownActor | None:
        return self._kept.get(chat)

    def keep(self, chat: str, known: KnownActor) -> None:
        self._kept[chat] = known
        self._kept.move_to_end(chat)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
