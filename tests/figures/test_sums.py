"""The sums kept by the acts are those that counting every case anew gives."""

from collections import Counter, defaultdict

from sqlalchemy import update
from sqlmodel import select

from domain.figures.counting import NOW, counted
from models import CaseFile, FigureRow
from services.casefile.load import facts_of_many
from services.casefile.sums import counted_before
from services.core.database import Database
from services.core.guard import HAND
from services.people.scope import path_of
from tests.cases.conftest import Lead
from tests.conftest import on_both
from tests.conversation.conftest import House
from tests.conversation.people import Somebody

Sums = dict[tuple[str, int], Counter[str]]


async def kept(database: Database) -> Sums:
    async with database.read() as session:
        rows = (await session.exec(select(FigureRow))).all()
        return {(row.organisation_id, row.year): Counter(row.cells) for row in rows if row.cells}


async def counted_anew(house: House, database: Database) -> Sums:
    """Every case opened; what each counts in is where it says."""
    found: Sums = defaultdict(Counter)
    procedure = house.services.procedure
    async with database.read() as session:
        cases = (await session.exec(select(CaseFile))).all()
        facts = await facts_of_many(session, [case.id for case in cases], procedure)
        for case in cases:
            book, known = facts[case.id]
            whole: dict[int, Counter[str]] = defaultdict(Counter)
            for place, years in counted_before(case).items():
                for year, cells in years.items():
                    whole[year].update(cells)
                    for above in await path_of(session, place):
                        found[above, year].update(cells)
            assert whole == counted(book, known, procedure.calendar)
    return dict(found)


@on_both
async def test_every_act_moves_the_sums_of_the_branch_and_of_all_above(
    house: House, lead: Lead, other_secretary: Somebody, second: Database
) -> None:
    await lead.to("21")
    sums, anew = await kept(second), await counted_anew(house, second)
    assert sums == anew
    places = house.places
    here, other, top = places["第一支部"], places["第二支部"], places["组织部"]
    assert sums[here, NOW]["stage.probation"] == sums[top, NOW]["stage.probation"] == 1
    assert (other, NOW) not in sums
    (admitted,) = [year for (place, year) in sums if sums[place, year]["made.probation"]
                   and place == here]  # fmt: skip

    # A move: where somebody was admitted stays, where they stand goes along.
    steps, secretary = house.services.steps, house.posts["书记丙"]
    await steps.record(
        house.act(), secretary, lead.case, "moved",
        {"moved_on": lead.today, "reason": "工作调动", "to": other,
         "handed_over": ("papers", "told")},
    )  # fmt: skip
    sums = await kept(second)
    assert sums == await counted_anew(house, second)
    assert sums[here, admitted]["made.probation"] == 1
    assert (here, NOW) not in sums
    assert sums[other, NOW]["stage.probation"] == sums[top, NOW]["stage.probation"] == 1
    assert (other, admitted) not in sums

    # A correction of somebody who moved is counted where they were admitted.
    card = await house.services.cases.card(house.posts["书记戊"], lead.case, lead.today)
    first = next(entry for entry in card.entries if entry.step.id == "1")
    sex = "male" if first.answers["sex"] == "female" else "female"
    await steps.correct(
        house.act(), house.posts["书记戊"], first.entry_id, {**first.answers, "sex": sex}, "填错了"
    )
    sums = await kept(second)
    assert sums == await counted_anew(house, second)
    assert sums[here, admitted][f"made.probation.sex.{sex}"] == 1

    # A sum changed by hand keeps no act from being done: it begins another row.
    async with second.write() as session:
        here_now = FigureRow.organisation_id == top, FigureRow.year == NOW
        await session.exec(update(FigureRow).where(*here_now).values(mac=b"x"),
                           execution_options=HAND)  # fmt: skip
    opened = await house.services.cases.open(house.act(), secretary, "李四", here)
    assert opened.person == "李四"
    async with second.read() as session:
        rows = (await session.exec(select(FigureRow).where(*here_now))).all()
        assert [row.cells["stage.application"] for row in rows] == [1]
