"""材料模板: a secretary gives a template of the branch's own, prints by it, and takes it back."""

import zipfile
from dataclasses import replace
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from docx import Document
from sqlmodel import select

from domain.rulebook.schema import Role
from models import TemplateRow
from papers.office_templates.own_templates import Unfit
from services.core.database import Database
from services.core.errors import NotAllowed, NotFound
from services.operations.doctor import own_templates
from services.papers.templates import TemplateUnfit
from tests.cases.conftest import Lead
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.papers.test_own_templates import under_a_password, with_macros, word
from tests.papers.test_story import cells, file_in

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OURS, MINE = "谈话记录", word("第一支部谈话表", "{{ person }}，{{ committee }}，{{ hotline }}")


def lines(content: bytes) -> list[str]:
    return [paragraph.text for paragraph in Document(BytesIO(content)).paragraphs]


async def stored(second: Database) -> list[TemplateRow]:
    async with second.read() as session:
        return list(await session.exec(select(TemplateRow)))


async def to_the_question(secretary: Somebody) -> str:
    await secretary.says("更多")
    await secretary.presses("材料模板")
    await secretary.presses(OURS)
    return await secretary.presses("换成自己的模板")


async def test_a_secretary_gives_a_template_prints_by_it_and_takes_it_back(
    house: House, secretary: Somebody, lead: Lead, second: Database
) -> None:
    await lead.to("3")
    await secretary.says("更多")
    said = await secretary.presses("材料模板")
    assert "本组织和下级都照它打印" in said
    assert "所有PDF总用通用版式" in said
    assert not any("举报" in label for label in secretary.choices)
    said = await secretary.presses(OURS)
    assert "谈话记录：用通用模板" in said
    assert "{{ talker }}" in said
    await secretary.presses("下载现在用的模板")
    name, content = file_in(house)
    assert name == "模板_谈话记录.docx"
    assert "{{ person }}" in cells(content)

    said = await secretary.presses("换成自己的模板")
    assert "请发Word模板" in said
    assert "请发一个Word文件" in await secretary.says("我没有")
    assert "请发一个Word文件" in await secretary.shows_photo(b"x")
    for wrong, why in (
        (word("{{ person.__class__ }}"), "只能写字段和条件，这里写了别的：person.__class__。"),
        (word("{{ person }}{{ salary }}"), "不认识的字段：salary。"),
        (word("{% for i in range(9) %}{{ person }}{% endfor %}"), "只能有一重循环"),
        (with_macros(), "宏"),
        (under_a_password(), "加了密码"),
    ):
        said = await secretary.shows_document(wrong, WORD_TYPE)
        assert why in said
        assert "什么都没有改。" in said
    assert "超过20 MB" in await secretary.shows_document(MINE, WORD_TYPE, 21 * 1024 * 1024)
    assert await stored(second) == []

    said = await secretary.shows_document(MINE, WORD_TYPE)
    assert "已换：谈话记录以后照这个模板打印" in said
    assert "谈话记录：用第一支部的模板" in said
    (row,) = await stored(second)
    assert (row.paper, tuple(row.names)) == ("talk_record", ("person", "committee", "hotline"))
    assert b"PK" not in row.content_sealed[:60]
    assert not (await own_templates(second)).needs

    await secretary.says("张三")
    await secretary.presses("材料")
    said = await secretary.presses("2 派人谈话")
    assert "还缺受理电话，纸上留空" in said
    assert lines(file_in(house)[1])[:2] == ["第一支部谈话表", "张三，第一党委，＿＿＿＿"]

    await secretary.says("更多")
    await secretary.presses("材料模板")
    await secretary.presses("谈话记录 ✓")
    said = await secretary.presses("收回自己的模板")
    assert "已收回谈话记录的模板" in said
    assert "用通用模板" in said
    assert await stored(second) == []
    file = await house.services.papers.one(house.posts["书记丙"], lead.case, "2", 0, lead.today)
    assert "第一支部谈话表" not in lines(file.content)


