"""培训班: what was held, who completed it, and who can't be entered."""

from collections.abc import Sequence

from domain.rosters import NotEntered, RosterFault
from domain.rulebook.schema import Text
from handlers.staff.shared import problem_texts
from handlers.staff.shared import texts as words
from services.cases.classes import ClassLine, HeldClass
from services.core.i18n import gettext as _
from services.core.i18n import ngettext, use

SHORTEST, LONGEST = 2, 60
"""Characters of the name of a class."""


def title() -> str:
    return _("培训班")


def listed(found: Sequence[ClassLine]) -> list[str]:
    lines = [words.bold(title()), _("一期填一次，名单上每个人都各有一条培训记录。")]
    return [*lines, "", *(f"· {line(item)}" for item in found)] if found else lines


def line(item: ClassLine) -> str:
    people = ngettext("{n}人", "{n}人", item.people).format(n=item.people)
    return _("{name}（{organisation}，{day}结束，{people}）").format(
        name=words.typed(item.name),
        organisation=words.typed(item.organisation),
        day=words.day(item.held_on),
        people=people,
    )


def to_enter() -> str:
    return _("登记一期")


def to_list() -> str:
    return _("看培训班")


def question(field: str) -> Text:
    """In both languages, as the questions of a step are."""
    said = []
    for language in ("zh", "en"):
        with use(language):
            asked = {
                "class": _("哪一期培训班？"),
                "class_hint": _("例如：2026年第一期发展对象培训班"),
                "roster": _("哪些人结业了？"),
                "roster_hint": _("一行一个姓名，也可以用顿号隔开。没有结业的不写，以后单独填。"),
            }
            said.append(asked[field])
    return Text(*said)


def held(found: HeldClass) -> list[str]:
    lines = [words.bold(_("已登记：{line}").format(line=line(found.line)))]
    lines.append(_("、").join(words.typed(name) for name in found.roster))
    if found.noted:
        lines += ["", _("照实登记，并注明：")]
    for name, problems in found.noted:
        said = "".join(problem_texts.problem(item, {}) for item in problems)
        lines.append(_("· {name}：{why}").format(name=words.typed(name), why=said))
    return lines


def roster(found: HeldClass) -> list[str]:
    names = _("、").join(words.typed(name) for name in found.roster)
    return [words.bold(line(found.line)), names]


def refused(lines: Sequence[NotEntered]) -> list[str]:
    head = ngettext(
        "有{n}人不能登记，名单上的人都没有存：", "有{n}人不能登记，名单上的人都没有存：", len(lines)
    ).format(n=len(lines))
    last = _("名单可以改，改好再确认。")
    return [head, *(f"· {_why(item)}" for item in lines), last]


def _why(item: NotEntered) -> str:
    said = {
        RosterFault.UNKNOWN: _("名册上没有这个人，请写全名"),
        RosterFault.SEVERAL: _("不止一个人叫这个名字，请到各人名下单独填"),
        RosterFault.TWICE: _("写了两次，留一次"),
        RosterFault.NOT_READY: "".join(problem_texts.problem(one, {}) for one in item.problems),
    }
    return _("{name}：{why}").format(name=words.typed(item.name), why=said[item.why])
