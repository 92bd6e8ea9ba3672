"""Who is gone is out: posts end, links are revoked, a lost telephone is shut out."""

from datetime import timedelta
from itertools import product
from re import findall

import pytest
from sqlmodel import col, select

from benchmarks.statements import statements_of
from domain.calendar.office_hours import day_of
from domain.organisations import BRANCH
from domain.permissions import TABLE, ActPlace, Permission, may
from domain.rulebook.schema import Role
from domain.states import EndReason
from handlers.staff.messages.notifier import Notifier
from models import AuditLine, CaseHelper, Invitation, OutgoingRow, Person, PostRow, ReportRow
from models.messages import SendState
from models.people import ResponsibleRow
from services.container import build_services
from services.core.database import Database
from services.core.errors import LinkForAnother, NotAllowed, NotInvited, PostEnded
from services.core.heads import SeenHeads
from services.core.ports import URGENT, Message, Moot, Outgoing
from services.inspections.findings import CHECK
from services.messages.queue import enqueue
from services.messages.update_gaps import GAP
from services.people.people import LEVELS
from services.people.views import Actor, EndedPost, HeldPost
from tests.conftest import on_both
from tests.conversation.conftest import House
from tests.conversation.people import Somebody


async def post_of(house: House, actor: str, name: str) -> HeldPost:
    seen = await house.services.posts.overview(house.posts[actor], house.at)
    return next(item for item in seen.posts if item.person == name)


async def end(
    house: House, actor: str, name: str, reason: EndReason = EndReason.TERM, to: str | None = None
) -> EndedPost:
    post = await post_of(house, actor, name)
    day = day_of(house.at)
    return await house.services.posts.end(
        house.act(), house.posts[actor], post.post_id, reason, day, to and house.posts[to].person_id
    )


async def test_posts_of_many_branches_take_as_many_statements_as_of_few(
    house: House, committee: Somebody
) -> None:
    people, who, at = house.services.people, house.posts["委员乙"], house.at
    asked = statements_of(house.services.database)

    async def seen() -> tuple[int, int]:
        asked.clear()
        found = await house.services.posts.overview(who, at)
        return len(found.invitations), len(asked)

    async def branches(*names: str) -> None:
        for name in names:
            place = await people.add_organisation(
                house.act(), who, house.places["第一党委"], BRANCH, name
            )
            await people.invite(house.act(), who, Role.SECRETARY, place, f"{name}书记")

    await branches("第七支部")
    await seen()
    few, least = await seen()
    await branches("第八支部", "第九支部", "第十支部")
    # The tree of organisations, kept in memory, is read anew.
    await seen()
    assert await seen() == (few + 3, least)


@on_both
async def test_an_ended_post_sees_nothing_from_the_next_press_on(
    house: House, secretary: Somebody
) -> None:
    await house.services.cases.open(
        house.act(), house.posts["书记丙"], "额尔敦", house.places["第一支部"]
    )
    await secretary.says("待办")
    before = secretary.button("额尔敦")
    await end(house, "委员乙", "书记丙")
    for said in (
        await secretary.presses_again(*before),
        await secretary.says("待办"),
        await secretary.says("额尔敦"),
        await secretary.says("/invite"),
    ):
        assert "额尔敦" not in said
    with pytest.raises(PostEnded):
        await house.services.people.whoami(300)


@on_both
async def test_who_wrote_is_kept_only_while_no_process_changes_a_right(
    house: House, secretary: Somebody, second: Database
) -> None:
    other = build_services(second, house.services.procedure).people
    before = await other.whoami(300)
    assert await other.whoami(300) is before
    # Another process gives a name and takes the post.
    async with house.services.database.write() as session:
        (await session.get_one(Person, before.person_id)).name = "改名者"
    renamed = await other.whoami(300)
    assert (renamed.name, renamed.posts) == ("改名者", before.posts)
    await end(house, "委员乙", "改名者")
    with pytest.raises(PostEnded):
        await other.whoami(300)


async def test_an_open_dialog_goes_no_further_once_the_post_has_ended(
    house: House, secretary: Somebody
) -> None:
    await secretary.says("/invite")
    await secretary.presses("入党介绍人")
    await end(house, "委员乙", "书记丙")
    said = await secretary.says("王小红")
    assert "t.me" not in said
    async with house.services.database.read() as session:
        assert not (
            await session.exec(select(Invitation).where(Invitation.role == "introducer"))
        ).all()


