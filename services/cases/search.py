"""Find the cases of a person's lists: within reach, by name, waiting for them.

Names of the people with a case are opened once and kept in the memory of the process: the database
sees sealed names only, and a search would open each of them again.

Worked example, 100,000 cases within reach, "李" is looked for:

    ids within reach, one row    none is known: 100,000 rows are read, checked and opened, once
    ids within reach, one row    two were opened since, wherever: those two are read
                                 7,000 names have it; of the page that is shown the cases are read
    ids within reach, one row    the same as before: the names alone are looked through

Nothing tells this process of what others do: which cases there are it asks each time, and what a
case is called no act changes. Whoever shows a case reads its row.

There are as many as cases, 250 bytes each, and the ids that were asked for last: some 35 MB for
100,000. Fewer would be opened anew by each
search that goes through all of them. One of a case that another process takes out is found by
nobody, and gone when this process ends.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, and_, func, true
from sqlalchemy.sql.elements import True_
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.rulebook.kinds import HELPERS
from models import CaseFile, CaseHelper, CaseWaiting
from models.columns import open_text
from models.in_values import among
from services.core.guard import every_column, plain_rows
from services.core.heads import KEPT
from services.people.scope import tree
from services.people.views import Actor

AT_A_TIME = 2_000
"""Names opened at a time: their rows are in memory."""
_NAMES = "names"


@dataclass
class _Names:
    """Names by case, and cases by name, of which many are alike. A case that was changed by hand
    has none. `seen`: ids as the database gave them last, and as a set: all of them have names."""

    by_case: dict[str, str] = field(default_factory=dict)
    cases: dict[str, list[str]] = field(default_factory=dict)
    seen: tuple[str, frozenset[str]] = ("", frozenset())

    def add(self, case_id: str, name: str) -> None:
        self.by_case[case_id] = name
        self.cases.setdefault(name, []).append(case_id)

    def drop(self, case_id: str) -> None:
        name = self.by_case.pop(case_id, None)
        if name is not None:
            self.cases[name].remove(case_id)
            if not self.cases[name]:
                del self.cases[name]


async def named(
    session: AsyncSession, where: ColumnElement[bool], fits: Callable[[str], bool]
) -> list[str]:
    """Return the ids of the cases for which `where` holds and whose name fits, in no order."""
    # All in one row: a row for each id takes five times as long.
    ids = select(func.aggregate_strings(col(CaseFile.id), ",")).where(where)
    names: _Names = session.info.setdefault(KEPT, {}).setdefault(_NAMES, _Names())
    here = await _known(session, names, (await session.exec(ids)).one() or "")
    if len(here) < len(names.cases):
        # Of a branch's few, without going through the names of all others.
        known = ((one, names.by_case.get(one)) for one in here)
        return [one for one, name in known if name is not None and fits(name)]
    fitting = [cases for name, cases in names.cases.items() if fits(name)]
    return [one for cases in fitting for one in cases if one in here]


def forget_name(session: AsyncSession, case_id: str) -> None:
    """A case is taken out, and with it who it was of."""
    names: _Names = session.info.get(KEPT, {}).get(_NAMES, _Names())
    names.drop(case_id)


async def _known(session: AsyncSession, names: _Names, ids: str) -> frozenset[str]:
    """Return a list of ids as a set, once their names are opened. Whoever looks on has the same: a
    hundred thousand take less to be compared than to be told apart once more."""
    said, here = names.seen
    if said != ids:
        here = frozenset(ids.split(",")) - {""}
        await _open(session, names, sorted(here - names.by_case.keys()))
        if here <= names.by_case.keys():
            names.seen = ids, here
    return here


async def _open(session: AsyncSession, names: _Names, ids: Sequence[str]) -> None:
    for first in range(0, len(ids), AT_A_TIME):
        part = ids[first : first + AT_A_TIME]
        asked = every_column(CaseFile).where(among(col(CaseFile.id), part))
        for case in await plain_rows(session, CaseFile, asked):
            # Somebody else may have opened it meanwhile.
            if case.id not in names.by_case:
                sealed = case.person_sealed
                names.add(case.id, open_text(sealed, "case_file", "person_sealed", case.id))


_NEWEST = (col(CaseFile.opened_on).desc(), col(CaseFile.id).desc())


async def _reach(session: AsyncSession, actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """Return two conditions: cases at or below the actor's posts, and cases they help in."""
    organisations = await tree(session)
    places: set[str] = set()
    for post in actor.posts:
        # A helper's post opens no branch: helpers see the cases they help in.
        if post.role not in HELPERS:
            places.update(organisations.below(post.organisation_id))
    statement = select(CaseHelper).where(
        CaseHelper.person_id == actor.person_id, col(CaseHelper.until).is_(None)
    )
    helping = {row.case_id for row in await session.exec(statement)}
    # Who sees everything names nothing: the database takes the newest without looking at the rest.
    whole = organisations.are_all(places)
    below = true() if whole else among(col(CaseFile.organisation_id), places)
    return below, among(col(CaseFile.id), helping)


