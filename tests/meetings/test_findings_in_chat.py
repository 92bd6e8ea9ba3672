"""A finding is one organiser's proposal; what becomes of the case a body decides."""

import pytest
from sqlmodel import select

from domain.states import Status
from models import EntryRow, ReportCase, ReportRow
from services.core.database import Database
from services.core.errors import NotAllowed
from tests.meetings.chat import convenes, counts, fills, told, votes
from tests.meetings.town import ORGANISERS, Town

SAID = "他把集体的木材卖了，村里人都知道。"
ANSWER = "您反映的情况已经核实，处理结果按规定研究。"
BALLOT, MEETING = "组织员会议票决核实结果", "支部大会讨论核实结果"


async def letter(town: Town, case: str | None) -> str:
    """Entered and given to the first organiser."""
    reports, house = town.house.services.reports, town.house
    director = town.actor("主任甲")
    report = await reports.register(house.act(), director, "letter", SAID, case)
    await reports.instruct(house.act(), director, report, town.actor(ORGANISERS[0]).person_id)
    return report


async def settles(town: Town, report: str, finding: str) -> str:
    """Gives what was shown beside the findings, and at the end."""
    await town.organiser.presses_again(1, f"r:{report}")
    shown = await town.organiser.presses("作结论并答复")
    await town.organiser.presses(finding)
    await town.organiser.says(ANSWER)
    return shown + "\n" + await town.organiser.presses("确认，答复")


async def found(second: Database, case: str) -> list[EntryRow]:
    async with second.read() as session:
        wanted = select(EntryRow).where(EntryRow.case_id == case, EntryRow.step == "finding")
        return list(await session.exec(wanted))


@pytest.mark.parametrize(
    ("yes", "conclusion", "status"),
    [(4, "不予发展", Status.ENDED), (4, "暂缓发展", Status.PUT_OFF),
     (3, "处理建议没有通过，继续发展", Status.RUNNING)],
)  # fmt: skip
async def test_one_proposes_and_two_thirds_of_all_organisers_decide(
    town: Town, second: Database, yes: int, conclusion: str, status: Status
) -> None:
    case = await town.led("陆小满", "12")
    report = await letter(town, case)
    shown = await settles(town, report, "属实，情节较重")
    assert f"属实，情节较轻：接着办“{BALLOT}”，有结果以前不过下一关" in shown
    assert "失实：这一件不受影响" in shown
    assert f"已办结：属实，情节较重。接着办“{BALLOT}”" in shown
    assert f"这一件等“{BALLOT}”" in await town.organiser.presses_again(1, f"r:{report}")
    card = await town.card(case)
    assert (card.progress.status, card.progress.outcome) == (Status.RUNNING, "")
    assert [step.id for step in card.progress.awaited] == ["finding_ballot"]
    await convenes(town.organiser, "组织员会议", "陆小满")
    await counts(town.organiser, "全体6 实到6")
    day = ("2027", "1", "15") if status is Status.PUT_OFF else ()
    reason = () if status is Status.RUNNING else ("经核实，影响较坏。",)
    said = await ballot(town, yes, conclusion, *day, *reason)
    assert f"{yes}/6" in said
    card = await town.card(case)
    assert card.progress.status is status
    (entry,) = await found(second, case)
    assert entry.answers == {"found_on": town.today, "finding": "serious"}
    assert "finding" not in {line.step.id for line in card.entries}


async def ballot(town: Town, yes: int, *wanted: str) -> str:
    """The vote on one person; a day is chosen as the form offers it."""
    person = town.organiser
    await person.presses("表决：陆小满")
    await person.says(f"同意{yes} 不同意{6 - yes}")
    assert ("不予发展" in person.choices) is (yes >= 4)
    await person.presses(wanted[0])
    if "哪一天" in person.screen.text:
        await person.says("2027-01-15")
    return await fills(person, *[word for word in wanted[1:] if not word.isdigit()])


async def test_what_was_objected_during_a_notice_the_organisers_decide_and_not_the_secretary(
    town: Town, second: Database
) -> None:
    case = await town.led("陆小满", "8b")
    await town.secretary.presses_again(1, f"f:{case}:8b")
    await town.secretary.presses("今天")
    await town.secretary.presses("是")
    await town.secretary.says("两人反映他拖欠集体的钱，查了账，确有其事。")
    assert not {"暂缓发展", "不予发展"} & set(town.secretary.choices)
    await town.secretary.presses("收到的反映要研究，报上级决定")
    said = await town.secretary.presses("确认，保存")
    assert "已保存：陆小满 · 8b 公示结果" in said
    assert f"下一步：<b>{BALLOT}</b>，由组织员办" in said
    assert "暂缓" not in said
    said = await town.secretary.presses_again(1, f"f:{case}:8b")
    assert f"先要等“{BALLOT}”有结果，现在不能过这一关" in said
    await convenes(town.organiser, "组织员会议", "陆小满")
    await counts(town.organiser, "全体6 实到6")
    assert "4/6" in await ballot(town, 4, "不予发展", "核实属实，影响较坏。")
    card = await town.card(case)
    assert (card.progress.status, card.progress.outcome) == (Status.ENDED, "not_admitted")
    async with second.read() as session:
        wanted = select(EntryRow).where(EntryRow.case_id == case, EntryRow.step == "8b")
        (entry,) = await session.exec(wanted)
    assert entry.answers["conclusion"] == "referred"


