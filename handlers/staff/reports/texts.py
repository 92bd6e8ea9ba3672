"""来信来访批办: what the department reads. Nothing here says who reported."""

from collections.abc import Iterable, Sequence
from datetime import date

from domain.reports import HOLDING, RegisterState
from domain.rulebook.schema import FindingEffect, ReportFinding, Text
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.papers.views import PaperFile
from services.reports.exchange import Opened
from services.reports.views import PossibleFinding, ReportCard, ReportedCase

Concluded = tuple[str, str, str]
"""Of whom ("" where it is about one person at most), what was found, what follows from it."""
LEAST, MOST = 10, 1500
"""Characters of an answer."""


def register(cards: Sequence[ReportCard], today: date) -> list[str]:
    if not cards:
        return [_("没有在办的群众反映。")]
    title = ngettext("在办的群众反映{n}件", "在办的群众反映{n}件", len(cards))
    lines = [words.bold(title.format(n=len(cards)))]
    if late := sum(card.answer_by < today for card in cards):
        said = ngettext("过了答复期限的{n}件，先办这些。", "过了答复期限的{n}件，先办这些。", late)
        lines += [said.format(n=late), ""]
    return [*lines, *(f"{n}. {line(card, today)}" for n, card in enumerate(cards, 1))]


def line(card: ReportCard, today: date) -> str:
    return _("{channel} · {state} · {day}前答复，{left}").format(
        channel=channel(card.channel),
        state=state(card),
        day=words.short_day(card.answer_by, today),
        left=words.left(card.answer_by, today),
    )


def button(number: int) -> str:
    return _("第{n}件").format(n=number)


def channel(value: str) -> str:
    names = {
        "bot": _("机器人"),
        "page": _("网页"),
        "letter": _("来信"),
        "visit": _("来访"),
        "phone": _("来电"),
    }
    return names[value]


def state(card: ReportCard) -> str:
    names = {
        RegisterState.NEW: _("等批示"),
        RegisterState.CHECKING: _("正在核实"),
        RegisterState.AGAIN: _("答复后又来信"),
        RegisterState.CLOSED: _("已答复"),
    }
    return names[card.state]


def by_practice(practice: bool) -> str:
    """Beside a time that no document sets."""
    return _("（{source}）").format(source=words.source("P")) if practice else ""


def card(shown: ReportCard, today: date) -> list[str]:
    lines = [
        words.bold(_("群众反映")),
        next_act(shown),
        "",
        _("来源：{channel}").format(channel=channel(shown.channel)),
        _("收到：{day}").format(day=words.day(shown.received_on)),
        _("答复期限：{day}，{left}").format(
            day=words.day(shown.answer_by), left=words.left(shown.answer_by, today)
        )
        + by_practice(shown.practice),
    ]
    for about in shown.about:
        lines += _concerned(about, shown.state in HOLDING)
    if shown.organiser:
        lines.append(_("承办：{name}").format(name=words.typed(shown.organiser)))
    return lines


def _concerned(about: ReportedCase, holds: bool) -> list[str]:
    """Whom it is about, and how that case stands."""
    name = words.typed(about.person)
    if holds and not about.over:
        return [_("涉及：{person}（核实清楚前不能过下一关）").format(person=name)]
    return [_("涉及：{person}").format(person=name), _standing(about)]


def _standing(about: ReportedCase) -> str:
    """How a case stands that no report holds."""
    if about.over:
        return _("这一件已经终止或者归档。")
    if not about.awaited:
        return _("这一件照常办。")
    said = _("这一件等{steps}，有结果以前不过下一关。")
    return said.format(steps=_steps(about.awaited))


def to_person(about: ReportedCase) -> str:
    """Not HTML: a button shows what it is given."""
    return _("看：{person}").format(person=about.person)


def next_act(shown: ReportCard) -> str:
    if shown.state is RegisterState.NEW and not shown.about:
        return _("下一步：部领导批示，先定涉及谁，再指定一名组织员核实。")
    said = {
        RegisterState.NEW: _("下一步：部领导批示，指定一名组织员核实。"),
        RegisterState.CHECKING: _("下一步：承办的组织员核实，作出结论，答复反映人。"),
        RegisterState.AGAIN: _("下一步：反映人收到答复后又写了信，打开内容，回复。"),
        RegisterState.CLOSED: _("已经办结。"),
    }
    return said[shown.state]


def to_open() -> str:
    return _("打开内容")


def to_instruct() -> str:
    return _("批示：指定承办人")


def to_decide() -> str:
    return _("作结论并答复")


def to_reply() -> str:
    return _("回复反映人")


def to_note() -> str:
    return _("记核实情况")


def to_register() -> str:
    return _("全部反映")


def to_papers() -> str:
    return _("登记、核实、答复的材料")


def to_report() -> str:
    return _("‹ 这件反映")


