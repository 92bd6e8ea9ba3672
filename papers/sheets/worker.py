"""The process that reads a stranger's sheet: a file comes in, its rows as text go out, in JSON.

It has no keys, little memory and little time: what takes it over finds nothing.
"""

import codecs
import csv
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine as calamine

MEMORY = 1_500_000_000
SECONDS = 20
UNPACKED, RATIO = 400_000_000, 200
"""Bytes of a packed sheet unpacked, and how often it may hold its own size."""
SHEETS, ROWS, COLUMNS, LETTERS = 20, 50_000, 200, 2000
CELLS = 5_000_000
"""With those in which nothing stands."""
OLD, PACKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
ENCODINGS = ("utf-8-sig", "gb18030")
WIDE = "utf-16"
"""What a spreadsheet calls Unicode text; it begins with a mark."""
SIGNS, HEAD = ",;\t，", 20
INSIDE = ("cp437", "utf-16-le")
"""How names in packed and in old files are written."""
Rows = list[list[str]]


class Unreadable(Exception):
    """The reason, one word."""


def answer(content: bytes) -> dict[str, Any]:
    if content.startswith((PACKED, OLD)):
        _checked(content)
        return {"sheets": list(_sheets(content))}
    return {"sheets": [{"name": "", "rows": _csv(content), "merged": []}]}


def _checked(content: bytes) -> None:
    """Raises Unreadable for what no sheet of a branch needs."""
    if content.startswith(OLD):
        # Names in that format are UTF-16.
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Unreadable("encrypted")
        if "_VBA_PROJECT".encode("utf-16-le") in content:
            raise Unreadable("macros")
        return
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError):
        raise Unreadable("broken") from None
    unpacked = sum(part.file_size for part in parts)
    if unpacked > UNPACKED or unpacked > RATIO * max(len(content), 50_000):
        raise Unreadable("bomb")
    if any(part.flag_bits & 1 for part in parts) or _says(content, parts, b"encryption-data"):
        raise Unreadable("encrypted")
    names = [part.filename.lower() for part in parts]
    if any(name.endswith("vbaproject.bin") or name.startswith("basic/") for name in names):
        raise Unreadable("macros")


def _says(content: bytes, parts: Sequence[zipfile.ZipInfo], word: bytes) -> bool:
    """Whether an OpenDocument's manifest says so."""
    for part in parts:
        if part.filename == "META-INF/manifest.xml" and part.file_size < 1_000_000:
            return word in zipfile.ZipFile(io.BytesIO(content)).read(part)
    return False


def _sheets(content: bytes) -> Iterator[dict[str, Any]]:
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [one.name for one in book.sheets_metadata if _is_meant(one)]
    except calamine.PasswordError:
        raise Unreadable("encrypted") from None
    except (calamine.CalamineError, ValueError, OSError):
        raise Unreadable("broken") from None
    if len(names) > SHEETS:
        raise Unreadable("too_long")
    for name in names:
        try:
            sheet = book.get_sheet_by_name(name)
            rows = sheet.to_python(skip_empty_area=False)
        except (calamine.CalamineError, ValueError):
            raise Unreadable("broken") from None
        # Only some formats know which cells were merged.
        merged = sheet.merged_cell_ranges or []
        yield {
            "name": name,
            "rows": _texts(rows),
            "merged": [[*first, *last] for first, last in merged],
        }


def _is_meant(sheet: calamine.SheetMetadata) -> bool:
    """Nobody sees a hidden sheet, so nobody means it: it holds choices, or an old list. One that is
    a chart has no rows."""
    return (
        sheet.visible is calamine.SheetVisibleEnum.Visible
        and sheet.typ is calamine.SheetTypeEnum.WorkSheet
    )


def _texts(rows: Sequence[Sequence[Any]]) -> Rows:
    if sum(map(len, rows)) > CELLS:
        raise Unreadable("too_long")
    said = [[_text(cell) for cell in row] for row in rows]
    # A space somewhere far below or beside the list is nothing that was written.
    while said and not any(said[-1]):
        said.pop()
    wide = max((_width(row) for row in said), default=0)
    if len(said) > ROWS or wide > COLUMNS:
        raise Unreadable("too_long")
    return [row[:wide] for row in said]


def _width(row: Sequence[str]) -> int:
    """The cells up to the last that says something."""
    return next((place for place in range(len(row), 0, -1) if row[place - 1]), 0)


def _text(cell: Any) -> str:
    # First, since most cells hold one, or nothing.
    if type(cell) is str:
        return cell[:LETTERS].strip() if cell else ""
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else ("是" if cell else "否")
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, time | timedelta):
        return str(cell)
    return str(cell)[:LETTERS].strip()


def _csv(content: bytes) -> Rows:
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in content[:4096] and not wide:
        raise Unreadable("unknown")
    # UTF-8 first: nearly any bytes can be read as GB 18030, but not the other way round.
    for encoding in (WIDE,) if wide else ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            rows = list(csv.reader(io.StringIO(text), delimiter=_parting(text)))
        except csv.Error:
            raise Unreadable("broken") from None
        return _texts(rows)
    raise Unreadable("unknown")


def _parting(text: str) -> str:
    """The sign that most of the first lines hold, since programs disagree about what parts cells;
    the first one of all may be a title that holds none."""
    lines = text.split("\n", HEAD)[:HEAD]
    return max(SIGNS, key=lambda sign: (sum(sign in line for line in lines), text.count(sign)))


def reply(content: bytes) -> str:
    try:
        said = answer(content)
    except Unreadable as reason:
        said = {"error": str(reason)}
    except Exception:
        said = {"error": "broken"}
    return json.dumps(said)


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    for encoding in (*ENCODINGS, WIDE, *INSIDE):
        codecs.lookup(encoding)
    # No file can be opened any more: whatever it needs was imported.
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    sys.stdout.write(reply(sys.stdin.buffer.read()))


if __name__ == "__main__":
    main()
