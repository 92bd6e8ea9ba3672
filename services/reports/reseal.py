"""Reseal the reports to today's holders: a new one can read what came before, a removed one can't
any more (docs/decisions/0013)."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from models.intake import IntakeFile, IntakeLetter, IntakeReport
from services.core.database import Database, scrub
from services.core.sealing import CannotOpen, Opener, Sealer

AT_ONCE = 10
"""Rows in one commit: attachments may have 10 MB each."""


@dataclass
class Resealed:
    """Numbers of rows. `unreadable`: what none of the keys at hand opens; it is left as it is."""

    changed: int = 0
    unreadable: int = 0


async def reseal_reports(intake: Database, opener: Opener, sealer: Sealer) -> Resealed:
    """Reseal reports, files and letters in small commits; both bots may run. Broken off, it is
    begun again from the start. `opener`: keys that open what is there; `sealer`: today's
    holders."""
    found = Resealed()
    for table in (IntakeReport, IntakeFile, IntakeLetter):
        last: str | None = ""
        while last is not None:
            last = await _some(intake, table, last, opener, sealer, found)
    # Whole: the old seals lie in free pages of the file, and a removed holder still opens them.
    await scrub(intake, whole=True)
    return found


async def _some(
    intake: Database, table: Any, after: str, opener: Opener, sealer: Sealer, found: Resealed
) -> str | None:
    """Reseal some rows in one commit; return the id to continue after, None at the end."""
    statement = select(table).where(col(table.id) > after, table.sealed != b"")
    if table is IntakeLetter:
        # Answers are sealed to their reporters: nobody here opens them.
        statement = statement.where(IntakeLetter.sender == "reporter")
    async with intake.write() as session:
        statement = statement.order_by(col(table.id)).limit(AT_ONCE)
        # A withdrawal meanwhile would get its content written back.
        rows = (await session.exec(statement.with_for_update())).all()
        for row in rows:
            try:
                row.sealed = sealer.seal(opener.open(row.sealed))
                found.changed += 1
            except CannotOpen:
                found.unreadable += 1
            session.add(row)
        return rows[-1].id if rows else None
