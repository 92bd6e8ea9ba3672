"""What a meeting says: the next act first, the numbers with their rules."""

from collections.abc import Mapping, Sequence
from datetime import date

from domain.case.facts import Answers, BlockerKind, ProblemCode
from domain.meetings import ATTENDANCE, DAY, Roster
from domain.rulebook.schema import Body, Text
from domain.states import MeetingState
from handlers.staff.shared import answer_texts, count_texts, problem_texts
from handlers.staff.shared import texts as words
from services.core.i18n import LANGUAGES, ngettext, use
from services.core.i18n import gettext as _
from services.meetings.views import AgendaLine, Candidate, MeetingView, VoteOutcome

SHOWN = 10
"""People named who can't be put on the agenda."""


def body(value: Body) -> str:
    names = {
        Body.MASSES: _("民主测评会"),
        Body.BRANCH: _("支部大会"),
        Body.COMMITTEE: _("党（工）委会议"),
        Body.ORGANISERS: _("组织员会议"),
    }
    return names[value]


def title(value: Body) -> Text:
    """A body's name in every language, for a form."""
    said = []
    for language in LANGUAGES:
        with use(language):
            said.append(body(value))
    return Text(*said)


def meetings(found: Sequence[MeetingView], bodies: int) -> list[str]:
    if not bodies:
        return [_("您没有要主持或者记录的会议。支部、党（工）委和组织员的会由各自的同志登记。")]
    if not found:
        return [_("没有开到一半的会。按下面的按钮，先定哪些人上会。")]
    return [
        words.bold(_("没有开完的会")),
        *(f"· {words.named(_heading(item), _state(item))}" for item in found),
    ]


def convene(value: Body, organisation: str) -> str:
    return _("新开：{body} · {organisation}").format(body=body(value), organisation=organisation)


def heading(view: MeetingView) -> str:
    """Not HTML: a button shows what it is given."""
    names = _("、").join(line.person for line in view.lines)
    return _("接着开：{body} · {names}").format(body=body(view.body), names=names)


def _heading(view: MeetingView) -> str:
    return f"{body(view.body)} · {words.typed(view.organisation)}"


def _state(view: MeetingView) -> str:
    if view.state is MeetingState.DRAFT:
        return _("还没有清点人数")
    done = len(view.lines) - len(view.waiting)
    return _("已表决{done}/{total}人").format(done=done, total=len(view.lines))


def nobody(value: Body) -> str:
    return _("现在没有人可以上{body}。").format(body=body(value))


def choose(
    value: Body, on: Sequence[Candidate], off: Sequence[Candidate], today: date
) -> list[str]:
    """The heading of the list, and what is said below `whom_to_choose`."""
    return [words.bold(body(value)), *unsettled(on, today), *not_ready(off, today)]


def whom_to_choose(alone: bool) -> str:
    """`alone`: there is a single person, ticked already."""
    if alone:
        # Not "tick": a press on a name that is ticked takes the tick away.
        return _(
            "可以上会的只有一个人，已经点上了，请按“{button}”。人数和过程只填一次，每个人单独表决。"
        ).format(button=convened(1))
    return _("请点上会的人。人数和过程只填一次，每个人单独表决。")


def unsettled(on: Sequence[Candidate], today: date) -> list[str]:
    """What has no result yet of those who can be put on the agenda."""
    lines = [
        f"· {words.typed(item.person)} · {words.step_due(step, today)}"
        for item in on
        for step in item.called
    ]
    return ["", _("还没有结果，会上要说明："), *lines[:SHOWN]] if lines else []


def not_ready(off: Sequence[Candidate], today: date) -> list[str]:
    """Who can't be put on the agenda, and why."""
    if not off:
        return []
    lines = ["", _("还不能上会：")]
    for item in off[:SHOWN]:
        step = words.step_name(item.step.id, item.step.title)
        why = _("；").join(_why(item, today))
        lines.append(f"· {words.named(f'{words.typed(item.person)} · {step}', why)}")
    if len(off) > SHOWN:
        lines.append(_("另有{n}人。").format(n=len(off) - SHOWN))
    return lines


def _why(item: Candidate, today: date) -> list[str]:
    said = []
    for blocker in item.why:
        if blocker.kind is BlockerKind.CONDITION:
            step = words.step_name(blocker.step, blocker.text)
            said.append(_("先要办完{step}").format(step=step))
        elif blocker.kind is BlockerKind.PLAN:
            at_level = problem_texts.SENTENCES[ProblemCode.NOT_AT_LEVEL]
            said.append(at_level({}).rstrip("。."))
        else:
            said.append(words.blocked(blocker, today))
    return said


def candidate(item: Candidate) -> str:
    """Not HTML: a button shows what it is given."""
    title = words.plain(item.step.title)
    return f"{item.person} · {title} · {item.organisation}"


def convened(number: int) -> str:
    return ngettext("定下{n}人上会", "定下{n}人上会", number).format(n=number)


