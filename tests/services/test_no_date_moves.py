"""Anybody may try anything: a refused act changes nothing, and no date moves without a line that
says who moved it."""

from datetime import date, datetime, timedelta
from random import Random

import pytest
from sqlmodel import func, select

from bot.cast import Cast
from bot.walk import answers_for, proofs_wanted
from domain.calendar import WorkCalendar
from domain.hours import ZONE, day_of
from models import AuditLine, DeadlineRow, EntryRow
from services.base import Database
from services.errors import AnswersRefused, NotAllowed, NotFound, StepNotOpen
from services.house import build_services, procedure_of
from services.recount import Recount
from services.views import Act, Actor, CaseCard

START = datetime(2026, 6, 1, 10, 0, tzinfo=ZONE)
REFUSED = (AnswersRefused, NotAllowed, NotFound, StepNotOpen)
CITY = {
    "department": "组织部", "director": "主任甲", "texts": {}, "cases": [],
    "organisers": [{"name": "组织员甲", "person": "organiser"}],
    "committees": [{"name": "第一党委", "officer": "委员甲", "person": "committee"}],
    "branches": [{
        "name": "第一支部", "committee": "第一党委", "secretary": "书记甲", "person": "secretary",
        "introducers": [{"name": "介绍甲", "person": "introducer"}],
        "members": ["党员甲", "党员乙"],
    }],
}  # fmt: skip
CHATS = {"director": 1, "organiser": 2, "committee": 3, "secretary": 4, "introducer": 5}
PLANS = (WorkCalendar(), WorkCalendar({date(2027, 1, 1): False}, "plan", frozenset({2027})))


class Everybody:
    """People who try things with one case, and what is stored of it."""

    def __init__(self, database: Database, second: Database, chance: Random) -> None:
        self.second, self.chance, self.at = second, chance, START
        self.services = build_services(database, procedure_of(), tells=False)
        self.cast = Cast(self.services, CHATS, START, CITY)
        self.taken = self.refused = 0

    async def open(self) -> None:
        await self.cast.gather()
        self.people = list(self.cast.people.values())
        place = self.cast.places["第一支部"]
        secretary = self.cast.people["书记甲"]
        card = await self.services.cases.open(self.cast.act(), secretary, "某人", place)
        self.case = card.case_id

    async def stored(self) -> tuple[dict[tuple[str, str], date], int, int]:
        """Dates, audit lines, entries, as a second connection sees them."""
        async with self.second.read() as session:
            rows = await session.exec(select(DeadlineRow).where(DeadlineRow.case_id == self.case))
            dates = {(row.step, row.limit_id): row.due_on for row in rows}
            lines = select(func.count()).where(AuditLine.chain == self.case)
            entries = select(func.count()).where(EntryRow.case_id == self.case)
            return dates, (await session.exec(lines)).one(), (await session.exec(entries)).one()

    async def card(self) -> CaseCard:
        director = self.cast.people["主任甲"]
        return await self.services.cases.card(director, self.case, day_of(self.at))

    async def tries(self) -> None:
        """One act of anybody: most often the next step by who may, else whatever comes to mind."""
        act = self.chance.choices(
            (self.next_step, self.any_step, self.correction, self.plan), (6, 2, 2, 1)
        )[0]
        await act()

    async def next_step(self) -> None:
        card = await self.card()
        steps = [item.step for item in card.progress.open if item.possible]
        if not steps:
            self.at += timedelta(days=30)
            return
        main = [step for step in steps if not step.repeats] or steps
        await self.record(main[0].id, [a for a in self.people if a.roles & set(main[0].actors)])

    async def any_step(self) -> None:
        card = await self.card()
        await self.record(self.chance.choice(card.rulebook.steps).id, self.people)

    async def record(self, step: str, people: list[Actor]) -> None:
        actor = self.chance.choice(people or self.people)
        today = day_of(self.at)
        form = await self.services.steps.form(actor, self.case, step, today)
        known = {
            name: tuple([await self.photo(actor) for _ in range(number)])
            for name, number in proofs_wanted(form.step).items()
        }
        texts = {f.id: "情况属实，表现良好。" for f in form.step.fields}
        answers = answers_for(form, today, texts, known)
        done = await self.services.steps.record(self.act(), actor, self.case, step, answers)
        for other in self.people:
            if other.roles & done.waits_for:
                await self.services.steps.sign(self.act(), other, done.entry_id)

    async def photo(self, actor: Actor) -> str:
        attach = self.services.steps.attach
        return await attach(self.act(), actor, self.case, b"photo", "image/jpeg", "a.jpg")

    async def correction(self) -> None:
        card = await self.card()
        lines = [line for line in card.entries if not line.replaced]
        if not lines:
            return
        line, actor = self.chance.choice(lines), self.chance.choice(self.people)
        moved = line.done_on + timedelta(days=self.chance.randint(-20, 5))
        answers = {**line.answers, line.step.day: moved}
        await self.services.steps.correct(self.act(), actor, line.entry_id, answers, "日期记错")

    async def plan(self) -> None:
        procedure = self.services.procedure
        other = type(procedure)(procedure.current, procedure.find, self.chance.choice(PLANS))
        await Recount(self.services.database, other).run(self.at)

    def act(self) -> Act:
        self.at += timedelta(minutes=1)
        return self.cast.act(day_of(self.at))


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_date_moves_without_a_line(
    database: Database, second: Database, seed: int
) -> None:
    everybody = Everybody(database, second, Random(seed))
    await everybody.open()
    for _ in range(60):
        before = await everybody.stored()
        refused = False
        try:
            await everybody.tries()
        except REFUSED:
            refused = True
        after = await everybody.stored()
        if after[0] != before[0] or after[2] != before[2]:
            assert after[1] > before[1]
        if refused:
            everybody.refused += 1
            assert (after[0], after[2]) == (before[0], before[2])
        everybody.taken += after[2] > before[2]
        everybody.at += timedelta(days=everybody.chance.randint(0, 12))
    assert everybody.taken >= 8
    assert everybody.refused >= 8
    assert await second.broken_chains() == ()
