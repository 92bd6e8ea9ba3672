"""What became of an entry, and what comes next."""

from datetime import date
from html import escape

from domain.rulebook.kinds import Given
from domain.rulebook.schema import Step
from domain.states import Status
from handlers.staff.shared import answer_texts, problem_texts
from handlers.staff.shared import texts as words
from services.cases.views import Recorded
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.intake.links import NoticeLink


def saved(result: Recorded) -> str:
    return _("已保存：{name}").format(name=_name(result))


def corrected(result: Recorded) -> str:
    return _("已更正：{name}").format(name=_name(result))


def changed_meanwhile() -> str:
    return _("这一件刚才有了变化，还没有保存。请看一遍现在的说明，再按保存。前面填的都在。")


def signed(result: Recorded) -> str:
    return _("已签字：{name}").format(name=_name(result))


def _name(result: Recorded) -> str:
    step = result.step
    return f"{words.typed(result.card.person)} · {words.step_name(step.id, step.title)}"


def recorded(head: str, result: Recorded, today: date) -> list[str]:
    """`head`, then what the numbers allow, what is noted, and what comes next."""
    card, lines = result.card, [words.bold(head)]
    if result.waits_for:
        lines += ["", waits(result)]
    if result.verdict is not None:
        lines += ["", *answer_texts.verdict(result.verdict)]
    if result.notice is not None:
        lines += ["", *answer_texts.notice(result.notice), *named(result)]
    lines += breaches(result)
    if card.progress.status is not Status.RUNNING:
        status = words.status(card.progress.status)
        lines += ["", _("这一件现在：{status}。").format(status=status)]
    following = card.progress.next
    if following is None:
        return lines
    return [*lines, "", *words.next_step(following, today), *before_submission(result)]


def named(result: Recorded) -> list[str]:
    """The number that has to stand on the notice."""
    asked = [field.id for field in result.step.fields if field.offers is Given.HOTLINE]
    given = [str(result.line.answers[name]) for name in asked if name in result.line.answers]
    return [_("公示上写明：{hotline}").format(hotline=words.typed(said)) for said in given]


def before_submission(result: Recorded) -> list[str]:
    """What the secretary should look at before it goes up."""
    card, following = result.card, result.card.progress.next
    goes_up = following is not None and not set(following.step.actors) & set(result.step.actors)
    if not goes_up or not card.breaches:
        return []
    return [
        "",
        ngettext(
            "送上级前请先核对日期：有{n}处不符合规定。",
            "送上级前请先核对日期：有{n}处不符合规定。",
            card.breaches,
        ).format(n=card.breaches),
    ]


def waits(result: Recorded) -> str:
    line = result.line
    said = _("还要{roles}签字确认，签完才算办完。").format(roles=words.signers(line))
    posts = line.waits_for - {role for role, _name in line.asked}
    if posts or len(line.asked) > len(line.on_paper):
        said += _("已经通知对方。")
    if not line.on_paper:
        return said
    if line.confirms:
        more = _("{names}收不到消息：请在纸质记录上签字，签了再点下面的按钮。")
    else:
        more = _("{names}收不到消息：请在纸质记录上签字，由支部书记确认。")
    return said + more.format(names=words.names(line.on_paper))


def breaches(result: Recorded) -> list[str]:
    if not result.breaches:
        return []
    fields = {field.id: field for field in result.step.fields}
    said = [f"· {problem_texts.problem(item, fields)}" for item in result.breaches]
    return ["", _("照实登记，并注明："), *said]


def notice_link(link: NoticeLink) -> str:
    """What hangs beside a notice, so that anybody can report on it."""
    lines = [_("请把这个二维码同公示一起张贴，群众扫码就能反映情况。"), own_phone()]
    return "\n".join([*lines, *(escape(one) for one in (link.web, link.chat) if one)])


def own_phone() -> str:
    """What stands beside every way to report: a workplace's app knows who opened it."""
    return _("用自己的手机、自己的流量打开，不要在单位的软件里打开。")


def next_form(step: Step) -> str:
    return _("接着填：{step}").format(step=words.step_label(step))


def to_propose(year: int) -> str:
    return _("已听取党内外意见，申报进{year}年度计划").format(year=year)
