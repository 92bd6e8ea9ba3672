"""What is told without being asked: short, the next act first."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from domain.case.facts import DateKind, OpenStep
from domain.case.replay import chosen
from domain.case.urgency import Urgency
from domain.rulebook.schema import Effect, Role
from domain.states import Status
from handlers.staff.people import posts_texts
from handlers.staff.shared import texts as words
from services.cases.views import CaseCard, EntryLine
from services.core.i18n import SOURCE, current, ngettext
from services.core.i18n import gettext as _
from services.papers.views import BranchWeek
from services.reminders.views import ReminderLine
from services.reports.views import ReportCard

ONE_ROW, LEAST_TITLE = 20, 4
"""Characters of a line that a phone shows in one row; of a step's title that stay in any case."""
SHOWN = 5
"""Lines and cases of a reminder: more of them nobody reads in the morning."""


def your_turn(card: CaseCard, step: OpenStep, entry: EntryLine | None, today: date) -> list[str]:
    """With what the entry before it was to tell, such as why something was given back."""
    said = decided(entry) if entry else []
    lines = words.next_step(step, today)
    return [_("轮到您了：{person}").format(person=_who(card)), *said, *lines]


def sign(card: CaseCard, entry: EntryLine) -> list[str]:
    return [
        _("请您签字：{person}").format(person=_who(card)),
        _("{step}，{who}已经记好。核对后签字才算办完。").format(
            step=words.step_name(entry.step.id, entry.step.title),
            who=words.typed(entry.recorded_by),
        ),
    ]


def recorded(card: CaseCard, entry: EntryLine, today: date) -> list[str]:
    said = _("还没签完：{person} · {step}") if entry.waits_for else _("已办：{person} · {step}")
    lines = [
        said.format(person=_who(card), step=words.step_name(entry.step.id, entry.step.title)),
        _("{day}办，{who}记。").format(
            day=words.day(entry.done_on), who=words.typed(entry.recorded_by)
        ),
    ]
    lines += decided(entry)
    following = card.progress.next
    return [*lines, *words.next_step(following, today)] if following else lines


def moved(person: str, organisation: str) -> list[str]:
    said = _("{person}已由{organisation}接收，材料和时间都接上了。")
    return [said.format(person=words.typed(person), organisation=words.typed(organisation))]


def decided(entry: EntryLine) -> list[str]:
    """What turns the case another way, and what was written to be told."""
    turns = [
        option for option in chosen(entry.step, entry.answers) if option.effect is not Effect.DONE
    ]
    lines = [
        _("结论：{conclusion}。").format(conclusion=words.read(option.text)) for option in turns
    ]
    for field in entry.step.fields:
        said = entry.answers.get(field.id)
        if field.told and isinstance(said, str):
            picked = {option.id: words.read(option.text) for option in field.options}
            lines.append(_("说明：{said}").format(said=picked.get(said, words.typed(said))))
    return lines


def digest(lines: Sequence[ReminderLine], today: date) -> list[str]:
    """What I have to do first, then what I should know of: a few lines, each short enough for one
    row of a phone. Kind and source of a date stand on the card."""
    mine = [line for line in lines if line.mine][:SHOWN]
    others = [line for line in lines if not line.mine][: SHOWN - len(mine)]
    said = [words.bold(_("提醒")), *(_reminder(line, today) for line in mine)]
    if others:
        said += ["", words.bold(_("请督促下级：")), *(_reminder(line, today) for line in others)]
    if rest := len(lines) - len(mine) - len(others):
        said += ["", ngettext("还有{n}项", "还有{n}项", rest).format(n=rest)]
    return said


def week(found: BranchWeek) -> list[str]:
    """Numbers only: who has to do what is told by the reminders, and stands in the picture."""
    urgent = found.urgent
    return [
        words.bold(
            _("这一周 · {organisation}").format(organisation=words.typed(found.organisation))
        ),
        ngettext("正在办{n}人。", "正在办{n}人。", found.people).format(n=found.people),
        _("已逾期{overdue}项，7天内到期{week}项，可以办了{ready}项。").format(
            overdue=urgent.get(Urgency.OVERDUE, 0),
            week=urgent.get(Urgency.WEEK, 0),
            ready=urgent.get(Urgency.READY, 0),
        ),
    ]


def no_more_weeks() -> str:
    return _("不再每周发")


def told(lines: Sequence[ReminderLine]) -> list[ReminderLine]:
    """Without from when something may be done, where it is said by when it has to be."""
    due = {(line.case_id, line.step.id) for line in lines if not _possible(line)}
    return [
        line for line in lines if not _possible(line) or (line.case_id, line.step.id) not in due
    ]


def _possible(line: ReminderLine) -> bool:
    return line.deadline.kind is DateKind.EARLIEST


