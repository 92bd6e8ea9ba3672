"""Cases as they were read last, kept in memory: a form doesn't read, open and replay its case anew
for each answer.

Worked example, case c, read by one update, and again by the next:

    71  heads of c and of the house: h1, g1    nothing kept: c is read whole, kept with (h1, g1)
    72  heads: h1, g1                          the kept case is handed out, no row is read
        somebody signs in c; the commit moves its head
    73  heads: h2, g1                          c is read whole; its entries are the same as before,
                                               so they stay open, and so does their replay

Every commit that writes rows with a MAC seals the head of their chain anew
(`services.core.heads`): what a case is made of stands in its own chain, names of people and
organisations in that of the house. So two heads that are as they were prove that the rows are, of
the house also one of which only the sums of statistics have moved (`same_house`); and this holds
over several processes, which no message from one to the other would.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.permissions import ActPlace, Permission, may
from models import AuditHead
from models.macs import HOUSE
from services.casefile.load import CaseInHand, LoadedCase, helping_as, read_case
from services.casefile.procedure import Procedure
from services.core.errors import NotAllowed
from services.core.heads import move, same_house
from services.people.views import Actor

MOST = 256
"""Cases kept by a process; with thirty entries, all of them opened, one takes some 110 kB."""

_HEADS = select(AuditHead.id, AuditHead.newest_sealed).where(
    col(AuditHead.id).in_((bindparam("case"), HOUSE))
)


@dataclass(frozen=True)
class _Kept:
    """`heads`: those read before the case, by chain; none where they prove nothing, or where an act
    left it, which isn't committed yet. `path`: its organisation and all above it."""

    loaded: LoadedCase
    path: tuple[str, ...] = ()
    heads: Mapping[str, bytes] | None = None

    def stands(self, case_id: str, heads: Mapping[str, bytes]) -> bool:
        """Whether nothing of what was read has changed."""
        before = self.heads or {}
        same = case_id in before and before[case_id] == heads.get(case_id)
        return same and same_house(before.get(HOUSE), heads.get(HOUSE))


class CaseCache:
    """The cases read last, by id. Losing one costs a reading."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def look(
        self,
        session: AsyncSession,
        actor: Actor,
        case_id: str,
        procedure: Procedure,
        permission: Permission | None = None,
        heads: Mapping[str, bytes] | None = None,
    ) -> CaseInHand:
        """Return a case to be looked at only, as `load.read_case` would read it now. `heads`: of
        the house and the case, where they were read for this update."""
        if heads is None:
            heads = dict((await session.exec(_HEADS, params={"case": case_id})).all())
        kept = self._kept.get(case_id)
        if kept is None or not kept.stands(case_id, heads) or not _of_today(kept.loaded, procedure):
            hand = await self.read(session, actor, case_id, procedure, permission)
            proven = heads if move(heads, case_id, HOUSE) else None
            self._keep(case_id, _Kept(hand.loaded, hand.place.path, proven))
            return hand
        self._keep(case_id, replace(kept, heads=heads))
        place = ActPlace(
            kept.loaded.case.organisation_id, kept.path, helping_as(actor, kept.loaded.helpers)
        )
        if permission is not None and not may(permission, actor.posts, place):
            raise NotAllowed(case_id)
        return CaseInHand(kept.loaded, place)

    async def read(
        self,
        session: AsyncSession,
        actor: Actor,
        case_id: str,
        procedure: Procedure,
        permission: Permission | None = None,
    ) -> CaseInHand:
        """Read a case, for an act under its lock; raises as `load.read_case`. What was checked,
        opened and replayed of the same entries before isn't checked, opened and replayed again."""
        kept = self._kept.get(case_id)
        before = kept.loaded if kept else None
        hand = await read_case(session, actor, case_id, procedure, permission, before)
        if kept is not None:
            hand.loaded.share(kept.loaded)
        return hand

    def left(self, loaded: LoadedCase) -> None:
        """Keep the replay of a case as an act leaves it. Its rows aren't handed out: the act may
        still be rolled back."""
        self._keep(loaded.case.id, _Kept(loaded))

    def _keep(self, case_id: str, kept: _Kept) -> None:
        self._kept[case_id] = kept
        self._kept.move_to_end(case_id)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)


def _of_today(loaded: LoadedCase, procedure: Procedure) -> bool:
    return loaded.book is procedure.find(loaded.case.rulebook)
