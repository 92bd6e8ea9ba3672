"""Why an answer can't stand, or what will be noted: one sentence per code of the domain."""

from collections.abc import Callable, Mapping
from datetime import date

from domain.case.facts import Problem
from domain.rulebook.schema import Field, Text
from handlers.staff.shared import count_texts
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _

Values = Mapping[str, object]


def problem(found: Problem, fields: Mapping[str, Field]) -> str:
    """One sentence, with the question it concerns and the rule where there is one."""
    say = SENTENCES.get(found.code)
    said = say(found.values or {}) if say else _("这一项不符合要求。")
    if found.field in fields:
        label = words.read(fields[found.field].label).rstrip("？?。.")
        said = _("{label}：{problem}").format(label=label, problem=said)
    if found.source:
        said = _("{problem}（{source}）").format(problem=said, source=words.source(found.source))
    return said


def shown(value: object) -> str:
    return words.day(value) if isinstance(value, date) else words.typed(str(value))


def _of(values: Values, *names: str) -> str:
    """The first of the named values that is there."""
    return next((shown(values[name]) for name in names if name in values), "")


def _required(values: Values) -> str:
    return _("还没填。")


def _not_a_number(values: Values) -> str:
    return _("这里要一个整数，比如 48。")


def _too_small(values: Values) -> str:
    return _("不能小于{minimum}。").format(minimum=_of(values, "minimum"))


def _too_big(values: Values) -> str:
    return _("不能大于{maximum}。").format(maximum=_of(values, "maximum"))


def _too_long(values: Values) -> str:
    return _("最多{maximum}个字，现在太长。").format(maximum=_of(values, "maximum"))


def _too_short(values: Values) -> str:
    return _("至少要{minimum}个字。").format(minimum=_of(values, "minimum"))


def _not_a_day(values: Values) -> str:
    return _(
        "看不出是哪一天，或者没有这一天。"
        "请写成 2026-11-22、11月22日或者十一月二十二日，也可以在日历上点。"
    )


def _day_ahead(values: Values) -> str:
    return _("这一天还没到。已经办了的事，日期不能晚于今天。")


def _day_before_condition(values: Values) -> str:
    return _("这一天早于前一步（{day}），次序不对。").format(day=_of(values, "before"))


def _rule(values: Values) -> str:
    """The limit in the rulebook's own words."""
    text = values.get("text")
    return words.read(text) if isinstance(text, Text) else _("有期限")


def _too_early(values: Values) -> str:
    return _("{rule}，最早{day}。").format(rule=_rule(values), day=_of(values, "limit"))


def _too_late(values: Values) -> str:
    if "limit" not in values:
        return _("晚于期限，已注明逾期。")
    return _("{rule}，期限是{day}，已经晚了。").format(rule=_rule(values), day=_of(values, "limit"))


def _unknown_option(values: Values) -> str:
    return _("请从列出的选项里选。")


def _too_few(values: Values) -> str:
    return _("至少要{minimum}项。").format(minimum=_of(values, "minimum"))


def _too_many(values: Values) -> str:
    return _("最多{maximum}项。").format(maximum=_of(values, "maximum"))


def _not_for_each(values: Values) -> str:
    return _("每种方式都要一份，还差{more}份。").format(more=_of(values, "more"))


def _verdict_fails(values: Values) -> str:
    return _("票数不够，不能选这个结论。")


def _verdict_passes(values: Values) -> str:
    return _("票数够了，不能选这个结论。")


def _no_quorum(values: Values) -> str:
    return _("到会只有{have}人，至少要{needed}人，不能开会表决。").format(
        have=_of(values, "have"), needed=_of(values, "needed")
    )


def _only_once(values: Values) -> str:
    return _("这个结论只能作一次，以前已经作过。")


def _breaks_rule(values: Values) -> str:
    rule = values.get("text")
    if not isinstance(rule, Text):
        return _("这一项不符合要求。")
    return _("不符合规定：{rule}。").format(rule=words.read(rule))


def _lacking(values: Values) -> str:
    return _("{rule}，再办这一步。").format(rule=_rule(values))


def _option_barred(values: Values) -> str:
    title = values.get("title")
    step = words.step_name(str(values.get("step", "")), title) if isinstance(title, Text) else ""
    return _("“{step}”的结论同这一项不一致，不能这样选。").format(step=step)


