"""From the application to the archive under the real rules, and under those of another city, every
step through the conversation."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import pytest
from sqlmodel import select

from docs import taps
from docs.rulebook import EXAMPLES
from domain.calendar.office_hours import day_of, is_open
from domain.case.facts import OpenStep
from domain.rulebook.schema import Field, FieldType, Role, Step
from domain.states import Status
from handlers.staff.form.session import Previews
from models import Draft
from services.casefile.procedure import Procedure
from services.cases.views import CaseCard
from services.container import procedure_of
from services.core.database import Database
from services.people.people import actor_by_chat
from tests.conversation.conftest import House, make_house
from tests.conversation.counted import Counted, Tally
from tests.conversation.people import Somebody
from tests.conversation.screens import answer_screen, open_on, saving
from tests.conversation.test_notifier import deliver_all
from tests.domain.walk import review
from tests.plans.chat import soon_planned

DAYS = {"born_on": "1995-05-05", "began_on": "前天"}
LINE = "有表决权20 应到20 实到20 同意20 不同意0"
TEXT = "情况属实，表现良好。"
JOINING, REGISTERING, SIGNATURES = "joining", "registering", "signatures"
MEMBERS = ("党员甲一", "党员甲二")


@pytest.fixture
def procedure(request: pytest.FixtureRequest) -> Procedure:
    """Of Yakeshi, or of the city that a story names."""
    return procedure_of(getattr(request, "param", "yakeshi"), folder=EXAMPLES)


@pytest.fixture
async def house(database: Database, procedure: Procedure) -> House:
    return await make_house(database, procedure)


def offers(person: Somebody, data: str) -> bool:
    return data in [button.callback_data for button in person.screen.buttons]


@dataclass(repr=False)
class Walker:
    """Takes every step with the first answer that moves the case on, as somebody who knows the
    shortest way."""

    house: House
    case: str
    people: dict[Role, Somebody]
    tally: Tally
    introducers: tuple[str, ...] = ("介绍丁", "党员甲一")

    @property
    def today(self) -> date:
        return day_of(self.house.at)

    async def card(self) -> CaseCard:
        actor = self.house.posts["书记丙"]
        return await self.house.services.cases.card(actor, self.case, self.today)

    async def wait(self, following: OpenStep, again: tuple[Step, date] | None) -> None:
        """Let the days pass that the rules ask for, with what comes again meanwhile."""
        untils = [item.until for item in following.blockers if item.until is not None]
        assert untils, following.blockers
        if again is None or again[1] >= max(untils):
            await self.pass_days((max(untils) - self.today).days)
            return
        # Its last day may be a Sunday, and the day after it is too late.
        last, calendar = again[1], self.house.services.procedure.calendar
        while not calendar.is_working(last):
            last -= timedelta(days=1)
        await self.pass_days((last - self.today).days)
        await self.take(again[0])

    async def pass_days(self, days: int) -> None:
        """Until people work again; what has to be told is told then."""
        self.house.pass_days(days)
        while not is_open(self.house.at, self.house.services.procedure.calendar):
            self.house.pass_days(1)
        await self.house.services.reminders.look(self.house.at)

    async def take(self, step: Step) -> str:
        self.tally.at = step.id
        if step.planned:
            above = self.people[Role.COMMITTEE], self.people[Role.ORGANISER]
            tell = partial(deliver_all, self.house)
            said = await soon_planned(self.people[Role.SECRETARY], *above, tell)
            assert "已保存：张三" in said, said
            return said
        if any(field.id in DAYS and field.id != "born_on" for field in step.fields):
            # It began the day before yesterday, which has to come after the step before.
            await self.pass_days(3)
        person = self.people[step.actors[0]]
        await self.open(person, step)
        said = await self.fill(person, step)
        assert "已保存：张三" in said, said
        return said

    async def open(self, person: Somebody, step: Step) -> None:
        """By the button below what was saved last, by that of what they were told, or by what waits
        for them; the first opens with the case."""
        if person.screen.text.startswith(f"张三 · {step.id} {step.title.zh} · "):
            return
        data = f"f:{self.case}:{step.id}"
        if not offers(person, data):
            await deliver_all(self.house)
        if not offers(person, data):
            await person.says("待办")
        await person.presses_again(person.screen.message_id, data)

    async def fill(self, person: Somebody, step: Step, until: str = "") -> str:
        """Answer question after question, up to the field `until` or until it is saved."""
        for _ in range(60):
            if "确认，保存" in person.choices:
                return await person.presses("确认，保存")
            if not until and (last := saving(person, step, self.said)):
                return await person.presses_again(person.screen.message_id, last)
            if open_now := open_on(person, step):
                if until in {field.id for field in open_now}:
                    return ""
                await answer_screen(person, open_now, LINE, self.said)
            elif [field for field in step.fields if field.together] and (
                "下一项 ›" in person.choices and "可以往下走了" in person.screen.text
            ):
                await person.presses("下一项 ›")
            else:
                field = self.asked(person, step)
                if field.id == until:
                    return ""
                await self.answer(person, field)
        raise AssertionError(person.screen.text)

    def said(self, field: Field) -> str:
        if field.type is FieldType.FLAG:
            return "0" if field.id in ("objections", "leaving", "mobile") else "1"
        if field.type is FieldType.NUMBER:
            return str(field.minimum or 6)
        if field.type is FieldType.CHOICE:
            return field.options[0].text.zh
        return DAYS.get(field.id, "今天") if field.type is FieldType.DATE else TEXT

    async def go(self, taken: list[str], until: str = "") -> None:
        """Take step after step, sign and wait, up to the step `until` or to the end."""
        for _ in range(120):
            following = (await self.card()).progress.moving
            if following is None or following.step.id == until:
                return
            if following.waits_for:
                await self.sign()
            elif not following.possible:
                await self.wait(following, review((await self.card()).progress))
            else:
                taken.append(following.step.id)
                await self.take(following.step)

    async def sign(self) -> None:
        self.tally.at = SIGNATURES
        secretary, introducer = self.people[Role.SECRETARY], self.people[Role.INTRODUCER]
        assert "已签字" in await secretary.presses("已在纸上签字")
        await deliver_all(self.house)
        # By the button of the wish to sign, above what was told after it.
        await introducer.presses("核对，签字")
        assert "已签字" in await introducer.presses("核对无误，签字")

    def asked(self, person: Somebody, step: Step) -> Field:
        labels = [f"<b>{field.label.zh}</b>" for field in step.fields]
        found = [
            field
            for field, label in zip(step.fields, labels, strict=True)
            if label in person.screen.text
        ]
        assert found, person.screen.text
        return found[0]

    async def answer(self, person: Somebody, field: Field) -> None:
        if field.optional:
            await person.presses("跳过")
        elif field.type is FieldType.DATE:
            if field.id in DAYS:
                await person.says(DAYS[field.id])
            else:
                await person.presses("今天")
        elif field.type is FieldType.NUMBER and field.count:
            await person.says(LINE)
        elif field.type is FieldType.NUMBER:
            await self.number(person, str(field.minimum or 6))
        elif field.type is FieldType.TEXT:
            await person.says(TEXT)
        elif field.type is FieldType.FLAG:
            await person.presses("否" if field.id in ("objections", "leaving", "mobile") else "是")
        elif field.type is FieldType.CHOICE:
            await person.presses(field.options[0].text.zh[:20])
        else:
            await self.list(person, field)

    async def number(self, person: Somebody, said: str) -> None:
        if said in person.choices:
            await person.presses(said)
        else:
            await person.says(said)

    async def list(self, person: Somebody, field: Field) -> None:
        if field.type is FieldType.PROOF:
            await person.shows_photo(b"photo")
        elif field.type is FieldType.CHECKLIST:
            await person.presses("全部点上")
        elif field.type is FieldType.PERSON:
            await person.presses(MEMBERS[0])
            return
        elif field.type is FieldType.PERSONS:
            for name in self.introducers[: field.minimum or 1]:
                if f"✓ {name}" not in person.choices:
                    await person.presses(name)
            if field.minimum == field.maximum:
                # With as many as there may be it goes on by itself.
                return
        else:
            await person.presses(field.options[0].text.zh[:20])
        if "确认，保存" not in person.choices:
            await person.presses("下一项 ›")


async def joined(
    house: House,
    talks: Callable[[int], Somebody],
    inviter: str,
    role: Role,
    place: str,
    name: str,
    chat_id: int,
) -> Somebody:
    """Somebody who joins in the chat, as everybody in a house does. `talks`: to whom a chat is."""
    people = house.services.people
    token = await people.invite(house.act(), house.posts[inviter], role, house.places[place], name)
    person = talks(chat_id)
    await person.opens(token)
    async with house.services.database.read() as session:
        house.posts[name], _ = await actor_by_chat(session, chat_id)
    return person


@pytest.fixture
async def walker(house: House) -> Walker:
    tally = Tally(JOINING)
    return await registered(house, tally, lambda chat: Counted(house.line, chat, tally=tally))


async def registered(house: House, tally: Tally, talks: Callable[[int], Somebody]) -> Walker:
    """Everybody has joined, and the case is there."""
    post = partial(joined, house, talks)
    committee = await post("主任甲", Role.COMMITTEE, "第一党委", "委员乙", 200)
    organiser = await post("主任甲", Role.ORGANISER, "组织部", "组织员庚", 600)
    secretary = await post("委员乙", Role.SECRETARY, "第一支部", "书记丙", 300)
    for name in MEMBERS:
        await house.services.people.add_member(
            house.act(), house.posts["书记丙"], house.places["第一支部"], name
        )
    introducer = await post("书记丙", Role.INTRODUCER, "第一支部", "介绍丁", 400)
    tally.at = REGISTERING
    await secretary.says("开始新的一件")
    await secretary.says("张三")
    await secretary.presses("登记，接着填第一步")
    case = secretary.button("开始填写")[1].split(":")[1]
    people: dict[Role, Somebody] = {
        Role.SECRETARY: secretary,
        Role.COMMITTEE: committee,
        Role.ORGANISER: organiser,
        Role.INTRODUCER: introducer,
        Role.CONTACT: secretary,
    }
    return Walker(house, case, people, tally)


async def test_the_whole_way(walker: Walker) -> None:
    taken: list[str] = []
    await walker.go(taken)
    card = await walker.card()
    assert card.progress.status is Status.ARCHIVED
    assert {"8a", "14a", "15", "17a", "21a", "22c", "22d", "23", "24", "24b", "25"} <= set(taken)
    assert card.progress.next is None
    at_most(walker.tally)
    seen = await walker.people[Role.SECRETARY].presses_again(1, f"c:{walker.case}:d")
    assert "已归档" in seen
    await wrongly_admitted(walker)
    assert walker.today > date(2026, 11, 23) + timedelta(days=365 * 2)


def at_most(tally: Tally) -> None:
    """No step takes more taps or messages than `docs/taps.md` says; one that takes fewer has the
    page made anew."""
    walked = {name: (taps, messages) for name, (taps, messages) in tally.counts.items()}
    if os.environ.get(taps.WRITE):
        taps.store(walked)
    said = {name: (count.taps, count.messages) for name, count in taps.read().items()}
    assert walked == said, "a step takes other taps: make taps"
    assert sum(count for count, _ in walked.values()) <= taps.MOST_TAPS
    assert sum(count for _, count in walked.values()) <= taps.MOST_MESSAGES


@pytest.mark.slow
async def test_the_whole_way_where_the_answer_to_everything_is_lost_once(
    walker: Walker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each press and text is handled again, by a process that has nothing in memory of it."""
    monkeypatch.setattr(Previews, "get", lambda cache, key: None)
    walker.house.line.fault = "lost"
    await walker.go([])
    assert (await walker.card()).progress.status is Status.ARCHIVED
    assert walker.house.line.failed > 100


