"""Anybody may try anything: a refused act changes nothing, and no date moves without a line that
says who moved it."""

from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st
from sqlmodel import func, select

from domain.calendar.calendar import WorkCalendar
from domain.calendar.office_hours import ZONE, day_of
from domain.case.entry_validation import check_entry
from models import AuditLine, CaseFile, DeadlineRow, EntryRow
from sandbox.cast import Cast
from sandbox.sample_answers import answers_for, proofs_wanted
from services.attachments.formats import JPEG, CleanFile
from services.casefile.load import load_case
from services.cases.recalculate import Recount
from services.cases.views import CaseCard
from services.container import build_services, procedure_of
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import AnswersRefused, NotAllowed, NotFound, StepNotOpen
from services.people.views import Actor
from tests.chance import examples

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
QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without making a failure smaller: that takes minutes; the blob printed replays it."""
PLANS = (WorkCalendar(), WorkCalendar({date(2027, 1, 1): False}, "plan", frozenset({2027})))


class Everybody:
    """People who try things with one case, and what is stored of it."""

    def __init__(self, database: Database, second: Database) -> None:
        self.second, self.at = second, START
        self.services = build_services(database, procedure_of(), tells=False)
        self.cast = Cast(self.services, CHATS, START, CITY)

    async def begin(self, chance: Random) -> None:
        """A case of its own, from the first day again."""
        self.chance, self.at = chance, START
        self.taken = self.refused = 0
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

    async def not_allowed(self) -> list[tuple[str, str]]:
        """Entries that the rulebook refuses, each as it was entered, with why. A change of the
        calendar alone may have moved the end of a notice."""
        async with self.second.read() as session:
            case = await session.get_one(CaseFile, self.case)
            loaded = await load_case(session, case, self.services.procedure)
        book, facts, calendar = loaded.book, loaded.facts, self.services.procedure.calendar
        return [
            (entry.step, problem.code)
            for entry in facts.entries
            for problem in check_entry(
                book, facts, entry.step, entry.answers, entry.recorded_on, calendar, entry.number
            )
            if problem.refuses and problem.code != "notice_running"
        ]

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
        if not all(form.choices.values()):
            return  # Nobody moves to another branch where there is one only.
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
        return await attach(self.act(), actor, self.case, CleanFile(b"photo", JPEG))

    async def correction(self) -> None:
        card = await self.card()
        lines = [line for line in card.entries if not line.replaced]
        if not lines:
            return
        line = self.chance.choice(lines)
        who_may = [a for a in self.people if a.roles & set(line.step.actors)]
        actor = self.chance.choice([*who_may, *who_may, *self.people])
        moved = line.done_on + timedelta(days=self.chance.randint(-20, 20))
        answers = {**line.answers, line.step.day: moved}
        await self.services.steps.correct(self.act(), actor, line.entry_id, answers, "日期记错")

    async def plan(self) -> None:
        procedure = self.services.procedure
        other = type(procedure)(procedure.current, procedure.find, self.chance.choice(PLANS))
        await Recount(self.services.database, other).run(self.at)

    def act(self) -> Act:
        self.at += timedelta(minutes=1)
        return self.cast.act(day_of(self.at))


@pytest.fixture
async def everybody(database: Database, second: Database) -> Everybody:
    found = Everybody(database, second)
    await found.cast.gather()
    return found


async def one_act(everybody: Everybody) -> None:
    """Whatever it is: refused, it changes nothing; no date moves without a line; and what stands
    then is what the rulebook allows."""
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
        assert (after[0], after[2]) == (before[0], before[2])
    assert await everybody.not_allowed() == []
    everybody.refused += refused
    everybody.taken += after[2] > before[2]
    everybody.at += timedelta(days=everybody.chance.randint(0, 12))


@pytest.mark.parametrize(
    ("seed", "database_url"),
    [
        (1, "sqlite"),
        pytest.param(2, "postgresql", marks=[pytest.mark.postgres, pytest.mark.slow]),
    ],
    indirect=["database_url"],
)
async def test_no_date_moves_without_a_line(
    everybody: Everybody, second: Database, seed: int
) -> None:
    """Far enough for both: much is taken, and much refused."""
    await everybody.begin(Random(seed))
    for _ in range(60):
        await one_act(everybody)
    assert everybody.taken >= 8
    assert everybody.refused >= 8
    assert await second.broken_chains() == ()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@examples(3, 20, phases=QUICK)
@given(chance=st.randoms(use_true_random=False), acts=st.integers(1, 30))
async def test_any_acts_by_anybody_leave_what_the_rulebook_allows(
    everybody: Everybody, second: Database, chance: Random, acts: int
) -> None:
    await everybody.begin(chance)
    for _ in range(acts):
        await one_act(everybody)
    assert await second.broken_chains() == ()
