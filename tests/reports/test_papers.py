"""The papers of a report: what they hold, what they never hold, and who gets them."""

from io import BytesIO

import pytest
from docx import Document
from sqlmodel import select

from domain.rulebook.schema import Role
from models import AuditLine
from papers.forms import REPORT_FORMS
from services.core.errors import NotAllowed, NotFound
from tests.conversation.people import Somebody
from tests.papers.test_story import file_in
from tests.reports.conftest import ANSWER, SAID, Channel
from tests.reports.test_letters import named, settled

NOTED = "走访了四户，都说没有这回事。"


def words(content: bytes) -> str:
    document = Document(BytesIO(content))
    lines = [paragraph.text for paragraph in document.paragraphs]
    lines += [c.text for table in document.tables for row in table.rows for c in row.cells]
    return "\n".join(lines)


async def test_an_organiser_prints_what_the_register_knows_and_nothing_of_what_a_report_says(
    channel: Channel, secretary: Somebody, director: Somebody, organiser: Somebody
) -> None:
    _, notice = await channel.hang()
    code = await channel.files(notice=notice)
    await named(channel, director)
    house, row = channel.house, await channel.row()
    await organiser.presses_again(1, f"r:{row.id}")
    said = await organiser.presses("登记、核实、答复的材料")
    assert "内容、结论和答复由承办人手写，不进文件" in said
    said = await organiser.presses("群众举报核实报告")
    assert "请按涉密材料保管" in said
    name, content = file_in(house)
    assert name == f"群众举报核实报告_{row.received_on:%Y-%m-%d}.docx"
    assert "机器人" in (text := words(content))
    assert {"钱进", "第一支部", "组织员己"} <= set(text.split())
    assert "□ 失实" in text

    papers, actor = house.services.report_papers, house.posts["组织员己"]
    await house.services.reports.note(house.act(), actor, row.id, NOTED)
    await settled(channel, organiser)
    for number in range(len(REPORT_FORMS)):
        text = words((await papers.print(house.act(), actor, row.id, number)).content)
        for secret in (SAID, NOTED, ANSWER, code, "反映人姓名"):
            assert secret not in text, number
    assert f"答复日期\n{house.at.year}年{house.at.month}月{house.at.day}日" in text
    async with channel.second.read() as session:
        lines = await session.exec(select(AuditLine).where(AuditLine.act == "print_report_paper"))
        assert len(lines.all()) == 1 + len(REPORT_FORMS)
    with pytest.raises(NotFound):
        await papers.print(house.act(), actor, row.id, len(REPORT_FORMS))


async def test_only_who_may_open_a_report_gets_its_papers(
    channel: Channel, secretary: Somebody, director: Somebody, organiser: Somebody
) -> None:
    """Each paper by each post: the director and the organiser named, nobody else."""
    _, notice = await channel.hang()
    await channel.files(notice=notice)
    await named(channel, director)
    house, row, asked = channel.house, await channel.row(), 0
    top = house.posts["主任甲"]
    await house.join(top, Role.ORGANISER, "组织部", "组织员辛", 900)
    papers = house.services.report_papers
    for name, actor in house.posts.items():
        for number in range(len(REPORT_FORMS)):
            asking = papers.print(house.act(), actor, row.id, number)
            if name in ("主任甲", "组织员己"):
                assert (await asking).content
            else:
                with pytest.raises(NotAllowed):
                    await asking
                with pytest.raises(NotAllowed):
                    await papers.of_report(actor, row.id)
            asked += 1
    assert asked >= 5 * len(REPORT_FORMS)
    another = house.somebody(900)
    await another.presses_again(1, f"r:{row.id}")
    assert "登记、核实、答复的材料" not in another.choices
    await another.presses_again(1, f"rq:{row.id}:1")
    assert not any(getattr(call, "document", None) and call.chat_id == 900
                   for call in house.line.telegram.calls)  # fmt: skip
