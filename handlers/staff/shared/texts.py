"""Words used everywhere: days, roles, navigation."""

from collections.abc import Iterable, Sequence
from datetime import date
from html import escape

from domain.case.facts import Blocker, BlockerKind, DateKind, Deadline, OpenStep
from domain.case.urgency import nearest, not_yet_advised
from domain.rulebook.schema import Role, Step, Text
from domain.states import Status
from services.cases.views import EntryLine
from services.core.i18n import current, current_city, ngettext
from services.core.i18n import gettext as _
from services.people.views import Actor

NO_SOURCE = "-"


COUNTED = 90
"""So many days are told in days; more of them in months or years."""


def read(text: Text) -> str:
    """A rulebook text in the language spoken now, safe inside a message."""
    return escape(text.read(current()), quote=False)


def plain(text: Text) -> str:
    """The same for a button, which shows what it is given."""
    return text.read(current())


def typed(text: str) -> str:
    """What a person typed, safe inside a message."""
    return escape(text, quote=False)


def named(name: str, value: str) -> str:
    """Both are safe already."""
    return _("{name}：{value}").format(name=name, value=value)


def bold(text: str) -> str:
    return f"<b>{text}</b>"


def day(value: date) -> str:
    if current() == "en":
        return f"{value.day} {value:%b} {value.year}"
    return _("{year}年{month}月{day}日").format(year=value.year, month=value.month, day=value.day)


def short_day(value: date, today: date) -> str:
    """Without the year where it is this one."""
    if value.year == today.year and current() == "en":
        return f"{value.day} {value:%b}"
    if value.year == today.year:
        return _("{month}月{day}日").format(month=value.month, day=value.day)
    return day(value)


def left(value: date, today: date) -> str:
    days = (value - today).days
    if days == 0:
        return _("就是今天")
    if abs(days) > COUNTED:
        said = span(min(value, today), max(value, today))
        return _("已过{span}").format(span=said) if days < 0 else _("还有{span}").format(span=said)
    if days < 0:
        return ngettext("已过{n}天", "已过{n}天", -days).format(n=-days)
    return ngettext("还有{n}天", "还有{n}天", days).format(n=days)


