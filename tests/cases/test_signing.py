"""A visit is signed by the secretary and by every introducer of the case
(docs/procedure.md § 4)."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlmodel import col, select

from domain.rulebook.schema import Role
from models import CaseFile, OutgoingRow, Person, Signature
from services.casefile.load import facts_of_many, load_case
from services.casefile.update_context import UpdateContext
from services.cases.announcements import SIGN
from services.cases.views import CaseCard, EntryLine, Recorded
from services.core.acts import Acts
from services.core.database import Database
from services.core.errors import NotAllowed, StepNotOpen
from services.people.views import Actor
from services.todo.views import TodoKind
from tests.cases.conftest import Lead
from tests.conftest import on_both, on_sqlite
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_one_reading import counted
from tests.operations.edits import by_hand, found_in

__all__ = ["counted"]


@dataclass(repr=False)
class Visited(Lead):
    """Both introducers are in the chat. The visit is entered, and signed by nobody else yet."""

    names: tuple[str, str] = ("介绍丁", "介绍戊")

    def who(self, name: str) -> Actor:
        return self.house.posts[name]

    async def visit(self, by: str) -> Recorded:
        await self.to("21a")
        steps, actor = self.house.services.steps, self.who(by)
        answers = await self.answers(actor, (await self.card()).rulebook.step("21a"))
        return await steps.record(self.house.act(), actor, self.case, "21a", answers)

    async def sign(self, name: str) -> Recorded:
        entry = (await self.line()).entry_id
        return await self.house.services.steps.sign(self.house.act(), self.who(name), entry)

    async def line(self, name: str = "书记丙") -> EntryLine:
        card = await self.house.services.cases.card(self.who(name), self.case, self.today)
        return [line for line in card.entries if line.step.id == "21a"][-1]

    async def waits_for(self, name: str) -> set[str]:
        """The steps that somebody is to sign."""
        items = await self.house.services.todo.items(self.who(name), self.today)
        return {i.step.id for i in items if i.kind is TodoKind.SIGN and i.step is not None}

    async def change(self, *names: str) -> CaseCard:
        """Other introducers."""
        self.names = (names[0], names[1])
        await self.take((await self.card()).rulebook.step("introducers_new"))
        return await self.card()


@pytest.fixture
async def visited(lead: Lead, house: House, database: Database) -> AsyncIterator[Visited]:
    for chat, name in ((701, "介绍戊"), (702, "介绍己")):
        await house.join(house.posts["书记丙"], Role.INTRODUCER, "第一支部", name, chat)
    yield Visited(house, actors=lead.actors)
    async with by_hand(database) as connection:
        assert await found_in(connection) == (), "each row fits its MAC, and the head its rows"


@on_both
async def test_it_counts_once_the_secretary_and_both_introducers_have_signed(
    visited: Visited, second: Database
) -> None:
    done = await visited.visit(by="介绍丁")
    assert done.waits_for == {Role.SECRETARY, Role.INTRODUCER}
    assert done.line.asked == ((Role.INTRODUCER, "介绍戊"),)
    assert [await visited.waits_for(n) for n in ("书记丙", "介绍戊")] == [{"21a"}, {"21a"}]
    assert await visited.waits_for("介绍丁") == set()
    assert (await visited.sign("书记丙")).waits_for == {Role.INTRODUCER}
    moving = (await visited.card()).progress.moving
    assert moving is not None
    assert (moving.step.id, moving.waits_for) == ("21a", {Role.INTRODUCER})

    assert (await visited.sign("介绍戊")).waits_for == frozenset()
    moving = (await visited.card()).progress.moving
    assert moving is not None
    assert moving.step.id != "21a"
    async with second.read() as session:
        rows = (await session.exec(select(Signature))).all()
    assert sorted(row.role for row in rows) == ["introducer", "introducer", "secretary"]
    assert all(row.signed_at for row in rows)


@on_sqlite
async def test_signing_reads_and_replays_the_case_once(
    visited: Visited, counted: Counter[str]
) -> None:
    """What follows in the same update looks at the case as the signature left it."""
    await visited.visit(by="介绍丁")
    entry, act = (await visited.line()).entry_id, visited.house.act()
    update = UpdateContext(Acts(42, 1, act.at))
    counted.clear()
    steps, actor = visited.house.services.steps, visited.who("书记丙")
    done = await steps.sign(act, actor, entry, update=update)
    assert done.waits_for == {Role.INTRODUCER}
    await steps.preview(actor, visited.case, "21a", {}, visited.today, update=update)
    assert counted["read"] == 1
    assert counted["replay"] == 1


@on_sqlite
async def test_nobody_signs_twice_and_nobody_who_was_not_asked(visited: Visited) -> None:
    await visited.visit(by="书记丙")
    await visited.sign("介绍丁")
    for name, refusal in (
        ("介绍丁", StepNotOpen), ("书记丙", StepNotOpen), ("介绍己", NotAllowed)
    ):  # fmt: skip
        with pytest.raises(refusal):
            await visited.sign(name)
    assert set((await visited.line()).signed_by) == {"书记丙", "介绍丁"}


@on_sqlite
async def test_only_those_are_told_who_have_not_signed(visited: Visited, second: Database) -> None:
    await visited.visit(by="书记丙")
    await visited.sign("介绍丁")
    async with second.read() as session:
        asked = select(OutgoingRow.person_id).where(OutgoingRow.kind == SIGN)
        told = (await session.exec(asked)).all()
    introducers = [visited.who(name).person_id for name in visited.names]
    assert sorted(told) == sorted(introducers)


@on_sqlite
async def test_a_reminder_is_the_task_of_who_has_not_signed(visited: Visited) -> None:
    await visited.visit(by="书记丙")
    await visited.sign("介绍丁")
    limit = (await visited.card()).progress.deadlines[0]
    payload = {"items": [[visited.case, "21a", limit.limit]]}
    lines = visited.house.services.reminders.lines
    mine = {
        name: [line.mine for line in await lines(visited.who(name), payload, visited.today)]
        for name in ("介绍丁", "介绍戊", "书记丙")
    }
    assert mine == {"介绍丁": [False], "介绍戊": [True], "书记丙": [False]}


@on_sqlite
async def test_an_introducer_who_is_replaced_is_asked_no_longer(visited: Visited) -> None:
    await visited.visit(by="书记丙")
    await visited.sign("介绍丁")
    card = await visited.change("介绍丁", "介绍己")
    line = await visited.line()
    assert (line.waits_for, line.asked) == (frozenset(), ())
    assert "21a" in {entry.step for entry in card.progress.done}
    with pytest.raises(NotAllowed):
        await visited.sign("介绍戊")


@on_sqlite
async def test_where_nobody_is_left_who_was_there_a_new_introducer_signs(
    visited: Visited, house: House
) -> None:
    await house.join(house.posts["书记丙"], Role.INTRODUCER, "第一支部", "介绍庚", 703)
    await visited.visit(by="书记丙")
    await visited.change("介绍己", "介绍庚")
    assert (await visited.line()).waits_for == {Role.INTRODUCER}
    assert await visited.waits_for("介绍己") == {"21a"}
    assert (await visited.sign("介绍庚")).waits_for == frozenset()


@on_sqlite
async def test_a_visit_that_counted_still_counts_after_a_change_of_introducers(
    visited: Visited,
) -> None:
    await visited.visit(by="书记丙")
    await visited.sign("介绍丁")
    await visited.sign("介绍戊")
    card = await visited.change("介绍戊", "介绍己")
    assert (await visited.line()).waits_for == frozenset()
    assert "21a" in {entry.step for entry in card.progress.done}


@on_sqlite
async def test_a_correction_is_signed_again_by_everybody(visited: Visited) -> None:
    done = await visited.visit(by="书记丙")
    await visited.sign("介绍丁")
    await visited.sign("介绍戊")
    steps, answers = visited.house.services.steps, {**done.line.answers, "heard": 9}
    again = await steps.correct(
        visited.house.act(), visited.who("书记丙"), done.entry_id, answers, "人数记错了"
    )
    assert {name for _, name in again.line.asked} == {"介绍丁", "介绍戊"}
    assert await visited.waits_for("介绍丁") == {"21a"}


@on_sqlite
async def test_of_who_has_no_chat_the_secretary_says_that_they_signed_on_paper(
    visited: Visited, secretary: Somebody, second: Database
) -> None:
    visited.names = ("介绍丁", "党员甲一")
    done = await visited.visit(by="介绍丁")
    assert (done.line.on_paper, done.line.confirms) == (("党员甲一",), False)
    assert (await visited.sign("书记丙")).waits_for == {Role.INTRODUCER}
    assert await visited.waits_for("书记丙") == {"21a"}

    await secretary.says("待办")
    said = await secretary.presses("1. 张三 · 签字")
    assert "还等签字：入党介绍人党员甲一" in said
    assert "党员甲一在纸质记录上签了字以后，再点下面的按钮。" in said
    assert "核对无误，签字" not in secretary.choices
    said = await secretary.presses("党员甲一已在纸上签字")
    assert "已签字：张三 · 21a 回访" in said
    assert "还要" not in said
    assert "21a" in {entry.step for entry in (await visited.card()).progress.done}
    async with second.read() as session:
        rows = await session.exec(select(Signature).where(col(Signature.paper_by).is_not(None)))
        assert [row.paper_by for row in rows] == [visited.who("书记丙").person_id]


@on_sqlite
async def test_nobody_else_says_so_and_nobody_says_it_of_who_can_be_asked(
    visited: Visited,
) -> None:
    visited.names = ("介绍丁", "党员甲一")
    entry = (await visited.visit(by="书记丙")).entry_id
    steps, act = visited.house.services.steps, visited.house.act
    with pytest.raises(NotAllowed):
        await steps.sign(act(), visited.who("介绍丁"), entry, paper=True)
    await steps.sign(act(), visited.who("书记丙"), entry, paper=True)
    assert (await visited.line()).asked == ((Role.INTRODUCER, "介绍丁"),)
    with pytest.raises(StepNotOpen):
        await steps.sign(act(), visited.who("书记丙"), entry, paper=True)


@on_sqlite
async def test_who_has_blocked_the_bot_signs_on_paper_too(
    visited: Visited, second: Database
) -> None:
    await visited.visit(by="书记丙")
    await visited.sign("介绍丁")
    assert await visited.waits_for("书记丙") == set()
    async with second.write() as session:
        person = await session.get_one(Person, visited.who("介绍戊").person_id)
        person.blocked_at = visited.house.at
    assert await visited.waits_for("书记丙") == {"21a"}


@on_sqlite
async def test_a_secretary_who_is_an_introducer_too_signs_once(visited: Visited) -> None:
    visited.names = ("介绍丁", "书记丙")
    done = await visited.visit(by="介绍丁")
    assert {name for _, name in done.line.asked} == {"书记丙"}
    assert (await visited.sign("书记丙")).waits_for == frozenset()
    assert set((await visited.line()).signed_by) == {"介绍丁", "书记丙"}


@on_sqlite
async def test_a_recount_reads_half_a_signature_as_the_card_does(
    visited: Visited, second: Database
) -> None:
    for name in ("", "介绍丁", "介绍戊"):
        await (visited.sign(name) if name else visited.visit(by="书记丙"))
        procedure = visited.house.services.procedure
        async with second.read() as session:
            many = (await facts_of_many(session, [visited.case], procedure))[visited.case][1]
            case = await session.get_one(CaseFile, visited.case)
            one = (await load_case(session, case, procedure)).facts
        assert [entry.signed for entry in many.entries] == [entry.signed for entry in one.entries]
