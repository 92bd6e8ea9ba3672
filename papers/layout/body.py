"""The text of a form, line by line, as paragraphs and tables of a Word template."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docx.document import Document as Doc
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT as VERTICAL
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as SIDE
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from papers.forms import PaperForm
from papers.layout.page import BODY, CELL_LINE, HEADING, TITLE, WIDTH, blank, lines, set_in

ROW = re.compile(r"\|(!|\*\w+|\?\w+|\d+)?\s")
IF = re.compile(r"\?(\w+) ?(.*)")
CLOSING = ("特此", ">", "# ")
"""Begin the lines that stay with the next one, so that a signature never stands alone on a page."""
PICTURE = "{{ qr }}"
SMALL = 3
"""A table of so few rows isn't parted."""
LONG = 2
"""A cell of this many columns and more holds running text."""


@dataclass(frozen=True)
class TableRow:
    """A row of a table: what it says of itself, and its cells."""

    kind: str
    cells: tuple[str, ...]


def document_of(form: PaperForm) -> Doc:
    """Return the Word template of a form, with its fields still in double braces."""
    document = blank()
    _title(document, form.title)
    after_table = False
    for is_table, group in _groups(form.text.splitlines()):
        if is_table:
            if after_table:
                # Two tables without a line between them are one, whose head isn't repeated.
                lines(document.add_paragraph().paragraph_format, 6)
            _table(document, group)
        else:
            for text in group:
                _paragraph(document, text)
        after_table = is_table
    return document


def _groups(all_lines: Iterable[str]) -> Iterator[tuple[bool, list[str]]]:
    """Lines that belong together: those of a table, and those between tables."""
    group: list[str] = []
    for text in all_lines:
        # The row of widths begins a table, also right behind another one.
        starts = text.startswith("|:")
        if group and (starts or text.startswith("|") != group[0].startswith("|")):
            yield group[0].startswith("|"), group
            group = []
        group.append(text)
    if group:
        yield group[0].startswith("|"), group


def _title(document: Doc, title: str) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = SIDE.CENTER
    lines(paragraph.paragraph_format, 32)
    paragraph.paragraph_format.space_after = Pt(14)
    set_in(paragraph.add_run(title), TITLE, 22)


def _paragraph(document: Doc, text: str) -> None:
    if found := IF.match(text):
        # With p: docxtpl takes the whole paragraph of the tag away, so that no empty line is left.
        _tag(document, f"{{%p if asked.{found[1]} %}}")
        _paragraph(document, found[2])
        _tag(document, "{%p endif %}")
        return
    mark, rest = (text[0], text[1:].strip(" ")) if text[:1] in ("#", "=", ">", "^") else ("", text)
    paragraph = document.add_paragraph()
    if mark in (">", "^"):
        paragraph.alignment = SIDE.RIGHT if mark == ">" else SIDE.CENTER
    elif mark in ("", "#"):
        _indent(paragraph)
    if mark == "#" or text.startswith(CLOSING):
        paragraph.paragraph_format.keep_with_next = True
    small = mark == "^" and PICTURE not in text
    if PICTURE in text:
        # In a line of a fixed height only a strip of it would be seen.
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    elif small:
        lines(paragraph.paragraph_format, 15)
    said = _with_room(paragraph, rest, 16) if mark == ">" else rest
    set_in(paragraph.add_run(said), HEADING if mark == "#" else BODY, 11 if small else 16)


def _with_room(paragraph: Paragraph, text: str, size: int) -> str:
    """Room to sign at the right of a line: blanks at its end would be let go."""
    kept = text.rstrip("　")
    paragraph.paragraph_format.right_indent = Pt(size * (len(text) - len(kept)))
    return kept


def _indent(paragraph: Paragraph) -> None:
    """Two characters, whatever their size."""
    indent = OxmlElement("w:ind")
    indent.set(qn("w:firstLineChars"), "200")
    indent.set(qn("w:firstLine"), "640")
    paragraph._p.get_or_add_pPr().append(indent)


def _tag(document: Doc, tag: str) -> None:
    document.add_paragraph().add_run(tag)


def _table(document: Doc, group: list[str]) -> None:
    widths = [int(width) for width in group[0].removeprefix("|:").split()]
    if sum(widths) != WIDTH:
        raise ValueError(f"{group[0]}: columns are {sum(widths)} mm wide, the page {WIDTH}")
    table = document.add_table(rows=0, cols=len(widths))
    _frame(table, widths)
    for text in group[1:]:
        _row(table, _line(text), widths)
    if len(group) <= SMALL and "|*" not in "".join(group):
        for row in table.rows[:-1]:
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True


