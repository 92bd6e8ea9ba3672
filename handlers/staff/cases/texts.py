"""The list of cases, and a case on one screen: what comes next stands first."""

from datetime import date

from domain.case.facts import Deadline, OpenStep
from domain.case.urgency import nearest
from domain.rulebook.schema import Role, Step
from domain.states import Status
from handlers.meant_texts import Asked
from handlers.staff.cases import follow_texts
from handlers.staff.shared import guide_texts
from handlers.staff.shared import texts as words
from services.cases.views import CaseCard, CaseLine, EntryLine, Page
from services.core.i18n import gettext as _
from services.core.i18n import ngettext

DEADLINES = 3
"""Deadlines on the short card; the button shows all."""


def page(found: Page, text: str) -> list[str]:
    if not found.total:
        if text:
            return [_("没有找到“{text}”。").format(text=words.typed(text)), _("请输入姓名再找。")]
        return [_("名册上还没有人。按“开始新的一件”登记第一份入党申请。")]
    title = _("姓名含“{text}”的").format(text=words.typed(text)) if text else _("发展名册")
    count = ngettext("{n}人", "{n}人", found.total).format(n=found.total)
    return [f"{words.bold(title)} {count}", _("要找某个人，直接输入姓名。")]


def which() -> str:
    return words.bold(_("要看哪一位？"))


def answered(card: CaseCard, asked: Asked | None, today: date) -> list[str]:
    """What was asked of somebody in a sentence, in one line above the card."""
    if asked is None:
        return []
    if asked is Asked.FULL_MEMBERSHIP:
        said = _full_membership(card)
    else:
        said = _due(card, today) if asked is Asked.DUE else _next(card)
    return [words.bold(said), ""]


def _full_membership(card: CaseCard) -> str:
    name = words.typed(card.person)
    days = [words.named(words.read(one.text), words.day(one.on)) for one in card.progress.landmarks]
    if days:
        said = _("{person}，{days}。").format(person=name, days=_("，").join(days))
        return said + _following(card)
    if card.progress.status in (Status.ENDED, Status.ARCHIVED):
        return _next(card)
    return _("{person}还没有接收为预备党员，转正的日子还定不下来。").format(person=name)


def _due(card: CaseCard, today: date) -> str:
    limit = nearest(card.progress.deadlines)
    if limit is None:
        return _next(card)
    said = _("{person}，最近的期限：{due}，{text}。")
    return said.format(
        person=words.typed(card.person), due=words.due(limit, today), text=words.read(limit.text)
    )


def _next(card: CaseCard) -> str:
    return _("{person}：{next}").format(person=words.typed(card.person), next=_following(card))


def _following(card: CaseCard) -> str:
    following = card.progress.next
    if following is None:
        state = words.status(card.progress.status)
        return _("{state}，没有要办的步骤了。").format(state=state)
    step = words.step_name(following.step.id, following.step.title)
    return _("下一步：{step}。").format(step=step)


def line(item: CaseLine, today: date) -> str:
    """A button: name, what comes next, by when."""
    parts = [item.person]
    if item.next_title is not None:
        parts.append(words.plain(item.next_title))
    else:
        parts.append(words.status(Status(item.status)))
    if item.deadline is not None:
        parts.append(words.short_day(item.deadline.on, today))
    return " · ".join(parts)


def sheet() -> str:
    return _("下载表格")


def by_part() -> str:
    return _("按条件下载")


def everything() -> str:
    return _("看全部名册")


def head(card: CaseCard) -> list[str]:
    steps = (card.rulebook.by_id[entry.step] for entry in card.progress.done)
    # What comes again isn't in the total either.
    done = len({step.id for step in steps if not step.repeats})
    line = [_stage(card), _("已办{done}/{total}步").format(done=done, total=card.progress.total)]
    if card.progress.status is not Status.RUNNING:
        line.insert(0, words.bold(words.status(card.progress.status)))
    return [
        f"{words.bold(words.typed(card.person))} · {words.typed(card.organisation)}",
        " · ".join(part for part in line if part),
    ]


def _stage(card: CaseCard) -> str:
    titles = [item.title for item in card.rulebook.stages if item.id == card.progress.stage]
    said = card.progress.standing or next(iter(titles), None)
    return words.read(said) if said else ""


