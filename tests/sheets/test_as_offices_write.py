"""Sheets as offices write them: titles above the head, sums and signatures below the list, days and
names in every manner; what isn't about a person stays out and is said."""

from datetime import date
from io import BytesIO

import pytest
import xlsxwriter

from domain.rulebook.reading.reader import load
from papers.sheets import reading
from papers.sheets.cells import CellFault, read
from papers.sheets.columns import Column, columns_of, folded
from papers.sheets.mapping import Mapped, mapped
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.sheets.conftest import comma, xlsx

KNOWN = columns_of(load("yakeshi"))
TODAY = date(2026, 11, 29)


def column(of: str) -> Column:
    return next(one for one in KNOWN if one.of == of)


async def read_in(content: bytes) -> Mapped:
    found = mapped(await reading.read(content), KNOWN)
    assert found is not None
    return found


BORN = {
    "1985.07": date(1985, 7, 1), "85年7月": date(1985, 7, 1), "85.7": date(1985, 7, 1),
    "1985.07（41岁）": date(1985, 7, 1), "'1985.7.": date(1985, 7, 1),
    "一九八五年七月": date(1985, 7, 1), "1985年7月12日生": date(1985, 7, 12),
    "1985.1": CellFault.LOST_ZERO, "1985.10": date(1985, 10, 1), "198507": date(1985, 7, 1),
    "/": None, "1985.13": CellFault.NOT_A_DAY,
}  # fmt: skip
DAYS = {
    "2026-3-5 00:00:00": date(2026, 3, 5), "26.3.5": date(2026, 3, 5), "98.3.5": date(1998, 3, 5),
    "2026。3。5": date(2026, 3, 5), "46086.375": date(2026, 3, 5), "3.5": date(2026, 3, 5),
    "无": None, "——": None, "待定": None,
    "2026-03": CellFault.MONTH_ONLY, "2026.1": CellFault.MONTH_ONLY,
    "3/5/2026": CellFault.NOT_A_DAY, "2026.3.5提交": CellFault.NOT_A_DAY,
    "2026.2.30": CellFault.NOT_A_DAY,
}  # fmt: skip


