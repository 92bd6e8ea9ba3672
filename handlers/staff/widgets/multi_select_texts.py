"""Ticking several out of a list."""

from services.core.i18n import gettext as _


def all_of_them() -> str:
    return _("全部点上")


def cancel() -> str:
    return _("取消")


def cancelled() -> str:
    return _("停下了，什么也没有存。")


def page(number: int, count: int) -> str:
    return f"{number}/{count}"


def press_wanted() -> str:
    return _("请按下面的按钮。还没有改动任何东西。")
