"""What is said of dates that don't fit."""

from datetime import date

from domain.case.facts import Problem, ProblemCode
from domain.catalogue import DECIDES, LONGEST_RESULT, SHORTEST_RESULT, Situation
from handlers.staff.shared import finding_texts
from handlers.staff.shared import texts as words
from services.casefile.views import BreachLine, BreachPage, Checked
from services.core.i18n import gettext as _
from services.core.i18n import ngettext


def checked(found: Checked) -> list[str]:
    name = words.bold(words.typed(found.person))
    if not found.findings:
        return [_("{name}：日期都对得上，没有发现问题。").format(name=name)]
    number = len(found.findings)
    head = ngettext("{name}：有{n}处要看", "{name}：有{n}处要看", number).format(
        name=name, n=number
    )
    return [
        head,
        "",
        *(finding_texts.finding(found.rulebook, item) for item in found.findings),
        "",
        _("日期填错了，按“更正记录”。没有填错就照实留着，不用改。"),
    ]


def title() -> str:
    return _("责任追究")


def page(found: BreachPage, assigning: bool) -> list[str]:
    if not found.total:
        return [_("没有发现违规。")]
    count = ngettext("{n}处", "{n}处", found.total).format(n=found.total)
    lines = [f"{words.bold(title())} {count}", _("按时间排，不排名。")]
    # None is made up where the organisation has entered none (rule `no_invented_situations`).
    return lines if assigning else [*lines, none_entered()]


def none_entered() -> str:
    return _("本组织还没有录入情形目录，这里只记违反了哪一条。")


def line(item: BreachLine, today: date) -> str:
    said = f"{item.person} · {item.step.id} · {words.short_day(item.day, today)}"
    return _("{breach} · 已处理").format(breach=said) if item.treated_on else said


def heads() -> tuple[str, ...]:
    return (
        _("哪一天"), _("姓名"), _("步骤"), _("问题"), _("依据"), _("由谁办"), _("归入"),
        _("处理期限"), _("处理日期"), _("处理"), _("结果"),
    )  # fmt: skip


def cells(item: BreachLine) -> tuple[str | date | None, ...]:
    """A row of the list, in the order of `heads`."""
    said = situation(item.situation) if item.situation else None
    treatment = words.read(item.treatment.text) if item.treatment else None
    return (
        item.day, item.person, words.step_name(item.step.id, item.step.title),
        kind(Problem(ProblemCode(item.code), source=item.source)), item.source,
        words.role(item.body), said, item.due_on, item.treated_on, treatment, item.result,
    )  # fmt: skip


def breach(item: BreachLine) -> list[str]:
    problem = Problem(ProblemCode(item.code), source=item.source)
    person = words.bold(words.typed(item.person))
    lines = [
        f"{person} · {words.step_name(item.step.id, item.step.title)}",
        _("哪一天：{day}").format(day=words.day(item.day)),
        _("由谁办：{role}").format(role=words.role(item.body)),
        _("问题：{kind}").format(kind=kind(problem)),
    ]
    if item.situation is not None:
        lines.append(_("归入：{situation}").format(situation=situation(item.situation)))
        lines += handling(item.situation, item.due_on)
    if item.treated_on is not None:
        lines += treated(item, item.treated_on)
    return lines


def handling(item: Situation, due_on: date | None) -> list[str]:
    """What the catalogue says of a situation: procedure, powers, time; what it leaves out is said
    to be left out."""
    unsaid = _("目录里没有写")
    procedure = words.read(item.procedure) or unsaid
    powers = words.role(item.powers) if item.powers else unsaid
    due = _("{day}以前").format(day=words.day(due_on)) if due_on else unsaid
    return [
        _("程序：{procedure}").format(procedure=procedure),
        _("由谁处理：{powers}").format(powers=powers),
        _("期限：{due}").format(due=due),
    ]


