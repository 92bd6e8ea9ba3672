"""举报电话."""

from collections.abc import Sequence

from domain.hotlines import FEWEST, LONGEST, MOST, SHORTEST
from handlers.staff.shared import answer_texts
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.people.hotlines import HotlineLine


def title() -> str:
    return _("举报电话")


def listed(found: Sequence[HotlineLine]) -> list[str]:
    lines = [words.bold(title()), _("公示上要写明。本级没有设的，用上一级的。要改请点组织。"), ""]
    return [*lines, *(f"· {line(item)}" for item in found)]


def line(item: HotlineLine) -> str:
    said = answer_texts.hotline(item.hotline) if item.hotline else _("还没有设")
    return _("{organisation}：{hotline}").format(
        organisation=words.typed(item.organisation), hotline=words.typed(said)
    )


def shown(item: HotlineLine) -> list[str]:
    """What stands, and what stood before."""
    lines = [words.bold(line(item))]
    if item.hotline is None:
        lines.append(_holds(item))
    if item.earlier:
        lines += ["", _("以前的：")]
    for one in item.earlier:
        said = _("· {hotline}，{since}到{until}").format(
            hotline=words.typed(answer_texts.hotline(one.hotline)),
            since=words.day(one.since),
            until=words.day(one.until),
        )
        lines.append(said)
    return lines


def _holds(item: HotlineLine) -> str:
    """What notices name where nothing is set."""
    if item.inherited is None:
        return _("上一级也没有设，公示上没有举报电话。")
    return _("公示用上一级的：{hotline}。").format(
        hotline=words.typed(answer_texts.hotline(item.inherited))
    )


def to_set(again: bool) -> str:
    return _("更换") if again else _("设一个")


def to_withdraw() -> str:
    return _("撤下")


def sure() -> str:
    return _("确认撤下")


def ask_withdraw(item: HotlineLine) -> list[str]:
    return [words.bold(line(item)), _("撤下以后，{holds}").format(holds=_holds(item))]


def withdrawn(item: HotlineLine) -> list[str]:
    return [
        _("撤下了：{organisation}").format(organisation=words.typed(item.organisation)),
        _holds(item),
        _("正在公示的也跟着换；已经贴出去的纸，请改过来。"),
    ]


def ask(item: HotlineLine) -> list[str]:
    return [words.bold(line(item)), _("电话多少，由谁负责？请发一行，例如：0470-7300000 王敏。")]


def wanted() -> str:
    return _(
        "请发一行：电话（{fewest}到{most}个数字）和负责人姓名（{shortest}到{longest}个字），"
        "例如：0470-7300000 王敏。什么都没有存。"
    ).format(fewest=FEWEST, most=MOST, shortest=SHORTEST, longest=LONGEST)


def kept(item: HotlineLine) -> list[str]:
    return [
        _("设好了：{line}").format(line=line(item)),
        _("以后的公示都用它，正在公示的也跟着换；已经贴出去的纸，请改过来。"),
    ]


def to_list() -> str:
    return _("看举报电话")