async def test_the_finding_about_a_member_goes_to_the_general_meeting_and_ends_nothing(
    town: Town, second: Database
) -> None:
    case = await town.led("何秋实", "21", days=700)
    report = await letter(town, case)
    shown = await settles(town, report, "违法违纪，特别严重：移交有关部门")
    assert MEETING in shown
    assert BALLOT not in shown
    card = await town.card(case)
    assert (card.progress.status, card.progress.outcome) == (Status.RUNNING, "")
    called = {item.step.id for item in card.progress.called}
    assert called == {"21e"}
    await town.secretary.presses_again(1, f"f:{case}:21e")
    await fills(town.secretary)
    await convenes(town.secretary, "支部大会", "何秋实")
    await counts(town.secretary, "有表决权20 应到20 实到20")
    said = await votes(
        town.secretary, "何秋实", "同意11 不同意9", "取消预备党员资格，报上级党委批准",
        "不履行党员义务。",
    )  # fmt: skip
    assert "11/20" in said
    card = await town.card(case)
    assert (card.progress.status, [s.id for s in card.progress.awaited]) == (
        Status.RUNNING, ["21g"],
    )  # fmt: skip
    await convenes(town.committee, "党（工）委会议", "何秋实")
    await counts(town.committee)
    await votes(town.committee, "何秋实", "批准取消预备党员资格")
    card = await town.card(case)
    assert (card.progress.status, card.progress.outcome) == (Status.ENDED, "cancelled")


async def test_the_branch_hears_what_the_case_waits_for_and_nothing_of_the_report(
    town: Town,
) -> None:
    case = await town.led("陆小满", "12")
    report = await letter(town, case)
    await settles(town, report, "属实，情节较轻")
    await told(town.house)
    shown = "\n".join(seen.text for seen in town.secretary.chat.values())
    assert f"“{BALLOT}”有结果以前不过下一关，别的照常办" in shown
    assert "情节较轻" not in shown
    assert "木材" not in shown
    await town.secretary.presses_again(1, f"c:{case}")
    assert "核实结果：" not in town.secretary.screen.text


async def test_what_is_clear_again_goes_on_by_the_handlers_word(town: Town) -> None:
    case = await town.led("陆小满", "12")
    report = await letter(town, case)
    await settles(town, report, "暂时查不清")
    card = await town.card(case)
    assert (card.progress.status, [s.id for s in card.progress.awaited]) == (
        Status.RUNNING, ["resumed"],
    )  # fmt: skip
    await town.organiser.presses_again(1, f"f:{case}:resumed")
    await fills(town.organiser, "查清了，没有问题，照常办", "查了账，没有问题。")
    assert (await town.card(case)).progress.awaited == ()


async def test_a_finding_that_the_rulebook_does_not_know_is_refused_and_nothing_is_stored(
    town: Town, second: Database
) -> None:
    case = await town.led("陆小满", "12")
    report = await letter(town, case)
    organiser, house = town.actor(ORGANISERS[0]), town.house
    with pytest.raises(NotAllowed):
        await house.services.reports.decide(house.act(), organiser, report, "true", ANSWER)
    with pytest.raises(NotAllowed):
        answers = {"found_on": town.today, "finding": "serious"}
        await house.services.steps.record(house.act(), organiser, case, "finding", answers)
    async with second.read() as session:
        row = await session.get_one(ReportRow, report)
        (link,) = await session.exec(select(ReportCase))
    assert (row.state, row.finding, link.entry_id) == ("checking", "", None)
    assert await found(second, case) == []


@pytest.mark.slow
async def test_of_a_full_member_no_meeting_is_promised_that_nobody_holds(town: Town) -> None:
    case = await town.led("何秋实", "24c", days=900)
    before = (await town.card(case)).progress
    shown = await settles(town, await letter(town, case), "属实，情节较重")
    assert "属实，情节较轻：已经批准转正，这一件不再变动，怎样处理另行研究" in shown
    assert "失实：这一件不受影响" in shown
    assert MEETING not in shown
    after = (await town.card(case)).progress
    assert [item.step.id for item in after.open] == [item.step.id for item in before.open]
