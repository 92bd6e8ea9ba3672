"""材料: from the card of a case to the file, and the people who may not."""

import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from aiogram.methods import SendDocument
from aiogram.types import BufferedInputFile
from docx import Document
from pypdf import PdfReader

from domain.rulebook.schema import Role
from papers.processes.typesetting import Job, NoFonts, NotSet
from services.core.errors import NotAllowed, NotFound
from services.papers.archive import Archive
from services.papers.papers import Papers, nobody
from services.papers.views import PaperFile
from services.people.views import Actor
from tests.cases.conftest import Lead
from tests.conversation.conftest import House
from tests.conversation.people import Somebody


def files_in(house: House) -> list[tuple[str, bytes]]:
    """All that were sent, by name."""
    calls = house.line.telegram.calls
    sent = [call for call in calls if isinstance(call, SendDocument)]
    assert all(call.protect_content is not True for call in sent)
    files = [call.document for call in sent if isinstance(call.document, BufferedInputFile)]
    return [(file.filename or "", file.data) for file in files]


def file_in(house: House) -> tuple[str, bytes]:
    """The file that was sent last."""
    return files_in(house)[-1]


def cells(content: bytes) -> set[str]:
    tables = Document(BytesIO(content)).tables
    return {cell.text for table in tables for row in table.rows for cell in row.cells}


async def test_a_secretary_presses_the_button_and_has_the_file(
    house: House, secretary: Somebody, lead: Lead
) -> None:
    await lead.to("3")
    await secretary.says("张三")
    said = await secretary.presses("材料")
    assert "<b>张三</b>的材料：按步骤选" in said
    assert "· 2 派人谈话：谈话记录 ✓" in said
    assert "还没办的步骤，可以先打印" in said
    assert "· 15 支部大会讨论表决：支部大会主持词、支部大会会议记录、支部大会决议" in said
    assert "意见、结论、签字、盖章都留空" in said
    assert "核实" not in said

    said = await secretary.presses("2 派人谈话")
    assert said == "张三：谈话记录\n意见、结论、签字、盖章都留空，由本人和组织填写。"
    name, content = file_in(house)
    assert name == "谈话记录_张三.docx"
    found = cells(content)
    assert {"张三", "书记丙"} <= found
    assert "\n签名：\n　　年　　月　　日" in found

    said = await secretary.presses("15 支部大会讨论表决")
    assert "还缺会议日期、有表决权人数" in said
    said = await secretary.presses("支部大会会议记录")
    assert "纸上留空，由人填写" in said
    assert "＿＿＿＿" in cells(file_in(house)[1])
    said = await secretary.presses("这一步的全部材料")
    assert "共4份" in said
    name, content = file_in(house)
    assert name == "15 支部大会讨论表决_张三.zip"
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert "支部大会主持词_张三.docx" in archive.namelist()

    await secretary.presses("全部材料")
    said = await secretary.presses("全程纪实表")
    name, content = file_in(house)
    assert name == "发展党员全程纪实表_张三.docx"
    assert {"2 派人谈话", "《细则》第7条"} <= cells(content)


async def test_a_notice_is_printed_before_it_is_posted(house: House, lead: Lead) -> None:
    await lead.to("3")
    file = await house.services.papers.one(house.posts["书记丙"], lead.case, "8a", 0, lead.today)
    text = "\n".join(p.text for p in Document(BytesIO(file.content)).paragraphs)
    assert "张三确定为发展对象" in text
    assert "转正" not in text
    assert "是最后一天" in text
    assert file.missing[-2:] == ("受理电话", "受理人")

    hotlines, committee = house.services.hotlines, house.posts["委员乙"]
    place = house.places["第一党委"]
    await hotlines.set(house.act(), committee, place, "0470-7654321 王某某")
    file = await house.services.papers.one(house.posts["书记丙"], lead.case, "8a", 0, lead.today)
    text = "\n".join(p.text for p in Document(BytesIO(file.content)).paragraphs)
    assert "受理电话：0470-7654321　　受理人：王某某" in text


async def test_in_english_the_message_is_english_and_the_paper_stays_chinese(
    house: House, secretary: Somebody, lead: Lead
) -> None:
    await lead.to("3")
    await secretary.says("/language")
    await secretary.presses("English")
    await secretary.says("张三")
    said = await secretary.presses("Papers")
    assert "Steps taken" in said
    said = await secretary.presses("2 First talk")
    assert "left blank" in said
    assert file_in(house)[0] == "谈话记录_张三.docx"


async def test_slips_come_with_their_counting_sheet_whose_code_opens_the_question(
    house: House, secretary: Somebody, other_secretary: Somebody, lead: Lead
) -> None:
    await lead.to("3")
    await secretary.says("张三")
    await secretary.presses("材料")
    await secretary.presses("15 支部大会讨论表决")
    said = await secretary.presses("表决票（打印）")
    assert "应到多少人？" in said
    for wrong in ("很多", "0", "2001", "１２"):
        assert "请输入人数" in await secretary.says(wrong)
    said = await secretary.says("48人")
    assert (
        said == "张三：表决票\n共51张，裁开，盖章后发。\n张三：计票单\n计完票扫单上的码，填票数。"
    )
    slips, sheet = files_in(house)[-2:]
    assert slips[0] == "表决票_张三.pdf"
    assert len(PdfReader(BytesIO(slips[1])).pages) == 7
    assert sheet[0] == "计票单_张三.pdf"

    said = await secretary.says(f"/start fill-{lead.case}-3")
    assert "请写在一行里发来，例如：应到20 实到20 赞成18" in said
    assert "没有找到" in await other_secretary.says(f"/start fill-{lead.case}-3")
    stranger = house.somebody(900)
    assert "邀请" in await stranger.says(f"/start fill-{lead.case}-3")


