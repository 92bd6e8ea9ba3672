"""A public notice posted in several ways: a photo for each."""

from sqlmodel import select

from models import EntryRow
from services.core.database import Database
from tests.cases.conftest import Lead
from tests.conversation.people import Somebody, picture


async def at_the_photos(lead: Lead, secretary: Somebody) -> str:
    """The notice of the candidate, posted in three ways, up to the question for photos."""
    await lead.to("8a")
    await secretary.presses_again(1, f"f:{lead.case}:8a")
    await secretary.presses("今天")
    await secretary.presses("不是流动人员")
    await secretary.presses("所在单位")
    await secretary.presses("全部点上")
    for way in ("公开栏", "广播", "局域网"):
        await secretary.presses(way)
    return secretary.screen.text


async def stored(second: Database) -> list[int]:
    """How many proofs each stored notice of a candidate holds."""
    async with second.read() as session:
        rows = await session.exec(select(EntryRow).where(EntryRow.step == "8a"))
        return [len(row.answers["proofs"]) for row in rows]  # type: ignore[arg-type]


async def test_each_way_of_posting_wants_a_photo_and_it_is_said_how_many_are_missing(
    lead: Lead, secretary: Somebody, second: Database
) -> None:
    assert "公开栏、广播、局域网各一份，还差3份" in await at_the_photos(lead, secretary)
    assert "还差2份" in await secretary.shows_photo(b"board", "photo1")
    assert "下一项 ›" not in secretary.choices
    assert "还差1份" in await secretary.shows_photo(b"radio", "photo2")
    said = await secretary.shows_document(picture(b"intranet"), "image/heic")
    assert "公开栏、广播、局域网各一份，够了" in said
    assert "<b>公示上写的反映意见的电话和地点？</b>" in said
    await secretary.says("0470-0000000，党委办公室")
    assert "已保存" in await secretary.presses("确认，保存")
    assert await stored(second) == [3]


async def test_what_is_to_hang_can_be_printed_from_the_card_before_it_hangs(
    lead: Lead, secretary: Somebody
) -> None:
    await lead.to("8a")
    await secretary.says("张三")
    assert secretary.choices[:2] == ["开始填写", "先打印公示和二维码"]
    said = await secretary.presses("先打印公示和二维码")
    assert "8a 发展对象公示" in said
    assert {"公　示", "公示（PDF）", "大张公示（A3）"} <= {
        label.replace("公 示", "公　示") for label in secretary.choices
    }


async def test_a_draft_is_taken_up_again_at_the_photo_that_is_missing(
    lead: Lead, secretary: Somebody
) -> None:
    await at_the_photos(lead, secretary)
    await secretary.shows_photo(b"board")
    await secretary.says("/cancel")
    assert "还差2份" in await secretary.presses("接着填")


async def test_another_way_added_at_the_end_wants_its_photo_before_anything_is_stored(
    lead: Lead, secretary: Somebody, second: Database
) -> None:
    await at_the_photos(lead, secretary)
    for name in ("photo1", "photo2", "photo3"):
        await secretary.shows_photo(b"board", name)
    await secretary.says("0470-0000000，党委办公室")
    await secretary.changes("用什么方式公示")
    assert "用什么方式公示" in secretary.screen.text
    await secretary.presses("有线电视")
    said = await secretary.presses("下一项 ›")
    assert "公开栏、广播、有线电视、局域网各一份，还差1份" in said
    await secretary.presses("‹ 上一项")
    assert "确认，保存" not in secretary.choices
    assert "照片：每种方式都要一份，还差1份。（牙克石市规定）" in secretary.screen.text
    assert await stored(second) == []
    assert "还差1份" in await secretary.presses("补填缺的")
    await secretary.shows_photo(b"tv", "photo4")
    await secretary.presses("下一项 ›")
    assert "已保存" in await secretary.presses("确认，保存")
    assert await stored(second) == [4]
