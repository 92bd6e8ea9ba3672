"""登记下级组织."""

from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _

LONGEST = 60
"""Characters of a name."""


def not_for_you() -> str:
    return _("下级组织由上级党委或者组织部登记。您这里不用办。")


def ask_parent() -> list[str]:
    return [words.bold(_("登记到哪个组织下面？")), _("组织部下面是党委，党委下面是党支部。")]


def ask_name(parent: str, level: str) -> list[str]:
    heads = {
        "committee": _("登记一个党（工）委，属于{parent}"),
        "branch": _("登记一个党支部，属于{parent}"),
    }
    head = heads[level].format(parent=words.typed(parent))
    return [head, words.bold(_("组织名称？")), _("请输入全称，例如：东山村党支部。")]


def name_wanted() -> str:
    return _("请输入组织名称，2到{longest}个字。什么都没有存。").format(longest=LONGEST)


def entered(name: str) -> str:
    return _("登记好了：{name}。下一步，邀请它的负责人。").format(name=words.typed(name))


def invite() -> str:
    return _("邀请")


def another() -> str:
    return _("再登记一个组织")
