"""A meeting and a plan as people lead them over HTTP: each press waits for the screen it is on."""

import re

from messenger.client import Person, words

SUMMARY, CONFIRM = "核对后保存", "确认，保存"
OPEN = [f"{sign} {answer}" for sign in "①②③④⑤⑥" for answer in ("是", "全部点上")]
"""Buttons of what isn't answered yet. Not the sign alone: the day stands there too, answered."""


async def ticked(person: Person, listed: int, *names: str) -> None:
    """Ticks names in the message `listed`: a reminder that comes meanwhile may carry the same
    name on a button."""
    for name in names:
        shown = next(one for one in await person.screen() if one["id"] == listed)
        # A single one is ticked already, and a press would take it out.
        if f"✓ {name}" not in words(shown):
            await person.presses(name, listed)
            await person.sees(f"✓ {name}")


async def counted(person: Person, numbers: str) -> str:
    """Who is there, and what was gone through: once for all candidates."""
    await person.presses("清点人数，走程序")
    await person.sees("还差：")
    await person.says(numbers)
    shown = await person.until([SUMMARY, *OPEN])
    while SUMMARY not in shown:
        open_now = re.findall(r"\[?([①-⑳] (?:是|全部点上))", shown)
        await person.presses(open_now[0])
        shown = await person.until([SUMMARY, open_now[0][0] + " ✓"])
    await person.presses(CONFIRM)
    return await person.sees("下一步：表决")


async def voted(person: Person, name: str, numbers: str, *more: str) -> str:
    """One candidate's ballot; gives what is said when it is entered."""
    await person.presses(f"表决：{name}")
    await person.sees("还差：")
    await person.says(numbers)
    await person.sees("读到：")
    for said in more:
        await person.until([said, "个字。", *OPEN])
        await person.says(said)
    shown = await person.until([SUMMARY, *OPEN])
    while SUMMARY not in shown:
        open_now = re.findall(r"([①-⑳] 是)", shown)
        await person.presses(open_now[0])
        shown = await person.until([SUMMARY, open_now[0][0] + " ✓"])
    await person.presses(CONFIRM)
    return await person.sees("已保存", name)


async def planned(secretary: Person, committee: Person, organiser: Person, name: str) -> str:
    """A name goes through every level of the year's plan."""
    await secretary.says("/plan")
    await secretary.sees("可以申报")
    await secretary.presses("申报")
    await ticked(secretary, await secretary.message_with("年度发展计划：支部申报"), name)
    await secretary.presses("已听取党内外意见")
    await secretary.sees("已申报", name)

    await committee.says("/plan")
    await committee.sees("等党（工）委票决")
    await committee.presses("开会票决")
    await agenda(committee, name)
    await counted(committee, "有表决权9 实到8")
    await voted(committee, name, "同意8 不同意0", "列入本级计划，上报组织部")

    await organiser.says("/plan")
    await organiser.sees("等组织员初审")
    await organiser.presses("初审")
    await organiser.sees("初审 1/1", name)
    await organiser.presses("合格，提交会议")
    await organiser.sees("没有等初审的了")
    await organiser.says("/plan")
    await organiser.sees("等组织员会议票决")
    await organiser.presses("开组织员会议")
    await agenda(organiser, name)
    await counted(organiser, "全体5 实到5")
    return await voted(organiser, name, "同意4 不同意1", "列入年度计划")


async def agenda(person: Person, *names: str) -> None:
    # A single name there is nothing to choose of.
    if len(names) > 1:
        await ticked(person, await person.message_with("请点上会的人"), *names)
        await person.presses(f"定下{len(names)}人上会")
    await person.sees("议程，逐人表决")
