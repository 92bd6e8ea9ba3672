"""Read and write rows of the public side, for both sides."""

import json
from dataclasses import dataclass
from datetime import date

from nacl.exceptions import CryptoError
from nacl.public import PublicKey, SealedBox
from sqlalchemy import func
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.reports import IntakeState
from models.columns import new_id
from models.intake import IntakeFile, IntakeLetter, IntakeReport
from services.core.errors import Refusal
from services.intake.codes import CodeKeys

PADDED = 1024
"""Bytes; sealed content is padded to a multiple of it, so that its length tells little."""
AGAIN = IntakeState.AGAIN
"""Its reporter wrote after the answer and waits for another."""
ENDED = (IntakeState.ANSWERED, IntakeState.WITHDRAWN, IntakeState.NOT_FILED)
"""States in which nobody waits for anything."""


class UnknownCode(Refusal):
    """No report is found by this code."""


@dataclass(frozen=True)
class LetterLine:
    """`sender`: reporter | department. What the reporter wrote can't be read back: `text` is ""."""

    sender: str
    day: date
    text: str


async def add_letter(
    session: AsyncSession, report_id: str, sender: str, day: date, sealed: bytes, letter: str = ""
) -> None:
    """Add a letter to a report. `sender`: reporter | department. `letter`: its id, where it has to
    be recognised when it is tried again; else a random one."""
    statement = select(func.max(IntakeLetter.number)).where(IntakeLetter.report_id == report_id)
    last = (await session.exec(statement)).one() or 0
    session.add(
        IntakeLetter(
            id=letter or new_id(),
            report_id=report_id,
            number=last + 1,
            sender=sender,
            day=day,
            sealed=sealed,
        )
    )


async def letters_of(session: AsyncSession, report: IntakeReport, sender: str) -> int:
    """Return how many letters of a sender a report has."""
    statement = select(func.count()).select_from(IntakeLetter)
    of_it = (IntakeLetter.report_id == report.id, IntakeLetter.sender == sender)
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


def shown_line(letter: IntakeLetter, keys: CodeKeys) -> LetterLine:
    """Return a letter as its reporter sees it; an answer that the code doesn't open is empty."""
    # Sealed to the department: the code of its own writer doesn't open it.
    if letter.sender == "reporter":
        return LetterLine("reporter", letter.day, "")
    try:
        text = json.loads(SealedBox(keys.private).decrypt(letter.sealed))["text"]
    except CryptoError:
        text = ""
    return LetterLine("department", letter.day, text)


def seal_answer(reply_key: bytes, text: str) -> bytes:
    """Seal an answer to its reporter: only the code opens it, no key of the department."""
    return bytes(SealedBox(PublicKey(reply_key)).encrypt(packed({"text": text})))


def packed(content: dict[str, str]) -> bytes:
    """Return content as JSON, padded with blanks, which JSON ignores when it is read."""
    plain = json.dumps(content, ensure_ascii=False).encode()
    return plain.ljust(-(-len(plain) // PADDED) * PADDED)
