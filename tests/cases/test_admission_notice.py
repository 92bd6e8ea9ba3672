"""The notice before admission, where an organisation wants one: led through the chat."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from models import EntryRow, NoticeRow
from services.casefile.procedure import Procedure
from services.container import procedure_of
from services.core.database import Database
from tests.cases.conftest import Lead
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.domain.test_settings import shelf


@pytest.fixture
def procedure(tmp_path: Path) -> Procedure:
    shelf(tmp_path, admission_notice="on")
    return procedure_of("town", folder=tmp_path)


async def posts(lead: Lead, secretary: Somebody) -> str:
    await lead.to("13a")
    await secretary.says("张三")
    assert "13a 接收前公示" in secretary.screen.text
    await secretary.presses_again(1, f"f:{lead.case}:13a")
    await secretary.presses("今天")
    await secretary.presses("全部点上")
    for way in ("公开栏", "有线电视"):
        await secretary.presses(way)
    assert "公开栏、有线电视各一份，还差2份" in secretary.screen.text
    await secretary.shows_photo(b"board", "photo1")
    await secretary.shows_photo(b"tv", "photo2")
    await secretary.says("0470-0000000，党委办公室")
    return await secretary.presses("确认，保存")


async def test_it_is_posted_after_the_pre_review_and_the_branch_votes_once_it_is_over(
    house: House, lead: Lead, secretary: Somebody, second: Database
) -> None:
    said = await posts(lead, secretary)
    assert "已保存：张三 · 13a 接收前公示" in said
    assert "公示期" in said
    async with second.read() as session:
        stored = (await session.exec(select(EntryRow).where(EntryRow.step == "13a"))).one()
        notice = (
            await session.exec(select(NoticeRow).where(NoticeRow.entry_id == stored.id))
        ).one()
    assert notice.last_day >= lead.today + timedelta(days=15)

    said = await early(lead, secretary)
    assert "公示期满后才能汇总" in said
    lead.wait(notice.last_day + timedelta(days=1))
    await secretary.presses_again(1, f"f:{lead.case}:13b")
    await secretary.presses("今天")
    await secretary.presses("否")
    await secretary.presses("没有问题，继续")
    said = await secretary.presses("确认，保存")
    assert "已保存：张三 · 13b 接收前公示结果" in said
    done = {line.step.id for line in (await lead.card()).entries}
    assert {"13a", "13b"} <= done
    await lead.to("15")
    step = next(i for i in (await lead.card()).progress.open if i.step.id == "15")
    limit = next(d.on for d in step.deadlines if d.limit == "meeting_in_time")
    assert lead.today <= limit < notice.last_day + timedelta(days=31)


async def early(lead: Lead, secretary: Somebody) -> str:
    """The result on the same day: refused."""
    await secretary.presses_again(1, f"f:{lead.case}:13b")
    await secretary.presses("今天")
    await secretary.presses("否")
    said = await secretary.presses("没有问题，继续")
    assert "确认，保存" not in secretary.choices
    await secretary.says("/cancel")
    await secretary.presses("不要了，删草稿")
    return said