def holds(card: CaseCard) -> list[str]:
    if not card.open_reports:
        return []
    return [
        "",
        ngettext(
            "有{n}件群众反映还在核实，核实清楚前不能过下一关。",
            "有{n}件群众反映还在核实，核实清楚前不能过下一关。",
            card.open_reports,
        ).format(n=card.open_reports),
    ]


def coming(card: CaseCard, today: date) -> list[str]:
    following = card.progress.next
    if following is None:
        return ["", _("没有要办的步骤了。")]
    return ["", *words.next_step(following, today), *guide_texts.prepare(following.step.guide)]


def also(steps: tuple[OpenStep, ...], today: date) -> list[str]:
    """Steps that may be taken besides the next one."""
    if not steps:
        return []
    return ["", _("同时可办："), *(f"· {words.step_due(step, today)}" for step in steps)]


def deadlines(items: tuple[Deadline, ...], today: date, folded: bool) -> list[str]:
    if not items:
        return []
    ordered = sorted(items, key=lambda item: item.on)
    shown = ordered[:DEADLINES] if folded else ordered
    lines = ["", words.bold(_("期限"))]
    lines += [f"· {deadline(item, today)}" for item in shown]
    if len(shown) < len(ordered):
        rest = len(ordered) - len(shown)
        lines.append(_("另有{n}个日期，按“全部期限”看。").format(n=rest))
    return lines


def deadline(item: Deadline, today: date) -> str:
    return _("{due}：{text}（{kind}，{source}）").format(
        due=words.due(item, today),
        text=words.read(item.text),
        kind=words.date_kind(item.kind),
        source=words.source(item.source),
    )


def helpers(card: CaseCard) -> list[str]:
    """Those of one role on one line."""
    names: dict[Role, list[str]] = {}
    for role, name in card.helpers:
        names.setdefault(role, []).append(words.typed(name))
    said = [
        _("{role}：{names}").format(role=words.role(role), names=_("、").join(found))
        for role, found in names.items()
    ]
    return ["", *said] if said else []


def done(entries: tuple[EntryLine, ...]) -> list[str]:
    if not entries:
        return ["", _("还没有办过的步骤。")]
    return ["", words.bold(_("办理记录")), *(entry(item) for item in entries)]


def entry(item: EntryLine) -> str:
    said = _("{day} {step}（{who}记）").format(
        day=words.day(item.done_on),
        step=words.step_name(item.step.id, item.step.title),
        who=words.typed(item.recorded_by),
    )
    if item.waits_for:
        said += _("，还等签字：{roles}").format(roles=words.signers(item))
    if result := follow_texts.result(item):
        said += _("：{result}").format(result=result)
    # Struck through and still there: what was entered once can always be read.
    if item.replaced:
        return f"<s>{said}</s>" + _("（已更正）")
    if item.reason:
        said += _("（更正原因：{reason}）").format(reason=words.typed(item.reason))
    return f"✓ {said}"


def landmarks(items: tuple[Deadline, ...]) -> list[str]:
    """Days that follow from the case, such as the end of probation."""
    return [
        _("{what}：{day}（{source}）").format(
            what=words.read(item.text), day=words.day(item.on), source=words.source(item.source)
        )
        for item in items
    ]


def begin(step: Step | None = None) -> str:
    if step is None:
        return _("开始填写")
    return _("开始填写：{step}").format(step=words.step_label(step))


def to_hang() -> str:
    return _("先打印公示和二维码")


def show_done(count: int) -> str:
    return _("办理记录（{n}）").format(n=count)


def show_dates() -> str:
    return _("全部期限")


def fold() -> str:
    return _("收起")


def anytime() -> str:
    return _("其他事项")


def ask_what_happened(card: CaseCard) -> list[str]:
    name = words.typed(card.person)
    if not card.anytime:
        return [_("{person}：现在没有别的要登记。").format(person=name)]
    return [words.bold(_("其他事项")), _("{person}：要登记哪一件？").format(person=name)]


def check(count: int) -> str:
    """The button under which all dates are looked at."""
    return _("核对日期（{n}处）").format(n=count) if count else _("核对日期")


def papers() -> str:
    """The button under which papers are printed."""
    return _("材料")


def notice_code() -> str:
    return _("公示二维码")


def to_correct() -> str:
    return _("更正记录")


def to_sign() -> str:
    return _("签字确认")