async def test_a_post_that_ends_while_its_holder_confirms_enters_nothing_and_shows_nothing(
    house: House, secretary: Somebody, second: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await secretary.says("/invite")
    await secretary.presses("入党介绍人")
    people, ended = house.services.people, list[bool]()
    read = people.whoami

    async def read_and_ended(chat: int, heads: SeenHeads) -> Actor:
        actor = await read(chat, heads)
        if not ended:
            ended.append(True)
            await end(house, "委员乙", "书记丙")
        return actor

    monkeypatch.setattr(people, "whoami", read_and_ended)
    said = await secretary.says("王小红")
    assert "您在这里的职务已经结束" in said
    assert "王小红" not in said
    async with second.read() as session:
        invited = select(Invitation).where(Invitation.role == "introducer")
        assert not (await session.exec(invited)).all()
    assert "您在这里的职务已经结束" in await secretary.says("待办")


async def test_what_waits_to_be_said_to_somebody_who_is_out_stays_unsaid(
    house: House, secretary: Somebody, second: Database
) -> None:
    gone = house.posts["书记丙"].person_id
    async with house.services.database.write() as session:
        await enqueue(session, (gone,), Message("m", "gap", "s", {"hours": 30}, house.at))
    await end(house, "委员乙", "书记丙")
    assert await house.services.outgoing.claim(house.at + timedelta(minutes=5), "w") == ()
    async with second.read() as session:
        [row] = await session.exec(select(OutgoingRow).where(OutgoingRow.person_id == gone))
    assert row.state is SendState.MOOT


async def test_who_ended_a_post_why_and_when_is_kept_and_audited(
    house: House, secretary: Somebody, second: Database
) -> None:
    await end(house, "委员乙", "书记丙", EndReason.MOVED)
    async with second.read() as session:
        [row] = await session.exec(
            select(PostRow).where(PostRow.person_id == house.posts["书记丙"].person_id)
        )
        [line] = await session.exec(select(AuditLine).where(AuditLine.act == "end_post"))
    assert (row.end_reason, row.ended_on, row.ended_by) == (
        EndReason.MOVED, day_of(house.at), house.posts["委员乙"].person_id,
    )  # fmt: skip
    assert line.actor == house.posts["委员乙"].person_id


async def test_an_act_repeated_after_a_crash_ends_nothing_twice(
    house: House, secretary: Somebody
) -> None:
    post, act = await post_of(house, "委员乙", "书记丙"), house.act()
    first, second = [
        await house.services.posts.end(
            act, house.posts["委员乙"], post.post_id, EndReason.TERM, day_of(house.at)
        )
        for _ in range(2)
    ]
    assert first == second
    assert first.person == "书记丙"


async def test_a_day_to_come_is_refused(house: House, secretary: Somebody) -> None:
    post = await post_of(house, "委员乙", "书记丙")
    tomorrow = day_of(house.at) + timedelta(days=1)
    with pytest.raises(NotAllowed):
        await house.services.posts.end(
            house.act(), house.posts["委员乙"], post.post_id, EndReason.TERM, tomorrow
        )


async def test_nobody_ends_their_own_post_or_one_above(
    house: House, secretary: Somebody, other_secretary: Somebody, second: Database
) -> None:
    async with second.read() as session:
        posts = (await session.exec(select(PostRow))).all()
    for name, allowed in (
        ("书记丙", set()),
        ("委员乙", {"书记丙", "书记戊"}),
        ("主任甲", {"委员乙", "书记丙", "书记戊"}),
    ):
        actor = house.posts[name]
        mine = {house.posts[item].person_id for item in allowed}
        seen = await house.services.posts.overview(actor, house.at)
        assert {item.person_id for item in seen.posts} == mine
        for row in posts:
            if row.person_id not in mine:
                with pytest.raises(NotAllowed):
                    await house.services.posts.post(actor, row.id)
                with pytest.raises(NotAllowed):
                    await house.services.posts.lost_telephone(house.act(), actor, row.person_id)


async def test_an_organiser_hands_over_reports_and_committees_in_one_act(
    house: House, committee: Somebody, second: Database
) -> None:
    director = house.posts["主任甲"]
    await house.join(director, Role.ORGANISER, "组织部", "组织员己", 600)
    await house.join(director, Role.ORGANISER, "组织部", "组织员庚", 700)
    old, new = house.posts["组织员己"].person_id, house.posts["组织员庚"].person_id
    services = house.services
    await services.responsible.give(house.act(), director, house.places["第一党委"], old)
    report = await services.reports.register(house.act(), director, "letter", "来信", None)
    await services.reports.instruct(house.act(), director, report, old)
    post = await post_of(house, "主任甲", "组织员己")
    [choice] = await services.posts.successors(director, post.post_id, house.at)
    assert choice.name == "组织员庚"
    ended = await services.posts.end(
        house.act(), director, post.post_id, EndReason.TERM, day_of(house.at), choice.person_id
    )
    assert (ended.reports, ended.committees, ended.successor) == (1, 1, "组织员庚")
    async with second.read() as session:
        assert (await session.get_one(ReportRow, report)).organiser_id == new
        [charge] = await session.exec(select(ResponsibleRow))
    assert charge.person_id == new


async def test_without_a_successor_a_report_waits_for_the_director_again(
    house: House, second: Database
) -> None:
    director = house.posts["主任甲"]
    await house.join(director, Role.ORGANISER, "组织部", "组织员己", 600)
    report = await house.services.reports.register(house.act(), director, "letter", "来信", None)
    organiser = house.posts["组织员己"].person_id
    await house.services.reports.instruct(house.act(), director, report, organiser)
    await end(house, "主任甲", "组织员己", EndReason.LEFT)
    async with second.read() as session:
        row = await session.get_one(ReportRow, report)
    assert (row.organiser_id, row.state.value) == (None, "new")


async def test_only_somebody_of_the_same_post_takes_over(
    house: House, secretary: Somebody, other_secretary: Somebody
) -> None:
    with pytest.raises(NotAllowed):
        await end(house, "委员乙", "书记丙", to="书记戊")


async def test_a_revoked_link_lets_nobody_in(house: House, secretary: Somebody) -> None:
    token = await house.services.people.invite(
        house.act(), house.posts["委员乙"], Role.SECRETARY, house.places["第二支部"], "赵六"
    )
    seen = await house.services.posts.overview(house.posts["委员乙"], house.at)
    [link] = seen.invitations
    assert (link.person, link.role) == ("赵六", Role.SECRETARY)
    with pytest.raises(NotAllowed):
        await house.services.posts.revoke(house.act(), house.posts["书记丙"], link.invitation_id)
    await house.services.posts.revoke(house.act(), house.posts["委员乙"], link.invitation_id)
    with pytest.raises(NotInvited):
        await house.services.people.join(house.act(), 901, token, "zh")
    seen = await house.services.posts.overview(house.posts["委员乙"], house.at)
    assert seen.invitations == ()


async def test_all_introducers_who_have_not_joined_are_invited_in_one_message(
    house: House, secretary: Somebody, introducer: Somebody, second: Database
) -> None:
    chosen = house.posts["书记丙"], house.places["第一支部"]
    opened = await house.services.cases.open(house.act(), chosen[0], "张三", chosen[1])
    members = {one.name: one.person_id for one in await house.services.people.members(*chosen)}
    async with house.services.database.write() as session:
        for name in ("党员甲一", "党员甲二", "介绍丁"):
            given = {"role": Role.INTRODUCER.value, "since": house.at}
            person = members[name]
            session.add(CaseHelper(case_id=opened.case_id, person_id=person, **given))
    said = await secretary.says("/posts")
    assert "第一支部：党员甲一、党员甲二" in said
    assert "介绍丁" not in said.partition("还没有加入的介绍人、联系人")[2], "who has joined"
    button = secretary.button("给这2人各一条邀请链接")
    said = await secretary.presses_again(*button)
    assert "一人一条，7天内有效，只能用一次" in said
    links = dict(findall(r"<b>(.+)</b>\n<code>https://t\.me/\w+\?start=(.+)</code>", said))
    assert list(links) == ["党员甲一", "党员甲二"]
    for name, token in links.items():
        assert f"<code>加入 {token}</code>" in said
        assert await house.services.people.named_in(token, house.at) == name
    assert await secretary.is_handled_again() in ("", said), "the same links"

    assert "没有还没邀请的人了" in await secretary.presses_again(*button)
    assert said in [one.text for one in secretary.chat.values()], "pressed twice, they stand there"
    await _two_of_one_name(house, secretary, opened.case_id)
    newcomer = Somebody(house.line, 950)
    await newcomer.opens(links["党员甲二"])
    async with second.read() as session:
        rows = (await session.exec(select(Invitation))).all()
        joined = await session.get_one(Person, members["党员甲二"])
    invited = [row.person_id for row in rows]
    assert [invited.count(members[name]) for name in links] == [1, 1], "and not twice"
    assert joined.reachable, "the member who was named, and nobody new of that name"
    for name in ("委员乙", "介绍丁"):
        with pytest.raises(NotAllowed):
            await house.services.posts.unjoined(house.posts[name], chosen[1], house.at)
        with pytest.raises(NotAllowed):
            await house.services.posts.invite_unjoined(house.act(), house.posts[name], chosen[1])


async def _two_of_one_name(house: House, secretary: Somebody, case_id: str) -> None:
    """Sent to the other one, a link would let her in as her namesake."""
    actor, place = house.posts["书记丙"], house.places["第一支部"]
    other = await house.services.cases.open(house.act(), actor, "李四", place)
    async with house.services.database.write() as session:
        for case in (case_id, other.case_id):
            person = Person(organisation_id=place, full_member=True)
            person.name = "王芳"
            session.add(person)
            await session.flush()
            given = {"role": Role.CONTACT.value, "since": house.at}
            session.add(CaseHelper(case_id=case, person_id=person.id, **given))
    assert "王芳（李四）" in await secretary.says("/posts")
    said = await secretary.presses("给这2人各一条邀请链接")
    links = dict(findall(r"<b>(.+)</b>\n<code>https://t\.me/\w+\?start=(.+)</code>", said))
    assert {*links} == {"王芳（张三）", "王芳（李四）"}
    for token in links.values():
        assert await house.services.people.named_in(token, house.at) == "王芳"


async def test_a_link_that_somebody_who_is_gone_kept_back_is_no_way_in_again(
    house: House, secretary: Somebody
) -> None:
    token = await house.services.people.invite(
        house.act(), house.posts["书记丙"], Role.INTRODUCER, house.places["第一支部"], "王小红"
    )
    await end(house, "委员乙", "书记丙")
    with pytest.raises(NotInvited):
        await house.services.people.join(house.act(), 300, token, "zh")


async def test_a_lost_telephone_is_out_at_once_and_the_same_person_comes_back(
    house: House, secretary: Somebody
) -> None:
    person, outgoing = house.posts["书记丙"].person_id, house.services.outgoing

    async def queued(slot: str) -> Outgoing:
        message = Message("gap:x", GAP, slot, {"hours": 30}, house.at, URGENT)
        async with house.services.database.write() as session:
            await enqueue(session, (person,), message)
        [claimed] = await outgoing.claim(house.at, "w")
        return claimed

    await outgoing.sent((await queued("1")).ids, 5, house.at)
    later = await queued("2")
    assert later.edits == 5
    await outgoing.sent(later.ids, 5, house.at)
    token = await house.services.posts.lost_telephone(house.act(), house.posts["委员乙"], person)
    with pytest.raises(NotInvited):
        await house.services.people.whoami(300)
    assert "要一条邀请" in await secretary.says("待办")
    with pytest.raises(LinkForAnother):
        await house.services.people.join(house.act(), 200, token, "zh")
    back = await house.services.people.join(house.act(), 301, token, "zh")
    assert (back.person_id, back.posts) == (person, house.posts["书记丙"].posts)
    # In the new chat 5 is another message.
    assert (await queued("3")).edits is None
    with pytest.raises(NotInvited):
        await house.services.people.whoami(300)


async def test_a_link_never_makes_a_way_into_a_higher_post(
    house: House, secretary: Somebody
) -> None:
    """A committee's officer whose telephone was lost has no chat: who could invite this person to
    a lower post would come in with the higher one."""
    officer = house.posts["委员乙"].person_id
    await house.services.posts.lost_telephone(house.act(), house.posts["主任甲"], officer)
    with pytest.raises(NotAllowed):
        await house.services.people.invite(
            house.act(), house.posts["书记丙"], Role.INTRODUCER, house.places["第一支部"],
            person_id=officer,
        )  # fmt: skip


async def test_a_second_chat_comes_in_only_after_the_first_was_taken_out(
    house: House, secretary: Somebody
) -> None:
    token = await house.services.people.invite(
        house.act(), house.posts["委员乙"], Role.SECRETARY, house.places["第二支部"],
        person_id=house.posts["书记丙"].person_id,
    )  # fmt: skip
    with pytest.raises(LinkForAnother):
        await house.services.people.join(house.act(), 999, token, "zh")
    joined = await house.services.people.join(house.act(), 300, token, "zh")
    assert len(joined.posts) == 2


async def test_who_opened_a_link_by_mistake_is_taken_out_and_the_right_one_comes_in(
    house: House, secretary: Somebody, second: Database
) -> None:
    await house.join(house.posts["委员乙"], Role.SECRETARY, "第二支部", "赵六", 901)
    post = await post_of(house, "委员乙", "赵六")
    given = await house.services.posts.take_back(house.act(), house.posts["委员乙"], post.post_id)
    with pytest.raises(NotInvited):
        await house.services.people.whoami(901)
    right = await house.services.people.join(house.act(), 902, given.token, "zh")
    assert (right.person_id, right.name) == (post.person_id, "赵六")
    async with second.read() as session:
        rows = await session.exec(
            select(PostRow).where(PostRow.person_id == post.person_id).order_by(col(PostRow.since))
        )
        assert [row.end_reason for row in rows] == [EndReason.MISTAKE, None]


async def test_an_introducer_who_is_gone_helps_in_no_case(
    house: House, introducer: Somebody, second: Database
) -> None:
    await end(house, "书记丙", "介绍丁")
    with pytest.raises(PostEnded):
        await house.services.people.whoami(400)


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize("role", list(LEVELS))
async def test_every_act_of_every_role_at_every_place_and_nothing_once_the_post_has_ended(
    house: House, secretary: Somebody, role: Role, ended: bool
) -> None:
    """What a post allows is what the table says, wherever it is held; ended, it allows nothing."""
    at = {"department": "组织部", "committee": "第一党委", "branch": "第一支部"}[LEVELS[role]]
    inviter = {"department": "主任甲", "committee": "主任甲", "branch": "委员乙"}[LEVELS[role]]
    if role is Role.INTRODUCER:
        inviter = "书记丙"
    await house.join(house.posts[inviter], role, at, "某某", 950)
    if ended:
        await end(house, inviter, "某某", EndReason.LEFT)
    actor = await actor_of_person(house, "某某")
    paths = {
        "组织部": ("组织部",), "第一党委": ("第一党委", "组织部"),
        "第一支部": ("第一支部", "第一党委", "组织部"),
        "第二支部": ("第二支部", "第一党委", "组织部"),
    }  # fmt: skip
    asked = 0
    for permission, (place, path) in product(Permission, paths.items()):
        where = ActPlace(house.places[place], tuple(house.places[name] for name in path))
        expected = not ended and role in TABLE[permission] and at in path
        if role is Role.INTRODUCER:
            expected = False
        assert may(permission, actor.posts, where) is expected, (permission, place)
        asked += 1
    assert asked == len(Permission) * 4


async def actor_of_person(house: House, name: str) -> Actor:
    person = house.posts[name].person_id
    async with house.services.database.read() as session:
        assert await session.get(Person, person) is not None
    return await house.services.people.actor(person)


@on_both
async def test_a_secretary_is_followed_by_another_in_the_chat(
    house: House, committee: Somebody, secretary: Somebody
) -> None:
    await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "新书记", 350)
    await committee.says("更多")
    await committee.presses("职务和邀请")
    await committee.presses("书记丙")
    await committee.presses("结束职务")
    await committee.presses("换届")
    await committee.presses(committee.choices[0])
    said = await committee.presses("新书记")
    assert "接任：新书记" in said
    assert "已结束" in await committee.presses("确认")
    assert "职务已经结束" in await secretary.says("待办")
    listed = await committee.presses("返回")
    assert "新书记" in listed
    assert "书记丙" not in listed


