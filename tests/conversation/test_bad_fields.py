"""Every question of every text, with each kind of answer that can't stand: it is refused in one
sentence that says what doesn't fit and what would, and nothing is stored."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import SQLModel

from domain.calendar.office_hours import ZONE
from domain.case.answers import (
    EARLIEST_DAY,
    HIGHEST_NUMBER,
    LATEST_DAY,
    LONGEST_TEXT,
    check_answer,
)
from domain.case.entry_validation import check_entry
from domain.case.facts import CaseFacts, Problem, ProblemCode, Value
from domain.rulebook.kinds import LISTS
from domain.rulebook.schema import Field, FieldType, Rulebook, Step
from handlers.staff.shared.problem_texts import problem
from services.core.database import Database
from services.core.errors import AnswersRefused
from services.core.i18n import use
from tests.chance import examples
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.domain.books import CALENDAR
from tests.domain.test_dates_in_order import of
from tests.domain.walk import fill

BOOKS = {name: of(name) for name in ("national_2026", "yakeshi", "linhe")}
TODAY = date(2026, 11, 23)
HALF = "\ud83d"
DAYS: st.SearchStrategy[Value] = st.dates(TODAY + timedelta(days=1), date(2199, 12, 31))
NO_DAYS: st.SearchStrategy[Value] = st.sampled_from(
    [
        EARLIEST_DAY - timedelta(days=1),
        LATEST_DAY + timedelta(days=1),
        datetime(2026, 11, 2, tzinfo=ZONE),
        "2026-02-30",
        20261102,
    ]
)
OTHERS: st.SearchStrategy[Value] = st.sampled_from(["", "无此项", True, 7, ("x", "x"), HALF])
SAID = {
    ProblemCode.REQUIRED: "还没填",
    ProblemCode.NOT_A_NUMBER: "要一个整数，比如 48",
    ProblemCode.TOO_SMALL: "不能小于{minimum}",
    ProblemCode.TOO_BIG: "不能大于{maximum}",
    ProblemCode.TOO_LONG: "最多{maximum}个字",
    ProblemCode.TOO_SHORT: "至少要{minimum}个字",
    ProblemCode.NOT_A_DAY: "请写成 {example}",
    ProblemCode.DAY_AHEAD: "日期不能晚于今天",
    ProblemCode.UNKNOWN_OPTION: "请从列出的选项里选",
    ProblemCode.TOO_FEW: "{minimum}",
    ProblemCode.TOO_MANY: "{maximum}",
}
"""What each refusal of an answer by itself has to say."""


@st.composite
def texts(draw: st.DrawFn, field: Field) -> Value:
    longest = field.maximum or LONGEST_TEXT
    bad: list[st.SearchStrategy[Value]] = [
        st.sampled_from([" \n", "好" + HALF, "字" * (longest + 1), 7])
    ]
    if (field.minimum or 0) > 1:
        bad.append(st.integers(1, (field.minimum or 2) - 1).map(lambda size: "字" * size))
    return draw(st.one_of(bad))


@st.composite
def numbers(draw: st.DrawFn, field: Field) -> Value:
    lowest = field.minimum or 0
    highest = HIGHEST_NUMBER if field.maximum is None else field.maximum
    bad: list[st.SearchStrategy[Value]] = [
        st.integers(-(10**9), lowest - 1),
        st.integers(highest + 1, 10**12),
        st.sampled_from([True, "二十", HALF, ("1",)]),
    ]
    return draw(st.one_of(bad))


@st.composite
def lists(draw: st.DrawFn, field: Field) -> Value:
    bad: list[Value] = ["one", ("x", "x"), 3]
    known = tuple(option.id for option in field.options)
    if known:
        bad += [("no such",), (*known, "no such")]
    if not field.optional and field.type is not FieldType.CHECKLIST:
        bad.append(())
    if field.maximum is not None and not known:
        bad.append(tuple(f"p{number}" for number in range(field.maximum + 1)))
    return draw(st.sampled_from(bad))


def bad(field: Field) -> st.SearchStrategy[Value]:
    """An answer of a kind that can't stand at this question."""
    if field.type is FieldType.TEXT:
        return texts(field)
    if field.type is FieldType.NUMBER:
        return numbers(field)
    if field.type is FieldType.DATE:
        return NO_DAYS if field.future else NO_DAYS | DAYS
    if field.type in LISTS:
        return lists(field)
    if field.type is FieldType.FLAG:
        return st.sampled_from(["是", "", 1, HALF])
    if field.type is FieldType.CHOICE:
        return OTHERS
    return st.sampled_from(["", 7, ("a",)])


