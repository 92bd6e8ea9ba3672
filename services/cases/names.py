"""Names of the people with a case, opened once and kept in the memory of the process: the database
sees sealed names only, and a search would open each of them again.

Worked example, 100,000 cases within reach, "李" is looked for:

    ids within reach, one row    none is known: 100,000 rows are read, checked and opened, once
    ids within reach, one row    two were opened since, wherever: those two are read
                                 7,000 names have it; of the page that is shown the cases are read

Nothing tells this process of what others do: which cases there are it asks each time, and what a
case is called no act changes. Whoever shows a case reads its row.

There are as many as cases, 180 bytes each: 18 MB for 100,000. Fewer would be opened anew by each
search that goes through all of them. One of a case that another process takes out is found by
nobody, and gone when this process ends.
"""

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import CaseFile
from models.among import among
from services.core.heads import KEPT

AT_A_TIME = 2_000
"""Names opened at a time: their rows are in memory."""
_NAMES = "names"


async def named(
    session: AsyncSession, where: ColumnElement[bool], fits: Callable[[str], bool]
) -> list[str]:
    """Return the ids of the cases for which `where` holds and whose name fits, in no order."""
    # All in one row: a row for each id takes five times as long.
    ids = select(func.aggregate_strings(col(CaseFile.id), ",")).where(where)
    here = ((await session.exec(ids)).one() or "").split(",")
    names: dict[str, str] = session.info.setdefault(KEPT, {}).setdefault(_NAMES, {})
    await _open(session, names, [one for one in here if one and one not in names])
    # Many have the same name; a case that was changed by hand has none.
    fitting = {name for name in {names[one] for one in here if one in names} if fits(name)}
    return [one for one in here if names.get(one) in fitting]


def forget_name(session: AsyncSession, case_id: str) -> None:
    """A case is taken out, and with it who it was of."""
    session.info.get(KEPT, {}).get(_NAMES, {}).pop(case_id, None)


async def _open(session: AsyncSession, names: dict[str, str], ids: Sequence[str]) -> None:
    for first in range(0, len(ids), AT_A_TIME):
        part = ids[first : first + AT_A_TIME]
        for case in await session.exec(select(CaseFile).where(among(col(CaseFile.id), part))):
            names[case.id] = str(case.person)