async def test_a_new_telephone_in_the_chat(
    house: House, committee: Somebody, secretary: Somebody
) -> None:
    await committee.says("/posts")
    await committee.presses("书记丙")
    await committee.presses("电话丢了")
    said = await committee.presses("确认")
    token = said.split("start=")[1].split()[0]
    assert "要一条邀请" in await secretary.says("待办")
    assert "给另一位同志" in await committee.opens(token)
    assert "书记丙，您已加入" in await house.somebody(360).opens(token)


async def test_an_invitation_is_revoked_in_the_chat(house: House, committee: Somebody) -> None:
    await committee.says("/invite")
    await committee.presses("支部书记")
    await committee.presses("第二支部")
    token = (await committee.says("赵六")).split("start=")[1].split()[0]
    await committee.says("/posts")
    await committee.presses("赵六的邀请")
    assert "作废" in await committee.presses("作废，不再邀请")
    assert "过期" in await house.somebody(370).says(f"/start {token}")


async def test_a_message_that_was_claimed_before_the_post_ended_stays_unsaid(
    house: House, secretary: Somebody
) -> None:
    """A branch's list of defects is shown to whoever holds its post, and to nobody who held it."""
    message = Outgoing(
        "m", house.posts["书记丙"].person_id, 300, "zh", "check:x", CHECK, {"check": "x"}
    )
    await end(house, "委员乙", "书记丙")
    with pytest.raises(Moot):
        await Notifier(house.line.bot, house.services, house.now).deliver(message)
