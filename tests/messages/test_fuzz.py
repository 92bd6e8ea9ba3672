"""Whatever is typed, sent or pressed: a clear answer, nothing stored, the chat goes on (Q7)."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from functools import partial

import pytest
from aiogram.filters.callback_data import CallbackData
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import SQLModel

from domain.rulebook.schema import FieldType, Role
from handlers.staff.form.buttons import Verb
from handlers.staff.preferences.callbacks import SpeakCallback, WeekOffCallback, WeekOnCallback
from services.core.database import Database
from tests.chance import examples
from tests.conversation.callback_types import callback_types
from tests.conversation.conftest import House, database_url
from tests.conversation.people import Somebody
from tests.conversation.test_filling import ballot, first_step, second_step
from tests.conversation.test_records import appointed

__all__ = ["database_url"]

SLOW = examples(6, 60)
LETTERS = "0-9一二三四五六七八九十年月日百人.,，:;/<>&\"'{}%\\ \n\t\u202e\u200d\u0000\U0001f600é"
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40) | st.text(
    st.sampled_from(LETTERS), min_size=1, max_size=12
)
LISTED = (
    "", "字" * 4096, "😀" * 2000, "\u202eשלום\u202c", "\x00\x1b[2J", "9" * 4000, "-1", "1e309",
    "NaN", "0", "2026-02-30", "9999-12-31", "<b>", "{0}", "%(x)s", "/unknown",
    "'; DROP TABLE entry; --", "\u200c\u200d", "１２３４５６７８９０１２３４５",
)  # fmt: skip
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def stored(database: Database, *but: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, through a connection of its own: it is looked at hundreds of times,
    and asked for through SQLAlchemy the tables took longer than what is told."""
    file = database.engine.url.database
    assert file
    with closing(sqlite3.connect(file)) as connection:
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"'), key=repr)
            for name in SQLModel.metadata.tables
            if name not in but
        }


Way = tuple[tuple[str, str], ...]
"""says or presses, what."""
QUESTIONS: dict[str, Way] = {
    "date": (),
    "number": (("says", "昨天"),),
    "choice": (("says", "昨天"), ("says", "25")),
    "flag": (("says", "昨天"), ("says", "25"), ("presses", "本人")),
}
LAST = ("checklist", "proof")
LATER: dict[str, Way] = {
    "choices": (("says", "今天"),),
    "person": (("says", "今天"), ("presses", "入党动机"), ("presses", "下一项 ›")),
    "persons": (
        ("says", "今天"),
        ("presses", "入党动机"),
        ("presses", "下一项 ›"),
        ("presses", "党员甲一"),
    ),
}


async def walk(person: Somebody, way: Way) -> str:
    for verb, what in way:
        await getattr(person, verb)(what)
    return person.screen.text.split("\n")[-1]


async def at_question(person: Somebody, name: str) -> str:
    """Leads to a question of that kind; gives what every screen of it ends with."""
    if name == "checklist":
        await ballot(person)
        await person.presses("‹ 上一项")
        return person.screen.text
    if name == "proof":
        await first_step(person)
        await second_step(person)
        await person.presses("接着填：8a 公示")
        await person.presses("今天")
        return person.screen.text
    if name in QUESTIONS:
        await person.presses("开始填写")
        return await walk(person, QUESTIONS[name])
    await first_step(person)
    await person.presses("接着填：2 派人谈话")
    return await walk(person, LATER[name])


ELSEWHERE = (FieldType.TEXT, FieldType.ORGANISATION)
"""A text takes nearly all of it: below. A branch is only chosen: `tests/cases`."""


@pytest.mark.parametrize("question", [*QUESTIONS, *LATER, *LAST])
async def test_every_kind_of_question_survives_everything(
    house: House, opened: Somebody, second: Database, question: str
) -> None:
    assert {*QUESTIONS, *LATER, *LAST, *ELSEWHERE} == set(FieldType)
    await at_question(opened, question)
    place = opened.screen.text.split("\n")[0]
    before = await stored(second, "person")
    sends: list[Callable[[], Awaitable[str]]] = [partial(opened.says, text) for text in LISTED[1:]]
    sends += [opened.shows_sticker]
    sends += [] if question == FieldType.PROOF else [partial(opened.shows_photo, b"x")]
    sends += [partial(opened.shows_document, b"x", "application/x-msdownload")]
    sends += [partial(opened.forwards, "25"), partial(opened.edits, "25")]
    for send in sends:
        assert await send(), send
        assert await stored(second, "person") == before, send
    assert place in opened.screen.text or "改过的消息" in opened.screen.text