async def test_a_birth_is_written_without_a_calendar_and_checked_at_once(
    walker: Walker, second: Database
) -> None:
    secretary = walker.people[Role.SECRETARY]
    asked = "<b>申请人的出生日期？</b>"
    said = await secretary.presses("开始填写")
    assert asked in said
    assert "例如 1998-03-15" in said
    assert not [label for label in secretary.choices if "月" in label]
    said = await secretary.says("昨天")
    assert "哪一天收到入党申请书　<b>2026年11月22日</b>" in said, "no birth was yesterday"
    assert asked in said
    said = await secretary.says("11月22日\n汉族\n东山村村民，养牛")
    assert "申请人的出生日期：“11月22日”没有写年份。请写成 1998-11-22 或者1998年11月22日。" in said
    assert "刚才的3行都没有保存，前面填的都在。" in said
    said = await secretary.says("1998-13-15\n汉族\n东山村村民")
    assert "“1998-13-15”：没有这一天，或者看不出是哪一天。请写成 1998-11-22 或者1998年" in said
    assert "刚才的3行都没有保存，前面填的都在。" in said
    assert "申请人的民族？" in said, "as it says, none of them was taken"
    said = await secretary.says("2020-03-04\n汉族\n东山村村民")
    assert (
        "“申请人的出生日期”刚写的是2020年3月4日，和“哪一天收到入党申请书”对不上："
        "申请人须年满十八岁，最早2038年3月4日。"
    ) in said
    assert said.endswith("这个日子没有保存，其余的都在。"), said
    assert asked in said
    assert "申请人的民族　<b>汉族</b>" in said, "as it says, the rest is kept"
    assert "<b>东山村村民</b>" in said
    async with second.read() as session:
        stored = (await session.exec(select(Draft))).one().answers
    assert {"nation": "汉族", "unit": "东山村村民"}.items() <= stored.items()
    assert "born_on" not in stored
    said = await secretary.says("1870年5月5日")
    assert "1900年到2199年没有这一天" in said
    assert "刚才的没有保存，前面填的都在" in said
    assert "日历" not in said
    said = await secretary.says("98年3月15日")
    assert "<b>申请人的性别？</b>" in said
    assert "申请人的出生日期　<b>1998年3月15日</b>" in said
    assert "工作单位和职务" in said
    assert asked not in said, "what was written stands there"
    said = await secretary.says("2020-03-04")
    assert "这个日子没有保存，其余的都在。" in said
    assert "申请人的出生日期　<b>1998年3月15日</b>" in said, "the one before stands"
    said = await secretary.says("1999-04-05")
    assert "申请人的出生日期　<b>1999年4月5日</b>" in said
    assert "文化程度　<b>大学</b>" in await secretary.says("大学")
    assert "职业类别？" in await secretary.presses("③ 男")


