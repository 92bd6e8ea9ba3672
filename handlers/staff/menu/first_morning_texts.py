"""The first morning: three short messages that lead from joining to the first entry."""

from collections.abc import Sequence
from datetime import date

from domain.rulebook.kinds import HELPERS
from domain.rulebook.schema import Role
from handlers.staff.shared import texts as words
from handlers.staff.todo import texts as todo_texts
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.people.views import Actor
from services.todo.views import TodoItem

LAST = 3


def joining(actor: Actor) -> list[str]:
    """What waits for somebody here, by role; the keyboard is below the chat already."""
    names = {
        Role.SECRETARY: _("收到入党申请书，按“开始新的一件”。每个人办到哪一步，看“发展名册”。"),
        Role.COMMITTEE: _("各支部报来的备案、预审、审批，在“待办”里等您。"),
        Role.ORGANISER: _("年度计划、会议票决、群众反映的核实，在“待办”里等您。"),
        Role.DIRECTOR: _("群众反映在“待办”里等您批示。全市的情况，按“更多”看“数字”。"),
    }
    said = [text for role, text in names.items() if role in actor.roles]
    if actor.roles & HELPERS:
        said.append(_("您联系的人要谈话、回访、签字的，都在“待办”里。"))
    return [_head(1), *said]


def waiting(items: Sequence[TodoItem], today: date) -> list[str]:
    if not items:
        return [_head(2), _("现在没有等您办的。有了，早上8:30会说。平时按“待办”看。")]
    count = ngettext("现在有{n}项等您，急的在前：", "现在有{n}项等您，急的在前：", len(items))
    first = todo_texts.line(items[0], today)
    return [_head(2), count.format(n=len(items)), first, _("平时按“待办”看。")]


def entering(items: Sequence[TodoItem]) -> list[str]:
    said = _("点一点，写一句就行。随时可以停，填过的都在。保存以前全部给您核对。")
    return [_head(LAST), said, _("现在就办第一项：") if items else _("有了要办的，点一下就能填。")]


def _head(number: int) -> str:
    return words.bold(_("第一次用 · {n}/{last}").format(n=number, last=LAST))


def onward() -> str:
    return _("下一条 ›")


def skip() -> str:
    return _("跳过")


def skipped() -> str:
    return _("好的。要看怎么用，按“更多”里的“怎么用”。")


def begun() -> str:
    return _("您已经开始办了，不用再看这几条。")
