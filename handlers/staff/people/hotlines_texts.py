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
        _("以后的公示都用它，正在公示的也跟着换。"),
    ]


def to_list() -> str:
    return _("看举报电话")