async def test_a_template_holds_below_and_the_nearest_one_counts(
    house: House, secretary: Somebody, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lead.to("3")
    templates, papers = house.services.templates, house.services.papers
    committee, director = house.posts["委员乙"], house.posts["主任甲"]
    above, top = house.places["第一党委"], house.places["组织部"]
    await templates.put(house.act(), director, top, "talk_record", word("部里 {{ person }}"))
    line = await templates.one(committee, above, "talk_record")
    assert (line.mine, line.whose) == (False, "组织部")
    await templates.put(house.act(), committee, above, "talk_record", word("党委 {{ person }}"))
    reader = house.posts["书记丙"]

    async def printed() -> str:
        return lines((await papers.one(reader, lead.case, "2", 0, lead.today)).content)[0]

    assert await printed() == "党委 张三"
    act = house.act()
    await templates.put(act, committee, above, "talk_record", word("新 {{ person }}"))
    await templates.put(act, committee, above, "talk_record", word("新 {{ person }}"))
    assert await printed() == "新 张三"
    assert "新 张三" in "".join(await archived(house, lead))
    await templates.take_back(house.act(), committee, above, "talk_record")
    await templates.take_back(house.act(), committee, above, "talk_record")
    assert await printed() == "部里 张三"

    async def broken(*_: Any) -> bytes:
        raise Unfit("too_hard")

    monkeypatch.setattr("services.papers.papers.fill_in", broken)
    file = await papers.one(reader, lead.case, "2", 0, lead.today)
    assert file.ours
    assert {"张三", "书记丙"} <= cells(file.content)
    await secretary.says("张三")
    await secretary.presses("材料")
    assert "先用了通用模板" in await secretary.presses("2 派人谈话")
    assert (await papers.all_of(reader, lead.case, "2", lead.today)).ours
    await secretary.presses("‹ 全部材料")
    assert "先用了通用模板" in await secretary.presses("归档压缩包")


async def archived(house: House, lead: Lead) -> list[str]:
    """The text of the talk's record in the archive."""
    found: list[str] = []

    async def keep(file: Any) -> None:
        with zipfile.ZipFile(BytesIO(file.content)) as archive:
            for name in archive.namelist():
                if "谈话记录" in name:
                    found.extend(lines(archive.read(name)))

    async def told(_: int, __: int) -> None:
        """Nobody waits for it."""

    await house.services.archive.pack(house.posts["书记丙"], lead.case, lead.today, "", keep, told)
    return found


PLACES = ("组织部", "第一党委", "第一支部", "第二支部")
MAY = {
    "主任甲": PLACES,
    "委员乙": PLACES[1:],
    "书记丙": ("第一支部",),
    "书记戊": ("第二支部",),
}
"""Both branches stand below the committee."""


async def test_each_post_at_each_place(
    house: House, secretary: Somebody, other_secretary: Somebody, stranger: Somebody
) -> None:
    await house.join(house.posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 650)
    templates, asked = house.services.templates, 0
    for (name, actor), place in product(house.posts.items(), PLACES):
        where = house.places[place]
        for ask in (
            templates.one(actor, where, "notice"),
            templates.of_place(actor, where),
            templates.file(actor, where, "notice"),
            templates.take_back(house.act(), actor, where, "notice"),
        ):
            if place in MAY.get(name, ()):
                assert await ask, (name, place)
            else:
                with pytest.raises(NotAllowed):
                    await ask
        asked += 1
    assert asked == 4 * len(house.posts)
    mine = house.posts["书记丙"], house.places["第一支部"]
    for odd in ("report_check", "ballot_slip", "../x", ""):
        with pytest.raises(NotFound):
            await templates.file(*mine, odd)
    with pytest.raises(TemplateUnfit):
        await templates.put(house.act(), *mine, "notice", b"PK")
    with pytest.raises(NotAllowed):
        await templates.places(replace(house.posts["书记丙"], posts=()))
