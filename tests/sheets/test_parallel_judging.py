"""A long sheet is judged on two cores: a process beside takes rows from its end."""

import asyncio
import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from models import SheetPart
from services.core.ports import Told, nobody
from services.sheets import parallel_judging, sheets
from services.sheets.judging import Judge, Judged, Row
from services.sheets.views import Previewed
from services.workers.worker_process import WorkerProcess
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.sheets.conftest import today, xlsx

pytestmark = pytest.mark.own_process
PART, ROWS, KNOWN = 2, 24, 4
TITLES = ("姓名", "出生年月", "申请", "谈话", "积极分子")


def rows(day: date) -> list[Sequence[object]]:
    """People of all kinds: those who can come, and of every third one something that can't be."""
    made = list[Sequence[object]]()
    for number in range(ROWS):
        begun = day - timedelta(days=500 - number)
        talk, activist = begun + timedelta(days=20), begun + timedelta(days=300)
        row: list[object] = [f"某{number:02}某", "1999年3月", begun, talk, activist]
        made.append(row)
        if number % 9 == 2:
            row[3] = begun - timedelta(days=1)
        elif number % 9 == 5:
            row[0] = "某00某"
        elif number % 9 == 8:
            row[2] = ""
    return made


@pytest.fixture
async def known(house: House, secretary: Somebody) -> None:
    """Four of them were taken over before, and the sheet says more of two."""
    service, actor, day = house.services.sheets, house.posts["书记丙"], today(house)
    before = [row[:4] for row in rows(day)[9:11]] + rows(day)[12:14]
    said = await service.preview(actor, xlsx(TITLES, *before), house.at)
    assert (said.new, said.refused) == (4, ())
    await service.confirm(house.act(), actor, said.sheet_id)


async def previewed(house: House, told: Told = nobody) -> tuple[Previewed, list[object]]:
    """What is said of the sheet, and what is staged."""
    service, actor = house.services.sheets, house.posts["书记丙"]
    said = await service.preview(actor, xlsx(TITLES, *rows(today(house))), house.at, told)
    async with house.services.database.read() as session:
        parts = await session.exec(select(SheetPart).where(SheetPart.sheet_id == said.sheet_id))
        return replace(said, sheet_id=""), [line for part in parts for line in part.lines]


class Answers:
    """What the process answers. `enough`: so many rows. `killed`: then it is."""

    def __init__(self, patch: pytest.MonkeyPatch, enough: int, killed: bool = False) -> None:
        self.rows, self.enough = list[Judged](), asyncio.Event()
        answer = WorkerProcess.answer

        async def counted(beside: WorkerProcess) -> Any:
            self.rows += (found := await answer(beside))
            if len(self.rows) >= enough:
                self.enough.set()
                if killed:
                    os.killpg(beside.process.pid, signal.SIGKILL)
                    await beside.process.wait()
            return found

        patch.setattr(WorkerProcess, "answer", counted)

    async def told(self, _done: int, of: int) -> None:
        """Keep what is judged here waiting after its first part."""
        if of == ROWS:
            await self.enough.wait()


@pytest.mark.usefixtures("known")
async def test_as_it_would_be_here_and_also_where_the_process_ends(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, judge = list[int](), Judge.rows

    def noted(self: Judge, some: Sequence[Row]) -> list[Judged]:
        here.extend(number for number, _ in some)
        return judge(self, some)

    expected = await previewed(house)
    said, staged = expected
    # Each kind of them is there, and refused in the order of the file.
    assert (said.new, said.changed, said.same, len(said.refused)) == (12, 2, 2, 8)
    assert [one.row for one in said.refused] == sorted(one.row for one in said.refused)
    assert len({one.column for one in said.refused}) == 3
    assert len(staged) == 14
    monkeypatch.setattr(Judge, "rows", noted)
    monkeypatch.setattr(parallel_judging, "PART", PART)
    monkeypatch.setattr(parallel_judging, "AHEAD", 1)
    monkeypatch.setattr(sheets, "LONG", 0)

    with monkeypatch.context() as patch:
        answers = Answers(patch, enough=ROWS - KNOWN)
        assert await previewed(house, answers.told) == expected
    # What is known of a case stays here, and each row is judged once.
    assert here == [11, 12, 14, 15]
    assert sorted([*here, *(one.row for one in answers.rows)]) == [*range(2, ROWS + 2)]

    here.clear()
    with monkeypatch.context() as patch:
        answers = Answers(patch, enough=3 * PART, killed=True)
        assert await previewed(house, answers.told) == expected
    assert len(answers.rows) == 3 * PART
    assert len(here) == ROWS - 3 * PART
    # Nor does one that can't begin keep a sheet back.
    here.clear()
    monkeypatch.setattr(sheets, "WORKER", "services.sheets.nothing_of_that_name")
    assert await previewed(house) == expected
    assert len(here) == ROWS
