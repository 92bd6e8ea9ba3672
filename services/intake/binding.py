"""Sealed content that says where it stands, so that it can't be moved to another row.

Who can write the database can't open what is sealed in it, and could still swap two reports, hang
a photo under another one, or move a report to another notice. So the place is sealed with the
content, and compared when it is opened: `k3… 2026-11-24 n7…` of a report, `k3… file 2`,
`k3… letter q8… 1 2026-11-30`.
"""

import json
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # tables load SQLAlchemy, for which a process that only handles keys has no use
    from models.intake import IntakeFile, IntakeLetter, IntakeReport

PADDED = 1024
"""Bytes; sealed content is padded to a multiple of it, so that its length tells little."""


def report_place(report: "IntakeReport") -> str:
    return f"{report.id} {report.received_on} {report.notice}"


def file_place(file: "IntakeFile") -> str:
    return f"{file.report_id} file {file.number}"


def letter_place(letter: "IntakeLetter") -> str:
    return placed_letter(letter.report_id, letter.id, letter.number, letter.day)


def placed_letter(report_id: str, letter_id: str, number: int, day: date) -> str:
    return f"{report_id} letter {letter_id} {number} {day}"


def packed(content: dict[str, str]) -> bytes:
    """Return content as JSON, padded with blanks, which JSON ignores when it is read."""
    plain = json.dumps(content, ensure_ascii=False).encode()
    return plain.ljust(-(-len(plain) // PADDED) * PADDED)