async def test_particulars_are_written_in_one_message_choices_included(walker: Walker) -> None:
    secretary = walker.people[Role.SECRETARY]
    await secretary.presses("开始填写")
    said = await secretary.says("1998-03-15\n女的\n蒙古族\n大学\n教育局科员")
    assert "没有看懂。现在要填：申请人的性别？" in said
    assert "申请人的出生日期？" in said, "all of it or none"
    said = await secretary.says("今天\n女\n1998-03-15\n蒙古族\n大学\n教育局科员")
    assert "收到6行，这里要写3行：申请人的出生日期、申请人的民族、工作单位和职务。没有存" in said
    assert "申请人的民族？" in said
    assert "职业类别？" in await secretary.says("1998-03-15\n女\n蒙古族\n大学\n教育局科员")
    said = await secretary.presses("‹ 上一项")
    for answer in ("性别　<b>女", "民族　<b>蒙古族", "文化程度　<b>大学", "职务　<b>教育局科员"):
        assert answer in said


async def test_particulars_may_be_numbered_the_day_included(walker: Walker) -> None:
    secretary = walker.people[Role.SECRETARY]
    await secretary.presses("开始填写")
    said = await secretary.says("一、1998-03-15\n二、蒙古族\n三、教育局科员\n四、大学")
    assert "这里只有3项要写，您分了4项。前面填的都在。" in said
    said = await secretary.says("一、1998-03-15\n二、蒙古族\n三、教育局科员")
    assert "申请人的出生日期　<b>1998年3月15日</b>" in said
    assert "申请人的民族　<b>蒙古族</b>" in said
    assert "工作单位和职务　<b>教育局科员</b>" in said
    assert "<b>申请人的性别？</b>" in said