def _later_entry(values: Values) -> str:
    return _("这样改，后面的第{step}步（{day}）就站不住了。请先更正那一步。").format(
        step=_of(values, "step"), day=_of(values, "day")
    )


def _unknown_field(values: Values) -> str:
    return _("这一项现在不用填了。")


def _step_not_open(values: Values) -> str:
    missing = values.get("missing")
    if isinstance(missing, tuple) and missing:
        numbered = [str(item) for item in missing if str(item)[:1].isdigit()]
        if not numbered:
            return _("还有一件事要先办完，打开这一件就能看到。")
        steps = _("、").join(words.typed(item) for item in numbered)
        return _("还不到这一步，先要办完第{steps}步。").format(steps=steps)
    return _("这一步已经办过，或者现在不能办。")


def _hold_open(values: Values) -> str:
    return _("上级正在核实情况，或者决定暂缓，现在不能过这一关。")


def _only_by_plan(values: Values) -> str:
    return _("这一步由年度计划决定：支部申报，党（工）委票决，组织员初审，组织员会议票决。")


def _not_at_level(values: Values) -> str:
    return _("年度计划里还没有走到这一级，先要办完前面几级。")


def _not_responsible(values: Values) -> str:
    committee, organiser = _of(values, "committee"), _of(values, "organiser")
    if not organiser:
        return _("{committee}还没有定分管组织员。请部领导在“年度计划”里先定下来。").format(
            committee=committee
        )
    return _("{committee}由{organiser}分管，请这位同志初审。").format(
        committee=committee, organiser=organiser
    )


def _already_proposed(values: Values) -> str:
    return _("已经在{year}年的计划里了。").format(year=_of(values, "year"))


def _already_voted(values: Values) -> str:
    return _("已经表决过了，结果在各人的记录里。要改请更正那一步。")


def _quorum_first(values: Values) -> str:
    return _("还没有清点人数。到会人数够了才能表决。")


def _too_few_present(values: Values) -> str:
    return _("到会人数不够：到会{have}人，须{needed}人。").format(
        have=_of(values, "have"), needed=_of(values, "needed")
    )


def _case_ended(values: Values) -> str:
    return _("这一件已经终止或归档，不能再填。")


def _recorded_late(values: Values) -> str:
    return _("{day}办的，{recorded}才登记，隔了{days}天，像是补记。").format(
        day=_of(values, "day"), recorded=_of(values, "recorded"), days=_of(values, "days")
    )


def _same_day(values: Values) -> str:
    return _("同一步骤{day}登记了不止一次，应当隔开。").format(day=_of(values, "day"))


def _many_on_one_day(values: Values) -> str:
    return _("{number}个步骤都在{day}，请核对是不是真的同一天办的。").format(
        number=_of(values, "number"), day=_of(values, "day")
    )


def _missed(values: Values) -> str:
    return _("期限是{day}，到现在还没办。").format(day=_of(values, "limit"))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "required": _required,
    "not_a_number": _not_a_number,
    "too_small": _too_small,
    "too_big": _too_big,
    "too_long": _too_long,
    "too_short": _too_short,
    "not_a_day": _not_a_day,
    "day_ahead": _day_ahead,
    "day_before_condition": _day_before_condition,
    "too_early": _too_early,
    "too_late": _too_late,
    "unknown_option": _unknown_option,
    "too_few": _too_few,
    "too_many": _too_many,
    "totals_contradict": count_texts.contradict,
    "not_for_each": _not_for_each,
    "verdict_fails": _verdict_fails,
    "verdict_passes": _verdict_passes,
    "no_quorum": _no_quorum,
    "only_once": _only_once,
    "breaks_rule": _breaks_rule,
    "notice_running": _too_early,
    "lacking": _lacking,
    "option_barred": _option_barred,
    "later_entry": _later_entry,
    "unknown_field": _unknown_field,
    "step_not_open": _step_not_open,
    "hold_open": _hold_open,
    "case_ended": _case_ended,
    "recorded_late": _recorded_late,
    "same_day": _same_day,
    "many_on_one_day": _many_on_one_day,
    "missed": _missed,
    "only_by_plan": _only_by_plan,
    "not_at_level": _not_at_level,
    "not_responsible": _not_responsible,
    "already_proposed": _already_proposed,
    "already_voted": _already_voted,
    "quorum_first": _quorum_first,
    "too_few_present": _too_few_present,
}
