"""The numbers of a ballot by name, and sums of them that don't fit."""

from collections.abc import Mapping

from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _


def contradict(values: Mapping[str, object]) -> str:
    """Both sums with their numbers, so that it can be seen which one is wrong."""
    left, right = values.get("left_sum", 0), values.get("right_sum", 0)
    said = (
        _("数字对不上：{left}是{left_sum}，多于{right}的{right_sum}。请核对后重填。")
        if isinstance(left, int) and isinstance(right, int) and left > right
        else _("数字对不上：{left}是{left_sum}，{right}是{right_sum}，应当相等。请核对后重填。")
    )
    return said.format(
        left=total(values.get("left")),
        right=total(values.get("right")),
        left_sum=left,
        right_sum=right,
    )


def total(side: object) -> str:
    """A side of a sum that doesn't fit: one count, or several added up."""
    parts = side if isinstance(side, tuple) else (side,)
    return " + ".join(count(str(part)) for part in parts)


def count(name: str) -> str:
    names = {
        "entitled": _("有表决权"),
        "due": _("应到"),
        "present": _("实到"),
        "written": _("书面意见"),
        "issued": _("发出票"),
        "returned": _("收回票"),
        "valid": _("有效票"),
        "yes": _("赞成"),
        "no": _("不赞成"),
        "abstain": _("弃权"),
    }
    return names.get(name, words.typed(name))