def span(first: date, last: date) -> str:
    """Whole months, from two years on years: nobody reckons with 880 days."""
    months = 12 * (last.year - first.year) + last.month - first.month - (last.day < first.day)
    if months < 24:
        return ngettext("{n}个月", "{n}个月", months).format(n=months)
    return ngettext("{n}年", "{n}年", months // 12).format(n=months // 12)


def role(value: Role) -> str:
    names = {
        Role.SECRETARY: _("支部书记"),
        Role.INTRODUCER: _("入党介绍人"),
        Role.CONTACT: _("培养联系人"),
        Role.HELPER: _("帮扶人"),
        Role.COMMITTEE: _("上级党委"),
        Role.ORGANISER: _("组织员"),
        Role.DIRECTOR: _("组织部领导"),
    }
    return names[value]


def roles(values: tuple[Role, ...] | frozenset[Role]) -> str:
    ordered = [item for item in Role if item in values]
    return _("、").join(role(item) for item in ordered)


def rows_of(number: int) -> str:
    return ngettext("{n}行", "{n}行", number).format(n=number)


def names(people: Iterable[str]) -> str:
    return _("、").join(typed(name) for name in people)


def signers(item: EntryLine) -> str:
    """Whose signature is missing: by name where it is asked by name."""
    said = []
    for value in Role:
        if value in item.waits_for:
            # By name where each of a role signs: whoever reads it has to know whom to remind.
            asked = [name for role_of, name in item.asked if role_of is value]
            said.append(_("{role}{names}").format(role=role(value), names=names(asked)).strip())
    return _("、").join(said)


def post(value: Role) -> str:
    """Who holds a post: in the committee's name acts its member for organisation."""
    return _("党委组织委员") if value is Role.COMMITTEE else role(value)


def posts(actor: Actor) -> str:
    """Each organisation and what somebody is there, a line each."""
    return "\n".join(
        _("{organisation}：{role}").format(
            organisation=typed(item.organisation), role=post(item.role)
        )
        for item in actor.posts
    )


def date_kind(kind: DateKind) -> str:
    names = {
        DateKind.ACTUAL: _("实际日期"),
        DateKind.EARLIEST: _("最早可办"),
        DateKind.LEGAL: _("法定期限"),
        DateKind.LOCAL: _("本地期限"),
        DateKind.ADVISED: _("建议期限"),
    }
    return names[kind]


def due(deadline: Deadline, today: date) -> str:
    """“11月29日，还有7天”, or from when something may be done; says so where the working-day
    calendar of that year isn't known."""
    on = short_day(deadline.on, today)
    if deadline.kind is DateKind.EARLIEST:
        on = _("{day}起可以办").format(day=on)
    past = deadline.kind is DateKind.EARLIEST and deadline.on <= today
    said = on if past else _("{day}，{left}").format(day=on, left=left(deadline.on, today))
    return said + reckoned() if deadline.provisional else said


def reckoned() -> str:
    """Behind a day that is provisional; the screen ends with `footnote`."""
    return _("（推算）")


def provisional() -> str:
    return _("（推算）：那一年的放假安排还没有公布，先按周一至周五算，公布后自动重算。")


def footnote(lines: Sequence[str]) -> list[str]:
    """What （推算） means, once a screen."""
    said, mark = provisional(), reckoned()
    marked = any(mark in line for line in lines) and not any(said in line for line in lines)
    return ["", said] if marked else []


def source(text: str) -> str:
    """“N7” is article 7 of the national rules, “O” the national text before, “G” the document that
    the profile names, “P” common practice. “-”: no rule, a fact that is registered."""
    if text == NO_SOURCE:
        return _("如实登记")
    national = [item[1:] for item in text.split() if item[0] == "N" and item[1:2].isdigit()]
    said = [_("《细则》第{articles}条").format(articles=_("、").join(national))] if national else []
    if "O" in text.split():
        said.append(_("《细则》（2014年）"))
    if any(item[0] == "G" for item in text.split()):
        said.append(document())
    if "P" in text.split():
        said.append(_("通行做法"))
    return _("、").join(said) or typed(text)


def document() -> str:
    """What the city's own rules are called."""
    city = current_city()
    return read(city.document) if city else _("本地规定")


def rules() -> str:
    """All that applies: the national text, with the city's own where there is one."""
    return (
        _("《细则》和{document}").format(document=document()) if current_city() else _("《细则》")
    )


def place() -> str:
    """What the city is called."""
    city = current_city()
    return read(city.place) if city else _("本地")


def hold(reason: str) -> str:
    names = {"report": _("上级正在核实情况，核实清楚前不能过这一关")}
    return names[reason]


def blocked(blocker: Blocker, today: date) -> str:
    # Only that it is being looked into: not by whom, nor that somebody reported it.
    if blocker.kind is BlockerKind.HOLD:
        return hold(blocker.text.zh)
    said = read(blocker.text)
    if blocker.kind is BlockerKind.AWAITED:
        said = _("先要等“{step}”有结果").format(step=said)
    if blocker.source:
        said = _("{text}（{source}）").format(text=said, source=source(blocker.source))
    if blocker.until is not None:
        said = _("{text}，{day}起可以办").format(text=said, day=short_day(blocker.until, today))
    return said


def next_step(step: OpenStep, today: date) -> list[str]:
    """The next step in one sentence; below it, why it can't be taken yet."""
    parts = [_("下一步：<b>{step}</b>").format(step=step_name(step.step.id, step.step.title))]
    if step.waits_for:
        parts.append(_("等{roles}签字").format(roles=roles(step.waits_for)))
    elif step.step.actors:
        parts.append(_("由{roles}办").format(roles=roles(step.step.actors)))
    if step.possible and (first := not_yet_advised(step.deadlines, today)):
        parts.append(_("{day}起办为好").format(day=short_day(first, today)))
    limit = nearest(step.deadlines)
    if limit is not None:
        parts.append(_("最迟{due}").format(due=due(limit, today)))
    parts.append(_("依据{source}").format(source=source(step.step.source)))
    lines = [_("，").join(parts) + _("。")]
    lines += [_("还不能办：{why}").format(why=blocked(item, today)) for item in step.blockers]
    return lines


def step_name(step_id: str, title: Text) -> str:
    """With its number; what may happen at any time has none."""
    return f"{step_id} {read(title)}" if step_id[:1].isdigit() else read(title)


def step_label(step: Step) -> str:
    """The same for a button."""
    return f"{step.id} {plain(step.title)}" if step.id[:1].isdigit() else plain(step.title)


def back() -> str:
    return _("‹ 返回")


def cut() -> str:
    return _("……（其余略）")


def to_case() -> str:
    return _("看这一件")


def to_todo() -> str:
    return _("待办")


def correction_dropped(person: str, step: str) -> str:
    return _("“{person} · {step}”的更正没有保存，原来的记录没有变。").format(
        person=typed(person), step=step
    )


def button_expired() -> str:
    return _("这个按钮过期了，下面是现在的情况。")


def step_due(step: OpenStep, today: date) -> str:
    """A step with the next day that presses."""
    said, limit = step_name(step.step.id, step.step.title), nearest(step.deadlines)
    return _("，").join([said, due(limit, today)]) if limit else said


def called(steps: Sequence[OpenStep], today: date) -> list[str]:
    """What has no result yet; the body that decides should know of it."""
    if not steps:
        return []
    lines = [f"· {step_due(step, today)}" for step in steps]
    return ["", _("还没有结果，请先说明："), *lines]


def previous_page() -> str:
    return _("‹ 上一页")


def next_page() -> str:
    return _("下一页 ›")


def status(value: Status) -> str:
    names = {
        Status.RUNNING: _("办理中"),
        Status.PUT_OFF: _("暂缓"),
        Status.ENDED: _("已终止"),
        Status.ARCHIVED: _("已归档"),
    }
    return names[value]