async def wrongly_admitted(walker: Walker) -> None:
    """That it was wrong comes out after the archive: the committee says so, the branch announces it
    (N41)."""
    committee, secretary = walker.people[Role.COMMITTEE], walker.people[Role.SECRETARY]
    assert "其他事项" not in secretary.choices
    walker.house.pass_days(90)
    await committee.presses_again(1, f"c:{walker.case}:")
    await committee.presses("其他事项")
    await committee.presses("违规吸收的不予承认")
    step = (await walker.card()).rulebook.step("not_recognised")
    await walker.fill(committee, step, until="conclusion")
    await committee.presses("不予承认，办理终止")
    assert "已保存：张三" in await committee.presses("确认，保存")
    assert (await walker.card()).progress.status is Status.ENDED
    await walker.take((await walker.card()).rulebook.step("wrongly_told"))
    assert (await walker.card()).progress.open == ()
    assert "已归档" not in await secretary.presses_again(1, f"c:{walker.case}:d")


@pytest.mark.slow
@pytest.mark.parametrize("procedure", ["linhe"], indirect=True)
async def test_the_whole_way_of_a_city_with_other_rules(
    walker: Walker,
) -> None:
    """A visit at home, seven working days of notice, two thirds of the committee; no ballots at
    three levels, no yearly plan."""
    secretary, committee = walker.people[Role.SECRETARY], walker.people[Role.COMMITTEE]
    taken: list[str] = []
    await walker.go(taken, until="8a")
    assert taken[:3] == ["1", "2", "2a"]
    said = await secretary.presses_again(1, f"k:{walker.case}:8a")
    assert "不少于7个工作日（临河县实施办法）" in said
    assert "牙克石" not in said
    said = await secretary.says("/plan")
    assert "《细则》和临河县实施办法没有要求逐人列入年度发展计划" in said
    assert "上级党委同意后公示（《细则》第13条）" in said
    assert "申报" not in secretary.choices
    await walker.go(taken, until="17")
    posted = taken.index("8a")
    assert taken[posted : posted + 2] == ["8a", "8b"]
    await two_of_three(walker, committee)
    await walker.go(taken)
    card = await walker.card()
    assert (card.progress.status, card.progress.next) == (Status.ARCHIVED, None)
    assert not {"7a", "14a", "17a", "21a", "22a", "22b", "22c"} & set(taken)
    for person in (secretary, committee):
        assert not [seen for seen in person.chat.values() if "牙克石" in seen.text]


async def two_of_three(walker: Walker, committee: Somebody) -> None:
    """Five of nine are fewer than two thirds: no approval is offered or taken; six will do."""
    step = (await walker.card()).rulebook.step("17")
    await committee.presses_again(1, f"f:{walker.case}:17")
    await walker.fill(committee, step, until="entitled")
    await committee.says("9")
    await walker.fill(committee, step, until="yes")
    await committee.says("5")
    await walker.fill(committee, step, until="conclusion")
    assert (
        "✗ 本地：同意达到全体委员的三分之二，5/9，至少要6（临河县实施办法）"
        in committee.screen.text
    )
    assert not [label for label in committee.choices if label.startswith("批准")]
    assert "已保存" not in await committee.says("批准")
    await committee.presses("‹ 上一项")
    await committee.says("6")
    assert "批准" in " ".join(committee.choices)
    assert "已保存：张三 · 17 党委审批" in await walker.fill(committee, step)
