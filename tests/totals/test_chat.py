"""下级汇总 and 向上级报汇总数 in the chat: the director looks, sends, and sees who is missing; an
organiser sees, and doesn't send; a committee sees neither."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from aiogram.methods import SendDocument, SendPhoto
from sqlmodel import select

from domain.figures.totals import Told, Totals
from domain.rulebook.schema import Role
from handlers.staff.figures.callbacks import (
    GatheredCallback,
    GatheredSheetCallback,
    SendTotalsCallback,
    TotalsCallback,
)
from handlers.staff.messages.notifier import Notifier
from models import FigureRow, PeerMessage, TotalsRow
from models.peers import Relation
from models.totals import TotalsSide
from papers.processes.typesetting import NoFonts
from services.core.database import Database
from services.peers.cards import PeerKeys
from services.peers.peers import Peers
from services.peers.receiving import Received
from services.totals.stored import body_of, next_row
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.totals.levels import YEAR

JANUARY = datetime(YEAR + 1, 1, 11, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
CELLS = {
    "made.application": 61, "made.activist": 40, "made.candidate": 33, "made.probation": 30,
    "made.full_membership": 3, "made.probation.month.3": 30, "made.probation.sex.female": 18,
    "made.probation.sex.male": 12, "figure.put_off": 6,
}  # fmt: skip


@pytest.fixture
def january(house: House) -> House:
    house.at = JANUARY
    return house


async def knows(house: House, name: str, relation: Relation) -> None:
    card = PeerKeys.new().card(name, f"https://{name}.example")
    await Peers(house.services.database).add(card, relation, house.at)


async def counts(house: House, cells: dict[str, int]) -> None:
    async with house.services.database.write() as session:
        for place in house.places.values():
            row = FigureRow(organisation_id=place, year=YEAR)
            row.cells = cells
            session.add(row)


async def tells(house: House, name: str, totals: Totals) -> None:
    """Somebody below has sent theirs."""
    peers = await Peers(house.services.database).listed()
    peer = next(peer for peer, _ in peers if peer.name == name)
    body = body_of(next_row(TotalsSide.ABOVE, (), Told(totals, {}), house.at.date()))
    async with house.services.database.act(house.act(), "peer") as work:
        received = Received(peer, "m", "totals", house.at, body)
        await house.services.totals.take(work, received)
        await work.done("peer_totals")


async def test_the_director_looks_at_what_would_go_and_sends_it(
    january: House, director: Somebody, second: Database
) -> None:
    await counts(january, CELLS)
    await director.says("更多")
    await director.presses("数字")
    assert "向上级报汇总数" not in director.labels
    await knows(january, "北省", Relation.ABOVE)
    await director.says("更多")
    await director.presses("数字")
    said = await director.presses("向上级报汇总数")
    assert "2026年汇总数，报给北省" in said
    assert "还没有报过" in said
    assert "预备党员：30" in said
    assert "正式党员：—" in said
    assert "暂缓发展：6" in said
    assert "报出以后不能收回；以后的改动不足5人，也不能再报。" in said
    assert "下级汇总" not in director.labels

    said = await director.presses("报出")
    assert "已经报出：2026年汇总数" in said
    async with second.read() as session:
        rows = (await session.exec(select(TotalsRow))).all()
        assert {(row.side, row.year, row.version) for row in rows} == {
            (TotalsSide.OWN, YEAR, 1), (TotalsSide.ABOVE, YEAR, 1),
        }  # fmt: skip
        (message,) = (await session.exec(select(PeerMessage))).all()
        assert message.kind == "totals"
        assert message.body["numbers"]["made.probation"] == 30
        assert "made.full_membership" not in message.body["numbers"]
    said = await director.presses("‹ 汇总数")
    assert "2027年1月11日报过，之后没有要报的变化" in said
    assert "原样再报一次" in director.labels


async def test_three_who_came_late_are_said_to_wait(january: House, director: Somebody) -> None:
    await knows(january, "北省", Relation.ABOVE)
    await counts(january, CELLS)
    await director.presses_again(1, TotalsCallback(year=YEAR).pack())
    await director.presses("报出")
    await counts(january, {"made.activist": 3})
    said = await director.presses_again(1, TotalsCallback(year=YEAR).pack())
    assert "改动涉及不足5人，不再报" in said
    assert "入党积极分子：40" in said


async def test_who_is_in_and_who_is_missing_stands_under_the_picture(
    january: House, director: Somebody
) -> None:
    for name in ("甲市", "乙市", "丙市"):
        await knows(january, name, Relation.BELOW)
    await director.says("更多")
    await director.presses("数字")
    said = await director.presses("下级汇总")
    assert "还没有单位报来" in said
    await tells(january, "甲市", Totals(YEAR, numbers={"made.probation": 22}, few_reports=1))
    await tells(january, "乙市", Totals(YEAR, kept={"made.probation": 1}, missing=2, reports=9))
    said = await director.presses_again(1, GatheredCallback(year=YEAR).pack())
    assert "接收预备党员22人，转正0人" in said
    assert "已报2个：乙市（2027年1月11日）、甲市（2027年1月11日）" in said
    assert "未报1个：丙市" in said
    assert "再下一级还有2个未报" in said
    assert {"表格", "构成", "2025年", "‹ 数字"} <= set(director.labels)
    assert "2027年" not in director.labels
    sent = [c for c in january.line.telegram.calls if isinstance(c, SendPhoto)]
    assert sent[-1].photo.data.startswith(b"\x89PNG")  # type: ignore[union-attr]
    said = await director.presses("表格")
    assert "各单位报了没有" in said
    files = [c for c in january.line.telegram.calls if isinstance(c, SendDocument)]
    assert files[-1].document.filename == "2026_下级汇总表_组织部.xlsx"  # type: ignore[union-attr]


async def test_an_organiser_sees_and_does_not_send_and_a_committee_sees_nothing(
    january: House, director: Somebody, committee: Somebody, second: Database
) -> None:
    await knows(january, "北省", Relation.ABOVE)
    await knows(january, "甲市", Relation.BELOW)
    organiser = await january.join(
        january.posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 600
    )
    await organiser.says("更多")
    await organiser.presses("数字")
    assert "下级汇总" in organiser.labels
    assert "向上级报汇总数" not in organiser.labels
    await committee.says("更多")
    await committee.presses("数字")
    assert not {"下级汇总", "向上级报汇总数"} & set(committee.labels)
    for button in (TotalsCallback(year=YEAR), SendTotalsCallback(year=YEAR)):
        assert "没有找到" in await organiser.presses_again(1, button.pack())
    for kind in (TotalsCallback, SendTotalsCallback, GatheredCallback, GatheredSheetCallback):
        assert "没有找到" in await committee.presses_again(1, kind(year=YEAR).pack())
    async with second.read() as session:
        assert (await session.exec(select(TotalsRow))).all() == []


async def test_where_no_font_is_the_numbers_are_said(
    january: House, director: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_fonts(*_: object) -> tuple[bytes, ...]:
        raise NoFonts

    await knows(january, "甲市", Relation.BELOW)
    await director.says("更多")
    await director.presses("数字")
    monkeypatch.setattr("services.figures.files.typeset", no_fonts)
    said = await director.presses("下级汇总")
    assert "没有中文字体" in said
    assert "未报1个：甲市" in said


async def test_forty_below_fit_under_a_picture(january: House, director: Somebody) -> None:
    for number in range(40):
        await knows(january, f"第{number}个地级市委组织部", Relation.BELOW)
    said = await director.presses_again(1, GatheredCallback(year=YEAR).pack())
    assert "未报40个：" in said
    assert "等。" in said
    assert len(said) < 1024


async def test_the_director_is_told_of_each_that_came_and_who_is_still_missing(
    january: House, director: Somebody, committee: Somebody
) -> None:
    for name in ("甲市", "乙市"):
        await knows(january, name, Relation.BELOW)
    organiser = await january.join(
        january.posts["主任甲"], Role.ORGANISER, "组织部", "组织员庚", 600
    )
    notifier = Notifier(january.line.bot, january.services, january.now)

    async def hears() -> list[int]:
        for message in await january.services.outgoing.claim(january.now(), "w"):
            sent = await notifier.deliver(message)
            await january.services.outgoing.sent([message.id], sent, january.at)
        return [len(director.chat), len(organiser.chat), len(committee.chat)]

    before = await hears()
    # On a Sunday nobody is told; on Monday they are.
    january.at = JANUARY.replace(day=10)
    await tells(january, "甲市", Totals(YEAR, numbers={"made.probation": 22}, few_reports=1))
    assert await hears() == before
    january.at = JANUARY
    assert await hears() == [before[0] + 1, *before[1:]]
    assert "甲市报来了2026年汇总数" in director.screen.text
    assert "未报1个：乙市" in director.screen.text
    await tells(january, "乙市", Totals(YEAR, numbers={"made.probation": 9}, few_reports=1))
    assert (await hears())[1:] == before[1:]
    assert "下级都报齐了" in director.screen.text
    assert "接收预备党员31人" in await director.presses("下级汇总")
