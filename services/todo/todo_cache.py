"""What waits for somebody in a case, kept in memory while nobody has changed the case.

Worked example, a secretary with 1,000 cases, who looks at the list, enters a step in case c, and
looks again:

    heads of 1,000 cases and of the house    nothing kept: all are read and replayed, 1.5 s
    the same, but c's                        c alone is read, the others are as they were found

The heads prove it, as in `services.casefile.case_cache`: rows of a case stand in its own chain,
posts, people, organisations in that of the house.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import AuditHead
from models.in_values import among
from models.macs import HOUSE
from services.core.heads import move, same_house
from services.todo.views import TodoItem

MOST = 20_000
"""Cases of one person each; with two items one takes a kilobyte."""
Stands = tuple[bytes | None, bytes | None]
"""The heads of a case and of the house."""
Key = tuple[Stands, *tuple[object, ...]]
"""All that what was found depends on."""


class KeptItems:
    """By person and case, those looked at last. Losing one costs a reading."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, str], tuple[Key, tuple[TodoItem, ...]]] = OrderedDict()

    async def stands(self, session: AsyncSession, ids: Sequence[str]) -> Mapping[str, Stands]:
        """Return where each case stands now, to be asked before it is read."""
        heads = select(AuditHead.id, AuditHead.newest_sealed)
        found = await session.exec(heads.where(among(col(AuditHead.id), (*ids, HOUSE))))
        sealed: dict[str, bytes] = dict(found.all())
        return {one: (sealed.get(one), sealed.get(HOUSE)) for one in ids}

    def items(self, person_id: str, case_id: str, key: Key) -> tuple[TodoItem, ...] | None:
        """Return what was found under the same `key`; None where nothing was."""
        known = self._kept.get((person_id, case_id))
        if known is None or known[0][1:] != key[1:]:
            return None
        (case, house), (case_now, house_now) = known[0][0], key[0]
        if case != case_now or not same_house(house, house_now):
            return None
        self._kept[person_id, case_id] = key, known[1]
        self._kept.move_to_end((person_id, case_id))
        return known[1]

    def keep(self, person_id: str, case_id: str, key: Key, items: Sequence[TodoItem]) -> None:
        case, house = key[0]
        if not (case and house and move({case_id: case, HOUSE: house}, case_id, HOUSE)):
            return
        self._kept[person_id, case_id] = key, tuple(items)
        self._kept.move_to_end((person_id, case_id))
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
