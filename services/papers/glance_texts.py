"""What is written into pictures: in Chinese, as on papers."""

from collections.abc import Iterable, Mapping
from datetime import date

from domain.rulebook.schema import Role

WAY, WEEK, GUIDE = "全程", "一周", "一页说明"
COUNTED, MONTH = 90, 30
"""Days that are told as such; beyond them months are."""
ROLES: Mapping[Role, str] = {
    Role.SECRETARY: "支部书记",
    Role.INTRODUCER: "入党介绍人",
    Role.CONTACT: "培养联系人",
    Role.HELPER: "帮扶人",
    Role.COMMITTEE: "上级党委",
    Role.ORGANISER: "组织员",
    Role.DIRECTOR: "组织部领导",
}


def done_on(last: date, times: int) -> str:
    """`times`: how often it was done, 0 for what comes once."""
    said = f"{last.year}.{last.month}.{last.day}"
    return f"{times}次，{said}" if times else said


def waits_for(roles: Iterable[Role]) -> str:
    wanted = frozenset(roles)
    named = "、".join(name for role, name in ROLES.items() if role in wanted)
    return f"等{named}" if named else ""


def from_day(day: date, today: date) -> str:
    year = f"{day.year}年" if day.year != today.year else ""
    return f"{year}{day.month}月{day.day}日起"


def possible() -> str:
    return "可以办了"


def left(days: int) -> str:
    if not days:
        return "就是今天"
    number = abs(days)
    said = f"{number}天" if number <= COUNTED else f"{number // MONTH}个月"
    return f"已过{said}" if days < 0 else f"还有{said}"