def meeting(view: MeetingView) -> list[str]:
    lines = [words.bold(_heading(view)), next_act(view), *attendance(view)]
    lines += ["", words.bold(_("议程，逐人表决"))]
    return [*lines, *(agenda(number, item) for number, item in enumerate(view.lines, 1))]


def next_act(view: MeetingView) -> str:
    if view.state is MeetingState.DRAFT:
        return _("下一步：清点人数，走完程序。到会人数够了才能表决。")
    if not view.waiting:
        return _("会议开完了，结果都记进了各人的记录。")
    return _("下一步：表决{person}。").format(person=words.typed(view.waiting[0].person))


def attendance(view: MeetingView) -> list[str]:
    """What was entered once for all."""
    day = view.answers.get(DAY)
    if view.state is MeetingState.DRAFT or not isinstance(day, date):
        return []
    said = [
        f"{count_texts.count(name)}{view.answers[name]}"
        for name in ATTENDANCE
        if name in view.answers
    ]
    lines = ["", _("{day}：{numbers}").format(day=words.day(day), numbers=_("，").join(said))]
    return [*lines, *(answer_texts.attendance(view.verdict) if view.verdict else [no_rule()])]


def agenda(number: int, line: AgendaLine) -> str:
    step = words.step_name(line.step.id, line.step.title)
    head = f"{number}. {words.typed(line.person)} · {step}"
    if not line.decided:
        return _("{head}：待表决").format(head=head)
    conclusion = words.read(line.conclusion) if line.conclusion else ""
    return _("{head}：{totals}。{conclusion}").format(
        head=head, totals=totals(line.totals), conclusion=conclusion
    )


def totals(found: Answers) -> str:
    votes = [name for name in found if name not in ATTENDANCE]
    return _("，").join(f"{count_texts.count(name)}{found[name]}" for name in votes)


def decided(outcome: VoteOutcome) -> str:
    return _("已保存：{name}").format(name=agenda_name(outcome.line))


def agenda_name(line: AgendaLine) -> str:
    step = words.step_name(line.step.id, line.step.title)
    return f"{words.typed(line.person)} · {step}"


def level(outcome: VoteOutcome) -> list[str]:
    """A name of the plan was voted on by the committee."""
    line = outcome.line
    said = words.read(line.conclusion) if line.conclusion else ""
    return [
        words.bold(decided(outcome)),
        totals(line.totals) + _("。"),
        _("结论：{conclusion}。有关的同志已经得到通知。").format(conclusion=said),
    ]


def no_rule() -> str:
    return _("规定没有写明这个会的到会比例，到会人数照实登记。")


def votes_along(person: str, votes: Mapping[str, int]) -> Text:
    """Beside the question of who is there, where a single person is voted on: their votes may be
    written along. Once they are, what is kept."""
    said = []
    for language in LANGUAGES:
        with use(language):
            kept = _("{person}的票数写在同一行也可以，存好人数就核对。").format(person=person)
            if votes:
                kept = _("{person}：{totals}。存好人数就核对。").format(
                    person=person, totals=totals(votes)
                )
            said.append(kept)
    return Text(*said)


def roster(found: Roster) -> Text | None:
    """What is known of who is entitled, in every language; a hint beside the question."""
    if found.entitled is None:
        return None
    said = []
    for language in LANGUAGES:
        with use(language):
            said.append(_roster(found))
    return Text(*said)


def _roster(found: Roster) -> str:
    line = _("名册上有表决权的：{n}人。").format(n=found.entitled)
    if found.probationary:
        line += _("预备党员{n}人没有表决权，不要算进去。").format(n=found.probationary)
    return line


def kept() -> str:
    return _("已填的都存着。随时可以在“开会”里接着填。")


def count_stands() -> str:
    return _("没有重新清点。原来清点的人数照旧算数，接着表决。")


def sure(view: MeetingView) -> str:
    return _("{meeting}还没有表决。取消后，上会的名单和已填的人数不再保留。确定取消吗？").format(
        meeting=_heading(view)
    )


def sure_adjourned(view: MeetingView) -> str:
    names = _("、").join(words.typed(line.person) for line in view.waiting)
    return _("已经表决的不变。{names}这次不表决，下次会议再议。确定吗？").format(names=names)


def adjourned() -> str:
    return _("会议结束。没有表决的人，下次会议再上会。")


def to_adjourn() -> str:
    return _("结束会议，其余下次再议")


def yes_adjourn() -> str:
    return _("确定结束")


def cancelled() -> str:
    return _("会议取消了。各人的记录没有变。")


def to_open() -> str:
    return _("清点人数，走程序")


def to_recount() -> str:
    return _("重新清点人数")


def to_vote(line: AgendaLine) -> str:
    return _("表决：{person}").format(person=line.person)


def to_read(line: AgendaLine) -> str:
    """Before anybody is voted on. Not HTML: a button shows what it is given."""
    return _("看：{person}").format(person=line.person)


def to_cancel() -> str:
    return _("取消会议")


def yes_cancel() -> str:
    return _("确定取消")


def to_meeting() -> str:
    return _("看会议")


def to_meetings() -> str:
    return _("开会")


def go_on() -> str:
    return _("接着填")
