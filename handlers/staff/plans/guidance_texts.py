"""指导意见: written by the department, read by everybody who sees plans."""

from collections.abc import Mapping, Sequence

from domain.plans import GUIDANCE, LONGEST_PART, SHORTEST_PART
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.plans.guidance import Guidance


def title() -> str:
    return _("指导意见")


def part(name: str) -> str:
    names = {"conditions": _("发展条件"), "procedure": _("工作程序"), "focus": _("工作重点")}
    return names[name]


def listed(found: Sequence[Guidance]) -> list[str]:
    lines = [words.bold(title()), _("公开发展对象的条件、程序和当年的重点。")]
    return [*lines, *([] if found else [_("还没有公布过。")])]


def label(item: Guidance) -> str:
    said = _("{year}年（{day}公布）").format(year=item.year, day=words.day(item.published_on))
    return said if item.newest else said + _("，后来有改动")


def shown(item: Guidance) -> list[str]:
    head = words.bold(_("{title} · {label}").format(title=title(), label=label(item)))
    return [head, *parts(item.parts)]


def parts(said: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    for name in GUIDANCE:
        lines += ["", words.bold(part(name)), words.typed(said[name])]
    return lines


def to_publish(year: int) -> str:
    return _("写{year}年的").format(year=year)


def ask(year: int, name: str) -> list[str]:
    asked = {
        "conditions": _("发展对象要符合哪些条件？"),
        "procedure": _("按什么程序办？"),
        "focus": _("今年的工作重点是什么？"),
    }
    head = _("{year}年指导意见 · {part}").format(year=year, part=part(name))
    return [head, words.bold(asked[name]), _size()]


def _size() -> str:
    return _("请用文字写，{least}到{most}个字。").format(least=SHORTEST_PART, most=LONGEST_PART)


def wanted() -> str:
    return _("{size}什么都没有存。").format(size=_size())


def summary(year: int, said: Mapping[str, str]) -> list[str]:
    head = words.bold(_("{year}年指导意见 · 核对").format(year=year))
    return [
        head,
        *parts(said),
        "",
        _("公布以后改不了，只能再公布一份；各支部和党（工）委马上得到通知，群众也能看到。"),
    ]


def publish() -> str:
    return _("公布")


def published(item: Guidance) -> list[str]:
    return [words.bold(_("已公布，已经通知各支部和党（工）委，群众也看得到。")), *shown(item)[1:]]


def told(year: int) -> list[str]:
    return [
        words.bold(_("{year}年指导意见").format(year=year)),
        _("组织部公布了发展条件、工作程序和工作重点，请看。"),
    ]


def to_list() -> str:
    return _("看指导意见")
