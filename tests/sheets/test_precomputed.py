"""What follows from the lines of a long sheet is worked out by a process of its own."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlmodel import select

from models import CaseFile, DeadlineRow
from services.sheet_lines import precomputed
from services.sheet_lines.lines import Line, Rules
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.sheets.conftest import today, xlsx

pytestmark = pytest.mark.own_process
PEOPLE = 2 * precomputed.PART + 3


async def taken_over(house: House) -> tuple[Mapping[str, int], object]:
    """What is said of a sheet that is taken over, and what is stored; then it is undone."""
    sheets, actor, day = house.services.sheets, house.posts["书记丙"], today(house)
    begun = [day - timedelta(days=400 - number) for number in range(PEOPLE)]
    rows = [(f"某{n:02}某", one, one + timedelta(days=20)) for n, one in enumerate(begun)]
    said = await sheets.preview(actor, xlsx(("姓名", "申请", "谈话"), *rows), house.at)
    taken = await sheets.confirm(house.act(), actor, said.sheet_id)
    assert (taken.entered, taken.left) == (PEOPLE, ())
    async with house.services.database.read() as session:
        cases = {row.id: row for row in await session.exec(select(CaseFile))}
        dates = [(cases[one.case_id].person, one.step, one.limit_id, one.due_on, one.next_look)
                 for one in await session.exec(select(DeadlineRow))]  # fmt: skip
    undone = await sheets.undo(house.act(), actor, said.sheet_id)
    assert (undone.undone, undone.left) == (PEOPLE, 0)
    assert await house.services.database.broken_chains() == ()
    return taken.steps, (sorted((c.person, c.stage, str(c.counted)) for c in cases.values()),
                         sorted(dates, key=str))  # fmt: skip


async def test_as_it_would_be_here_and_also_where_the_process_ends(
    house: House, secretary: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await taken_over(house)
    reckon, reckoned = Rules.follows, list[str]()

    def noted(rules: Rules, line: Line) -> object:
        reckoned.append(line["name"])
        return reckon(rules, line)

    monkeypatch.setattr(Rules, "follows", noted)
    monkeypatch.setattr(precomputed, "FEW", 5)
    assert await taken_over(house) == here
    assert reckoned == []
    # A process that can't go on keeps no sheet back.
    monkeypatch.setattr(precomputed, "WORKER", "services.cases.nothing_of_that_name")
    assert await taken_over(house) == here
    assert len(reckoned) == PEOPLE