@pytest.mark.parametrize(
    ("of", "cells"),
    [
        ("1.born_on", BORN),
        ("1.day", DAYS),
        # A notice is told by the day on which it began, a class by the day on which it ended.
        ("8a.day", {"2026.3.5-2026.3.20": date(2026, 3, 5), "2026.3.5至3.20": date(2026, 3, 5)}),
        ("11.day", {
            "2026.3.5-3.9": date(2026, 3, 9), "2025年12月30日—2026年1月2日": date(2026, 1, 2),
        }),
        ("5.contacts", {
            "张三（党员）、李四": ("张三", "李四"), "张三 李四": ("张三", "李四"),
            "李　远": ("李远",), "无": None, "Anna Li": ("Anna Li",),
        }),
        ("1.first_line", {"无": False, "√": True, "/": None, "也许": CellFault.NOT_OFFERED}),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_people_write_it(of: str, cells: dict[str, object]) -> None:
    assert {said: read(column(of), said, TODAY) for said in cells} == cells


def test_titles_of_other_offices_lead_to_our_columns() -> None:
    names = {name: one.of for one in reversed(KNOWN) for name in one.names}
    said = {
        "入党申请书递交时间": "1.day", "首次谈话时间": "2.day", "确定入党积极分子时间": "3.day",
        "发展对象确定时间": "7.day", "公示起止时间": "8a.day", "培训起止时间": "11.day",
        "支部大会讨论通过时间": "15.day", "党委批准时间": "17.day", "转为正式党员时间": "24.day",
        "第二介绍人": "9.introducers", "现工作单位及职务": "1.unit", "所在党组织": "case.branch",
    }  # fmt: skip
    assert {title: names.get(folded(title)) for title in said} == said


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
async def test_text_files_of_a_spreadsheet_are_read_however_small(encoding: str) -> None:
    rows = (("某镇党委发展名册",), ("姓名", "申请书时间"), ("赵𠮷㛃喆", "2026.3.5"))
    tabs = "\r\n".join("\t".join(row) for row in rows).encode(encoding)
    for content in (comma(*rows, encoding=encoding), tabs):
        found = await read_in(content)
        assert [(number, row[:2]) for number, row in found.rows] == [(3, ("赵𠮷㛃喆", "2026.3.5"))]


def county() -> bytes:
    """As a county's office fills its form in."""
    rows: list[tuple[object, ...]] = [
        ("牙克石市某局党委发展党员情况登记表",),
        ("填报单位：某局党委", "", "", "", "", "填报日期：2026年11月"),
        ("序号", "姓名", "出生年月", "工作岗位", "入党申请", "", "入党积极分子",
         "培养联系人", "", "备注"),
        ("", "", "", "", "递交时间", "谈话时间", "确定时间", "第一联系人", "第二联系人", ""),
        ("（1）", "（2）", "（3）", "（4）", "（5）", "（6）", "（7）", "（8）", "（9）", "（10）"),
        (1, "李  远", "1985.07", "办公室副主任", "2024.3.5", "2024年3月20日", "2024-10-08",
         "党员甲一", "党员甲九", ""),
        (2, "王芳", "85年7月", "收发员", date(2024, 3, 5), "2024-3-20 00:00:00", 45573,
         "党员甲一 党员甲九", "", "转入"),
        ("", "姓名", "出生年月", "工作岗位", "递交时间", "谈话时间", "确定时间", "", "", ""),
        (3, "赵四", 1985.1, "司机", "2024.3.5", "/", "", "无", "", ""),
        ("合计", "3人"),
        ("", "", "", "", "填表人：某某", "", "审核人：某某"),
    ]  # fmt: skip
    written = BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet, day = book.add_worksheet("第一支部"), book.add_format({"num_format": "yyyy/m/d"})
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, cell, day)
                elif cell != "":
                    sheet.write(number, place, cell)
        sheet.merge_range(0, 0, 0, 9, rows[0][0])
        for place in (0, 1, 2, 3, 9):
            sheet.merge_range(2, place, 3, place, rows[2][place])
        sheet.merge_range(2, 4, 2, 5, rows[2][4])
        sheet.merge_range(2, 7, 2, 8, rows[2][7])
        more = book.add_worksheet("第二支部")
        more.write_row(0, 0, ("姓名", "入党申请书递交时间"))
        more.write_row(1, 0, ("钱五", "2024.3.5"))
        book.add_worksheet("填表说明").write(0, 0, "请如实填写")
    return written.getvalue()


@pytest.mark.own_process
async def test_what_nobody_sees_in_a_file_is_not_read() -> None:
    """A hidden list, a sheet that is a chart, borders and a space far beside and below."""
    written = BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        sheet, border = book.add_worksheet("名册"), book.add_format({"border": 1})
        sheet.write_row(0, 0, ("姓名", "入党申请时间"))
        sheet.write_row(1, 0, ("李远", "2026.3.5"))
        for row in range(2, 900):
            sheet.write_blank(row, 0, None, border)
        sheet.write_string(2000, 1, " ")
        sheet.write_string(0, 500, " ")
        hidden = book.add_worksheet("旧")
        hidden.hide()
        hidden.write_row(0, 0, ("姓名", "入党申请时间", "谈话时间"))
        hidden.write_row(1, 0, ("王二", "2020.1.1", "2020.1.2"))
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=名册!$A$1:$A$2"})
        book.add_chartsheet("图").set_chart(chart)
    found = await read_in(written.getvalue())
    assert (found.sheet, found.others) == ("名册", ())
    assert found.rows == ((2, ("李远", "2026.3.5")),)


async def test_a_county_s_form_is_taken_over_and_what_is_left_out_is_said(
    house: House, secretary: Somebody
) -> None:
    members = (("党支部", "姓名", "入党时间", "转正时间"),
               ("第一支部", "党员甲一", "2001.7", "2002.7"),
               ("第一支部", "党员甲九", "2001.7", "2002.7"),
               ("第一支部", "预备丙", "2026.7", ""))  # fmt: skip
    said = await secretary.shows_document(comma(*members), name="党员.txt")
    assert "党员名册：新1，变0，同1，退1" in said
    assert "没有读的列：入党时间、转正时间" in said
    assert "第4行 转正时间：没有转正日期，还不是正式党员。" in said
    await secretary.presses("确认接入")

    said = await secretary.shows_document(county(), name="登记表.xlsx")
    assert "发展名册：新2，变0，同0，退1" in said
    assert "第9行 出生年月：1月还是10月，分不清" in said
    assert "第5、8、10、11行写的不是人" in said
    assert "只读了“第一支部”。没有读的：第二支部" in said
    assert "没有读的列：工作岗位、备注" in said
    assert "接入了2人" in await secretary.presses("确认接入")
    actor = house.posts["书记丙"]
    found = await house.services.cases.search(actor, house.at.date())
    for line in found.lines:
        card = await house.services.cases.card(actor, line.case_id, house.at.date())
        assert {name for _, name in card.helpers} == {"党员甲一", "党员甲九"}
        assert {entry.step.id: entry.done_on for entry in card.entries} == {
            "1": date(2024, 3, 5), "2": date(2024, 3, 20), "3": date(2024, 10, 8)
        }  # fmt: skip


async def test_a_list_that_can_t_be_told_apart_is_asked_about(
    house: House, secretary: Somebody
) -> None:
    for rows, sentence in (
        ((("姓名", "入党时间"), ("李远", "2020.7.1")), "分不清谁是正式党员"),
        ((("姓名", "性别", "申请表交到哪里"), ("李远", "男", "支部")), "没有认出日期列"),
    ):
        said = await secretary.shows_document(xlsx(*rows), name="a.xlsx")
        assert sentence in said
        assert "什么都没有存" in said
