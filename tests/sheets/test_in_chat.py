"""A secretary sends a file in the chat, reads what it would do, confirms, and goes on."""

import zipfile
from datetime import timedelta
from io import BytesIO

from sqlmodel import select

from models import CaseFile, SheetRow
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.papers.test_story import files_in
from tests.sheets.conftest import TITLES, comma, today, xlsx


async def test_a_sheet_is_sent_confirmed_and_the_next_step_waits(
    house: House, secretary: Somebody
) -> None:
    await secretary.says("更多")
    said = await secretary.presses("表格")
    assert "身份证号不读，也不存" in said

    talked = today(house) - timedelta(days=40)
    applied = talked - timedelta(days=10)
    rows = [
        ("序号", "姓名", "身份证号码", "学历", "申请书时间", "谈话时间", "备注"),
        (1, "李远", "110101199001011234", "本科", applied, talked, "好"),
        (2, "=HYPERLINK(1)", "110101199001011235", "本科", applied.strftime("%Y%m%d"), "", ""),
        (3, "赵早", "", "本科", applied, applied - timedelta(days=1), ""),
    ]
    said = await secretary.shows_document(xlsx(*rows), name="发展情况.XLSX")
    assert "发展名册：新2，变0，同0，退1" in said
    assert "还没有存" in said
    assert "第4行 谈话时间：" in said
    assert "次序不对" in said
    assert "学历→文化程度" in said
    assert "没有读的列：备注" in said
    assert "有身份证号的列没有读，也没有存：身份证号码" in said
    async with house.services.database.read() as session:
        assert (await session.exec(select(CaseFile.id))).all() == []

    said = await secretary.presses("确认接入")
    assert "接入了2人" in said
    assert "推荐和确定入党积极分子1" in said
    said = await secretary.presses("待办")
    assert "李远" in said + "".join(secretary.choices)
    said = await secretary.says("李远")
    assert "推荐和确定入党积极分子" in said
    async with house.services.database.read() as session:
        names = {row.person for row in await session.exec(select(CaseFile))}
    assert names == {"李远", "=HYPERLINK(1)"}

    await secretary.says("/cases")
    await secretary.presses("下载表格")
    name, content = files_in(house)[-1]
    assert name.endswith(".xlsx")
    assert b"HYPERLINK" not in content or b"<f>" not in content
    said = await secretary.shows_document(content, name=name)
    assert "和这里登记的一样，没有要接入的" in said


async def test_a_roster_of_members_comes_first_and_contacts_are_known_then(
    house: House, secretary: Somebody, committee: Somebody
) -> None:
    rows = (("第一支部", "周一"), ("第一支部", "党员甲一"), ("外支部", "郑"))
    roster = comma(("所在支部", "党员姓名"), *rows)
    said = await secretary.shows_document(roster, name="名册.csv")
    assert "党员名册：新1，变0，同1，退1" in said
    assert "第4行 所在支部：没有这个党支部，或者不归您管。" in said
    assert "接入了1人" in await secretary.presses("确认接入")
    applied = today(house) - timedelta(days=60)
    head = ("党支部", "姓名", "申请", "谈话", "积极分子", "联系人")
    row = ("第一支部", "李远", applied, applied, applied, "周一、党员甲一")
    # A committee takes over for a branch below it.
    said = await committee.shows_document(xlsx(head, row), name="a.xlsx")
    assert "发展名册：新1" in said
    assert "接入了1人" in await committee.presses("确认接入")
    found = await house.services.cases.search(house.posts["书记丙"], today(house))
    card = await house.services.cases.card(
        house.posts["书记丙"], found.lines[0].case_id, today(house)
    )
    assert {name for _, name in card.helpers} == {"周一", "党员甲一"}
    # A member who was named for a case since stays.
    await secretary.says("/start")
    said = await secretary.presses("撤销接入")
    assert "1人保留：已经有人办过" in said
    assert "撤销了1人" in await committee.presses("撤销接入")
    found = await house.services.cases.search(house.posts["书记丙"], today(house))
    assert found.total == 0


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an .xls begins."""
BAD = {
    "大.xlsx": (b"PK\x03\x04" + b"0" * 100, 41_000_000, "文件太大"),
    "坏.xlsx": (b"PK\x03\x04" + b"0" * 100, 104, "打不开"),
    "密.xls": (OLD + "EncryptedPackage".encode("utf-16-le"), 50, "加了密码"),
    "宏.xls": (OLD + "_VBA_PROJECT".encode("utf-16-le"), 50, "有宏"),
    "空.csv": ("甲,乙\n1,2".encode(), 8, "没有找到表头"),
    "头.csv": ("姓名,申请书时间\n".encode(), 8, "表头下面没有人"),
    "图.csv": (b"\x89PNG\0\0", 8, "不是表格"),
}  # fmt: skip


def packed(**parts: bytes) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()


async def test_what_can_t_be_read_is_said_in_one_sentence_and_nothing_stored(
    house: House, secretary: Somebody
) -> None:
    bad = {
        **BAD,
        "弹.xlsx": (packed(**{"xl/a.xml": bytes(60_000_000)}), 60_000, "解开后太大"),
        "宏.xlsm": (packed(**{"xl/vbaProject.bin": b"x"}), 200, "有宏"),
        "密.ods": (packed(**{"META-INF/manifest.xml": b"<a encryption-data>"}), 200, "加了密码"),
    }
    for name, (content, size, sentence) in bad.items():
        said = await secretary.shows_document(content, size=size, name=name)
        assert sentence in said, name
        assert "什么都没有存" in said, name
        assert said.count("\n") == 0, name
    async with house.services.database.read() as session:
        assert (await session.exec(select(SheetRow.id))).all() == []


async def test_a_stranger_s_file_is_not_even_read(house: House, stranger: Somebody) -> None:
    await stranger.shows_document(comma(TITLES), name="a.csv")
    async with house.services.database.read() as session:
        assert (await session.exec(select(SheetRow.id))).all() == []
