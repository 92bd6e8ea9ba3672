"""Both sides write on: before the answer and after it, within the week each time."""

from datetime import timedelta

import pytest

from domain.calendar.office_hours import day_of, next_open
from domain.states import Status
from services.core.errors import NotAllowed
from services.intake.intake import MOST_LETTERS, ReportClosed
from services.operations.doctor import late_messages
from tests.conversation.people import Somebody
from tests.reports.conftest import ANSWER, SAID, Channel

MORE = "还有一处在河边，也是他开的。"


async def named(channel: Channel, director: Somebody) -> None:
    """The report is in the register, and an organiser checks it."""
    await channel.next_batch()
    await director.presses_again(1, f"r:{(await channel.row()).id}")
    await director.presses("批示：指定承办人")
    await director.presses("组织员己")
    await channel.delivers()


async def settled(
    channel: Channel, organiser: Somebody, finding: str = "失实", answer: str = ANSWER
) -> str:
    await organiser.presses_again(1, f"r:{(await channel.row()).id}")
    label = "回复反映人" if "回复反映人" in organiser.choices else "作结论并答复"
    await organiser.presses(label)
    await organiser.presses(finding)
    await organiser.says(answer)
    return await organiser.presses("确认，答复")


async def test_todo_names_the_act_of_whom_it_is_shown_to(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    """The director gives the instruction, the organiser named checks, and replies to a later
    letter."""
    code = await channel.files()
    await channel.next_batch()
    await director.says("待办")
    assert "1. 群众反映 · 批示" in director.choices
    await director.presses("1. 群众反映 · 批示")
    await director.presses("批示：指定承办人")
    await director.presses("组织员己")
    assert "现在没有要您办的事" in await director.says("待办")
    await organiser.says("待办")
    assert "1. 群众反映 · 核实" in organiser.choices
    await settled(channel, organiser)
    assert "现在没有要您办的事" in await organiser.says("待办")
    await channel.adds(code, MORE)
    await channel.next_batch()
    await organiser.says("待办")
    assert "1. 群众反映 · 回复" in organiser.choices
    await organiser.presses("1. 群众反映 · 回复")
    assert "回复反映人" in organiser.choices


async def test_whoever_is_in_charge_hears_of_a_letter_at_the_next_fixed_hour(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    code = await channel.files()
    await named(channel, director)
    before, due = len(await channel.told()), (await channel.row()).answer_by
    channel.house.at = channel.house.at.replace(hour=14)
    await channel.adds(code, MORE)
    assert await channel.collects() == 0
    channel.house.at = channel.house.at.replace(hour=15, minute=1)
    assert await channel.collects() == 1
    await channel.delivers()
    assert "反映人又写了信" in organiser.screen.text
    assert MORE not in organiser.screen.text
    assert len(await channel.told()) == before + 1
    assert (await channel.row()).answer_by == due
    await organiser.presses("去办")
    await organiser.presses("打开内容")
    assert f"补充：{MORE}" in organiser.screen.text


async def test_until_somebody_is_named_the_director_hears_of_it(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    code = await channel.files()
    await channel.next_batch()
    await channel.adds(code, MORE)
    assert await channel.next_batch() == 1
    told = (await channel.told())[-1]
    assert told.person_id == channel.house.posts["主任甲"].person_id
    assert told.payload == {"report": (await channel.row()).id, "letter": True}


async def test_a_letter_that_was_read_already_is_no_news(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    code = await channel.files()
    await named(channel, director)
    await channel.adds(code, MORE)
    await organiser.presses_again(1, f"o:{(await channel.row()).id}")
    assert MORE in organiser.screen.text
    assert await channel.next_batch() == 0
    await settled(channel, organiser)
    assert (await channel.sealed()).state == "answered"


async def test_after_the_answer_both_sides_write_on_and_a_week_runs_for_it(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    code = await channel.files()
    await named(channel, director)
    await settled(channel, organiser)
    channel.house.pass_days(30)
    await channel.adds(code, MORE)
    asked = day_of(channel.house.at)
    shown = await channel.status(code)
    assert (shown.state, shown.answer_by) == ("again", asked + timedelta(days=7))
    assert await channel.next_batch() == 1
    row = await channel.row()
    assert (row.state, row.answer_by, row.finding) == ("again", asked + timedelta(days=7), "untrue")
    assert row.closed_on is None
    await channel.delivers()
    assert "反映人又写了信" in organiser.screen.text
    assert "答复后又来信" in await organiser.presses_again(1, "g:r")
    assert "已办结" in await settled(
        channel, organiser, "结论不变，只回复", "河边的也核实过了，也不属实。"
    )
    row, shown = await channel.row(), await channel.status(code)
    assert (row.state, row.finding, row.closed_on) == ("closed", "untrue", day_of(channel.house.at))
    assert shown.state == "answered"
    assert [line.sender for line in shown.lines] == ["department", "reporter", "department"]
    assert shown.lines[-1].text == "河边的也核实过了，也不属实。"


async def test_a_letter_that_crosses_the_answer_waits_for_one(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    code = await channel.files()
    await named(channel, director)
    await channel.adds(code, MORE)
    await settled(channel, organiser)
    assert (await channel.row()).state == "closed"
    assert (await channel.status(code)).state == "again"
    assert await channel.next_batch() == 1
    assert (await channel.row()).state == "again"


async def test_an_answer_tried_again_is_given_once(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    code = await channel.files()
    await named(channel, director)
    await channel.adds(code, MORE)
    row, act = await channel.row(), channel.house.act()
    actor, reports = channel.house.posts["组织员己"], channel.house.services.reports
    for _ in range(2):
        await reports.decide(act, actor, row.id, "untrue", ANSWER)
    lines = (await channel.status(code)).lines
    assert [line.text for line in lines if line.sender == "department"] == [ANSWER]


async def test_a_letter_after_the_answer_holds_no_case_and_a_new_finding_frees_it(
    channel: Channel, secretary: Somebody, director: Somebody, organiser: Somebody
) -> None:
    case, notice = await channel.hang()
    code = await channel.files(notice=notice)

    async def stands() -> tuple[Status, list[str]]:
        actor, today = channel.house.posts["书记丙"], day_of(channel.house.at)
        found = (await channel.house.services.cases.card(actor, case, today)).progress
        return found.status, [step.id for step in found.awaited]

    await named(channel, director)
    assert [link.case_id for link in await channel.about()] == [case]
    await settled(channel, organiser, "属实，情节较重", "经核实属实，提请组织员会议研究。")
    assert await stands() == (Status.RUNNING, ["finding_ballot"])
    await channel.house.services.steps.record(
        channel.house.act(), channel.house.posts["组织员己"], case, "finding_ballot",
        {"held_on": day_of(channel.house.at), "all": 3, "present": 3, "yes": 2, "no": 1,
         "conclusion": "not_admitted", "reason": "经核实，影响较坏。"},
    )  # fmt: skip
    assert await stands() == (Status.ENDED, [])
    await channel.adds(code, "我认错人了，不是他。")
    await channel.next_batch()
    await settled(channel, organiser)
    assert (await channel.row()).finding == "untrue"
    assert await stands() == (Status.RUNNING, [])
    await channel.adds(code, "谢谢。")
    await channel.next_batch()
    assert (await channel.row()).state == "again"
    assert await stands() == (Status.RUNNING, [])


async def test_what_is_open_cannot_be_answered_without_a_finding(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    code = await channel.files()
    await named(channel, director)
    actor, reports = channel.house.posts["组织员己"], channel.house.services.reports
    with pytest.raises(NotAllowed):
        await reports.decide(
            channel.house.act(), actor, (await channel.row()).id, "", "不作结论的答复。"
        )
    assert (await channel.status(code)).lines == ()


async def test_taken_back_after_a_further_letter_the_finding_stays(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    code = await channel.files()
    await named(channel, director)
    await settled(channel, organiser)
    await channel.adds(code, MORE)
    await channel.next_batch()
    await channel.intake.withdraw(code, day_of(channel.house.at), channel.house.at)
    await channel.next_batch()
    row = await channel.row()
    assert (row.state, row.finding) == ("closed", "untrue")
    with pytest.raises(ReportClosed):
        await channel.adds(code, "还有一处。")


async def test_forty_letters_are_taken_and_no_more(channel: Channel) -> None:
    code = await channel.files()
    for number in range(MOST_LETTERS):
        await channel.adds(code, f"第{number}封补充的信。")
    with pytest.raises(ReportClosed):
        await channel.adds(code, "再补充一封。")
    assert len((await channel.status(code)).lines) == MOST_LETTERS == 40


async def test_a_long_report_with_letters_is_shown_whole(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    said = "".join(f"第{number}句话，<b>&；" for number in range(350))[:4000]
    code = await channel.files(said)
    await named(channel, director)
    await channel.adds(code, MORE)
    before = set(organiser.chat)
    await organiser.presses_again(1, f"o:{(await channel.row()).id}")
    shown = [seen for key, seen in organiser.chat.items() if key not in before]
    assert len(shown) > 1
    assert all(seen.protected for seen in shown)
    whole = "".join(seen.text for seen in shown)
    assert said in whole
    assert MORE in whole
    assert SAID not in whole


async def test_what_is_entered_in_the_evening_is_due_in_the_morning_and_not_late(
    channel: Channel, director: Somebody, organiser: Somebody
) -> None:
    """A letter registered after hours: its message waits until they open, and nobody calls it late
    in the night."""
    house = channel.house
    house.at = house.at.replace(hour=20)
    directing = house.posts["主任甲"]
    await house.services.reports.register(house.act(), directing, "letter", SAID, None)
    (told,) = await channel.told()
    opening = next_open(house.at, house.services.procedure.calendar)
    assert told.not_before == opening
    finding = await late_messages(house.services.database, opening - timedelta(minutes=1))
    assert not finding.needs
    house.at = opening
    await channel.delivers()
    finding = await late_messages(house.services.database, opening)
    assert "7 days 0 left late" in finding.said
