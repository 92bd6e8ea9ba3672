"""The house of the stories about cases, and sheets as people send them."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO

import xlsxwriter

from tests.cases.conftest import house, procedure
from tests.conversation.conftest import (
    House,
    committee,
    database_url,
    director,
    introducer,
    other_secretary,
    secretary,
    stranger,
)

__all__ = [
    "committee", "database_url", "director", "house", "introducer", "other_secretary", "procedure",
    "secretary", "stranger",
]  # fmt: skip

Rows = Iterable[Sequence[object]]
TITLES = ("姓名", "性别", "出生年月", "学历", "工作单位", "申请书时间", "谈话时间",
          "列为积极分子时间", "备案", "培养联系人", "列为发展对象时间")  # fmt: skip


def xlsx(*rows: Sequence[object]) -> bytes:
    written = BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, cell, day)
                elif isinstance(cell, int | float):
                    sheet.write_number(number, place, cell)
                else:
                    sheet.write_string(number, place, str(cell))
    return written.getvalue()


def comma(*rows: Sequence[object], encoding: str = "gb18030") -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue().encode(encoding)


def today(house: House) -> date:
    return house.at.date()
