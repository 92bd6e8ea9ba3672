"""随机抽查. Branches stand by committee and name; nothing here puts one before another."""

from collections.abc import Iterable, Sequence
from datetime import date

from domain.rulebook.schema import Requirement, Text
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.inspections.views import Ballots, CheckedBranch, Circular, Inspection, Visits

LEAST, MOST = 4, 1000
"""Characters of what a branch put right, and of a note."""


def none_yet() -> list[str]:
    return [words.bold(_("随机抽查")), _("还没有抽查过。每个党（工）委抽几个支部？")]


def ask_next(last: Inspection) -> list[str]:
    return [
        *card(last),
        "",
        _("再抽一次，每个党（工）委抽几个支部？上次抽到的这次不抽。"),
    ]


def each(number: int) -> str:
    return _("每个抽{n}个").format(n=number)


def card(check: Inspection) -> list[str]:
    lines = [
        words.bold(_("随机抽查")),
        _("{day}抽签，每个党（工）委抽{n}个支部，共{pool}个支部。").format(
            day=words.day(check.drawn_on), n=check.per_committee, pool=check.pool
        ),
        _("种子：{seed}。同一个种子每次抽出来都一样，可以复核。").format(seed=check.seed),
    ]
    if check.left_out:
        left = _("、").join(words.typed(name) for name in check.left_out)
        lines.append(_("上次抽过，这次不抽：{names}").format(names=left))
    lines += ["", *(line(n, branch) for n, branch in enumerate(check.branches, 1))]
    if check.told_on is not None:
        lines += ["", _("{day}已通报。").format(day=words.day(check.told_on))]
    elif check.complete:
        lines += ["", _("都查完了。下一步：部领导发通报。")]
    else:
        lines += ["", _("下一步：去支部看，逐个填写结果。")]
    return lines


def line(number: int, branch: CheckedBranch) -> str:
    return _("{n}. {branch}（{committee}）：{state}").format(
        n=number,
        branch=words.typed(branch.branch),
        committee=words.typed(branch.committee),
        state=state(branch),
    )


def state(branch: CheckedBranch) -> str:
    if branch.checked_on is None:
        return _("还没查")
    if not branch.criticised:
        return _("没有发现问题")
    if branch.righted_on is not None:
        return _("{day}已整改").format(day=words.day(branch.righted_on))
    return _("有问题，要整改")


def branch(shown: CheckedBranch, today: date) -> list[str]:
    lines = [
        words.bold(words.typed(shown.branch)),
        words.typed(shown.committee),
        *(visits(shown.visits) if shown.visits else []),
        *(ballots(shown.ballots) if shown.ballots else []),
    ]
    if shown.checked_on is not None and not shown.criticised:
        lines += ["", _("{day}检查，没有发现问题。").format(day=words.day(shown.checked_on))]
    if shown.criticised:
        lines += ["", words.bold(_("检查发现的问题"))]
        lines += _points(shown.defects)
    if shown.merits:
        lines += ["", words.bold(_("做得好的，予以表扬")), *_points(shown.merits)]
    if shown.note:
        lines += ["", _("说明：{note}").format(note=words.typed(shown.note))]
    return lines + righting(shown, today)


def righting(shown: CheckedBranch, today: date) -> list[str]:
    if shown.righted_on is not None:
        return [
            "",
            _("{day}整改：{answer}").format(
                day=words.day(shown.righted_on), answer=words.typed(shown.answer)
            ),
        ]
    if shown.due_on is None:
        return []
    return [
        "",
        _("请在{day}前整改，{left}。").format(
            day=words.day(shown.due_on), left=words.left(shown.due_on, today)
        ),
    ]


def visits(found: Visits) -> list[str]:
    kinds = (
        (_("已回访"), found.made),
        (_("到期没有回访"), found.missing),
        (_("还缺签字"), found.unsigned),
        (_("措施过期没有结果"), found.without_result),
    )
    lines = [
        words.named(label, _("、").join(words.typed(name) for name in names))
        for label, names in kinds
        if names
    ]
    return ["", *(lines or [_("现在没有到回访阶段的人。")])]


def ballots(found: Ballots) -> list[str]:
    if not found.held:
        return [_("还没有票决过。")]
    kinds = ((_("已票决"), found.held), (_("票决有注明的"), found.noted))
    return [
        words.named(label, _("、").join(words.typed(name) for name in names))
        for label, names in kinds
        if names
    ]


def _points(texts: Iterable[Text]) -> list[str]:
    return [f"· {words.read(text)}" for text in texts]


def circular(found: Circular) -> list[str]:
    """For branches that weren't concerned: what was found, and no names."""
    lines = [
        words.bold(_("随机抽查通报")),
        _("{day}通报，不点名，请对照自查。").format(day=words.day(found.told_on)),
    ]
    if found.merits:
        lines += ["", words.bold(_("做得好的")), *_points(found.merits)]
    if found.defects:
        lines += ["", words.bold(_("查出的问题")), *_points(found.defects)]
    if not (found.merits or found.defects):
        lines.append(_("没有发现问题"))
    return lines


def again(same: bool) -> str:
    if same:
        return _("用同一个种子又抽了一遍，结果一样。")
    return _("用同一个种子又抽了一遍，结果不一样，请找管理员查记录。")


def to_branch(number: int) -> str:
    return _("看第{n}个").format(n=number)


def to_repeat() -> str:
    return _("重新抽一遍核对")


def to_circulate() -> str:
    return _("发通报")


def to_enter() -> str:
    return _("填写检查结果")


def to_answer() -> str:
    return _("填写整改情况")


def to_check() -> str:
    return _("‹ 这次抽查")


def circulated(check: Inspection) -> str:
    if any(item.criticised for item in check.branches):
        return _("已通报。有问题的支部各收到自己的一份，上级党委也收到；其他支部看不点名的。")
    return _("已办结。没有支部要点名通报；各支部看不点名的。")


def ask_defects(shown: CheckedBranch) -> list[str]:
    return [
        _("{branch}：票决和回访落实得怎么样？").format(
            branch=words.bold(words.typed(shown.branch))
        ),
        _("发现的问题逐条点上，没有问题就按“没有发现问题”。"),
    ]


def fine() -> str:
    return _("没有发现问题")


def ask_merits() -> str:
    return _("有什么做得好、要表扬的？可以多选，不排名次。")


def no_merits() -> str:
    return _("没有特别要表扬的")


def ask_note() -> str:
    return _("具体看到什么？写给支部看，不写人名。没有可以跳过。")


def summary(defects: Sequence[Requirement], merits: Sequence[Requirement], note: str) -> list[str]:
    lines = [words.bold(_("核对后保存"))]
    lines += _points(item.text for item in defects) or [_("没有发现问题")]
    if merits:
        lines += [words.bold(_("做得好的")), *_points(item.text for item in merits)]
    return [*lines, *([words.typed(note)] if note else [])]


def text_wanted() -> str:
    return _("请用文字写，{least}到{most}个字。还没有存。").format(least=LEAST, most=MOST)


def ask_answer(shown: CheckedBranch, today: date) -> list[str]:
    return [*branch(shown, today), "", words.bold(_("怎样整改的？请写一段。"))]


def answer_summary(text: str) -> list[str]:
    return [words.bold(_("核对后保存")), words.typed(text)]


def entered() -> str:
    return _("已保存检查结果。")


def answered() -> str:
    return _("已保存整改情况。")


def told(shown: CheckedBranch, today: date) -> list[str]:
    """What comes unasked: that there is something to put right, with the list."""
    return [words.bold(_("随机抽查通报")), *branch(shown, today)]
