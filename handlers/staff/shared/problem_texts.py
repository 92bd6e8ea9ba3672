"""Why an answer can't stand, or what will be noted: one sentence per code of the domain."""

from collections.abc import Callable, Mapping
from datetime import date

from domain.case.answers import EARLIEST_DAY, LATEST_DAY
from domain.case.facts import Problem, ProblemCode
from domain.rulebook.schema import Field, FieldType, Text
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
    if found.source not in ("", words.NO_SOURCE):
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


def _no_day_with_year(values: Values) -> str:
    """Of a day decades back, which is always written with its year."""
    if values.get("lunar"):
        return _("农历的日子请换成公历，写成 1998-11-22 或者1998年11月22日。")
    if "written" in values and values.get("yearless"):
        return _("“{written}”没有写年份。请写成 1998-11-22 或者1998年11月22日。").format(
            written=_of(values, "written")
        )
    if "written" in values:
        return _(
            "“{written}”：没有这一天，或者看不出是哪一天。请写成 1998-11-22 或者1998年11月22日。"
        ).format(written=_of(values, "written"))
    said = _(
        "看不出是哪一天，或者{first}年到{last}年没有这一天。请写成 1998-11-22 或者1998年11月22日。"
    )
    return said.format(first=EARLIEST_DAY.year, last=LATEST_DAY.year)


def _not_a_day(values: Values) -> str:
    if values.get("typed"):
        return _no_day_with_year(values)
    if values.get("lunar"):
        return _("农历的日子请换成公历，写成 2026-11-22 或者11月22日。")
    if "written" in values:
        # It looks like a day: either there is none, or it says too little.
        return _(
            "“{written}”：没有这一天，或者看不出是哪一天。"
            "请写成 2026-11-22、11月22日或者十一月二十二日。"
        ).format(written=_of(values, "written"))
    said = _(
        "看不出是哪一天，或者{first}年到{last}年没有这一天。"
        "请写成 2026-11-22、11月22日或者十一月二十二日。"
    )
    return said.format(first=EARLIEST_DAY.year, last=LATEST_DAY.year)


def _other_weekday(values: Values) -> str:
    day = values["day"]
    weekday = weekday_name(day.weekday()) if isinstance(day, date) else ""
    return _("{day}是{weekday}，和写的对不上。请再看一遍是哪一天。").format(
        day=_of(values, "day"), weekday=weekday
    )


def weekday_name(number: int) -> str:
    """Of a weekday, Monday: 0."""
    return (
        _("星期一"), _("星期二"), _("星期三"), _("星期四"), _("星期五"), _("星期六"), _("星期日"),
    )[number]  # fmt: skip


def _day_ahead(values: Values) -> str:
    return _("{day}还没到。已经办了的事，日期不能晚于今天；要写往年的，请写上年份。").format(
        day=_of(values, "day")
    )


def _day_before_condition(values: Values) -> str:
    title = values.get("title")
    step = words.step_name(str(values.get("step", "")), title) if isinstance(title, Text) else ""
    return _("这一天早于前面的“{step}”（{day}），次序不对。").format(
        step=step, day=_of(values, "before")
    )


def _rule(values: Values) -> str:
    """The limit in the rulebook's own words."""
    text = values.get("text")
    return words.read(text) if isinstance(text, Text) else _("有期限")


def _too_early(values: Values) -> str:
    return _("{rule}，最早{day}。").format(rule=_rule(values), day=_of(values, "limit"))


def _too_late(values: Values) -> str:
    if "limit" not in values:
        return _("晚于期限，已注明逾期。")
    if values.get("refused"):
        return _("{rule}，最晚{day}。").format(rule=_rule(values), day=_of(values, "limit"))
    return _("{rule}，期限是{day}，已经晚了。").format(rule=_rule(values), day=_of(values, "limit"))


def _unknown_option(values: Values) -> str:
    return _("请从列出的选项里选。")


def _too_few(values: Values) -> str:
    missing = values.get("missing")
    if isinstance(missing, tuple):
        return _("都要有，还差：{names}。").format(
            names=_("、").join(words.read(text).rstrip("。.") for text in missing)
        )
    said = _in_kind(
        values,
        _("至少要{minimum}人，现在{given}人。"),
        _("至少要{minimum}份，现在{given}份。"),
        _("至少要{minimum}项，现在{given}项。"),
    )
    return said.format(minimum=_of(values, "minimum"), given=_of(values, "given"))


def _too_many(values: Values) -> str:
    said = _in_kind(values, _("最多{maximum}人。"), _("最多{maximum}份。"), _("最多{maximum}项。"))
    return said.format(maximum=_of(values, "maximum"))


def _in_kind(values: Values, people: str, papers: str, items: str) -> str:
    """The sentence with the word by which what is listed is counted."""
    kind = values.get("kind")
    if kind is FieldType.PERSONS:
        return people
    return papers if kind is FieldType.PROOF else items


def _not_for_each(values: Values) -> str:
    return _("每种方式都要一份，还差{more}份。").format(more=_of(values, "more"))


def _more_than_days(values: Values) -> str:
    return _("从开始到结束只有{maximum}天。").format(maximum=_of(values, "maximum"))


def _not_as_decided(values: Values) -> str:
    return _("第{step}步定的是{decided}，这里要一样；不同意就退回。").format(
        step=_of(values, "step"), decided=_of(values, "decided")
    )