def _reminder(line: ReminderLine, today: date) -> str:
    on = line.deadline.on
    when = words.left(on, today)
    if (today - on).days > words.COUNTED:
        # Since when: so long after it nobody remembers the day.
        when = _("{day}到期，{left}").format(day=words.day(on), left=when)
    if _possible(line):
        when = _("{left}可以办").format(left=when) if on > today else _may_be_done(line)
    said, step = _("{person} · {step} · {when}"), words.plain(line.step.title)
    over = len(said.format(person=line.person, step=step, when=when)) - ONE_ROW
    # In the source language alone, whose characters are all as wide as two letters.
    if over > 0 and current() == SOURCE:
        step = step[: max(LEAST_TITLE, len(step) - over - 1)] + "…"
    return said.format(person=words.typed(line.person), step=words.typed(step), when=when)


def _may_be_done(line: ReminderLine) -> str:
    """Its day came; a report that is being looked into may still keep it back."""
    return _("可以办了") if line.ready else _("还不能办")


def line_button(line: ReminderLine) -> str:
    """Not HTML: a button shows what it is given."""
    return _("{person} · 去看").format(person=line.person)


def fill_button(line: ReminderLine) -> str:
    return _("{person} · 填写").format(person=line.person)


def later(person: str = "") -> str:
    """`person`: where a screen has it for several. Not HTML."""
    if not person:
        return _("过几天再说")
    return _("{person} · 过几天再说").format(person=person)


def of_one(label: str, person: str) -> str:
    """A button among those of several messages. `person`: whom its message is about, "" for
    nobody."""
    return f"{person} · {label}" if person else label


def numbered(label: str, number: int) -> str:
    """A button whose words stand there for the `number`th time."""
    return f"{label} {number}" if number > 1 else label


def report(card: ReportCard, today: date, letter: bool) -> list[str]:
    said = _("反映人又写了信，请打开内容看，答复期限{day}，{left}。") if letter else _(
        "有一件群众反映要办，答复期限{day}，{left}。")  # fmt: skip
    day, left = words.short_day(card.answer_by, today), words.left(card.answer_by, today)
    return [words.bold(_("群众反映")), said.format(day=day, left=left)]


def to_report() -> str:
    return _("去办")


def unreached(card: CaseCard, step: OpenStep, who: str, today: date) -> list[str]:
    return [
        _("{who}没有加入或者停用了本系统，收不到消息。请当面告诉本人：{person}").format(
            who=words.typed(who), person=_who(card)
        ),
        *words.next_step(step, today),
    ]


def replaced() -> str:
    return _("有更新的消息，请看下面。")


def gap(hours: int) -> list[str]:
    """Telegram keeps messages for a day only."""
    return [
        _("本系统停了{hours}小时，其间发来的消息可能没有收到。请核对最近办的事。").format(
            hours=hours
        )
    ]


def changed(card: CaseCard, today: date) -> list[str]:
    """How it stands now and what is to be done, since nothing is said of why."""
    said = {
        Status.RUNNING: _("{person}：可以照常往下办。"),
        Status.PUT_OFF: _("{person}：暂缓发展。恢复以前不过下一关，别的照常办。"),
        Status.ENDED: _("{person}：这一件终止了，不用再办。记录都留着，材料请收好。"),
        Status.ARCHIVED: _("{person}：这一件已归档，不用再办。"),
    }
    lines = [said[card.progress.status].format(person=_who(card))]
    if card.progress.awaited and card.progress.status is Status.RUNNING:
        waits = _("{person}：“{step}”有结果以前不过下一关，别的照常办。")
        step = words.read(card.progress.awaited[0].title)
        lines = [waits.format(person=_who(card), step=step)]
    following = card.progress.next
    return [*lines, *words.next_step(following, today)] if following else lines


def handed_over(payload: Mapping[str, Any]) -> list[str]:
    said = _(
        "由您接手{person}（{role}，{organisation}）的工作：{moved}；其余待办按职务自动转给您。"
    )
    counts = int(payload["reports"]), int(payload["committees"]), int(payload["drafts"])
    return [
        said.format(
            person=words.typed(str(payload["person"])),
            role=words.post(Role(payload["role"])),
            organisation=words.typed(str(payload["organisation"])),
            moved=posts_texts.handed(*counts),
        )
    ]


def link_declined(person: str) -> list[str]:
    said = _("给{person}的邀请链接被别人点开了，对方说不是本人，链接已经作废。请换一条，转给本人。")
    return [said.format(person=words.typed(person))]


def something() -> list[str]:
    return [_("有新情况，请看待办。")]


def _who(card: CaseCard) -> str:
    return words.bold(words.typed(card.person))
