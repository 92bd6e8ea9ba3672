"""Scope of a person: organisations above and below their posts, and cases they help in.

All organisations as they lie below one another are kept in the memory of the process. Worked
example, the department above 40,000 branches, asked twice:

    head of the house: 40,001 organisations, sum s1    nothing kept: all rows are read and checked
    the same head                                      what lies below is known, no row is read
        somebody adds a branch; the commit moves the sum
    40,002 organisations, sum s2                       all are read, the new one alone is checked

The sealed head of the house holds the sum of the tags of all organisations (`services.core.heads`):
one that is as it was proves that the rows are, over several processes too.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.organisations import COMMITTEE, DEPARTMENT
from domain.permissions import ActPlace, Permission, may
from domain.rulebook.schema import Role
from models import CaseFile, CaseHelper, Organisation
from models.columns import columns_of, open_text
from models.in_values import among
from models.macs import ALTERED, HOUSE, LEDGER, fits
from services.core.errors import NotAllowed
from services.core.guard import HAND
from services.core.heads import KEPT, Counted, house_counts
from services.people.views import Actor

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

    def path(self, organisation_id: str) -> tuple[str, ...]:
        """Return an organisation and all above it, nearest first."""
        path: list[str] = []
        here: str | None = organisation_id
        # A damaged row may be its own ancestor.
        while here is not None and here in self.rows and here not in path:
            path.append(here)
            here = self.rows[here][1]
        return tuple(path)

    def under(self, organisation_id: str) -> Sequence[str]:
        """Return the ids of the organisations right below one."""
        return self._children.get(organisation_id, ())

    def level(self, organisation_id: str) -> str:
        level: str = self.rows[organisation_id][2]
        return level

    def named(self, organisation_id: str) -> tuple[str, str]:
        """Return the level and the name of an organisation."""
        one, _, level, sealed, _ = self.rows[organisation_id]
        return level, open_text(sealed, _TABLE, "name_sealed", one)

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


CLIMBS = 500
"""Organisations whose paths are read in one query: each is an argument."""


def upward(below: ColumnElement[bool]) -> Any:
    """Return a table of the ids of an organisation and all above it, to be joined: one query,
    however many levels there are. `below`: which organisation to begin with."""
    # UNION, not UNION ALL: it ends even where a damaged row is its own ancestor.
    start = select(Organisation.id, Organisation.parent_id)
    climb = start.where(below).cte(recursive=True)
    return climb.union(start.where(col(Organisation.id) == climb.c.parent_id))


# Built once: every update asks them, and building one costs more than running it.
_UPWARD = upward(col(Organisation.id) == bindparam("below"))
_CLIMB = select(Organisation).join(_UPWARD, col(Organisation.id) == _UPWARD.c.id)
_MANY_UPWARD = upward(col(Organisation.id).in_(bindparam("below", expanding=True)))
_CLIMBS = select(Organisation).join(_MANY_UPWARD, col(Organisation.id) == _MANY_UPWARD.c.id)
_ROLES = select(CaseHelper).where(
    col(CaseHelper.case_id) == bindparam("case"),
    col(CaseHelper.person_id) == bindparam("person"),
    col(CaseHelper.until).is_(None),
)


async def path_of(session: AsyncSession, organisation_id: str) -> tuple[str, ...]:
    """Return an organisation and all above it, nearest first. Cached in the session, since several
    permissions of one act ask for it."""
    known: dict[str, tuple[str, ...]] = session.info.setdefault("paths", {})
    if organisation_id not in known:
        found = await session.exec(_CLIMB, params={"below": organisation_id})
        know_path(session, organisation_id, found)
    return known[organisation_id]


async def paths_of(session: AsyncSession, ids: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Return the paths of these organisations, and remember them in the session. For hundreds, of
    which no names are read."""
    known: dict[str, tuple[str, ...]] = session.info.setdefault("paths", {})
    if wanted := {*ids} - known.keys():
        found = await tree(session)
        known |= {one: found.path(one) for one in wanted}
    return known


async def know_paths(session: AsyncSession, ids: Iterable[str]) -> None:
    """Read the paths of several organisations, for `path_of` to find."""
    known: dict[str, tuple[str, ...]] = session.info.setdefault("paths", {})
    wanted = sorted({*ids} - known.keys())
    for first in range(0, len(wanted), CLIMBS):
        part = wanted[first : first + CLIMBS]
        rows = {row.id: row for row in await session.exec(_CLIMBS, params={"below": part})}
        _known(session).update(rows)
        known |= {one: _path_in(rows, one) for one in part}


def know_path(session: AsyncSession, organisation_id: str, above: Iterable[Organisation]) -> None:
    """Remember in the session the path of an organisation. `above`: it and all above it, in any
    order."""
    rows = {row.id: row for row in above}
    _known(session).update(rows)
    session.info.setdefault("paths", {})[organisation_id] = _path_in(rows, organisation_id)


