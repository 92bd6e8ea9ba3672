"""Figures as a sheet, with charts that stay charts."""

from io import BytesIO
from typing import Any

from papers.figures import Block, Bundle, Listed
from papers.values import clean

LONGEST_TITLE = 31
"""Characters of a sheet's name."""
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", "_"))
LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CHARTS = {"bars": "bar", "columns": "column"}
A4 = 9
"""The number of a size of paper in such a file."""
BESIDE, ROOM = 7, 16
"""Charts stand in this column; rows that one takes."""


def sheet(bundle: Bundle) -> bytes:
    """Return the file. What was typed is text, also where it looks like a formula."""
    # Imported late: a bot that makes no sheet today doesn't carry it.
    import xlsxwriter

    written = BytesIO()
    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, safe) as book:
        head = book.add_format({"bold": True, "bg_color": "#F1E9DC", "border": 1})
        title = book.add_format({"bold": True, "font_size": 14})
        front = book.add_worksheet("总览")
        # Printed, a table and its chart stand side by side on one sheet.
        front.set_landscape()
        front.set_paper(A4)
        front.fit_to_pages(1, 0)
        front.set_column(0, 0, 30)
        front.set_column(1, BESIDE - 1, 13)
        front.write_string(0, 0, text(f"{bundle.organisation}　发展党员 {bundle.year}年"), title)
        front.write_string(1, 0, f"引路 {bundle.made:%Y-%m-%d} 生成")
        at = 3
        for block in bundle.blocks:
            at = _block(book, front, block, at, head)
        for listed in bundle.lists:
            _list(book, listed, head)
    return written.getvalue()


def text(said: str) -> str:
    """As text: a cell that begins with a sign is a formula to whoever opens the file elsewhere."""
    said = clean(said)
    return f"'{said}" if said.startswith(LIKE_A_FORMULA) else said


def _block(book: Any, front: Any, block: Block, at: int, head: Any) -> int:
    """Write one below the other; returns the row for the next."""
    front.write_string(at, 0, text(block.title), head)
    for column, name in enumerate(block.heads, 1):
        front.write_string(at, column, text(name), head)
    for row, (label, numbers) in enumerate(block.rows, at + 1):
        front.write_string(row, 0, text(label))
        for column, number in enumerate(numbers, 1):
            front.write_number(row, column, number)
    last = at + len(block.rows)
    if block.note:
        last += 1
        front.write_string(last, 0, block.note)
    if block.chart in CHARTS and block.rows:
        _chart(book, front, block, at)
        last = max(last, at + ROOM)
    return last + 2


def _chart(book: Any, front: Any, block: Block, at: int) -> None:
    chart = book.add_chart({"type": CHARTS[block.chart]})
    end = at + len(block.rows)
    for column in range(1, len(block.heads) + 1):
        chart.add_series(
            {
                "name": ["总览", at, column],
                "categories": ["总览", at + 1, 0, end, 0],
                "values": ["总览", at + 1, column, end, column],
                "data_labels": {"value": True},
            }
        )
    chart.set_title({"name": block.title, "name_font": {"size": 12}})
    if block.chart == "bars":
        # A bar chart counts from below; the table beside it from above.
        chart.set_y_axis({"reverse": True})
    if len(block.heads) == 1:
        chart.set_legend({"none": True})
    chart.set_size({"width": 560, "height": 300})
    front.insert_chart(at, BESIDE, chart)


def _list(book: Any, listed: Listed, head: Any) -> None:
    page = book.add_worksheet(listed.title.translate(FORBIDDEN)[:LONGEST_TITLE])
    page.freeze_panes(1, 1)
    page.set_column(0, 0, 28)
    page.set_column(1, len(listed.heads), 12)
    for column, name in enumerate(listed.heads):
        page.write_string(0, column, text(name), head)
    for row, values in enumerate(listed.rows, 1):
        for column, value in enumerate(values):
            if isinstance(value, int):
                page.write_number(row, column, value)
            else:
                page.write_string(row, column, text(value))


__all__ = ["sheet", "text"]
