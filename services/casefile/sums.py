"""Keep the sums that statistics are made of: each act moves them by what it changes in a case.

A case remembers, sealed, in what it counts and where. The sums of its branch and of all above are
moved by the difference, so that a figure of a hundred thousand cases is one row to open. Each act
stores its case together with the sums, which it moves last of all: those of the city belong to all
cases (`services.core.heads.do_last`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.figures.counting import Years
from domain.figures.placing import Change, Placed, added, change, placed, summed, together
from models import CaseFile, FigureRow
from models.columns import new_id, open_json, seal_json
from models.in_values import FEW, among
from models.macs import HOUSE
from services.core.guard import change_rows, every_column, insert_rows, plain_rows
from services.core.heads import do_last
from services.people.scope import path_of

CELLS = ("figure", "cells_sealed")
MOVED = "moved"
"""Key of `Session.info`: by what the sums move at the end of this transaction."""


# Built once: nearly every act moves some sums of a few organisations.
_IN_YEARS = every_column(FigureRow).where(
    col(FigureRow.year).in_(bindparam("years", expanding=True))
)
_OF_FEW = _IN_YEARS.where(col(FigureRow.organisation_id).in_(bindparam("places", expanding=True)))


async def place(session: AsyncSession, case: CaseFile, counts: Years) -> None:
    """Move the sums by what a case counts in now and didn't before, and let it remember that."""
    before = counted_before(case)
    after = placed(before, counts, case.organisation_id)
    if after == before:
        return
    paths = {here: await path_of(session, here) for here in {*before, *after}}
    move(session, change(before, after, paths))
    case.counted = as_stored(after)
    session.add(case)


async def drop_from_sums(session: AsyncSession, cases: Sequence[CaseFile]) -> None:
    """Take cases out of the sums, before they are deleted."""
    before = together(map(counted_before, cases))
    paths = {place: await path_of(session, place) for place in before}
    move(session, change(before, {}, paths))


def counted_before(case: CaseFile) -> Placed:
    """Return in what a case counts now."""
    stored: Mapping[str, Mapping[str, Mapping[str, int]]] = case.counted or {}
    return {
        place: {int(year): dict(cells) for year, cells in years.items()}
        for place, years in stored.items()
    }


def as_stored(sums: Placed) -> dict[str, dict[str, dict[str, int]]]:
    """With years as text, which is what JSON makes of them."""
    return {
        place: {str(year): dict(cells) for year, cells in years.items()}
        for place, years in sums.items()
    }


def move(session: AsyncSession, changes: Change) -> None:
    """Add to the sums of organisations and years, at the end of this transaction: acts on other
    cases move the same ones, up to those of the city."""
    if changes:
        session.info.setdefault(MOVED, []).append(changes)
        do_last(session, (HOUSE,), _store)


async def _store(session: AsyncSession) -> None:
    changes = summed(session.info.pop(MOVED))
    places = {place for place, _ in changes}
    asked = _OF_FEW
    params: dict[str, Any] = {"years": [*{year for _, year in changes}]}
    if len(places) > FEW:
        asked = _IN_YEARS.where(among(col(FigureRow.organisation_id), places))
    else:
        params["places"] = [*places]
    found = await plain_rows(session, FigureRow, asked, params)
    rows = {(row.organisation_id, row.year): row for row in found}
    fresh, changed = list[dict[str, Any]](), list[tuple[Any, dict[str, Any]]]()
    for (place, year), cells in changes.items():
        if row := rows.get((place, year)):
            before: Mapping[str, int] = open_json(row.cells_sealed, *CELLS, row.id)
            sealed = seal_json(added(before, cells), *CELLS, row.id)
            changed.append((row, {"cells_sealed": sealed}))
        else:
            fresh.append(_first(place, year, cells))
    await change_rows(session, FigureRow, changed)
    await insert_rows(session, FigureRow, fresh)


def _first(place: str, year: int, cells: Mapping[str, int]) -> dict[str, Any]:
    row_id = new_id()
    sealed = seal_json(dict(cells), *CELLS, row_id)
    return {"id": row_id, "organisation_id": place, "year": year, "cells_sealed": sealed}