def papers() -> str:
    return _(
        "要打印哪一份？文件里只有登记的日期、来源和承办人。反映的内容、结论和答复由承办人手写，不进文件。"
    )


def paper(file: PaperFile) -> str:
    """Below a paper of a report."""
    said = [file.title]
    if file.missing:
        named = _("、").join(words.typed(label) for label in file.missing)
        said.append(_("还缺{names}，纸上留空。").format(names=named))
    said.append(_("内容、结论、签字由承办人手写。请按涉密材料保管，不要转发。"))
    return "\n".join(said)


def opened(content: Opened) -> str:
    """As plain text, whole: it may need several messages."""
    lines = [_("反映内容，请勿外传，5分钟后自动删除")]
    if content.about:
        lines += ["", _("对象：{about}").format(about=content.about)]
    lines += ["", content.text or _("内容已按期删除。")]
    for day, text in content.letters:
        lines += ["", _("{day}补充：{text}").format(day=words.day(day), text=text)]
    for day, name, text in content.notes:
        said = _("{day}，{name}核实：{text}")
        lines += ["", said.format(day=words.day(day), name=name, text=text)]
    if content.files:
        lines += ["", _("附件{n}份，见下。").format(n=len(content.files))]
    return "\n".join(lines)


def no_key() -> str:
    return _("这里没有打开反映的密钥。请找保管密钥的人，反映没有丢。")


def ask_whom(names: int) -> str:
    if not names:
        return _("没有可以指定的组织员。请先邀请组织员，本案的介绍人和联系人不能承办。")
    return _("请点一名组织员。本案的介绍人和联系人不在其中。")


def named(shown: ReportCard) -> str:
    return _("已批示，由{name}核实，{day}前答复。已经通知对方。").format(
        name=words.typed(shown.organiser), day=words.day(shown.answer_by)
    )


def ask_finding(outcomes: Iterable[Sequence[str]], person: str = "") -> str:
    """With what would follow from each, where there is a case that it matters to. `person`: of
    whom, where it is about several."""
    lines = [_("· {finding}：{follows}").format(finding=f, follows=said)
             for f, said in outcomes if said]  # fmt: skip
    asked = _("核实的结论是哪一类？")
    if person:
        asked = _("{person}：核实的结论是哪一类？").format(person=words.typed(person))
    return "\n".join([asked, "", *lines]) if lines else asked


def finding(item: ReportFinding) -> str:
    return words.plain(item.text)


def following(about: ReportedCase | None, outcome: PossibleFinding) -> str:
    """What a finding leads to in a case as it stands; "" where it concerns none."""
    if about is None:
        return ""
    if outcome.steps:
        return _("接着办{steps}，有结果以前不过下一关").format(steps=_steps(outcome.steps))
    if outcome.finding.effect is FindingEffect.GO_ON:
        return _("这一件不受影响")
    if about.over:
        return _("这一件已经终止或者归档，不再变动")
    # A finding that has to be decided, and nobody left to decide it: probation is over.
    return _("已经批准转正，这一件不再变动，怎样处理另行研究")


def _steps(titles: Sequence[Text]) -> str:
    return "".join(_("“{step}”").format(step=words.read(title)) for title in titles)


def same_finding() -> str:
    return _("结论不变，只回复")


def ask_answer(found: Sequence[Concluded]) -> str:
    asked = _(
        "请写给反映人的答复，{least}到{most}个字。只有反映人凭八个字能看到。不要写别人的隐私。"
    ).format(least=LEAST, most=MOST)
    return f"{_concluded(found)}\n\n{asked}"


def _concluded(found: Sequence[Concluded]) -> str:
    return "\n".join(line for one in found for line in _one(one))


def _one(one: Concluded) -> list[str]:
    person, finding, follows = one
    said = _("结论：{finding}").format(finding=finding)
    if person:
        said = _("{person}，结论：{finding}").format(person=words.typed(person), finding=finding)
    return [said, _("{follows}。").format(follows=follows)] if follows else [said]


def answer_wanted() -> str:
    return _("请用文字写答复，{least}到{most}个字。还没有改动任何东西。").format(
        least=LEAST, most=MOST
    )


def summary(found: Sequence[Concluded], answer: str) -> str:
    return _("请核对，确认后不能改：\n\n{concluded}\n\n答复：\n{answer}").format(
        concluded=_concluded(found), answer=words.typed(answer)
    )


def confirm() -> str:
    return _("确认，答复")


def again() -> str:
    return _("重写答复")


def decided(found: Sequence[Concluded]) -> str:
    said = []
    for person, finding, follows in found:
        named = _("{person}，{finding}").format(person=words.typed(person), finding=finding)
        about = named if person else finding
        said.append(_("已办结：{finding}。").format(finding=about))
        said += [_("{follows}。").format(follows=follows)] if follows else []
    return "".join([*said, _("答复已经封好，反映人凭八个字可以看到。")])
