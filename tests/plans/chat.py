"""What each level of a plan says and presses in its own chat."""

from collections.abc import Awaitable, Callable

from tests.conversation.people import Somebody


async def proposed(secretary: Somebody, *names: str) -> str:
    await secretary.says("/more")
    await secretary.presses("计划")
    await secretary.presses("申报")
    await secretary.ticks(*names)
    return await secretary.presses(f"已听取党内外意见，申报{len(names)}人")


async def counted(person: Somebody, numbers: str) -> str:
    """Who is there, entered once."""
    await person.presses("清点人数，走程序")
    await person.says(numbers)
    if "是" in person.choices:
        await person.presses("是")
    return await person.presses("确认，保存")


async def voted(person: Somebody, name: str, numbers: str, *more: str) -> str:
    await person.presses(f"表决：{name}")
    await person.says(numbers)
    for said in more:
        await person.says(said)
    return await person.presses("确认，保存")


async def assessed(committee: Somebody, *votes: tuple[str, ...]) -> str:
    await committee.says("/plan")
    # A single name there is nothing to choose of.
    if "每个人单独表决" in await committee.presses("开会票决"):
        await committee.ticks(*(vote[0] for vote in votes))
        await committee.presses(f"定下{len(votes)}人上会")
    said = await counted(committee, "有表决权9 实到8")
    for vote in votes:
        said = await voted(committee, *vote)
    return said


async def checked(organiser: Somebody) -> str:
    await organiser.says("/plan")
    await organiser.presses("初审")
    assert "看这一件" in organiser.choices
    return await organiser.presses("合格，提交会议")


async def decided(organiser: Somebody, name: str, *vote: str) -> str:
    await organiser.says("/plan")
    await organiser.presses("开组织员会议")
    await counted(organiser, "全体5 实到5")
    return await voted(organiser, name, *vote)


async def planned(secretary: Somebody, committee: Somebody, organiser: Somebody, name: str) -> str:
    """A name goes all the way into the plan; gives what the organisers' ballot says."""
    await proposed(secretary, name)
    await assessed(committee, (name, "同意8 不同意0", "列入本级计划，上报组织部"))
    await checked(organiser)
    return await decided(organiser, name, "同意5 不同意0", "列入年度计划")


Tell = Callable[[], Awaitable[None]]


async def soon_planned(
    secretary: Somebody, committee: Somebody, organiser: Somebody, tell: Tell
) -> str:
    """The same by who knows the shortest way: by the buttons of what they were told, a single name
    at each level."""
    await secretary.presses("已听取党内外意见，申报进")
    await tell()
    await committee.presses("开会票决")
    line = "有表决权9 实到8 同意8 不同意0"
    await _held(committee, line, "列入本级计划，上报组织部 · 保存")
    await tell()
    await organiser.presses("合格，提交会议")
    await organiser.presses("开组织员会议")
    return await _held(organiser, "全体5 实到5 同意5 不同意0", "列入年度计划 · 保存")


async def _held(person: Somebody, line: str, last: str) -> str:
    """With a single name each form opens by itself, below the meeting, and one line has all the
    numbers."""
    await person.says(line)
    await person.presses("保存")
    return await person.presses(last)
