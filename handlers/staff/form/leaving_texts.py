"""Leaving a conversation before its end: what is kept, and what becomes of it."""

from domain.rulebook.schema import Text
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.core.i18n import ngettext


def later() -> str:
    return _("保存，稍后再填")


def cancel() -> str:
    return _("取消")


def cancelled() -> str:
    return _("停下了，什么也没有存。")


def kept(answers: int, person: str, step: str, title: Text) -> str:
    name = f"{words.typed(person)} · {words.step_name(step, title)}"
    if not answers:
        return _("“{name}”还什么都没填，没有存草稿。").format(name=name)
    return ngettext(
        "“{name}”已填的{n}项存成草稿了。随时可以在待办里接着填。",
        "“{name}”已填的{n}项存成草稿了。随时可以在待办里接着填。",
        answers,
    ).format(name=name, n=answers)


def give_up(answers: int, person: str, step: str, title: Text) -> str:
    name = f"{words.typed(person)} · {words.step_name(step, title)}"
    return ngettext(
        "“{name}”已填的{n}项，不要了吗？没选以前都留着，在待办里。",
        "“{name}”已填的{n}项，不要了吗？没选以前都留着，在待办里。",
        answers,
    ).format(name=name, n=answers)


def go_on() -> str:
    return _("接着填")


def drop() -> str:
    return _("不要了，删草稿")


def dropped() -> str:
    return _("草稿删掉了。已经保存的记录没有变。")


def put_aside() -> str:
    return _("填了一半的还在，回到那里就接着填。")


def not_kept() -> str:
    return _("刚才没填完的没有存。要办，请从头再来。")


def nothing_to_cancel() -> str:
    return _("现在没有正在填的。")
