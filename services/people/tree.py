"""All organisations as they lie below one another, kept in the memory of the process.

Worked example, the department above 40,000 branches, asked twice:

    head of the house: 40,001 organisations, sum s1    nothing kept: all rows are read and checked
    the same head                                      what lies below is known, no row is read
        somebody adds a branch; the commit moves the sum
    40,002 organisations, sum s2                       all are read, the new one alone is checked

The sealed head of the house holds the sum of the tags of all organisations (`services.core.heads`):
one that is as it was proves that the rows are, over several processes too.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from domain.organisations import COMMITTEE
from models import Organisation
from models.columns import columns_of
from models.macs import ALTERED, HOUSE, LEDGER, fits
from services.core.guard import HAND
from services.core.heads import KEPT, Counted, house_counts

_TREE, _TABLE = "tree", str(Organisation.__tablename__)
_NAMES = ("id", "parent_id", "level", "name_sealed", "mac")

_ROWS = columns_of(Organisation, _NAMES)


@dataclass
class Tree:
    """`rows`: all columns by id, of rows that fit their MAC. `altered`: ids of those that don't.
    `counted`: the ledger by which it was read, None where it isn't good for another session."""

    rows: Mapping[str, tuple[Any, ...]]
    altered: frozenset[str] = frozenset()
    counted: Counted | None = None
    _children: dict[str | None, list[str]] = field(default_factory=dict)
    _below: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _committees: dict[str, str] | None = None

    def __post_init__(self) -> None:
        for one, parent, *_ in self.rows.values():
            self._children.setdefault(parent, []).append(one)

    def below(self, organisation_id: str) -> tuple[str, ...]:
        """Return the ids of an organisation and all below it, level by level."""
        if organisation_id not in self._below:
            # A dictionary: a damaged row may be its own ancestor.
            found = {organisation_id: None}
            level = [organisation_id]
            while level:
                under = (one for above in level for one in self._children.get(above, ()))
                level = [one for one in under if one not in found]
                found |= dict.fromkeys(level)
            self._below[organisation_id] = tuple(found)
        return self._below[organisation_id]

    def are_all(self, places: Collection[str]) -> bool:
        """Whether `places` are all organisations there are, and none was changed by hand."""
        return (
            not self.altered and len(places) >= len(self.rows) and self.rows.keys() <= set(places)
        )

    def committees(self) -> Mapping[str, str]:
        """Return the committee of every organisation at or below one, the nearest."""
        if self._committees is None:
            self._committees = {}
            for one in self.rows:
                self._climb(one, self._committees)
        return self._committees

    def _climb(self, one: str, found: dict[str, str]) -> None:
        """Note the nearest committee of an organisation and of all on the way to it."""
        way: dict[str, None] = {}
        here, committee = one, ""
        # A damaged row may be its own ancestor.
        while here in self.rows and here not in way and not committee:
            way[here] = None
            _, parent, level, *_ = self.rows[here]
            committee = here if level == COMMITTEE else found.get(here, "")
            here = parent or ""
        if committee:
            found |= dict.fromkeys(way, committee)


async def tree(session: AsyncSession) -> Tree:
    """Return the organisations as this session sees them. Rows that don't fit their MAC are left
    out, and noted in the session as altered."""
    counted = (await house_counts(session)).get(_TABLE)
    # What this transaction has changed itself stands in no head yet.
    own = (HOUSE, _TABLE) in session.info.get(LEDGER, ())
    kept: dict[str, Any] = session.info.get(KEPT, {})
    found: Tree | None = kept.get(_TREE)
    if own or found is None or counted is None or found.counted != counted:
        found = await _read(session, found, None if own else counted)
        if not own:
            kept[_TREE] = found
    for one in found.altered:
        session.info.setdefault(ALTERED, {})[_TABLE, one] = HOUSE
    return found


async def _read(session: AsyncSession, known: Tree | None, counted: Counted | None) -> Tree:
    """`known`: rows checked before, which aren't checked again while they are the same."""
    before = known.rows if known else {}
    rows, altered = {}, set()
    # By hand: as objects, 40,000 take two seconds.
    for row in await session.exec(_ROWS, execution_options=HAND):
        values = tuple(row)
        same = before.get(values[0]) == values
        if same or fits(Organisation, dict(zip(_NAMES, values, strict=True))):
            rows[values[0]] = values
        else:
            altered.add(values[0])
    return Tree(rows, frozenset(altered), counted)
