"""Who holds what and who is invited: ending, revoking, taking back, a lost telephone.

Every choice stands in the button, so that an old one is checked anew by the service it calls.
"""

from datetime import date, datetime, timedelta

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, Message
from aiogram.utils.deep_linking import create_start_link

from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.paging import turning
from handlers.staff.common.replies import Row, fit, show, tell
from handlers.staff.people import posts_texts as texts
from handlers.staff.people.callbacks import (
    EndPostCallback,
    InvitedCallback,
    InviteUnjoinedCallback,
    LostPhoneCallback,
    OpenPostCallback,
    PostsPageCallback,
    RenewCallback,
    RevokeCallback,
    TakeBackCallback,
)
from handlers.staff.shared import texts as words
from services.container import Services
from services.core.acts import Acts
from services.people.people import branches
from services.people.views import Actor, HeldPost, NewLink, OpenInvitation

DAYS = 14
NOBODY = "-"
A_PAGE = 8


async def overview(
    event: Message | CallbackQuery, services: Services, actor: Actor, moment: datetime
) -> None:
    await _list(event, services, actor, moment)


async def turn(
    query: CallbackQuery,
    callback_data: PostsPageCallback,
    services: Services,
    actor: Actor,
    moment: datetime,
) -> None:
    await _list(query, services, actor, moment, page=callback_data.page)