def _line(text: str) -> TableRow:
    found = ROW.match(text)
    if not found:
        raise ValueError(f"no row of a table: {text}")
    rest = text[found.end() :].strip(" ").removesuffix("|")
    return TableRow(found[1] or "", tuple(cell.strip(" ") for cell in rest.split("|")))


def _frame(table: Table, widths: list[int]) -> None:
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    # Else Word would fit the columns to their text, and no two copies of a form would be alike.
    table.autofit = False
    properties = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        border = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
            border.set(qn(f"w:{key}"), value)
        borders.append(border)
    properties.append(borders)
    margins = OxmlElement("w:tblCellMar")
    for side, width in (("top", "40"), ("left", "85"), ("bottom", "40"), ("right", "85")):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), width)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties.append(margins)
    for column, millimetres in zip(table.columns, widths, strict=True):
        column.width = Mm(millimetres)


def _row(table: Table, line: TableRow, widths: list[int]) -> None:
    if len(line.cells) != len(widths):
        raise ValueError(f"{len(line.cells)} cells for {len(widths)} columns: {line.cells}")
    if line.kind.startswith("?"):
        _tag_row(table, f"{{%tr if asked.{line.kind[1:]} %}}")
    if line.kind.startswith("*"):
        _tag_row(table, f"{{%tr for item in rows.{line.kind[1:]} %}}")
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    _properties(row, line.kind)
    _cells(row, line, widths)
    if line.kind[:1] in ("?", "*"):
        _tag_row(table, "{%tr endif %}" if line.kind[0] == "?" else "{%tr endfor %}")


def _tag_row(table: Table, tag: str) -> None:
    row: _Row = table.add_row()  # type: ignore[no-untyped-call]
    row.cells[0].paragraphs[0].add_run(tag)


def _properties(row: _Row, kind: str) -> None:
    """A row stays on one page, unless it is higher than that."""
    height = int(kind) if kind.isdigit() else 9
    row.height, row.height_rule = Mm(height), WD_ROW_HEIGHT_RULE.AT_LEAST
    properties = row._tr.get_or_add_trPr()
    if not kind.isdigit():
        properties.append(OxmlElement("w:cantSplit"))
    if kind == "!":
        properties.append(OxmlElement("w:tblHeader"))


def _cells(row: _Row, line: TableRow, widths: list[int]) -> None:
    cells = row.cells
    for cell, width in zip(cells, widths, strict=True):
        cell.width = Mm(width)
    spans = [i for i, text in enumerate(line.cells) if text != "<"]
    for start, end in zip(spans, [*spans[1:], len(widths)], strict=True):
        cell = cells[start] if end - start == 1 else cells[start].merge(cells[end - 1])
        _cell(cell, line.cells[start], end - start, line.kind)


def _cell(cell: _Cell, text: str, span: int, kind: str) -> None:
    cell.vertical_alignment = VERTICAL.CENTER
    said, _, signed = text.partition("/>")
    running = span >= LONG and kind != "!" and (kind.isdigit() or "{{" in text or len(text) > 12)
    if running and kind.isdigit():
        cell.vertical_alignment = VERTICAL.TOP
    # Merging leaves the paragraphs of both cells behind.
    for extra in cell.paragraphs[1:]:
        extra._p.getparent().remove(extra._p)
    paragraph = cell.paragraphs[0]
    parts = said.strip().split("<br>")
    for number, part in enumerate(parts):
        if number:
            paragraph = cell.add_paragraph()
        _said(paragraph, part.strip(), SIDE.LEFT if running else SIDE.CENTER, kind)
    for part in filter(None, signed.split("<br>")):
        below = cell.add_paragraph()
        _said(below, _with_room(below, part.strip(" "), 14), SIDE.RIGHT, kind)


def _said(paragraph: Paragraph, text: str, side: SIDE, kind: str) -> None:
    paragraph.alignment = side
    size, line = (12, 18) if kind[:1] in ("*", "!") else (14, CELL_LINE)
    lines(paragraph.paragraph_format, line)
    if kind.startswith("*"):
        text = text.replace("{{ ", "{{ item.")
    set_in(paragraph.add_run(text), HEADING if kind == "!" else BODY, size)
