"""登记下级组织."""

from domain.organisations import COMMITTEE, DEPARTMENT, GENERAL_BRANCH, LEADING_GROUP
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _

LONGEST = 60
"""Characters of a name."""


def not_for_you() -> str:
    return _("下级组织由上级党委或者组织部登记。您这里不用办。")


def ask_parent() -> list[str]:
    return [
        words.bold(_("登记到哪个组织下面？")),
        _("组织部下面是党委、党组，党委下面是党总支、党支部。"),
    ]


def ask_name(parent: str, above: str) -> list[str]:
    heads = {
        DEPARTMENT: _("登记一个党（工）委或者党组，属于{parent}"),
        COMMITTEE: _("登记一个党支部或者党总支，属于{parent}"),
        GENERAL_BRANCH: _("登记一个党支部，属于{parent}"),
    }
    head = heads[above].format(parent=words.typed(parent))
    hints = {
        DEPARTMENT: _("请输入全称，例如：林海镇党委。名称以“党组”结尾的，登记为党组。"),
        COMMITTEE: _("请输入全称，例如：东山村党支部。名称以“总支”结尾的，登记为党总支。"),
        GENERAL_BRANCH: _("请输入全称，例如：东山村党支部。"),
    }
    return [head, words.bold(_("组织名称？")), hints[above]]


def name_wanted() -> str:
    return _("请输入组织名称，2到{longest}个字。什么都没有存。").format(longest=LONGEST)


def entered(name: str, level: str) -> str:
    said = {
        GENERAL_BRANCH: _("登记好了：{name}，是党总支。下一步，在它下面登记党支部。"),
        LEADING_GROUP: _("登记好了：{name}，是党组。党组不审批党员，这里不用再办什么。"),
    }
    usual = _("登记好了：{name}。下一步，邀请它的负责人。")
    return said.get(level, usual).format(name=words.typed(name))


def invite() -> str:
    return _("邀请")


def another() -> str:
    return _("再登记一个组织")