async def _within(session: AsyncSession, actor: Actor) -> ColumnElement[bool]:
    return or_(*await _reach(session, actor))


async def found_by(
    session: AsyncSession, actor: Actor, text: str, also: Sequence[ColumnElement[bool]] = ()
) -> Sequence[str]:
    """Return the ids of the cases within reach whose name contains `text`, the newest first.
    `also`: what else holds of them."""
    here = and_(await _within(session, actor), *also)
    if text:
        here = among(col(CaseFile.id), await named(session, here, _containing(text)))
    return (await session.exec(select(CaseFile.id).where(here).order_by(*_NEWEST))).all()


async def page_of(
    session: AsyncSession, actor: Actor, text: str, page: int, size: int
) -> tuple[Sequence[str], int, int]:
    """Return the ids of a page of what `found_by` finds, its number, and how many there are in all.
    A number beyond the last stands for the last."""
    here = await _within(session, actor)
    if text:
        ids = await named(session, here, _containing(text))
        here, total = among(col(CaseFile.id), ids), len(ids)
    else:
        total = (await session.exec(select(func.count(col(CaseFile.id))).where(here))).one()
    # A button for a page outlives the page: the list may be shorter by now.
    number = min(max(page, 0), max(0, (total - 1) // size))
    shown = select(CaseFile.id).where(here).order_by(*_NEWEST).offset(number * size).limit(size)
    return (await session.exec(shown)).all(), number, total


async def fitting(
    session: AsyncSession, actor: Actor, fits: Callable[[str], bool]
) -> Sequence[str]:
    """Return the ids of the cases within reach whose name fits, the newest first."""
    ids = await named(session, await _within(session, actor), fits)
    if not ids:
        return ()
    here = among(col(CaseFile.id), ids)
    return (await session.exec(select(CaseFile.id).where(here).order_by(*_NEWEST))).all()


def _containing(text: str) -> Callable[[str], bool]:
    return lambda name: text in name.lower()


async def waiting_for(session: AsyncSession, actor: Actor) -> Sequence[str]:
    """Return the ids of the cases that wait for a role of the actor, ended ones too while their end
    calls for something. A superset: who acts is told by the progress of each."""
    below, helping = await _reach(session, actor)
    posts, helpers = actor.roles - HELPERS, sorted(HELPERS)
    turn = select(CaseWaiting.case_id).where(CaseWaiting.case_id == CaseFile.id)
    theirs: ColumnElement[bool] = turn.where(col(CaseWaiting.role).in_(posts)).exists()
    if isinstance(below, True_):
        # Of the whole department the few that wait for a role are found by it, not case by case.
        by_role = select(CaseWaiting.case_id).where(col(CaseWaiting.role).in_(posts))
        theirs = col(CaseFile.id).in_(by_role)
    mine = or_(
        below & theirs,
        helping & turn.where(col(CaseWaiting.role).in_(helpers)).exists(),
    )
    return (await session.exec(select(CaseFile.id).where(mine))).all()
