"""Answers, verdicts and public notices as people read them."""

from collections.abc import Mapping
from datetime import date

from domain.case.facts import BallotShare, Value, Verdict
from domain.case.public_notice import NoticePeriod
from domain.hotlines import Hotline
from domain.rulebook.schema import Field, FieldType, Strength
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.core.i18n import ngettext

LONG = 300
"""Characters of one answer in a list; the whole is stored."""


def answer(field: Field, value: Value, names: Mapping[str, str], longest: int = LONG) -> str:
    """One answer, of a text at most `longest` characters. `names`: persons by id."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, date):
        return words.day(value)
    if isinstance(value, int):
        return str(value)
    return _listed(field, (value,) if isinstance(value, str) else value, names, longest)


def _listed(field: Field, values: tuple[str, ...], names: Mapping[str, str], longest: int) -> str:
    if field.type is FieldType.PROOF:
        return ngettext("{n}份", "{n}份", len(values)).format(n=len(values))
    if field.type is FieldType.CHECKLIST:
        return _("{n}/{total}项").format(n=len(values), total=len(field.options))
    options = {option.id: option.text for option in field.options}
    said = [
        words.read(options[item]) if item in options else words.typed(names.get(item, item))
        for item in values
    ]
    joined = _("、").join(said)
    # Cut before it is escaped: behind, a cut could leave half an entity.
    return joined if len(joined) <= longest else words.typed(values[0][:longest]) + "…"


def verdict(found: Verdict) -> list[str]:
    """Each rule with its numbers, layer and source; then which one decides."""
    if all(item.purpose == "quorum" for item in found.shares):
        return attendance(found)
    lines = [words.bold(_("票数核对"))]
    lines += [share(item) for item in found.shares]
    if found.conflict:
        lines.append(_("国家规定和本地规定结论不同，按更严的办。"))
    lines.append(_("核对结果：票数够。") if found.passed else _("核对结果：票数不够。"))
    return lines


def attendance(found: Verdict) -> list[str]:
    """Before the first vote: whether enough are there, by both layers."""
    lines = [words.bold(_("到会人数核对")), *(share(item) for item in found.shares)]
    if found.conflict:
        lines.append(_("国家规定和本地规定结论不同，按更严的办。"))
    said = _("到会人数够，可以表决。") if found.passed else _("到会人数不够，不能表决。")
    return [*lines, said]


def share(item: BallotShare) -> str:
    mark = "✓" if item.passed else "✗"
    return _("{mark} {layer}：{text}，{have}/{base}，至少要{needed}（{source}）").format(
        mark=mark,
        layer=layer(item.layer),
        text=words.read(item.text),
        have=item.have,
        base=item.base,
        needed=item.needed,
        source=words.source(item.source),
    )


def layer(strength: Strength) -> str:
    return _("本地") if strength is Strength.LOCAL else _("国家")


def hotline(found: Hotline) -> str:
    return _("{phone}（{person}负责）").format(phone=found.phone, person=found.person)


def notice(period: NoticePeriod) -> list[str]:
    """First and last day, and which of the two ends decided."""
    lines = [
        words.bold(_("公示期")),
        _first(period),
        _("最后一天：{day}").format(day=words.day(period.last_day)),
        _ends(period),
        *_deciding(period),
    ]
    if period.provisional:
        lines.append(words.provisional())
    return lines


def _first(period: NoticePeriod) -> str:
    day = words.day(period.first_day)
    if period.counts_posting:
        return _("第一天：{day}（张贴当天算在内）").format(day=day)
    return _("第一天：{day}（张贴次日）").format(day=day)


def _deciding(period: NoticePeriod) -> list[str]:
    """Which days made it so: the working day that was asked for, and what was not worked."""
    lines = []
    if number := period.asked_working_days:
        nth = words.day(period.by_working_days)
        lines.append(_("第{n}个工作日是{day}。").format(n=number, day=nth))
    if period.rest_days:
        lines.append(_("其间休息：{days}。").format(days=_runs(period.rest_days, period.last_day)))
    if period.make_up_days:
        days = _runs(period.make_up_days, period.last_day)
        lines.append(_("周末上班：{days}。").format(days=days))
    return lines


def _runs(days: tuple[date, ...], near: date) -> str:
    """Days in a row as one span."""
    spans: list[list[date]] = []
    for day in days:
        if spans and (day - spans[-1][-1]).days == 1:
            spans[-1].append(day)
        else:
            spans.append([day])
    said = []
    for span in spans:
        first, last = words.short_day(span[0], near), words.short_day(span[-1], near)
        said.append(
            first if len(span) == 1 else _("{first}至{last}").format(first=first, last=last)
        )
    return _("、").join(said)


def _ends(period: NoticePeriod) -> str:
    if period.by_working_days > period.by_calendar:
        return _("按工作日算到{later}，按日历天算到{sooner}，取晚的：工作日。").format(
            later=words.day(period.by_working_days), sooner=words.day(period.by_calendar)
        )
    if period.by_calendar > period.by_working_days:
        return _("按日历天算到{later}，按工作日算到{sooner}，取晚的：日历天。").format(
            later=words.day(period.by_calendar), sooner=words.day(period.by_working_days)
        )
    return _("按日历天和按工作日算是同一天。")
