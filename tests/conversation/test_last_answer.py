"""The last answer saves with the same press, where all else stands there to be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from domain.case.facts import Value
from domain.rulebook.schema import Role
from handlers.staff.common import replies
from handlers.staff.form import texts
from handlers.staff.form.answers import FormData
from handlers.staff.form.screens import closing
from handlers.staff.shared import texts as words
from services.cases.views import Preview
from services.container import procedure_of
from services.core.database import Database
from services.core.i18n import use
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import ballot, opened

__all__ = ["opened"]


async def test_the_last_answer_saves_once_everything_else_is_on_its_screen(
    house: House, opened: Somebody, second: Database
) -> None:
    await opened.presses("开始填写")
    await opened.says("昨天")
    await opened.says("25")
    assert not [label for label in opened.choices if "保存" in label and "稍后" not in label]
    said = await opened.presses("本人")
    assert "手写？" in said
    assert "· 年龄　<b>25</b>" in said, "the record is read whole before it is saved"
    assert "上面都对，按“是 · 保存”就存好了。" in said
    late = opened.button("是 · 保存")
    said = await opened.presses("是 · 保存")
    assert "已保存：张三 · 1 递交入党申请书" in said
    assert "接着填：2 派人谈话" in opened.choices
    services, secretary = house.services, house.posts["书记丙"]
    page = await services.cases.search(secretary, date(2026, 11, 23))
    card = await services.cases.card(secretary, page.lines[0].case_id, date(2026, 11, 23))
    assert len(card.entries) == 1
    assert card.entries[0].answers["handwritten"] is True
    await opened.presses_again(*late)
    card = await services.cases.card(secretary, card.case_id, date(2026, 11, 23))
    assert len(card.entries) == 1, "a double tap enters nothing twice"


async def asked_last(secretary: Somebody, begins: str = "开始填写") -> None:
    await secretary.presses(begins)
    await secretary.says("昨天")
    await secretary.says("25")
    await secretary.presses("本人")


async def test_an_answer_that_is_written_is_looked_over_first(opened: Somebody) -> None:
    await asked_last(opened)
    await opened.says("是")
    assert "核对后保存" in await opened.presses("跳过")


async def test_what_ends_a_case_is_looked_over_before_it_is_saved(opened: Somebody) -> None:
    await ballot(opened)
    await opened.says("有表决权20 应到20 实到20 赞成10 不赞成10")
    await opened.presses("对，就这些")
    assert "未通过" in opened.choices
    assert "未通过 · 保存" not in opened.choices
    assert "核对后保存" in await opened.presses("未通过")


async def test_what_simply_goes_on_is_saved_with_its_verdict_read(opened: Somebody) -> None:
    await ballot(opened)
    await opened.says("有表决权50，应到50 实到48 赞成46 不赞成2")
    said = await opened.presses("对，就这些")
    assert said.count("核对结果：票数够。") == 1
    assert "全部点上" not in opened.choices
    assert "已保存" in await opened.presses("通过 · 保存")


async def test_a_crash_after_the_press_that_saves_saves_once_and_says_the_same(
    house: House, opened: Somebody
) -> None:
    await asked_last(opened)
    before = {key: record.data for key, record in house.storage.storage.items()}
    first = await opened.presses("是 · 保存")
    assert "已保存" in first
    for key, data in before.items():
        house.storage.storage[key].data = data
    house.restart()
    opened.chat.clear()
    assert await opened.is_handled_again() == first
    services, secretary = house.services, house.posts["书记丙"]
    page = await services.cases.search(secretary, date(2026, 11, 23))
    card = await services.cases.card(secretary, page.lines[0].case_id, date(2026, 11, 23))
    assert len(card.entries) == 1


async def test_a_second_secretary_is_told_why_the_press_saved_nothing(
    house: House, opened: Somebody, committee: Somebody
) -> None:
    await asked_last(opened)
    other = await house.join(house.posts["委员乙"], Role.SECRETARY, "第一支部", "书记己", 600)
    await other.says("待办")
    await asked_last(other, "1. 张三 · 填写")
    assert "已保存" in await opened.presses("是 · 保存")
    house.restart()
    said = await other.presses("是 · 保存")
    assert "没有保存" in said
    assert "已保存" not in said


@dataclass
class Filled:
    """A session of which only the draft is asked."""

    draft: FormData
    preview: Preview
    today: date = date(2026, 11, 23)

    async def imagine(self, answers: Mapping[str, Value]) -> Preview:
        return self.preview


@dataclass
class Concluding(Filled):
    """One whose conclusion asks for more."""

    concluded: Preview = field(kw_only=True)

    async def imagine(self, answers: Mapping[str, Value]) -> Preview:
        return self.concluded if "conclusion" in answers else self.preview


async def test_what_an_earlier_answer_holds_or_ends_is_looked_over_too() -> None:
    book = procedure_of("yakeshi").current
    fields = {field.id: field for field in book.by_id["17"].fields}
    asked = tuple(fields[name] for name in ("conclusion", "reason", "results_written"))
    preview = Preview(asked, ())
    for conclusion, saves in (("approved", ["*"]), ("later", []), ("refused", [])):
        given = {"conclusion": conclusion, "reason": "条件还不够。"}
        draft = FormData({"answers": given, "known": [], "people": {}, "corrects": None})
        session: Any = Filled(draft, preview)
        found = await closing.ways(session, preview, asked[1:])
        assert [way.argument for way in found] == saves, conclusion


async def test_one_press_attests_what_stands_there_and_concludes() -> None:
    """What the conclusion asks to be attested is on the screen too; what doesn't simply go on has
    no such button."""
    book = procedure_of("yakeshi").current
    fields = {field.id: field for field in book.by_id["15"].fields}
    group = tuple(fields[name] for name in ("five_points", "agenda", "conclusion"))
    more = tuple(fields[name] for name in ("resolution", "results_written"))
    draft = FormData({"answers": {}, "known": [], "people": {}, "corrects": None})
    session: Any = Concluding(draft, Preview(group, ()), concluded=Preview(group + more, ()))
    (found,) = await closing.ways(session, session.preview, group)
    assert found.label == "①②④⑤ 都是，接收为预备党员 · 保存"
    assert found.answers == {
        "conclusion": "accept",
        "resolution": True,
        "results_written": True,
        **{name: tuple(o.id for o in fields[name].options) for name in ("five_points", "agenda")},
    }
    said = "\n".join(closing.besides([found], group))
    assert "选“接收为预备党员”的，还有：\n④ 决议写全五项了吗？\n　主要表现" in said
    assert "⑤ 测评和表决的结果记入" in said
    again = await closing.way(session, session.preview, group, "conclusion,accept")
    assert again == found, "a press gives what its screen said"
    # What has to be written can't be attested.
    session.concluded = Preview((*group, *more, fields["opinions"]), ())
    assert await closing.ways(session, session.preview, group) == []


async def test_what_is_usual_is_given_by_the_press_that_saves_and_says_it() -> None:
    fields = {field.id: field for field in procedure_of("yakeshi").current.by_id["6a"].fields}
    group = tuple(fields[name] for name in ("opinion", "contacts_fit"))
    draft = FormData({"answers": {}, "known": [], "people": {}, "corrects": None})
    session: Any = Filled(draft, Preview(group, ()))
    good, weak = await closing.ways(session, session.preview, group)
    assert good.label == "② 合适，① 表现好，继续培养 · 保存"
    assert good.answers == {"opinion": "good", "contacts_fit": "fit"}
    assert weak.label == "② 合适，① 有不足，加强教育 · 保存"
    # What was pressed stands, and the button that said otherwise is one of an earlier screen.
    draft.answer("contacts_fit", "replace")
    assert await closing.way(session, session.preview, group, good.argument) is None
    assert [way.label for way in await closing.ways(session, session.preview, group)] == [
        "① 表现好，继续培养 · 保存",
        "① 有不足，加强教育 · 保存",
    ]
    # Of the last one left no answer is usual: it is given.
    draft.answer("contacts_fit", None)
    draft.answer("opinion", "good")
    labels = [way.label for way in await closing.ways(session, session.preview, group)]
    assert labels == ["② 合适 · 保存", "② 不合适，要更换 · 保存"]


async def test_a_button_that_could_not_say_all_of_it_is_not_there() -> None:
    fields = {field.id: field for field in procedure_of("yakeshi").current.by_id["13"].fields}
    group = tuple(fields[name] for name in ("leaving", "conclusion"))
    draft = FormData({"answers": {}, "known": [], "people": {}, "corrects": None})
    session: Any = Filled(draft, Preview(group, ()))
    labels = [way.label for way in await closing.ways(session, session.preview, group)]
    assert labels == ["① 不会离开，② 合格，发入党志愿书 · 保存"]
    with use("en"):
        assert await closing.ways(session, session.preview, group) == []


async def test_what_is_cut_to_fit_a_message_is_looked_over_before_it_is_saved(
    opened: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "LONGEST", 100)
    await asked_last(opened)
    assert "手写？" in opened.screen.text
    assert "保存" not in " ".join(opened.choices).replace("保存，稍后再填", "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_button_that_saves_says_so_however_long_its_answer_is(language: str) -> None:
    with use(language):
        for step in procedure_of("yakeshi").current.steps:
            for option in (option for field in step.fields for option in field.options):
                plain = words.plain(option.text)
                label = replies.label_of(texts.and_saved(plain))
                assert label.endswith(texts.and_saved(""))
                assert label != replies.label_of(plain)
