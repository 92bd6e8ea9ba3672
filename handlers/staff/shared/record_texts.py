"""Correcting and signing."""

from datetime import date

from domain.calendar.office_hours import day_of
from domain.case.answers import LONGEST_TEXT, verdict_of
from domain.rulebook.schema import Field, FieldType
from handlers.staff.shared import answer_texts
from handlers.staff.shared import texts as words
from services.cases.for_all import Others, Repeated
from services.cases.views import CaseCard, EntryLine
from services.core.i18n import gettext as _
from services.core.i18n import ngettext


def choose(card: CaseCard) -> list[str]:
    return [
        words.bold(_("更正哪一条？")),
        _("{person}。原来的记录会留着，注明更正人、时间和原因。").format(
            person=words.typed(card.person)
        ),
    ]


def choose_to_read(card: CaseCard) -> list[str]:
    return [
        words.bold(_("看哪一条？")),
        _("{person}。点一条，看填了什么、谁签的字。").format(person=words.typed(card.person)),
    ]


def no_notice_code() -> str:
    return _("现在没有二维码：群众反映的机器人和网页都还没有开通，或者这份公示不是在这里登记的。")


def nothing_to_correct() -> str:
    return _("还没有可以更正的记录。")


def entry_button(item: EntryLine, today: date) -> str:
    said = f"{words.short_day(item.done_on, today)} {words.step_label(item.step)}"
    return _("{entry}（已更正）").format(entry=said) if item.replaced else said


def read(card: CaseCard, item: EntryLine) -> list[str]:
    """A saved record as it was entered: answers, what the numbers said, who signed it."""
    lines = [*_head(card, item, _("办理记录"))]
    if item.replaced:
        lines.append(_("这一条已经更正，只作留存。"))
    if item.reason:
        lines.append(_("更正原因：{reason}").format(reason=words.typed(item.reason)))
    lines += ["", *record(item)]
    if verdict := verdict_of(item.step, item.answers):
        lines += ["", *answer_texts.verdict(verdict)]
    return lines + _signatures(item)


def to_sign(card: CaseCard, item: EntryLine) -> list[str]:
    """The whole record, as the other person entered it."""
    lines = [*_head(card, item, _("签字确认")), "", *record(item), *_signatures(item)]
    if item.mine:
        lines += ["", _("请核对。无误就签字；有出入先找记录人更正。")]
    if item.confirms:
        names = words.names(item.on_paper)
        lines += ["", _("{names}在纸质记录上签了字以后，再点下面的按钮。").format(names=names)]
    return lines


def _head(card: CaseCard, item: EntryLine, title: str) -> list[str]:
    return [
        words.bold(title),
        f"{words.typed(card.person)} · {words.step_name(item.step.id, item.step.title)}",
        _("{who}于{day}记").format(
            who=words.typed(item.recorded_by), day=words.day(day_of(item.recorded_at))
        ),
    ]


def _signatures(item: EntryLine) -> list[str]:
    """Who signed, and who hasn't yet."""
    lines = []
    if item.signed_by:
        signed = _("、").join(_signed(name, item) for name in item.signed_by)
        lines += ["", _("已签字：{names}").format(names=signed)]
    if item.waits_for:
        lines.append(_("还等签字：{roles}").format(roles=words.signers(item)))
    return lines


def _signed(name: str, item: EntryLine) -> str:
    said = words.typed(name)
    return _("{name}（纸质）").format(name=said) if name in item.signed_on_paper else said


def record(item: EntryLine) -> list[str]:
    """Every answer, whole: who signs or checks reads what was written and no beginning of it."""
    lines = []
    for field in item.step.fields:
        if field.id in item.answers:
            lines.append(words.read(field.label))
            answer = answer_texts.answer(field, item.answers[field.id], item.people, LONGEST_TEXT)
            lines.append(f"　{words.bold(answer)}")
            lines += _unchecked(field, item)
    return lines


def _unchecked(field: Field, item: EntryLine) -> list[str]:
    """Items of a checklist that were not met are what a reader has to see."""
    value = item.answers[field.id]
    if field.type is not FieldType.CHECKLIST or not isinstance(value, tuple):
        return []
    left = [words.read(option.text) for option in field.options if option.id not in value]
    return [_("　没有：{items}").format(items=_("、").join(left))] if left else []


def on_paper(item: EntryLine) -> str:
    return _("{names}已在纸上签字").format(names=_("、").join(item.on_paper))


def next_to_sign(left: int) -> str:
    return ngettext(
        "还有{n}件等您签字，先看这一件：", "还有{n}件等您签字，先看这一件：", left
    ).format(n=left)


def nothing_to_sign() -> str:
    return _("这里没有等您签字的记录了。")


def to_records() -> str:
    return _("逐条看")


def correct() -> str:
    return _("更正这一条")


def to_read() -> str:
    return _("核对，签字")


def sign() -> str:
    return _("核对无误，签字")


def proof(number: int) -> str:
    return _("证明{n}").format(n=number)


def recording(number: int) -> str:
    return _("录音{n}").format(n=number)


def to_others(count: int) -> str:
    return ngettext("另外{n}人一并登记", "另外{n}人一并登记", count).format(n=count)


def for_whom(found: Others) -> list[str]:
    """The names, before the same is entered for all of them."""
    step = words.step_name(found.step.id, found.step.title)
    if not found.people:
        return [_("{step}：没有别人要一并登记。").format(step=step)]
    names = _("、").join(words.typed(one.name) for one in found.people)
    return [
        words.bold(_("照{person}这次一并登记：{step}").format(
            person=words.typed(found.person), step=step)),
        "",
        names,
        "",
        _("日期和措施都一样。有不一样的，先给本人单独登记。"),
    ]  # fmt: skip


def enter_for(count: int) -> str:
    return ngettext("确认，登记这{n}人", "确认，登记这{n}人", count).format(n=count)


def entered_for(result: Repeated) -> list[str]:
    step = words.step_name(result.step.id, result.step.title)
    number = len(result.entered)
    said = ngettext("已登记{n}人：{step}", "已登记{n}人：{step}", number)
    lines = [words.bold(said.format(n=number, step=step))]
    if result.entered:
        lines.append(_("、").join(words.typed(name) for name in result.entered))
    if result.refused:
        names = _("、").join(words.typed(name) for name in result.refused)
        lines += ["", _("没有登记上，请单独看：{names}").format(names=names)]
    return lines
