"""A sheet as a file: one row for each case, drop-downs, a frozen head, a filter."""

import re
from collections.abc import Sequence
from datetime import date
from io import BytesIO

import xlsxwriter

from papers.sheets.cells import Cell
from papers.sheets.columns import CellKind, Column

FROZEN = 5
"""Columns that stay in sight: up to the name."""
WIDTHS = {CellKind.DAY: 11, CellKind.FLAG: 8, CellKind.CHOICE: 12}
LONGEST_LIST = 255
"""Characters of a drop-down that Excel takes."""
MORE = 200
"""Rows below the last one in which the drop-downs still work, for whoever goes on writing."""
HIDDEN = "case.id"
A4, FITTING = 9, 12
"""The number of a size of paper in such a file; the columns that can be read on one."""
NOT_IN_NAMES, LONGEST_NAME = re.compile(r"[\[\]:*?/\\']"), 31
"""What the name of a sheet may not hold, and its length."""


def workbook(title: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Return an .xlsx. Every text is written as text: a name that begins with = is no formula."""
    written = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        sheet = book.add_worksheet(title)
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column.title, head)
            # The id finds the case again when the sheet comes back; nobody has to look at it.
            hidden = {"hidden": True} if column.of == HIDDEN else {}
            sheet.set_column(place, place, WIDTHS.get(column.kind, 14), None, hidden)
            _drop_down(sheet, place, column, len(rows))
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, cell, day)
                elif cell:
                    sheet.write_string(number, place, cell)
        _to_print(sheet, len(columns))
        if columns:
            sheet.freeze_panes(1, min(FROZEN, len(columns)))
            sheet.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
    return written.getvalue()


def _to_print(sheet: xlsxwriter.worksheet.Worksheet, columns: int) -> None:
    """The head on each page; a list of few columns as wide as the paper, one of many with the
    names on each page beside it."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.repeat_rows(0)
    if columns <= FITTING:
        sheet.fit_to_pages(1, 0)
    else:
        sheet.repeat_columns(0, FROZEN - 1)


def listed(title: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Return an .xlsx of rows that are only read."""
    # A sheet's name has fewer characters and signs than a file's.
    columns = [Column(head, head, CellKind.TEXT) for head in heads]
    return workbook(NOT_IN_NAMES.sub("", title)[:LONGEST_NAME], columns, rows)


def _drop_down(
    sheet: xlsxwriter.worksheet.Worksheet, place: int, column: Column, rows: int
) -> None:
    labels = _labels(column)
    # Several of a list can be written in one cell, so that one isn't held to it.
    if labels and column.kind is not CellKind.CHOICES and len(",".join(labels)) <= LONGEST_LIST:
        # A warning and no ban: whoever pastes from elsewhere isn't stopped, and reading says what
        # doesn't fit.
        allowed = {"validate": "list", "source": labels, "error_type": "warning"}
        sheet.data_validation(1, place, rows + MORE, place, allowed)


def _labels(column: Column) -> list[str]:
    if column.kind is CellKind.FLAG:
        return ["是", "否"]
    return [label for _, label in column.options]
