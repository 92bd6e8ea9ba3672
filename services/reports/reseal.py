"""Changing who can open the reports: what lies sealed is sealed anew, to the holders of now."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from models.intake import IntakeFile, IntakeLetter, IntakeReport
from services.core.database import Database
from services.core.sealing import CannotOpen, Opener, Sealer
from services.core.wipe import scrub

AT_ONCE = 10
"""Rows in one commit: attachments may have 10 MB each."""


@dataclass
class Resealed:
    """`unreadable`: what none of the keys at hand opens; it stays as it was."""

    changed: int = 0
    unreadable: int = 0


async def reseal_reports(intake: Database, opener: Opener, sealer: Sealer) -> Resealed:
    """In small commits, while both bots run; broken off, it can be begun again. On SQLite the old
    seals are gone from the file afterwards."""
    found = Resealed()
    for table in (IntakeReport, IntakeFile, IntakeLetter):
        last: str | None = ""
        while last is not None:
            last = await _some(intake, table, last, opener, sealer, found)
    await scrub(intake, whole=True)
    return found


async def _some(
    intake: Database, table: Any, after: str, opener: Opener, sealer: Sealer, found: Resealed
) -> str | None:
    """One commit; the id to go on after, None at the end."""
    statement = select(table).where(col(table.id) > after, table.sealed != b"")
    if table is IntakeLetter:
        # Answers are sealed to their reporters: nobody here opens them.
        statement = statement.where(IntakeLetter.sender == "reporter")
    async with intake.write() as session:
        rows = (await session.exec(statement.order_by(col(table.id)).limit(AT_ONCE))).all()
        for row in rows:
            try:
                row.sealed = sealer.seal(opener.open(row.sealed))
                found.changed += 1
            except CannotOpen:
                found.unreadable += 1
            session.add(row)
        return rows[-1].id if rows else None
