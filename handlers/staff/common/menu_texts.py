"""The menu below the chat, and the commands."""

from collections.abc import Mapping
from functools import cache

from handlers.staff.shared import texts as words
from services.core.i18n import LANGUAGES, use
from services.core.i18n import gettext as _
from services.people.views import Actor


def menu() -> str:
    return _("菜单")


def todo() -> str:
    return _("待办")


def cases() -> str:
    return _("发展名册")


def new_case() -> str:
    return _("开始新的一件")


def more() -> str:
    return _("更多")


def invite() -> str:
    return _("邀请")


def member() -> str:
    return _("登记党员")


def organisation() -> str:
    return _("登记组织")


def language() -> str:
    return _("语言 Language")


def settings() -> str:
    return _("提醒设置")


def reports() -> str:
    return _("群众反映")


def checks() -> str:
    return _("随机抽查")


def plans() -> str:
    return _("计划")


def figures() -> str:
    return _("数字")


def meetings() -> str:
    return _("开会")


def help_() -> str:
    return _("怎么用")


def privacy() -> str:
    return _("隐私说明")


FORMER = {"案件": "cases", "Cases": "cases"}
"""What buttons were called before: a chat keeps the menu it was shown last."""


@cache
def labels() -> Mapping[str, str]:
    """What each button of the menu says, in every language and in small letters, to what it means:
    it may be typed as well. 菜单 has no button, and is written wherever somebody is."""
    said = dict(FORMER)
    for spoken in LANGUAGES:
        with use(spoken):
            said |= {todo(): "todo", cases(): "cases", new_case(): "new", more(): "more"}
            said[menu()] = "menu"
    return {label.casefold(): meaning for label, meaning in said.items()}


def welcome(actor: Actor) -> str:
    if not actor.posts:
        return helps_only(actor)
    return _("{name}，您好。按“待办”看今天要办的事。\n\n{posts}").format(
        name=words.typed(actor.name), posts=words.posts(actor)
    )


def greeting(actor: Actor, first: str) -> str:
    """`first`: the most urgent line of 待办, "" where nothing waits."""
    said = _("{name}，您好。").format(name=words.typed(actor.name))
    if not first:
        return said + _("现在没有要您办的事。要找某个人，直接输入姓名。")
    return said + _("先办这一项：\n{first}\n\n按“待办”看全部；要找某个人，直接输入姓名。").format(
        first=words.bold(first)
    )


def helps_only(actor: Actor) -> str:
    """To whoever holds no post and is a contact or introducer all the same."""
    return _(
        "{name}，您好。您现在没有职务，只看得到您当联系人、介绍人的几件。按“待办”办理。"
    ).format(name=words.typed(actor.name))


def menu_title(filling: bool) -> str:
    """`filling`: in the middle of a form, which stays open below it."""
    if not filling:
        return _("菜单：")
    return _("菜单。正在填的还开着，前面填的都在。")


def back_to_form() -> str:
    return _("回到正在填的")


def more_title() -> str:
    return _("还可以：")


def commands() -> list[tuple[str, str]]:
    return [
        ("menu", _("打开菜单")),
        ("todo", _("待办")),
        ("cases", _("发展名册，按姓名查找")),
        ("cancel", _("停下正在填的")),
        ("help", _("怎么用")),
        ("privacy", _("存什么，不存什么")),
        ("settings", _("提醒设置")),
        ("language", _("语言 Language")),
    ]


def placeholder() -> str:
    return _("输入姓名可以查找")