def _path_in(rows: dict[str, Organisation], organisation_id: str) -> tuple[str, ...]:
    path: list[str] = []
    here: str | None = organisation_id
    while here in rows and here not in path:
        path.append(here)
        here = rows[here].parent_id
    return tuple(path)


def _known(session: AsyncSession) -> dict[str, Organisation]:
    """Return the organisations read in this session, which by itself refers to them weakly and
    would query again."""
    known: dict[str, Organisation] = session.info.setdefault("organisations", {})
    return known


async def organisation(session: AsyncSession, organisation_id: str) -> Organisation | None:
    """Return an organisation, looked up once per session; None where there is none."""
    row = _known(session).get(organisation_id) or await session.get(Organisation, organisation_id)
    if row is not None:
        _known(session)[organisation_id] = row
    return row


async def committee_over(session: AsyncSession, organisation_id: str) -> Organisation | None:
    """Return the committee at or above an organisation; between a branch and its committee there
    may be a general branch."""
    above = [
        await organisation(session, place) for place in await path_of(session, organisation_id)
    ]
    return next((row for row in above if row is not None and row.level == COMMITTEE), None)


async def committee_of_each(session: AsyncSession) -> Mapping[str, str]:
    """Return the committee of every organisation at or below one. Where a committee lies below
    another, the lower one."""
    return (await tree(session)).committees()


async def name_of(session: AsyncSession, organisation_id: str) -> str:
    """Return the name of an organisation; "" where there is none."""
    row = await organisation(session, organisation_id)
    return str(row.name) if row else ""


async def names_of(session: AsyncSession, ids: Iterable[str]) -> dict[str, str]:
    """Return names of organisations by id, in one query."""
    statement = select(Organisation).where(among(col(Organisation.id), set(ids)))
    return {row.id: str(row.name) for row in await session.exec(statement)}


async def branches_below(session: AsyncSession, organisation_id: str) -> tuple[str, ...]:
    """Return the ids of an organisation and all below it."""
    return (await tree(session)).below(organisation_id)


async def place_of(session: AsyncSession, actor: Actor, case: CaseFile) -> ActPlace:
    """Return the place of a case: its organisations upward, and the actor's roles in it."""
    found = await session.exec(_ROLES, params={"case": case.id, "person": actor.person_id})
    roles = frozenset(Role(row.role) for row in found)
    return ActPlace(case.organisation_id, await path_of(session, case.organisation_id), roles)


async def allowed_at(
    session: AsyncSession, actor: Actor, organisation_id: str, permission: Permission
) -> bool:
    """Whether the actor has a permission at an organisation."""
    place = ActPlace(organisation_id, await path_of(session, organisation_id))
    return may(permission, actor.posts, place)


async def require_in_department(
    session: AsyncSession, actor: Actor, permission: Permission
) -> None:
    """Raises NotAllowed for whoever has no post in the department that allows this."""
    statement = select(Organisation).where(Organisation.level == DEPARTMENT)
    # There is one at most: `People.found` refuses a second.
    row = (await session.exec(statement)).first()
    department = row.id if row else ""
    if not may(permission, actor.posts, ActPlace(department, (department,))):
        raise NotAllowed(permission)


async def case_for(
    session: AsyncSession,
    actor: Actor,
    case_id: str,
    permission: Permission,
    step_actors: Sequence[Role] | None = None,
) -> tuple[CaseFile, ActPlace]:
    """Return a case and its place, if the actor may do this to it. Raises NotAllowed, also where
    there is none: what may not be seen must look as if it weren't there."""
    case = await session.get(CaseFile, case_id)
    if case is None:
        raise NotAllowed(case_id)
    place = await place_of(session, actor, case)
    if not may(permission, actor.posts, place, step_actors):
        raise NotAllowed(case_id)
    return case, place


async def cases_for(
    session: AsyncSession, actor: Actor, case_ids: Iterable[str], permission: Permission
) -> list[CaseFile]:
    """Return cases in the order of `case_ids`, if the actor may do this to all of them: some alone
    would be half an act. Raises as `case_for`."""
    # Queried for all at once: a plan may propose many names.
    ids = tuple(dict.fromkeys(case_ids))
    found = await session.exec(select(CaseFile).where(among(col(CaseFile.id), ids)))
    cases = {case.id: case for case in found}
    helping = select(CaseHelper).where(
        among(col(CaseHelper.case_id), ids),
        CaseHelper.person_id == actor.person_id,
        col(CaseHelper.until).is_(None),
    )
    roles: dict[str, set[Role]] = {}
    for row in await session.exec(helping):
        roles.setdefault(row.case_id, set()).add(Role(row.role))
    for case_id in ids:
        case = cases.get(case_id)
        if case is None:
            raise NotAllowed(case_id)
        path = await path_of(session, case.organisation_id)
        place = ActPlace(case.organisation_id, path, frozenset(roles.get(case_id, ())))
        if not may(permission, actor.posts, place):
            raise NotAllowed(case_id)
    return [cases[case_id] for case_id in ids]
