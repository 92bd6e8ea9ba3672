"""Refusals in words: what is wrong, what is expected, and that nothing was stored."""

from dataclasses import replace

from domain.case.facts import Problem, ProblemCode
from handlers.staff.shared import problem_texts
from handlers.staff.shared import texts as words
from handlers.staff.shared.refusals import NotOpened
from services.core.errors import NotInvited, PostEnded, RecordAltered
from services.core.i18n import gettext as _


def not_found() -> str:
    return _("没有找到，或者不归您管。什么都没有改动。")


def uninvited() -> str:
    # Whoever has opened a link and not pressed yet is a stranger too: their question stands above.
    return _(
        "这里只接待受邀请的党务工作者，您还没有加入。已经打开过邀请的，请按上面的“是，我是……”；"
        "没有的，请向您的上级党组织要一条邀请，照上面写的做就能加入。"
    )


def post_ended() -> str:
    return _("您在这里的职务已经结束，看不到内容了。弄错了的话，请上级党组织重新发一条邀请链接。")


def record_altered() -> str:
    return _("请告诉管理员：这里有记录在程序之外被改过，核对、恢复以前不能办。什么都没有保存。")


def kept_out(refusal: NotInvited | RecordAltered | None) -> str:
    """What somebody is told who isn't let in."""
    if isinstance(refusal, RecordAltered):
        return record_altered()
    return post_ended() if isinstance(refusal, PostEnded) else uninvited()


def link_for_another() -> str:
    return _(
        "这条链接是给另一位同志的，您的账号没有加入，什么都没有改动。"
        "如果是您换了手机，请让上级党组织按“电话丢了”重新发链接。"
    )


def bad_invitation() -> str:
    return _("这条邀请链接用过了或者过期了。请让邀请您的人再发一条。")


def step_not_open(problems: tuple[Problem, ...]) -> str:
    # Of an old button of what is saved already: nothing was filled in, and nothing is lost.
    if problems and all(map(_stands, problems)):
        return "\n".join(problem_texts.problem(one, {}) for one in problems)
    return _refused(problems) or _("这一步已经办过，或者现在不能办。什么都没有改动。")


def not_opened(refusal: NotOpened) -> str:
    """Of an old button of a form: nothing was being saved."""
    # That it was done is a fact, for which no paragraph is named.
    found = [
        replace(one, source="") if (one.values or {}).get("done") else one
        for one in refusal.problems
    ]
    said = [problem_texts.problem(one, {}) for one in found]
    step = words.step_name(refusal.step, refusal.title)
    return "\n".join(_("“{step}”：{problem}").format(step=step, problem=one) for one in said)


def _stands(problem: Problem) -> bool:
    signed = problem.code is ProblemCode.ALREADY_SIGNED
    return signed or bool((problem.values or {}).get("unsigned"))


def answers_refused(problems: tuple[Problem, ...]) -> str:
    return _refused(problems) or _("填的内容不符合要求，没有保存。")


def _refused(problems: tuple[Problem, ...]) -> str:
    said = "\n".join(f"· {problem_texts.problem(item, {})}" for item in problems)
    return _("没有保存：\n{problems}\n已填的都在。").format(problems=said) if said else ""


def edited() -> str:
    return _("改过的消息不算数。要改答案，请重新发一条，或者按“上一项”。")


def unclear() -> str:
    return _("没有看懂。写“菜单”看能做什么，写姓名找人，写“取消”停下正在填的。")


def nothing_saved_again() -> str:
    """Of a second tap, and of a form that was left: which of them it was isn't known any more."""
    return _("这个按钮已经失效，这一下没有再存什么。要看还有什么要办，请发“待办”。")
