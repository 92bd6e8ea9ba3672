"""The list of cases, and a case on one screen: what comes next stands first."""

from datetime import date

from domain.case.facts import Deadline, OpenStep, Status
from domain.rulebook.listing.texts import calendar_days, working_days
from domain.rulebook.schema import Guide, Role, Step, Text
from domain.rulebook.validation.conflicts import Conflict, conflicts_of
from handlers.staff.cases import follow_texts
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


def line(item: CaseLine, today: date) -> str:
    """A button: name, what comes next, by when."""
    parts = [item.person]
    if item.next_title is not None:
        parts.append(words.plain(item.next_title))
    else:
        parts.append(status(Status(item.status)))
    if item.deadline is not None:
        parts.append(words.short_day(item.deadline.on, today))
    return " · ".join(parts)


def status(value: Status) -> str:
    names = {
        Status.RUNNING: _("办理中"),
        Status.PUT_OFF: _("暂缓"),
        Status.ENDED: _("已终止"),
        Status.ARCHIVED: _("已归档"),
    }
    return names[value]


def pages(number: int, count: int) -> str:
    return f"{number + 1}/{count}"


def earlier() -> str:
    return _("‹ 上一页")


def later() -> str:
    return _("下一页 ›")


def everything() -> str:
    return _("看全部名册")


def head(card: CaseCard) -> list[str]:
    steps = (card.rulebook.by_id[entry.step] for entry in card.progress.done)
    # What comes again isn't in the total either.
    done = len({step.id for step in steps if not step.repeats})
    line = [_stage(card), _("已办{done}/{total}步").format(done=done, total=card.progress.total)]
    if card.progress.status is not Status.RUNNING:
        line.insert(0, words.bold(status(card.progress.status)))
    return [
        f"{words.bold(words.typed(card.person))} · {words.typed(card.organisation)}",
        " · ".join(part for part in line if part),
    ]


def _stage(card: CaseCard) -> str:
    titles = [item.title for item in card.rulebook.stages if item.id == card.progress.stage]
    return words.read(titles[0]) if titles else ""


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
    return ["", *words.next_step(following, today), *prepare(following.step.guide)]


def prepare(guide: Guide | None) -> list[str]:
    if guide is None or not guide.prepare:
        return []
    return ["", _("先准备好："), *bullets(guide.prepare)]


def bullets(items: tuple[Text, ...]) -> list[str]:
    return [f"· {words.read(item)}" for item in items]


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
    if item.replaced:
        return f"<s>{said}</s>" + _("（已更正）")
    if item.reason:
        said += _("（更正原因：{reason}）").format(reason=words.typed(item.reason))
    return f"✓ {said}"


def guide(step: Step) -> list[str]:
    lines = [words.bold(words.step_name(step.id, step.title))]
    if step.guide is not None:
        lines += [words.read(step.guide.purpose)]
        lines += prepare(step.guide)
        lines += _block(_("按顺序办："), numbered(step.guide.acts))
        lines += _block(_("期限和票数："), rules(step))
        lines += _block(_("国家和本市规定不一样："), differences(step))
        lines += _block(_("容易出错："), bullets(step.guide.faults))
    lines += _block(_("要留的材料："), [f"· {words.read(paper.title)}" for paper in step.papers])
    lines += ["", _("由{roles}办").format(roles=words.roles(step.actors))] if step.actors else []
    return [*lines, _("依据：{source}").format(source=words.source(step.source))]


def rules(step: Step) -> list[str]:
    """Every time and every share of a step, with its article."""
    said = [(item.text, item.source) for item in step.limits]
    said += [(item.text, item.source) for item in step.ballot]
    if step.notice_working_days:
        said.append((working_days(step.notice_working_days), step.source))
    if step.notice_days:
        said.append((calendar_days(step.notice_days), step.notice_source or step.source))
    return [_sourced(text, source) for text, source in said]


def _sourced(text: Text, source: str) -> str:
    return _("· {text}（{source}）").format(text=words.read(text), source=words.source(source))


def differences(step: Step) -> list[str]:
    """Both layers with their sources, and which of them decides."""
    return [f"· {difference(found)}" for found in conflicts_of(step)]


def difference(found: Conflict) -> str:
    decides = _("按国家的办") if found.follows else _("两样都算，按更严的办")
    return _("国家：{national}（{article}）；本市：{local}（{source}）。{decides}。").format(
        national=words.read(found.national.text),
        article=words.source(found.national.source),
        local=words.read(found.local.text),
        source=words.source(found.local.source),
        decides=decides,
    )


def landmarks(items: tuple[Deadline, ...]) -> list[str]:
    """Days that follow from the case, such as the end of probation."""
    return [
        _("{what}：{day}（{source}）").format(
            what=words.read(item.text), day=words.day(item.on), source=words.source(item.source)
        )
        for item in items
    ]


def numbered(items: tuple[Text, ...]) -> list[str]:
    return [f"{number}. {words.read(item)}" for number, item in enumerate(items, 1)]


def _block(title: str, lines: list[str]) -> list[str]:
    return ["", title, *lines] if lines else []


def begin(step: Step | None = None) -> str:
    if step is None:
        return _("开始填写")
    return _("开始填写：{step}").format(step=words.step_label(step))


def how() -> str:
    return _("这一步怎么办")


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


def to_correct() -> str:
    return _("更正记录")


def to_sign() -> str:
    return _("签字确认")
