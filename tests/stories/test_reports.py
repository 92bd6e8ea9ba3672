"""(e) A report from somebody unknown during the notice, and what becomes of the case."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from domain.states import Status
from messenger.client import TIMEOUT, Person
from models import NoticeRow
from tests.conversation.people import picture
from tests.stories.conftest import City
from tests.stories.reporting import SAID, reports
from tests.stories.walker import Walker


async def running_notice(city: City) -> tuple[str, Walker]:
    """A case whose notice was posted just now."""
    case = await city.case("8a", 380)
    walker = Walker(city, case, "陆小满")
    said = await walker.take("8a")
    assert "公示期" in said
    await city.passes("1m")
    await hangs(city, case)
    return case, walker


async def hangs(city: City, case: str) -> None:
    """Until the public side was told of the notice."""
    async with asyncio.timeout(TIMEOUT):
        while not await published(city, case):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def published(city: City, case: str) -> bool:
    async with city.services.database.read() as session:
        statement = select(NoticeRow).where(NoticeRow.case_id == case)
        return bool((await session.exec(statement)).one().published)


async def settles(city: City, finding: str) -> None:
    """The director names an organiser, who checks, decides and answers."""
    director, organiser = await city.person("director"), await city.person("organiser")
    await city.passes("1m")
    await director.sees("有一件群众反映要办", since=0)
    await director.presses("去办")
    await director.presses("批示：指定承办人")
    await director.presses("高远")
    await director.sees("已批示")
    await organiser.sees("有一件群众反映要办", since=0)
    await organiser.presses("去办")
    await organiser.presses("打开内容")
    await organiser.sees(SAID)
    await organiser.presses("作结论并答复")
    await organiser.presses(finding)
    await organiser.sees("答复")
    await organiser.says("您反映的情况已经到村里核实，处理结果已定。")
    await organiser.sees("请核对")
    await organiser.presses("确认，答复")
    await organiser.sees("已办结")
    await city.passes("6m")
    await gone(organiser, SAID)


async def gone(person: Person, text: str) -> None:
    """A message that said this leaves the chat."""
    async with asyncio.timeout(TIMEOUT):
        while any(text in one["text"] for one in await person.screen()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("finding", "awaited"),
    [
        ("属实，情节较轻", ["finding_ballot"]),
        pytest.param("失实", [], marks=pytest.mark.slow),
    ],
)
async def test_a_report_holds_the_case_until_it_is_settled(
    city: City, finding: str, awaited: list[str]
) -> None:
    case, walker = await running_notice(city)
    citizen = await city.person("citizen", "public")
    code = await reports(citizen, "陆小满")
    await gone(citizen, SAID)
    await city.passes("1d")
    card = await city.card(case)
    assert card.open_reports == 1
    assert card.progress.next is not None
    assert {blocker.kind for blocker in card.progress.next.blockers} >= {"hold"}

    await settles(city, finding)

    after = await city.card(case)
    assert after.open_reports == 0
    assert after.progress.status is Status.RUNNING
    assert [step.id for step in after.progress.awaited] == awaited
    await citizen.says("/status")
    await citizen.sees("请输入八个字")
    await citizen.says(code.replace(" ", "，"))
    shown = await citizen.sees("已答复", "处理结果已定")
    assert "陆小满" not in shown
    if not awaited:
        await city.morning_of(city.today + timedelta(days=20))
        assert "已保存" in await walker.take("8b")


@pytest.mark.slow
async def test_the_picture_beside_the_notice_leads_straight_to_it(city: City) -> None:
    await running_notice(city)
    secretary = await city.person("secretary")
    shown = await secretary.sees("二维码", "https://t.me/yinlu_public_bot?start=", since=0)
    assert "用自己的手机、自己的流量打开，不要在单位的软件里打开" in shown
    notice = re.findall(r"start=(\w+)", shown)[0]
    assert "/report?about=" not in shown, "no page is open in this city"
    await secretary.says("陆小满")
    await secretary.sees("下一步")
    await secretary.presses("办理记录")
    await secretary.sees("公示")
    await secretary.presses("公示二维码")
    assert notice in await secretary.sees("一起张贴")
    citizen = await city.person("citizen", "public")
    await citizen.says(f"/start {notice}")
    await citizen.sees("反映对象：陆小满")


async def test_whatever_is_sent_over_the_wire_is_answered_and_the_report_goes_on(
    city: City,
) -> None:
    citizen = await city.person("citizen", "public")
    await citizen.says("/start")
    await citizen.presses("我要反映")
    await citizen.says("某某", forward=True)
    await citizen.sees("转发的消息")
    await citizen.says("河湾村 某某")
    await citizen.sees("发生了什么")
    await citizen.says("", sticker=True)
    await citizen.sees("这里请写文字")
    await citizen.says("长" * 4096)
    await citizen.sees("太长了")
    await citizen.says(SAID)
    await citizen.sees("记下了")
    await citizen.presses("写完了")
    await citizen.sends(b"MZ" + bytes(99), "program.exe", "application/octet-stream")
    await citizen.sees("这种文件没有收")
    await citizen.sends(picture(b""), "board.jpg", "text/plain")
    await citizen.sees("收到1份，已清理，留下的就是这样")
    await citizen.presses("没有了")
    await citizen.sees("附件：1份", SAID)
    await citizen.presses("不交了，清除")
    await citizen.sees("什么都没有存")
    await citizen.says("/status")
    await citizen.says("的一是在不了有")
    await citizen.sees("认出7个")


async def test_nothing_of_the_reporter_reaches_a_file(city: City, tmp_path: Path) -> None:
    citizen = await city.person("citizen", "public")
    code = (await reports(citizen)).replace(" ", "")
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    number = citizen.user_id
    for secret in (
        str(number).encode(),
        number.to_bytes(8, "little"),
        number.to_bytes(8, "big"),
        SAID.encode(),
        code.encode(),
        "群众".encode(),
    ):
        assert secret not in kept
    assert b"intake_report" in kept