async def test_slips_that_cannot_be_set_promise_no_word_file(
    house: House, secretary: Somebody, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lead.to("3")
    for error, why in ((NoFonts(), "没有中文字体"), (NotSet(), "没有做成")):

        async def fails(*_: object, error: Exception = error) -> tuple[bytes, ...]:
            raise error

        monkeypatch.setattr("services.papers.papers.typeset", fails)
        await secretary.presses_again(1, f"df:{lead.case}:15:3")
        said = await secretary.says("48")
        assert why in said
        assert "Word" not in said


async def test_a_poster_and_the_sentence_where_no_font_is(
    house: House, secretary: Somebody, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lead.to("3")
    await secretary.says("张三")
    await secretary.presses("材料")
    assert "公示公告" not in await secretary.presses("8a 发展对象公示")
    await secretary.presses("大张公示（A3）")
    name, content = file_in(house)
    assert name == "公　示（A3）_张三.pdf"
    assert "张三" in PdfReader(BytesIO(content)).pages[0].extract_text()

    async def no_fonts(*_: object) -> tuple[bytes, ...]:
        raise NoFonts

    monkeypatch.setattr("services.papers.papers.typeset", no_fonts)
    said = await secretary.presses("公示（PDF）")
    assert "没有中文字体" in said
    assert "Word" in said


async def nowhere(_: PaperFile) -> None:
    """Takes a file and sends it to nobody."""


Asks = Callable[[Papers, Actor, str, date], Any]
ASKS: dict[str, Asks] = {
    "list": lambda papers, actor, case, day: papers.of_case(actor, case, day),
    "paper": lambda papers, actor, case, day: papers.one(actor, case, "2", 0, day),
    "step": lambda papers, actor, case, day: papers.all_of(actor, case, "2", day),
    "whole": lambda papers, actor, case, day: papers.whole(actor, case, day),
    "archive": lambda papers, actor, case, day: Archive(papers.database, papers, 10**8).pack(
        actor, case, day, "", nowhere, nobody
    ),
    "slips": lambda papers, actor, case, day: papers.slips(actor, case, ("15", 3), 1, "b", day),
    "notice": lambda papers, actor, case, day: papers.notice(actor, case, "8a", day, poster=True),
}
MAY = {"主任甲", "组织员庚", "委员乙", "书记丙"}
"""An introducer may in the cases in which they help, and nobody helps in this one yet."""


@pytest.fixture
async def everybody(house: House, other_secretary: Somebody, lead: Lead) -> Lead:
    """With a committee and an introducer of another place; the case has its introducers."""
    director = house.posts["主任甲"]
    place = house.places["组织部"]
    house.places["第二党委"] = await house.services.people.add_organisation(
        house.act(), director, place, "committee", "第二党委"
    )
    await house.join(director, Role.COMMITTEE, "第二党委", "委员壬", 700)
    await house.join(house.posts["书记戊"], Role.INTRODUCER, "第二支部", "介绍癸", 800)
    return await lead.to("3")


async def test_who_may_see_a_case_may_have_its_papers_and_nobody_else(
    house: House, everybody: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def set_before(jobs: Sequence[Job], _: object) -> tuple[bytes, ...]:
        return tuple(b"%PDF" for _ in jobs)

    monkeypatch.setattr("services.papers.papers.typeset", set_before)
    asked = 0
    for name, actor in house.posts.items():
        for what, ask in ASKS.items():
            asking = ask(house.services.papers, actor, everybody.case, everybody.today)
            if name in MAY:
                assert await asking, (name, what)
            else:
                with pytest.raises(NotAllowed):
                    await asking
            asked += 1
    assert asked == 8 * len(ASKS)

    # An old button, pressed by a committee of another place.
    stranger = house.somebody(700)
    said = await stranger.presses_again(1, f"de:{everybody.case}")
    assert "没有找到" in said
    assert not any(
        isinstance(call, SendDocument) and call.chat_id == 700 for call in house.line.telegram.calls
    )


async def test_every_paper_of_a_case_by_every_post(
    house: House, everybody: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each paper of each step, not a sample of them: who may print and who may not."""
    monkeypatch.setattr("services.papers.papers.document", lambda _: b"made")
    papers, case, day = house.services.papers, everybody.case, everybody.today
    found = await papers.of_case(house.posts["书记丙"], case, day)
    every = [
        (step.step.id, line.number) for step in found.steps for line in step.papers if not line.slip
    ]
    assert len(every) > 20
    for name, actor in house.posts.items():
        for step, number in every:
            if name in MAY:
                assert (await papers.one(actor, case, step, number, day)).content == b"made"
            else:
                with pytest.raises(NotAllowed):
                    await papers.one(actor, case, step, number, day)


async def test_a_paper_that_is_not_made_is_not_found(house: House, lead: Lead) -> None:
    await lead.to("3")
    papers, actor = house.services.papers, house.posts["书记丙"]
    for step, number in (("1", 0), ("2", 7), ("99", 0), ("finding_ballot", 0)):
        with pytest.raises(NotFound):
            await papers.one(actor, lead.case, step, number, lead.today)
    with pytest.raises(NotFound):
        await papers.all_of(actor, lead.case, "1", lead.today)
