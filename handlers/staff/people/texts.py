"""Joining and inviting."""

from domain.rulebook.schema import Role
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.people.people import VALID_FOR
from services.people.views import Actor


def joined(actor: Actor) -> str:
    return _("{name}，您已加入。\n\n{posts}\n\n按“待办”看要办的事。").format(
        name=words.typed(actor.name), posts=words.posts(actor)
    )


def ask_whether_it_is(name: str) -> str:
    return _("您是{name}吗？").format(name=words.typed(name))


def it_is(name: str) -> str:
    return _("是，我是{name}").format(name=name)


def it_is_not() -> str:
    return _("不是")


def confirmed(name: str) -> str:
    return _("您已确认是{name}。").format(name=words.typed(name))


def declined(told: bool) -> str:
    if told:
        return _("您没有加入。这条链接已经作废，已经告诉发邀请的同志。")
    return _("您没有加入，什么都没有改动。请告诉给您链接的人。")


def nobody_to_invite() -> str:
    return _("您现在没有可以邀请的人。")


def ask_role() -> str:
    return words.bold(_("邀请谁？"))


def ask_organisation(role: Role, places: int) -> list[str]:
    head = _("邀请{role}").format(role=words.post(role))
    if not places:
        return [head, _("还没有这一级的组织。请先在“更多”里登记组织。")]
    return [head, words.bold(_("到哪个组织？"))]


def ask_name(role: Role, organisation: str) -> list[str]:
    head = _("邀请{role}，{organisation}").format(
        role=words.post(role), organisation=words.typed(organisation)
    )
    return [head, words.bold(_("姓名？")), _("请输入对方的姓名。")]


def name_wanted() -> str:
    return _("请输入一个人的姓名，2到40个字，不带数字和符号。不要发身份证号。什么都没有存。")


def invitation(name: str, role: Role, link: str, token: str) -> str:
    said = _(
        "给{name}（{role}）的邀请链接，{days}天内有效，只能用一次：\n\n{link}\n\n"
        "把这条消息转给本人，点开链接、按“开始”、确认姓名就加入了。"
        "没有收到，可以到“更多-职务和邀请”换一条。"
    ).format(name=words.typed(name), role=words.post(role), link=link, days=VALID_FOR.days)
    return f"{said}\n\n{in_words(token)}"


def in_words(token: str) -> str:
    """To join where a messenger has no links that open a bot."""
    return _("链接点不开的，打开“引路”，发送：\n<code>加入 {token}</code>").format(token=token)
