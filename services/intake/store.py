"""Read and write rows of the public side, for both sides."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.reports import IntakeState
from models.columns import new_id
from models.intake import IntakeFile, IntakeLetter, IntakeReport
from services.core.errors import Refusal
from services.intake.answers import open_answer
from services.intake.binding import letter_place, placed_letter
from services.intake.codes import CodeKeys

SALT, BOT, PAGE, NOTICES = "salt", "bot", "door", "notices"
"""Names of settings: a salt, the bot's name, the page's address, the key to seal notices for."""
AGAIN = IntakeState.AGAIN
"""Its reporter wrote after the answer and waits for another."""
ENDED = (IntakeState.ANSWERED, IntakeState.WITHDRAWN, IntakeState.NOT_FILED)
"""States in which nobody waits for anything."""


class UnknownCode(Refusal):
    """No report is found by this code."""


@dataclass(frozen=True)
class LetterLine:
    """`sender`: reporter | department. What the reporter wrote can't be read back: `text` is "". It
    is None of an answer that the department didn't write."""

    sender: str
    day: date
    text: str | None


async def add_letter(
    session: AsyncSession,
    report_id: str,
    sender: str,
    day: date,
    seal: Callable[[str], bytes],
    letter: str = "",
) -> None:
    """Add a letter to a report. `sender`: reporter | department. `seal`: gives the content, sealed
    for the place it is handed. `letter`: its id, where it has to be recognised when it is tried
    again; else a random one."""
    statement = select(func.max(IntakeLetter.number)).where(IntakeLetter.report_id == report_id)
    last = (await session.exec(statement)).one() or 0
    letter, number = letter or new_id(), last + 1
    session.add(
        IntakeLetter(
            id=letter,
            report_id=report_id,
            number=number,
            sender=sender,
            day=day,
            # Sealed for its place: put under another report by hand, it is refused.
            sealed=seal(placed_letter(report_id, letter, number, day)),
        )
    )


async def letters_of(session: AsyncSession, report: IntakeReport) -> int:
    """Return how many letters its reporter has written to a report."""
    statement = select(func.count()).select_from(IntakeLetter)
    of_it = (IntakeLetter.report_id == report.id, IntakeLetter.sender == "reporter")
    return (await session.exec(statement.where(*of_it))).one()


async def clear(session: AsyncSession, report: IntakeReport) -> None:
    """Delete the content of a report; the row stays as a tombstone, so that its code is still
    answered."""
    report.sealed = b""
    session.add(report)
    for table in (IntakeFile, IntakeLetter):
        for row in await session.exec(select(table).where(table.report_id == report.id)):
            await session.delete(row)


async def find(session: AsyncSession, keys: CodeKeys) -> IntakeReport:
    """Return the report of a code. Raises UnknownCode."""
    found = (await session.exec(select(IntakeReport).where(IntakeReport.tag == keys.tag))).first()
    if found is None:
        raise UnknownCode
    return found


def shown_line(letter: IntakeLetter, keys: CodeKeys, answers: bytes) -> LetterLine:
    """Return a letter as its reporter sees it. `answers`: the key that answers are checked with."""
    # Sealed to the department: the code of its own writer doesn't open it.
    if letter.sender == "reporter":
        return LetterLine("reporter", letter.day, "")
    text = open_answer(letter.sealed, letter_place(letter), keys.private, answers)
    return LetterLine("department", letter.day, text)
