"""名额 and 重点积极分子: in the order of names, nobody is ranked."""

from collections.abc import Sequence

from domain.quotas import MOST, QuotaUse
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.plans.quotas import KeyLine, QuotaLine


def beside(found: Sequence[QuotaLine]) -> list[str]:
    """Below a year's plan; nothing while no place was given."""
    if not any(line.use.places is not None for line in found):
        return []
    head = words.bold(_("各党（工）委名额"))
    return ["", head, *(f"· {named(line)}" for line in found)]


def named(line: QuotaLine) -> str:
    return _("{committee}：{use}").format(committee=words.typed(line.committee), use=use(line.use))


def use(found: QuotaUse) -> str:
    if found.places is None:
        return _("没有定名额，申报{proposed}人，列入{accepted}人").format(
            proposed=found.proposed, accepted=found.accepted
        )
    said = _("名额{places}，申报{proposed}人，列入{accepted}人").format(
        places=found.places, proposed=found.proposed, accepted=found.accepted
    )
    return said + _("，超出{n}人").format(n=found.over) if found.over else said


def to_set() -> str:
    return _("定名额")


def share_out() -> str:
    return _("按比例分")


def listed(year: int, found: Sequence[QuotaLine]) -> list[str]:
    lines = [words.bold(_("{year}年名额").format(year=year))]
    lines.append(_("按比例分：按各党（工）委积极分子人数分。要单独改，请点党（工）委。"))
    return [*lines, "", *(f"· {named(line)}{_activists(line)}" for line in found)]


def _activists(line: QuotaLine) -> str:
    return ngettext("（积极分子{n}人）", "（积极分子{n}人）", line.activists).format(
        n=line.activists
    )


def ask(year: int, committee: str) -> list[str]:
    if not committee:
        return [
            _("{year}年一共多少名额？请发一个数字，会按积极分子人数分到各党（工）委。").format(
                year=year
            )
        ]
    return [
        _("{committee}{year}年多少名额？请发一个数字。").format(
            committee=words.typed(committee), year=year
        )
    ]


def wanted() -> str:
    return _("请发0到{most}的整数，例如 12。什么都没有存。").format(most=MOST)


def nobody_to_share() -> str:
    return _("各党（工）委都还没有积极分子，没法按比例分。请点党（工）委单独定。")


def key_title() -> str:
    return _("重点积极分子")


def key(found: Sequence[KeyLine]) -> list[str]:
    lines = [words.bold(key_title()), _("各支部现有的，按名称排，不排名。"), ""]
    said = _("· {branch}：积极分子{n}人，其中重点{key}人")
    return lines + [
        said.format(branch=words.typed(line.branch), n=line.activists, key=line.key)
        for line in found
    ]
