"""One branch meeting hears of all who are proposed: its day and numbers are asked once."""

from sqlmodel import select

from models import EntryRow
from services.core.database import Database
from tests.conversation.people import Somebody
from tests.meetings.town import OTHER, Town

HEARD = {"members_present": 12, "masses_heard": 8}


async def heard(town: Town, case: str, *own: str) -> str:
    """Step 7 as it is asked; `own`: what is said at the three questions on the branch meeting."""
    person = town.secretary
    await person.presses_again(1, f"f:{case}:7")
    await person.presses("全部点上")
    await person.says("20")
    for said in own:
        await person.says(said)
    await person.says("表现好，同意。")
    return await person.presses("拟确定为发展对象")


async def stored(second: Database, case: str) -> dict[str, object]:
    async with second.read() as session:
        wanted = select(EntryRow).where(EntryRow.case_id == case, EntryRow.step == "7")
        return dict((await session.exec(wanted)).one().answers)


async def test_the_meeting_that_heard_of_several_is_asked_about_once(
    town: Town, second: Database
) -> None:
    one, two, far = [await town.led(name, "7") for name in ("陆小满", "何秋实", "白音")]
    await heard(town, one, "昨天", "12", "8")
    assert "已保存" in await town.secretary.presses("确认，保存")
    said = await heard(town, two)
    assert "确认，保存" in town.secretary.choices
    # What was taken over is read before it is saved.
    for question, answer in (("支部大会到会党员多少人？", 12), ("征求了多少名党外群众的意见？", 8)):
        assert f"{question}\n\u3000<b>{answer}</b>" in said
    assert "已保存" in await town.secretary.presses("确认，保存")
    first, following = await stored(second, one), await stored(second, two)
    assert {name: following[name] for name in HEARD} == HEARD
    assert following["meeting_on"] == first["meeting_on"] != town.today
    town.house.pass_days(31)
    await town.secretary.presses_again(1, f"f:{far}:7")
    await town.secretary.presses("全部点上")
    assert "支部大会哪一天征求党内外意见的？" in await town.secretary.says("20"), "another meeting"


async def test_another_branch_is_asked_about_its_own_meeting(
    town: Town, other_secretary: Somebody
) -> None:
    one = await town.led("陆小满", "7")
    elsewhere = await town.led("何秋实", "7", branch=OTHER)
    await heard(town, one, "昨天", "12", "8")
    await town.secretary.presses("确认，保存")
    form = await town.house.services.steps.form(town.actor("书记戊"), elsewhere, "7", town.today)
    assert "meeting_on" not in form.known
