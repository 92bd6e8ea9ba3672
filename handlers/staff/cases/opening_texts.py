"""开始新的一件."""

from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _


def not_for_you() -> str:
    return _("这件事由支部书记办。您这里没有可以登记的支部。")


def ask_organisation() -> str:
    return words.bold(_("在哪个支部登记？"))


def ask_name(organisation: str) -> list[str]:
    return [
        _("登记一份入党申请，{organisation}").format(organisation=words.typed(organisation)),
        words.bold(_("申请人姓名？")),
        _("请输入姓名。"),
    ]


def ask_member(organisation: str) -> list[str]:
    return [
        _("登记一名正式党员，{organisation}").format(organisation=words.typed(organisation)),
        words.bold(_("姓名？")),
        _("登记后可以选作培养联系人或入党介绍人。"),
    ]


def enrolled(name: str) -> str:
    return _("登记好了：{name}。").format(name=words.typed(name))


def another() -> str:
    return _("再登记一名")


def opened() -> str:
    return _("登记好了。接着填第一步。")


def name_wanted() -> str:
    return _("请输入姓名，2到40个字，不带数字和符号。不要发身份证号。什么都没有存。")
