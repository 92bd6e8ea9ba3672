"""Totals as rows, and as the body of a message."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.figures.totals import Told, Totals, fits
from models import TotalsRow
from models.totals import TotalsSide
from services.core.guard import refuse_altered

COUNTS = ("year", "units", "missing", "reports", "few_reports")
CELLS = ("numbers", "kept")


async def rows_of(session: AsyncSession, side: TotalsSide, year: int) -> tuple[TotalsRow, ...]:
    """Return what was told of a year, the oldest version first. Raises RecordAltered: less than was
    told must not be taken for all of it."""
    statement = (
        select(TotalsRow)
        .where(TotalsRow.side == side, TotalsRow.year == year)
        .order_by(col(TotalsRow.version))
    )
    rows = tuple(await session.exec(statement))
    refuse_altered(session)
    return rows


def newest(rows: Iterable[TotalsRow]) -> Mapping[str, TotalsRow]:
    """By who told it; of rows in the order of their versions."""
    return {row.peer_id: row for row in rows}


def totals_in(row: TotalsRow) -> Totals:
    return Totals(**row.totals)


def told_in(row: TotalsRow) -> Told:
    return Told(totals_in(row), row.groups)


def next_row(side: TotalsSide, earlier: Sequence[TotalsRow], told: Told, as_of: date) -> TotalsRow:
    row = TotalsRow(side=side, year=told.totals.year, version=len(earlier) + 1, as_of=as_of)
    row.totals = asdict(told.totals)
    if side is TotalsSide.OWN:
        row.groups = {cell: dict(group) for cell, group in told.groups.items()}
    return row


def body_of(row: TotalsRow) -> dict[str, Any]:
    return {"version": row.version, "as_of": row.as_of, **row.totals}


def read(body: Mapping[str, Any]) -> tuple[Totals, int, date] | None:
    """Return totals, version and day of a message; None for what no such message may hold."""
    counts = {name: body.get(name) for name in (*COUNTS, "version")}
    cells = {name: body.get(name) for name in CELLS}
    as_of = body.get("as_of")
    if (
        any(type(number) is not int for number in counts.values())
        or any(not _is_cells(one) for one in cells.values())
        or type(as_of) is not date
        or body.keys() != {*counts, *cells, "as_of"}
    ):
        return None
    version = int(counts.pop("version") or 0)
    totals = Totals(**counts, **cells)  # type: ignore[arg-type]
    return (totals, version, as_of) if version > 0 and fits(totals) else None


def _is_cells(found: object) -> bool:
    return isinstance(found, Mapping) and all(
        type(cell) is str and type(number) is int for cell, number in found.items()
    )
