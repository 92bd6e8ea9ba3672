"""The report's own year (G三): 310 names proposed, 285 in the plan, 25 struck out, all of it by the
services; and a smaller one that ends the same way."""

from collections.abc import Sequence

import pytest
from sqlmodel import col, func, select

from domain.case.facts import Answers
from domain.meetings import DAY
from domain.plans import Funnel
from domain.rulebook.schema import Body, Role
from domain.states import PlanState
from handlers.staff.plans.picture import draw, widths
from models import AuditLine, CaseFile, EntryRow, PlanRow
from services.core.database import Database
from services.meetings.views import MeetingView
from tests.meetings.town import COMMITTEE, DEPARTMENT, ORGANISERS, Town

BRANCHES, EACH = 10, 31
PROPOSED, ACCEPTED, STRUCK_OUT = 310, 285, 25
REASON = "群众基础还不够。"


async def copied(town: Town, original: str, branch: str, number: int) -> list[str]:
    """So many cases at the same point as the original one."""
    made = []
    async with town.house.services.database.write() as session:
        case = await session.get_one(CaseFile, original)
        statement = select(EntryRow).where(EntryRow.case_id == original)
        rows = (await session.exec(statement)).all()
        for place in range(number):
            copy = CaseFile(
                organisation_id=town.place(branch),
                rulebook=case.rulebook,
                opened_on=case.opened_on,
                status=case.status,
                stage=case.stage,
            )
            copy.person = f"{branch}{place}"
            session.add(copy)
            await session.flush()
            made.append(copy.id)
            for row in rows:
                entry = EntryRow(
                    case_id=copy.id,
                    number=row.number,
                    step=row.step,
                    done_on=row.done_on,
                    rulebook=row.rulebook,
                    recorded_at=row.recorded_at,
                    recorded_by=row.recorded_by,
                )
                entry.answers = row.answers
                session.add(entry)
    return made


async def founded(town: Town, each: int) -> dict[str, list[str]]:
    """Ten branches with so many names each, by secretary."""
    original = await town.led("陆小满", "7a", days=400)
    people, found = town.house.services.people, {}
    for number in range(BRANCHES):
        branch, secretary = f"支部{number}", f"书记{number}"
        director, above = town.actor("主任甲"), town.place(COMMITTEE)
        town.house.places[branch] = await people.add_organisation(
            town.house.act(), director, above, "branch", branch
        )
        await town.house.join(director, Role.SECRETARY, branch, secretary, 8000 + number)
        found[secretary] = await copied(town, original, branch, each)
    return found


async def begun(
    town: Town, who: str, body: Body, place: str, cases: Sequence[str], **numbers: int
) -> MeetingView:
    meetings = town.house.services.meetings
    view = await town.convened(who, body, place, *cases)
    ticked = {"assessed": True} if body is Body.COMMITTEE else {}
    answers = {DAY: town.today, **ticked, **numbers}
    return await meetings.begin(town.house.act(), town.actor(who), view.meeting_id, answers)


async def voted(town: Town, who: str, view: MeetingView, answers: Sequence[Answers]) -> None:
    for line, said in zip(view.lines, answers, strict=True):
        await town.house.services.meetings.decide(
            town.house.act(), town.actor(who), line.item_id, said
        )


@pytest.mark.parametrize(
    ("each", "struck_out"), [(3, 5), pytest.param(EACH, STRUCK_OUT, marks=pytest.mark.slow)]
)
async def test_a_year_of_names(town: Town, second: Database, each: int, struck_out: int) -> None:
    plans, organiser = town.house.services.plans, town.actor(ORGANISERS[0])
    proposed, accepted = BRANCHES * each, BRANCHES * each - struck_out
    names = await founded(town, each)
    for secretary, cases in names.items():
        view = await plans.view(town.actor(secretary), 2026, town.today)
        assert len(view.proposable) == each
        await plans.propose(town.house.act(), town.actor(secretary), 2026, tuple(cases))
    every = [case for cases in names.values() for case in cases]

    up = await begun(town, "委员乙", Body.COMMITTEE, COMMITTEE, every, entitled=9, present=8)
    await voted(town, "委员乙", up, [{"yes": 8, "no": 0, "conclusion": "forward"}] * proposed)
    for line in (await plans.view(organiser, 2026, town.today)).at(PlanState.FORWARDED):
        await plans.check(town.house.act(), organiser, line.item_id)
    last = await begun(
        town, ORGANISERS[0], Body.ORGANISERS, DEPARTMENT, every, entitled=5, present=5
    )
    carried: Answers = {"yes": 4, "no": 1, "conclusion": "accepted"}
    lost: Answers = {"yes": 3, "no": 2, "conclusion": "struck_out", "reason": REASON}
    await voted(town, ORGANISERS[0], last, [carried] * accepted + [lost] * struck_out)

    view = await plans.view(organiser, 2026, town.today)
    assert view.funnel == Funnel(proposed, proposed, proposed, accepted, struck_out, 0, 0)
    assert view.funnel.undecided == 0
    assert {line.reason for line in view.at(PlanState.STRUCK_OUT)} == {REASON}
    async with second.read() as session:
        entered = select(func.count(col(EntryRow.id))).where(EntryRow.step == "7a")
        assert (await session.exec(entered)).one() == proposed
        states = (await session.exec(select(PlanRow.state))).all()
        ended = select(func.count(col(CaseFile.id))).where(CaseFile.status == "ended")
        assert (await session.exec(ended)).one() == struck_out
        acts = select(func.count(col(AuditLine.id))).where(AuditLine.act == "record_step")
        assert (await session.exec(acts)).one() >= proposed
    assert (states.count("accepted"), states.count("struck_out")) == (accepted, struck_out)
    assert await town.house.services.database.broken_chains() == ()


def test_the_picture_of_the_year() -> None:
    year = Funnel(PROPOSED, PROPOSED, PROPOSED, ACCEPTED, STRUCK_OUT, 0, 0)
    proposed, forwarded, checked, accepted, struck_out = widths(year)
    assert proposed == forwarded == checked > accepted > struck_out > 0
    assert round(accepted / proposed * PROPOSED) == ACCEPTED
    assert draw(year).startswith(b"\x89PNG")
    assert widths(Funnel(0, 0, 0, 0, 0, 0, 0)) == (0, 0, 0, 0, 0)
    assert draw(Funnel(0, 0, 0, 0, 0, 0, 0)) != draw(year)
