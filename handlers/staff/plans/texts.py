"""The yearly plan, for whoever reads it: what waits for them stands first."""

from collections.abc import Sequence

from domain.plans import Funnel
from domain.states import PlanState
from handlers.staff.meetings.texts import totals
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.people.responsible_organisers import Charge
from services.plans.plans import PlanLine, PlanView

SHOWN = 12
"""Names listed with their reason."""
BARS = 5
"""Lines of the funnel that have a bar in the picture."""
LEAST, MOST = 4, 500
"""Characters of a reason."""


def plan(view: PlanView, waiting: Sequence[str]) -> list[str]:
    lines = [words.bold(_("{year}年度发展计划").format(year=view.year))]
    if not view.by_name and not view.lines:
        return [*lines, without_plan()]
    lines += waiting or [_("现在没有等您办的。")]
    lines += ["", *funnel(view.funnel)]
    for state in (PlanState.STRUCK_OUT, PlanState.LATER, PlanState.RETURNED):
        lines += _named(view.at(state), state)
    return lines


def title(year: int) -> str:
    return _("{year}年度发展计划").format(year=year)


def heads() -> tuple[str, ...]:
    return _("党支部"), _("姓名"), _("进度"), _("初审组织员"), _("原因")


def cells(line: PlanLine) -> tuple[str, ...]:
    """A row of the list, in the order of `heads`."""
    return line.organisation, line.person, _state(line.state), line.checker, line.reason


def _state(state: PlanState) -> str:
    return {
        PlanState.PROPOSED: _("支部已申报"),
        PlanState.FORWARDED: _("党（工）委票决上报"),
        PlanState.CHECKED: _("组织员初审合格"),
        PlanState.ACCEPTED: _("列入年度计划"),
        PlanState.STRUCK_OUT: _("取消，不列入"),
        PlanState.LATER: _("暂缓，下一年再报"),
        PlanState.RETURNED: _("退回支部继续培养"),
    }[state]


def without_plan() -> str:
    """Why nobody is proposed, and what decides on a candidate instead."""
    return _(
        "{rules}没有要求逐人列入年度发展计划：发展对象由支部委员会讨论确定，"
        "报上级党委同意后公示（{source}）。"
    ).format(rules=words.rules(), source=words.source("N13"))


def funnel(found: Funnel) -> list[str]:
    """Each level on its line, then where the others went."""
    lines = [
        _("支部申报{n}人").format(n=found.proposed),
        _("党（工）委票决上报{n}人").format(n=found.forwarded),
        _("组织员初审合格{n}人").format(n=found.checked),
        _("列入年度计划{n}人").format(n=found.accepted),
        _("取消{n}人").format(n=found.struck_out),
    ]
    if found.later:
        lines.append(_("暂缓{n}人").format(n=found.later))
    if found.returned:
        lines.append(_("退回支部{n}人").format(n=found.returned))
    if found.undecided:
        lines.append(_("还在办{n}人").format(n=found.undecided))
    return lines


def caption(view: PlanView) -> str:
    """The words that belong to the picture; its bars have the same numbers."""
    head, lines = _("{year}年度发展计划").format(year=view.year), funnel(view.funnel)
    numbered = (f"{number}　{line}" for number, line in enumerate(lines[:BARS], 1))
    return "\n".join([head, *numbered, *lines[BARS:]])


def _named(found: Sequence[PlanLine], state: PlanState) -> list[str]:
    if not found:
        return []
    names = {
        PlanState.STRUCK_OUT: _("取消的："),
        PlanState.LATER: _("暂缓的："),
        PlanState.RETURNED: _("退回的："),
    }
    lines = ["", words.bold(names[state]), *(f"· {because(item)}" for item in found[:SHOWN])]
    if len(found) > SHOWN:
        lines.append(_("另有{n}人。").format(n=len(found) - SHOWN))
    return lines


def because(line: PlanLine) -> str:
    return _("{person}（{organisation}）：{reason}").format(
        person=words.typed(line.person),
        organisation=words.typed(line.organisation),
        reason=words.typed(line.reason) or _("没有写原因"),
    )


def may_propose(number: int) -> str:
    return ngettext("有{n}人可以申报。", "有{n}人可以申报。", number).format(n=number)


def may_assess(number: int) -> str:
    return ngettext("有{n}人等党（工）委票决。", "有{n}人等党（工）委票决。", number).format(
        n=number
    )


def may_check(number: int) -> str:
    return ngettext("有{n}人等组织员初审。", "有{n}人等组织员初审。", number).format(n=number)


def without_checker(number: int) -> str:
    return ngettext(
        "有{n}人等初审，所在党（工）委还没有定分管组织员。",
        "有{n}人等初审，所在党（工）委还没有定分管组织员。",
        number,
    ).format(n=number)


def charges(found: Sequence[Charge]) -> list[str]:
    """Who looks after which committee."""
    lines = [words.bold(_("分管组织员")), _("上报的人由分管组织员先初审。要改请点党（工）委。"), ""]
    return [*lines, *(f"· {_charge(item)}" for item in found)]


def _charge(item: Charge) -> str:
    who = words.typed(item.organiser.name) if item.organiser else _("还没有定")
    return _("{committee}：{organiser}").format(
        committee=words.typed(item.committee), organiser=who
    )