async def _list(
    event: Message | CallbackQuery,
    services: Services,
    actor: Actor,
    moment: datetime,
    said: str = "",
    page: int = 0,
) -> None:
    """Posts first, then open links, a page of both at a time."""
    found = await services.posts.overview(actor, moment)
    # In one list, so that both share its pages.
    items: list[HeldPost | OpenInvitation] = [*found.posts, *found.invitations]
    pages = max(1, -(-len(items) // A_PAGE))
    page = min(page, pages - 1)
    shown = items[page * A_PAGE : (page + 1) * A_PAGE]
    rows: list[Row] = [[_button(item)] for item in shown]
    rows.append(turning(page, pages, lambda number: PostsPageCallback(page=number)))
    lines = texts.overview(shown)
    for branch in branches(actor):
        if left := await services.posts.unjoined(actor, branch.organisation_id, moment):
            lines += texts.unjoined(branch.organisation, left)
            invite = InviteUnjoinedCallback(organisation=branch.organisation_id)
            rows.append([(texts.to_invite_unjoined(len(left)), invite)])
    await show(event, fit([said, *lines]), rows)


def _button(item: HeldPost | OpenInvitation) -> tuple[str, CallbackData]:
    if isinstance(item, OpenInvitation):
        return texts.to_invitation(item), InvitedCallback(link=item.invitation_id)
    return f"{item.person} · {words.post(item.role)}", OpenPostCallback(post=item.post_id)


async def invite_unjoined(
    query: CallbackQuery,
    callback_data: InviteUnjoinedCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    given = await services.posts.invite_unjoined(act("invite"), actor, callback_data.organisation)
    if not given or query.bot is None:
        await show(query, texts.all_invited(), [_back()])
        return
    links = [(one, await create_start_link(query.bot, one.token)) for one in given]
    # Below the list and without buttons: what a second press shows would take the list's place, and
    # the links can't be had again.
    await tell(query, fit(texts.new_links(links)))


async def invitation(
    query: CallbackQuery,
    callback_data: InvitedCallback,
    services: Services,
    actor: Actor,
    moment: datetime,
) -> None:
    item = await services.posts.invitation(actor, callback_data.link, moment)
    renew = (texts.to_renew(), RenewCallback(link=item.invitation_id))
    revoke_ = (texts.to_revoke(), RevokeCallback(link=item.invitation_id))
    await show(query, fit(texts.invitation(item)), [[renew], [revoke_], _back()])


async def post(
    query: CallbackQuery, callback_data: OpenPostCallback, services: Services, actor: Actor
) -> None:
    item = await services.posts.post(actor, callback_data.post)
    rows: list[Row] = [
        [(texts.to_end(), EndPostCallback(post=item.post_id))],
        [
            (texts.to_lost(), LostPhoneCallback(post=item.post_id)),
            (texts.to_take_back(), TakeBackCallback(post=item.post_id)),
        ],
        _back(),
    ]
    await show(query, fit(texts.post(item)), rows)


async def end(
    query: CallbackQuery,
    callback_data: EndPostCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    today: date,
) -> None:
    """End a post: ask for reason, day and successor one after the other, each kept in the buttons,
    then for a confirmation."""
    data = callback_data
    if data.sure and data.reason is not None and data.days is not None:
        # Before anything is read: handled again after a lost answer, the post has ended already.
        day, to = today - timedelta(days=data.days), data.successor
        successor = None if to == NOBODY else to
        done = await services.posts.end(act("end"), actor, data.post, data.reason, day, successor)
        await show(query, fit(texts.ended(done)), [_back()])
        return
    # A post that has ended meanwhile is refused here, before a question is asked about it.
    item = await services.posts.post(actor, data.post)
    if data.reason is None:
        rows: list[Row] = [
            [(label, EndPostCallback(post=data.post, reason=reason))]
            for reason, label in texts.reasons().items()
        ]
        await show(query, fit(texts.ask_reason(item)), [*rows, _back()])
    elif data.days is None:
        # Days back, not dates: two digits leave room for the ids in a button's 64 bytes.
        days = [today - timedelta(days=back) for back in range(DAYS)]
        buttons = [
            (words.short_day(day, today), data.model_copy(update={"days": back}))
            for back, day in enumerate(days)
        ]
        rows = [buttons[start : start + 3] for start in range(0, DAYS, 3)]
        await show(query, fit(texts.ask_day(item)), [*rows, _back()])
    else:
        await _finish(query, data, services, actor, act.at, today - timedelta(days=data.days), item)


async def _finish(
    query: CallbackQuery,
    data: EndPostCallback,
    services: Services,
    actor: Actor,
    moment: datetime,
    day: date,
    item: HeldPost,
) -> None:
    found = await services.posts.successors(actor, data.post, moment)
    names = {choice.person_id: choice.name for choice in found}
    if data.reason is None or not data.successor:
        rows: list[Row] = [
            [(name, data.model_copy(update={"successor": person}))]
            for person, name in names.items()
        ]
        nobody: Row = [(texts.nobody(), data.model_copy(update={"successor": NOBODY}))]
        await show(query, fit(texts.ask_successor(item, len(names))), [*rows, nobody, _back()])
    else:
        lines = texts.ask_sure(item, data.reason, day, names.get(data.successor, ""))
        confirm: Row = [(texts.sure(), data.model_copy(update={"sure": True}))]
        await show(query, fit(lines), [confirm, _back()])


async def revoke(
    query: CallbackQuery,
    callback_data: RevokeCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    moment: datetime,
) -> None:
    await services.posts.revoke(act("revoke"), actor, callback_data.link)
    await _list(query, services, actor, moment, texts.revoked())


async def renew(
    query: CallbackQuery, callback_data: RenewCallback, services: Services, actor: Actor, act: Acts
) -> None:
    await _show_link(query, await services.posts.renew(act("renew"), actor, callback_data.link))


async def take_back(
    query: CallbackQuery,
    callback_data: TakeBackCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    if not callback_data.sure:
        item = await services.posts.post(actor, callback_data.post)
        confirm: Row = [(texts.sure(), TakeBackCallback(post=item.post_id, sure=True))]
        await show(query, fit(texts.ask_take_back(item)), [confirm, _back()])
        return
    given = await services.posts.take_back(act("take back"), actor, callback_data.post)
    await _show_link(query, given)


async def lost_phone(
    query: CallbackQuery,
    callback_data: LostPhoneCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    item = await services.posts.post(actor, callback_data.post)
    if not callback_data.sure:
        confirm: Row = [(texts.sure(), LostPhoneCallback(post=item.post_id, sure=True))]
        await show(query, fit(texts.ask_lost(item)), [confirm, _back()])
        return
    token = await services.posts.lost_telephone(act("lost"), actor, item.person_id)
    await _show_link(query, NewLink(item.person, token))


async def _show_link(query: CallbackQuery, given: NewLink) -> None:
    if query.bot is not None:
        link = await create_start_link(query.bot, given.token)
        # Without buttons, so that no later screen takes its place: it can't be had again.
        await show(query, texts.new_link(given.person, link, given.token))


def _back() -> Row:
    return [(texts.back(), GoCallback(place=Destination.POSTS))]


def build() -> Router:
    router = Router(name="posts")
    router.message.register(overview, Command("posts"))
    router.callback_query.register(overview, GoCallback.filter(F.place == Destination.POSTS))
    router.callback_query.register(post, OpenPostCallback.filter())
    router.callback_query.register(end, EndPostCallback.filter())
    router.callback_query.register(turn, PostsPageCallback.filter())
    router.callback_query.register(invitation, InvitedCallback.filter())
    router.callback_query.register(invite_unjoined, InviteUnjoinedCallback.filter())
    router.callback_query.register(renew, RenewCallback.filter())
    router.callback_query.register(revoke, RevokeCallback.filter())
    router.callback_query.register(take_back, TakeBackCallback.filter())
    router.callback_query.register(lost_phone, LostPhoneCallback.filter())
    return router