def test_what_is_left_of_a_list_that_is_needed_whole_is_named() -> None:
    fields = [field for step in BOOKS["national_2026"].steps for field in step.fields]
    topics = next(field for field in fields if field.id == "topics")
    found = check_answer(topics, ("law", "history", "view"), TODAY)
    assert found is not None
    assert problem(found, {}) == "都要有，还差：入党动机、家庭情况。"
    people = next(field for field in fields if field.type is FieldType.PERSONS)
    found = check_answer(replace(people, minimum=3), ("a", "b"), TODAY)
    assert found is not None
    assert problem(found, {}) == "至少要3人，现在2人。"


def refusals(
    book: Rulebook, step: Step, answers: Mapping[str, Value], field: Field
) -> list[Problem]:
    found = check_entry(book, CaseFacts(TODAY), step.id, answers, TODAY, CALENDAR)
    return [one for one in found if one.refuses and one.field == field.id]


def says_what_would_fit(found: Problem, field: Field) -> None:
    values = {name: str(value) for name, value in (found.values or {}).items()}
    values["example"] = "1998-11-22 或者1998年11月22日" if field.typed else "2026-11-22、11月22日"
    said = problem(found, {field.id: field})
    wanted = "还差：" if "missing" in values else SAID[found.code].format_map(values)
    assert wanted in said, (found, said)
    assert said.startswith(field.label.zh.rstrip("？?。.")), said
    with use("en"):
        english = problem(found, {})
    assert not any("\u4e00" <= sign <= "\u9fff" for sign in english.replace("十一月", "")), english


@pytest.mark.parametrize("name", BOOKS)
@given(data=st.data())
@examples(60, 600)
def test_each_bad_answer_is_refused_in_a_sentence_that_says_what_would_fit(
    name: str, data: st.DataObject
) -> None:
    book = BOOKS[name]
    step = data.draw(st.sampled_from(book.steps))
    answers = fill(step, TODAY, Random(1), straight=True)
    fields = [field for field in step.fields if field.id in answers]
    field = data.draw(st.sampled_from(fields))
    answers[field.id] = data.draw(bad(field))
    found = refusals(book, step, answers, field)
    assert found, (step.id, field.id, answers[field.id])
    says_what_would_fit(found[0], field)


def test_no_kind_of_question_is_left_out() -> None:
    kinds = {field.type for book in BOOKS.values() for step in book.steps for field in step.fields}
    assert kinds == set(FieldType)


async def rows(second: Database) -> dict[str, list[str]]:
    found = {}
    async with second.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            found[table.name] = [repr(row) for row in await connection.execute(select(table))]
    return found


GOOD: dict[str, Value] = {"received_on": TODAY, "age": 25, "way": "self", "handwritten": True}
REFUSED: dict[str, tuple[Value, ...]] = {
    "received_on": (TODAY + timedelta(days=1), "2026-02-30", date(1899, 12, 31)),
    "age": (17, 100, "二十", True),
    "way": ("pigeon", "", 7),
    "handwritten": ("是", 1),
    "remark": ("字" * 2001, "好" + HALF, " "),
}


async def test_nothing_of_it_is_stored(house: House, secretary: Somebody, second: Database) -> None:
    actor, steps = house.posts["书记丙"], house.services.steps
    card = await house.services.cases.open(house.act(), actor, "张三", house.places["第一支部"])
    before, tried = await rows(second), 0
    for name, values in REFUSED.items():
        for value in values:
            with pytest.raises(AnswersRefused) as refused:
                answers = {**GOOD, name: value}
                await steps.record(house.act(), actor, card.case_id, "1", answers)
            assert name in {one.field for one in refused.value.problems}
            assert await rows(second) == before
            tried += 1
    assert tried >= 12
    await steps.record(house.act(), actor, card.case_id, "1", GOOD)
    assert await rows(second) != before
