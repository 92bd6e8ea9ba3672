"""A rulebook that counts something new: the years that were entered before get it as well."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import select

import services.core.database
from domain.figures.mark import counting_mark
from domain.rulebook.schema import Figure, Rulebook, Text
from models import CaseFile, Setting
from services.casefile import resum
from services.casefile.procedure import Procedure
from services.casefile.resum import Resum, Resummed
from services.core.database import Database
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.figures.test_sums import kept
from tests.sheets.conftest import xlsx

EVERYBODY = Figure("sex_told", Text("填了性别的", "Who told"), ("1.sex.female", "1.sex.male"))


def counting_more(book: Rulebook) -> Rulebook:
    """One figure more, and people divided by sex no longer."""
    divisions = tuple(one for one in book.divisions if one.id != "sex")
    return replace(book, figures=(*book.figures, EVERYBODY), divisions=divisions)


async def enter(house: House, *names: str) -> None:
    """Cases as a sheet brings them."""
    rows = [(name, "女", "2026-03-05", "2026-03-20") for name in names]
    sheets, secretary = house.services.sheets, house.posts["书记丙"]
    found = await sheets.preview(secretary, xlsx(("姓名", "性别", "申请", "谈话"), *rows), house.at)
    assert found.new == len(names)
    await sheets.confirm(house.act(), secretary, found.sheet_id)


def under(change: Callable[[Rulebook], Rulebook], known: Procedure) -> Procedure:
    return Procedure(change(known.current), lambda name: change(known.find(name)), known.calendar)


def test_the_mark_follows_what_is_counted_and_no_wording(procedure: Procedure) -> None:
    book = procedure.current
    mark = counting_mark(book)
    said = tuple(replace(one, title=Text("别的", "Other")) for one in book.figures)
    assert counting_mark(replace(book, figures=said)) == mark
    assert counting_mark(counting_more(book)) != mark
    stages = tuple(replace(one, since=None) for one in book.stages)
    assert counting_mark(replace(book, stages=stages)) != mark
    assert counting_mark(replace(book, approved_by=())) != mark


async def test_cases_are_counted_again_where_it_was_broken_off_and_acts_go_on(
    house: House, secretary: Somebody, second: Database, procedure: Procedure,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(resum, "BATCH", 1)
    await enter(house, "张三", "李四", "王五")
    # What the acts counted is right: everything is read once, and nothing written but the mark.
    assert await Resum(house.services.database, procedure).run() == Resummed(cases=3)
    assert await Resum(house.services.database, procedure).run() == Resummed()

    more = under(counting_more, procedure)
    with monkeypatch.context() as fault:
        passed: list[str] = []

        def cut(point: str) -> None:
            passed.append(point)
            if passed.count("sums.before") == 3:
                raise OSError("no space left")

        fault.setattr(services.core.database, "failpoint", cut)
        with pytest.raises(OSError, match="no space"):
            await Resum(house.services.database, more).run()
    here, top = house.places["第一支部"], house.places["组织部"]
    assert (await kept(second))[top, 2026]["figure.sex_told"] == 1
    # In between an act moves the sums by the new rules.
    brought = house.services.sheets.brought
    monkeypatch.setattr(brought, "procedure", more)
    await enter(house, "赵六")
    again = await Resum(second, more).run()
    # The new one may lie before the place where it was broken off, which goes by the ids.
    assert (again.cases in {2, 3}, again.moved, again.unread) == (True, 2, 0)
    sums = await kept(second)
    assert sums[here, 2026]["figure.sex_told"] == sums[top, 2026]["figure.sex_told"] == 4
    assert not any(".sex." in cell for cells in sums.values() for cell in cells)
    assert await Resum(second, more).run() == Resummed()


async def test_a_case_changed_by_hand_keeps_no_other_back_and_is_tried_again(
    house: House, secretary: Somebody, procedure: Procedure
) -> None:
    await enter(house, "张三", "李四")
    async with house.services.database.write() as session:
        first = (await session.exec(select(CaseFile.id))).first()
        changed = text("UPDATE entry SET done_on = '2020-01-01' WHERE case_id = :one")
        await session.exec(changed.bindparams(one=first))  # type: ignore[call-overload]
    more = under(counting_more, procedure)
    assert await Resum(house.services.database, more).run() == Resummed(cases=1, moved=1, unread=1)
    assert await Resum(house.services.database, more).run() == Resummed(cases=1, unread=1)
    async with house.services.database.read() as session:
        kept_by = await session.get(Setting, f"figures:by:{procedure.current.id}")
    assert kept_by is not None
    assert kept_by.value == ""