async def test_a_text_is_kept_as_it_was_typed_or_refused(
    house: House, introducer: Somebody, opened: Somebody, second: Database
) -> None:
    """Whatever is typed for it is a text; what shows nothing, or is too long, is none."""
    await appointed(house, opened)
    await opened.presses("接着填：21a 回访")
    await opened.presses("今天")
    entries = (await stored(second))["entry"]
    for text in LISTED[1:]:
        assert "查思想动态" in opened.screen.text
        said = await opened.says(text)
        assert said.strip()
        assert (await stored(second))["entry"] == entries
        if "谁来帮扶" in said:
            await opened.presses("‹ 上一项")
    for send in (opened.shows_sticker(), opened.shows_photo(b"x"), opened.forwards("好")):
        await send
        assert "查思想动态" in opened.screen.text


@pytest.mark.parametrize("question", ["date", "number", "choice", "flag"])
@SLOW
@given(text=TEXTS)
async def test_a_form_takes_a_right_answer_or_says_what_is_expected(
    house: House, opened: Somebody, second: Database, question: str, text: str
) -> None:
    """Either it is answered and the next question comes, or nothing is stored."""
    if "开始填写" in opened.choices:
        await at_question(opened, question)
    before = await stored(second, "person")
    said = await opened.says(text)
    assert said.strip()
    if await stored(second, "person") != before:
        assert "现在不能" not in said
        await opened.presses("‹ 上一项")
    entries = (await stored(second))["entry"]
    assert entries == []


# Those two switch a setting of one's own, and carry nothing that could be another's.
KINDS = [kind for kind in callback_types() if kind not in (WeekOffCallback, WeekOnCallback)]
PIECES = st.text(st.characters(codec="utf-8", exclude_characters=":"), max_size=14)


FOREIGN = "foreign"
MOST = max(len(kind.model_fields) for kind in KINDS)
PARTS = st.lists(
    st.sampled_from([FOREIGN, "1", "2", "zh", "t"]) | PIECES, min_size=MOST, max_size=MOST
)


@SLOW
@given(kind=st.sampled_from(KINDS), drawn=PARTS)
async def test_a_button_of_another_branch_or_of_nobody_changes_and_shows_nothing(
    house: House,
    opened: Somebody,
    second: Database,
    kind: type[CallbackData],
    drawn: list[str],
) -> None:
    foreign = await foreign_case(house)
    parts = [foreign if part == FOREIGN else part for part in drawn[: len(kind.model_fields)]]
    if kind is SpeakCallback:
        parts = ["x" + part for part in parts]
    packed = ":".join([kind.__prefix__, *parts])
    before = await stored(second)
    answers = len(house.line.telegram.answers)
    said = await opened.presses_again(opened.screen.message_id, packed)
    assert said or len(house.line.telegram.answers) > answers
    assert "外人" not in opened.screen.text
    assert await stored(second) == before


async def foreign_case(house: House) -> str:
    if "书记戊" not in house.posts:
        await house.join(house.posts["委员乙"], Role.SECRETARY, "第二支部", "书记戊", 500)
        await house.somebody(500).says("开始新的一件")
        await house.somebody(500).says("外人")
        await house.somebody(500).presses("登记")
    page = await house.services.cases.search(house.posts["书记戊"], house.at.date())
    return page.lines[0].case_id


VERBS = st.sampled_from(list(Verb)).map(str) | PIECES
MARKS = st.sampled_from(["0", "1", "s", "99"]) | PIECES
ARGUMENTS = st.sampled_from(["1", "0", "self", "20261122", "999999"]) | PIECES
LEAVES = (Verb.LATER, Verb.CANCEL)


@SLOW
@given(verb=VERBS, mark=MARKS, argument=ARGUMENTS)
async def test_a_forged_press_in_a_form_is_answered_and_enters_nothing(
    house: House, opened: Somebody, second: Database, verb: str, mark: str, argument: str
) -> None:
    if "开始填写" in opened.choices or "接着填" in opened.labels:
        await opened.presses("开始填写" if "开始填写" in opened.choices else "接着填")
    message, packed = opened.button("取消")
    intent = packed.split("\x1d")[0]
    forged = f"{intent}\x1db:{mark}.{verb}.{argument}"
    if verb in LEAVES or len(forged.encode()) > 64:
        return
    await opened.presses_again(message, forged)
    assert (await stored(second))["entry"] == []
    assert opened.screen.text