def treated(item: BreachLine, on: date) -> list[str]:
    said = words.read(item.treatment.text) if item.treatment else _("目录里没有写")
    lines = [
        _("处理：{treatment}（{day}）").format(treatment=said, day=words.day(on)),
        _("结果：{result}").format(result=words.typed(item.result)),
    ]
    late = item.due_on is not None and on > item.due_on
    return [*lines, _("处理超过了期限。")] if late else lines


def reminded(item: BreachLine, due_on: date, today: date) -> list[str]:
    """That it has to be dealt with, to whoever does; to those above, that it wasn't."""
    person = words.bold(words.typed(item.person))
    lines = [
        _("{title} · {person}").format(title=words.bold(title()), person=person),
        words.step_name(item.step.id, item.step.title),
    ]
    if item.situation is not None:
        lines.append(_("归入：{situation}").format(situation=situation(item.situation)))
    day, left = words.day(due_on), words.left(due_on, today)
    lines.append(_("期限{day}，{left}。").format(day=day, left=left))
    if item.treats:
        return [*lines, _("请按目录处理，把结果写下来。")]
    known = item.situation and item.situation.powers
    who = words.role(known) if known else words.role(DECIDES[0])
    return [*lines, _("还没有处理，由{role}办，请督促。").format(role=who)]


def to_breach() -> str:
    return _("打开")


def to_treat() -> str:
    return _("写处理结果")


def ask_treatment(item: BreachLine) -> list[str]:
    return [*breach(item), "", words.bold(_("怎么处理的？")), _("请点一项。")]


def ask_result(item: BreachLine) -> list[str]:
    return [*breach(item), "", words.bold(_("结果怎样？")), _size()]


def _size() -> str:
    return _("请用文字写，{least}到{most}个字。").format(least=SHORTEST_RESULT, most=LONGEST_RESULT)


def result_wanted() -> str:
    return _("{size}什么都没有存。").format(size=_size())


def summary(treatment: str, result: str) -> list[str]:
    return [
        words.bold(_("核对后保存")),
        _("处理：{treatment}").format(treatment=words.typed(treatment or _("目录里没有写"))),
        _("结果：{result}").format(result=words.typed(result)),
        _("保存以后改不了。"),
    ]


def dealt_with(item: BreachLine) -> list[str]:
    return [_("处理结果已经记下。"), "", *breach(item)]


def kind(problem: Problem) -> str:
    names = {
        ProblemCode.TOO_LATE: _("超过期限"),
        ProblemCode.MISSED: _("到期没有办"),
        ProblemCode.TOO_EARLY: _("没到时间就办"),
        ProblemCode.NOTICE_RUNNING: _("公示没有期满"),
        ProblemCode.NO_QUORUM: _("到会人数不够"),
        ProblemCode.RECORDED_LATE: _("隔得太久才登记"),
        ProblemCode.SAME_DAY: _("几次登记在同一天"),
        ProblemCode.DAY_BEFORE_CONDITION: _("次序不对"),
        ProblemCode.STEP_NOT_OPEN: _("前一步没办就办"),
    }
    said = names.get(problem.code, _("不符合规定"))
    if not problem.source:
        return said
    return _("{problem}（{source}）").format(problem=said, source=words.source(problem.source))


def situation(item: Situation) -> str:
    return f"{words.read(item.kind)} · {words.read(item.text)}"


def choose(count: int) -> list[str]:
    return ["", _("属于哪一种情形？请点一项。")] if count else ["", none_entered()]


def button(number: int, item: Situation) -> str:
    return f"{number}. {words.plain(item.text)}"


def assigned(item: BreachLine) -> list[str]:
    return [_("已归入。"), "", *breach(item)]


def back() -> str:
    return _("回到责任追究")


def pages(number: int, count: int) -> str:
    return f"{number + 1}/{count}"


def earlier() -> str:
    return _("‹ 上一页")


def later() -> str:
    return _("下一页 ›")