def _not_voted_on(values: Values) -> str:
    return _("这次表决的不是这一项，不能作这个结论。要作就另行表决。")


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


def _whole_case(values: Values) -> str:
    number = values.get("number")
    if not number:
        return _("全过程核对没有查出问题，不能这样选。")
    return _("全过程核对有{n}处要说明，不能这样选。").format(n=number)


def _later_entry(values: Values) -> str:
    return _("这样改，后面的第{step}步（{day}）就站不住了。请先更正那一步。").format(
        step=_of(values, "step"), day=_of(values, "day")
    )


def _unknown_field(values: Values) -> str:
    return _("这一项现在不用填了。")


def _step_not_open(values: Values) -> str:
    missing, unsigned = values.get("missing"), values.get("unsigned")
    if isinstance(unsigned, frozenset) and unsigned:
        return _("这一步已经保存了，在等{roles}签字，签完才算办完。").format(
            roles=words.roles(unsigned)
        )
    if isinstance(missing, tuple) and missing:
        # What may happen at any time has no number by which anybody could look it up.
        numbered = [str(item) for item in missing if str(item)[:1].isdigit()]
        if not numbered:
            return _("还有一件事要先办完，打开这一件就能看到。")
        steps = _("、").join(words.typed(item) for item in numbered)
        return _("还不到这一步，先要办完第{steps}步。").format(steps=steps)
    if "done" in values:
        return _("这一步已经办过了。") if values["done"] else _("这一步现在不能办。")
    return _("这一步已经办过，或者现在不能办。")


def _hold_open(values: Values) -> str:
    return _("上级正在核实情况，现在不能过这一关。")


def _awaited(values: Values) -> str:
    titles = values.get("titles")
    known = titles if isinstance(titles, tuple) else ()
    steps = "".join(_("“{step}”").format(step=words.read(title)) for title in known)
    return _("先要等{steps}有结果，现在不能过这一关。").format(steps=steps)


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


def _already_signed(values: Values) -> str:
    if values.get("paper"):
        return _("纸上的签字您已经确认过了，已经存着。")
    return _("您已经签过字了，签字已经存着。")


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


SENTENCES: Mapping[ProblemCode, Callable[[Values], str]] = {
    ProblemCode.REQUIRED: _required,
    ProblemCode.NOT_A_NUMBER: _not_a_number,
    ProblemCode.TOO_SMALL: _too_small,
    ProblemCode.TOO_BIG: _too_big,
    ProblemCode.TOO_LONG: _too_long,
    ProblemCode.TOO_SHORT: _too_short,
    ProblemCode.NOT_A_DAY: _not_a_day,
    ProblemCode.OTHER_WEEKDAY: _other_weekday,
    ProblemCode.DAY_AHEAD: _day_ahead,
    ProblemCode.DAY_BEFORE_CONDITION: _day_before_condition,
    ProblemCode.TOO_EARLY: _too_early,
    ProblemCode.TOO_LATE: _too_late,
    ProblemCode.UNKNOWN_OPTION: _unknown_option,
    ProblemCode.TOO_FEW: _too_few,
    ProblemCode.TOO_MANY: _too_many,
    ProblemCode.TOTALS_CONTRADICT: count_texts.contradict,
    ProblemCode.NOT_FOR_EACH: _not_for_each,
    ProblemCode.MORE_THAN_DAYS: _more_than_days,
    ProblemCode.NOT_AS_DECIDED: _not_as_decided,
    ProblemCode.NOT_VOTED_ON: _not_voted_on,
    ProblemCode.VERDICT_FAILS: _verdict_fails,
    ProblemCode.VERDICT_PASSES: _verdict_passes,
    ProblemCode.NO_QUORUM: _no_quorum,
    ProblemCode.ONLY_ONCE: _only_once,
    ProblemCode.BREAKS_RULE: _breaks_rule,
    ProblemCode.NOTICE_RUNNING: _too_early,
    ProblemCode.LACKING: _lacking,
    ProblemCode.OPTION_BARRED: _option_barred,
    ProblemCode.WHOLE_CASE: _whole_case,
    ProblemCode.LATER_ENTRY: _later_entry,
    ProblemCode.UNKNOWN_FIELD: _unknown_field,
    ProblemCode.STEP_NOT_OPEN: _step_not_open,
    ProblemCode.HOLD_OPEN: _hold_open,
    ProblemCode.AWAITED: _awaited,
    ProblemCode.CASE_ENDED: _case_ended,
    ProblemCode.RECORDED_LATE: _recorded_late,
    ProblemCode.SAME_DAY: _same_day,
    ProblemCode.MANY_ON_ONE_DAY: _many_on_one_day,
    ProblemCode.MISSED: _missed,
    ProblemCode.ONLY_BY_PLAN: _only_by_plan,
    ProblemCode.NOT_AT_LEVEL: _not_at_level,
    ProblemCode.NOT_RESPONSIBLE: _not_responsible,
    ProblemCode.ALREADY_PROPOSED: _already_proposed,
    ProblemCode.ALREADY_VOTED: _already_voted,
    ProblemCode.ALREADY_SIGNED: _already_signed,
    ProblemCode.QUORUM_FIRST: _quorum_first,
    ProblemCode.TOO_FEW_PRESENT: _too_few_present,
}
