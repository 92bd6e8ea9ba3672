"""职务和邀请: who holds what, and how it ends."""

from collections.abc import Mapping, Sequence
from datetime import date

from domain.calendar.office_hours import day_of
from domain.states import EndReason
from handlers.staff.people.texts import in_words
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.people.people import VALID_FOR
from services.people.views import EndedPost, HeldPost, NewLink, OpenInvitation, PersonChoice


def title() -> str:
    return _("职务和邀请")


def overview(shown: Sequence[HeldPost | OpenInvitation]) -> list[str]:
    posts = [item for item in shown if isinstance(item, HeldPost)]
    links = [item for item in shown if isinstance(item, OpenInvitation)]
    lines = [words.bold(title()), *(f"· {_held(item)}" for item in posts)]
    if links:
        lines += ["", words.bold(_("没有打开的邀请"))]
        lines += [f"· {_link(item)}" for item in links]
    if not shown:
        lines.append(_("您名下没有可以变动的职务和邀请。"))
    return lines


def _held(item: HeldPost) -> str:
    who = _("{organisation}：{person}（{role}）").format(
        organisation=words.typed(item.organisation),
        person=words.typed(item.person),
        role=words.post(item.role),
    )
    return who if item.joined else _("{who}，还没有加入").format(who=who)


def _link(item: OpenInvitation) -> str:
    return _("{organisation}：{person}（{role}），{day}到期").format(
        organisation=words.typed(item.organisation),
        person=words.typed(item.person),
        role=words.post(item.role),
        day=words.day(day_of(item.expires_at)),
    )


def unjoined(branch: str, left: Sequence[PersonChoice]) -> list[str]:
    names = words.names(tuple(one.name for one in left))
    return [
        "",
        words.bold(_("还没有加入的介绍人、联系人")),
        _("{organisation}：{names}").format(organisation=words.typed(branch), names=names),
    ]


def to_invite_unjoined(count: int) -> str:
    return ngettext("给这{n}人各一条邀请链接", "给这{n}人各一条邀请链接", count).format(n=count)


def all_invited() -> str:
    return _("没有还没邀请的人了。发出的链接在“没有打开的邀请”里，可以换一条。")


def new_links(given: Sequence[tuple[NewLink, str]]) -> list[str]:
    """Each with its own link and code, which a touch copies: each is passed on by itself."""
    lines = [
        _(
            "邀请链接，一人一条，{days}天内有效，只能用一次。点一下链接就复制，分别转给本人；"
            "点开链接、按“开始”、确认姓名就加入了。链接点不开的，打开“引路”，发送下面那一行。"
        ).format(days=VALID_FOR.days)
    ]
    for one, link in given:
        lines += ["", words.bold(words.typed(one.person)), f"<code>{link}</code>"]
        lines.append(_("<code>加入 {token}</code>").format(token=one.token))
    return lines


def to_invitation(item: OpenInvitation) -> str:
    return _("{person}的邀请").format(person=item.person)


def invitation(item: OpenInvitation) -> list[str]:
    return [
        words.bold(to_invitation(item)),
        _link(item),
        "",
        _("链接没有收到、找不到了，就换一条：原来的作废，新的再转给本人。"),
    ]


def to_renew() -> str:
    return _("换一条链接")


def to_revoke() -> str:
    return _("作废，不再邀请")


def revoked() -> str:
    return _("邀请已作废，这条链接不能用了。")


def post(item: HeldPost) -> list[str]:
    since = _("自{day}").format(day=words.day(day_of(item.since)))
    return [words.bold(words.typed(item.person)), _held(item), since]


def to_end() -> str:
    return _("结束职务")


def to_take_back() -> str:
    return _("链接点错了人")


def to_lost() -> str:
    return _("电话丢了")


def back() -> str:
    return _("返回")


def ask_reason(item: HeldPost) -> list[str]:
    return [*post(item), "", words.bold(_("为什么结束？"))]


def reasons() -> Mapping[EndReason, str]:
    return {
        EndReason.TERM: _("换届"),
        EndReason.MOVED: _("调整分工"),
        EndReason.LEFT: _("调离、退休"),
        EndReason.OTHER: _("其他原因"),
    }


def ask_day(item: HeldPost) -> list[str]:
    lines = [*post(item), "", words.bold(_("从哪一天起不再担任？"))]
    return [*lines, _("不论选哪天，按“确认”后马上看不到内容。")]


def ask_successor(item: HeldPost, count: int) -> list[str]:
    lines = [*post(item), "", words.bold(_("由谁接任？"))]
    if not count:
        lines.append(_("接任的人还没有邀请。可以先回到“更多”发邀请，再来办；也可以先不定。"))
    return lines


def nobody() -> str:
    return _("先不定")


def ask_sure(item: HeldPost, reason: EndReason, day: date, successor: str) -> list[str]:
    lines = [*post(item), "", _("原因：{reason}").format(reason=reasons()[reason])]
    lines.append(_("日期：{day}").format(day=words.day(day)))
    if successor:
        lines.append(_("接任：{person}").format(person=words.typed(successor)))
    return [*lines, "", _("确认后，对方马上看不到任何内容，对方发出的邀请也一起作废。")]


def sure() -> str:
    return _("确认")


def ended(item: EndedPost) -> list[str]:
    lines = [
        _("{person}（{role}）的职务已结束。").format(
            person=words.typed(item.person), role=words.post(item.role)
        )
    ]
    moved = handed(item.reports, item.committees, item.drafts)
    if item.successor:
        to = words.typed(item.successor)
        lines.append(_("已移交{person}：{moved}；其余待办按职务自动转过去，已经告诉接任的人。").format(
            person=to, moved=moved
        ))  # fmt: skip
    elif item.reports or item.committees:
        lines.append(_("等重新指定：{moved}。").format(moved=handed(item.reports, item.committees)))
    if item.drafts and not item.successor:
        lines.append(_("没填完的{n}份留着，下一位加入这个职务时转给他。").format(n=item.drafts))
    if item.dropped:
        lines.append(_("没填完的{n}份不转给别人，已经删除。").format(n=item.dropped))
    if item.cases:
        lines.append(_("有{n}件的介绍人或联系人要由支部另行确定。").format(n=item.cases))
    if item.revoked:
        lines.append(_("同时作废邀请{n}条。").format(n=item.revoked))
    return lines


def handed(reports: int, committees: int, drafts: int = 0) -> str:
    """What goes to somebody else by number."""
    parts = [
        _("群众反映{n}件").format(n=reports) if reports else "",
        _("分管党委{n}个").format(n=committees) if committees else "",
        _("没填完的{n}份").format(n=drafts) if drafts else "",
    ]
    return _("，").join(part for part in parts if part) or _("没有要单独转的")


def ask_take_back(item: HeldPost) -> list[str]:
    return [*post(item), "", _("点开链接的人马上退出，另发一条链接给本人。")]


def ask_lost(item: HeldPost) -> list[str]:
    return [*post(item), "", _("原来的账号马上退出，另发一条链接，本人用新账号接上原来的职务。")]


def new_link(person: str, link: str, token: str) -> str:
    said = _(
        "原来的链接或账号已经不能用了。给{name}的新链接，7天内有效，只能用一次：\n\n{link}\n\n"
        "请当面或打电话核实后，把这条消息转给本人。没有收到，可以回到“职务和邀请”再换一条。"
    ).format(name=words.typed(person), link=link)
    return f"{said}\n\n{in_words(token)}"
