"""Correcting and signing."""

from datetime import date

from domain.calendar.office_hours import day_of
from domain.rulebook.schema import Field, FieldType
from handlers.staff.shared import answer_texts
from handlers.staff.shared import texts as words
from services.cases.views import CaseCard, EntryLine
from services.core.i18n import gettext as _


def choose(card: CaseCard) -> list[str]:
    return [
        words.bold(_("更正哪一条？")),
        _("{person}。原来的记录会留着，注明更正人、时间和原因。").format(
            person=words.typed(card.person)
        ),
    ]


def nothing_to_correct() -> str:
    return _("还没有可以更正的记录。")


def entry_button(item: EntryLine, today: date) -> str:
    return f"{words.short_day(item.done_on, today)} {words.step_label(item.step)}"


def to_sign(card: CaseCard, item: EntryLine) -> list[str]:
    """The whole record, as the other person entered it."""
    lines = [
        words.bold(_("签字确认")),
        f"{words.typed(card.person)} · {words.step_name(item.step.id, item.step.title)}",
        _("{who}于{day}记").format(
            who=words.typed(item.recorded_by), day=words.day(day_of(item.recorded_at))
        ),
        "",
    ]
    lines += record(item)
    if item.signed_by:
        signed = _("、").join(_signed(name, item) for name in item.signed_by)
        lines += ["", _("已签字：{names}").format(names=signed)]
    lines.append(_("还等签字：{roles}").format(roles=words.signers(item)))
    if item.mine:
        lines += ["", _("请核对。无误就签字；有出入先找记录人更正。")]
    if item.confirms:
        names = words.names(item.on_paper)
        lines += ["", _("{names}在纸质记录上签了字以后，再点下面的按钮。").format(names=names)]
    return lines


def _signed(name: str, item: EntryLine) -> str:
    said = words.typed(name)
    return _("{name}（纸质）").format(name=said) if name in item.signed_on_paper else said


def record(item: EntryLine) -> list[str]:
    lines = []
    for field in item.step.fields:
        if field.id in item.answers:
            lines.append(words.read(field.label))
            answer = answer_texts.answer(field, item.answers[field.id], item.people)
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


def nothing_to_sign() -> str:
    return _("这里没有等您签字的记录了。")


def to_read() -> str:
    return _("核对，签字")


def sign() -> str:
    return _("核对无误，签字")


def proof(number: int) -> str:
    return _("证明{n}").format(n=number)