def ask_charge(item: Charge) -> list[str]:
    return [words.bold(_charge(item)), _("由哪位组织员分管？")]


def to_charges() -> str:
    return _("定分管组织员")


def may_decide(number: int) -> str:
    return ngettext("有{n}人等组织员会议票决。", "有{n}人等组织员会议票决。", number).format(
        n=number
    )


def to_propose() -> str:
    return _("申报")


def to_assess() -> str:
    return _("开会票决")


def at_place(label: str, organisation: str) -> str:
    """Not HTML: a button shows what it is given."""
    return _("{label}（{organisation}）").format(label=label, organisation=organisation)


def to_check() -> str:
    return _("初审")


def to_decide() -> str:
    return _("开组织员会议")


def to_picture() -> str:
    return _("看图")


def to_year(year: int) -> str:
    return _("{year}年").format(year=year)


def to_plan() -> str:
    return _("年度计划")


def choose(year: int, only: str = "") -> list[str]:
    """`only`: the single person who may be proposed, as long as they are ticked."""
    asked = _("支部大会听取党内外意见后，点上要申报的人。党（工）委会马上得到通知。")
    if only:
        # Not "tick": a press on a name that is ticked takes the tick away.
        asked = _(
            "可以申报的只有{name}，已经点上了。支部大会听取过党内外意见，就按“{button}”。"
            "党（工）委会马上得到通知。"
        ).format(name=words.typed(only), button=propose(1))
    return [words.bold(_("{year}年度发展计划：支部申报").format(year=year)), asked]


def propose(number: int) -> str:
    return ngettext("已听取党内外意见，申报{n}人", "已听取党内外意见，申报{n}人", number).format(
        n=number
    )


def proposed(names: Sequence[str]) -> list[str]:
    said = _("、").join(words.typed(name) for name in names)
    return [
        words.bold(_("已申报：{names}").format(names=said)),
        _("下一步：党（工）委考核、票决。已经通知对方。"),
    ]


def proposed_already(year: int) -> list[str]:
    return [_("已经申报过，在{year}年的计划里，没有重复。").format(year=year)]


def name(line: PlanLine, number: int, total: int) -> list[str]:
    lines = [
        words.bold(_("初审 {n}/{total}").format(n=number, total=total)),
        _("{person} · {organisation}").format(
            person=words.typed(line.person), organisation=words.typed(line.organisation)
        ),
    ]
    if line.assessment:
        said = totals(_counts(line))
        lines.append(_("党（工）委票决：{totals}").format(totals=said))
    return [*lines, "", _("材料齐全、手续合规就提交会议；不合规就退回，写明原因。")]


def _counts(line: PlanLine) -> dict[str, int]:
    known = ("present", "issued", "returned", "valid", "yes", "no", "abstain")
    found = {count: line.assessment.get(count) for count in known}
    return {count: number for count, number in found.items() if isinstance(number, int)}


def passes() -> str:
    return _("合格，提交会议")


def to_return() -> str:
    return _("退回，写原因")


def following() -> str:
    return _("先看下一个")


def ask_reason(line: PlanLine) -> str:
    return _(
        "为什么退回{person}？请写原因，{least}到{most}个字。支部和党（工）委都会看到。"
    ).format(person=words.typed(line.person), least=LEAST, most=MOST)


def reason_wanted() -> str:
    return _("请用文字写原因，{least}到{most}个字。还没有改动任何东西。").format(
        least=LEAST, most=MOST
    )


def checked(line: PlanLine) -> str:
    return _("{person}：初审合格，等组织员会议票决。").format(person=words.typed(line.person))


def returned(line: PlanLine) -> str:
    return _("{person}：已退回，支部和党（工）委已经得到通知。").format(
        person=words.typed(line.person)
    )


def all_checked() -> str:
    return _("没有等初审的了。")


def told(level: str, year: int) -> list[str]:
    """That names wait for the reader's level; who, is one tap away."""
    said = {
        "proposed": _("支部有新的申报，请党（工）委考核、票决。"),
        "forwarded": _("党（工）委有新的上报，请组织员初审。"),
        "unassigned": _("党（工）委有新的上报，还没有定分管组织员。请先定由谁初审。"),
    }
    return [words.bold(_("{year}年度发展计划").format(year=year)), said[level]]


def became(line: PlanLine) -> list[str]:
    """What became of one name, and why."""
    said = {
        PlanState.PROPOSED: _("已经重新申报"),
        PlanState.FORWARDED: _("已经上报组织部"),
        PlanState.CHECKED: _("初审合格"),
        PlanState.ACCEPTED: _("列入年度计划"),
        PlanState.STRUCK_OUT: _("取消，不列入"),
        PlanState.LATER: _("暂缓，下一年再报"),
        PlanState.RETURNED: _("退回支部继续培养"),
    }
    lines = [
        words.bold(_("{year}年度发展计划").format(year=line.year)),
        _("{person}（{organisation}）：{state}。").format(
            person=words.typed(line.person),
            organisation=words.typed(line.organisation),
            state=said[line.state],
        ),
    ]
    return [
        *lines,
        *([_("原因：{reason}").format(reason=words.typed(line.reason))] * bool(line.reason)),
    ]
