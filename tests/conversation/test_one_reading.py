"""What follows from a case is worked out once and handed on, however many ask for it, also to the
next update while nobody has changed the case."""

from collections import Counter
from typing import Any

import pytest

from domain.case import answers, replay
from domain.case.answers import judge
from domain.case.entry_validation import check_entry
from services.casefile import load
from services.cases import forms
from services.meetings import agenda
from tests.conversation.people import Somebody
from tests.conversation.test_filling import ballot, first_step, opened

__all__ = ["opened"]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often a case was read and replayed, an entry checked, ballot numbers judged, an agenda
    read."""
    counter: Counter[str] = Counter()
    begin, signatures, listed = replay.Fold.__init__, load.signatures, agenda.agenda_of

    def replayed(self: replay.Fold, *given: Any) -> None:
        counter["replay"] += 1
        begin(self, *given)

    def checked(*given: Any, **named: Any) -> Any:
        counter["check"] += 1
        return check_entry(*given, **named)

    async def read(*given: Any) -> Any:
        # Once for every case that is read whole.
        counter["read"] += 1
        return await signatures(*given)

    def judged(*given: Any) -> Any:
        counter["ballot"] += 1
        return judge(*given)

    monkeypatch.setattr(replay.Fold, "__init__", replayed)

    async def called_up(*given: Any) -> Any:
        counter["agenda"] += 1
        return await listed(*given)

    monkeypatch.setattr(load, "signatures", read)
    monkeypatch.setattr(agenda, "agenda_of", called_up)
    monkeypatch.setattr(forms, "check_entry", checked)
    monkeypatch.setattr(answers, "judge", judged)
    return counter


async def test_a_typed_answer_reads_and_replays_no_case_anew(
    opened: Somebody, counted: Counter[str]
) -> None:
    await first_step(opened)
    await opened.presses("接着填：2 派人谈话")
    counted.clear()
    await opened.says("今天")
    assert (counted["read"], counted["replay"]) == (0, 0)
    assert counted["check"] == 1


async def test_opening_a_form_goes_on_with_the_replay_of_the_act_before(
    opened: Somebody, counted: Counter[str]
) -> None:
    await first_step(opened)
    counted.clear()
    await opened.presses("接着填：2 派人谈话")
    assert (counted["read"], counted["replay"]) == (1, 0)


async def test_confirming_checks_the_entry_once(opened: Somebody, counted: Counter[str]) -> None:
    """The replay of its preview goes on with the new entry: its dates and card, and the check of
    all dates, follow from the same. What was entered before isn't judged once more."""
    await opened.presses("开始填写")
    await opened.says("昨天")
    await opened.says("25")
    await opened.presses("本人")
    await opened.presses("是")
    await opened.presses("跳过")
    counted.clear()
    said = await opened.presses("确认，保存")
    assert "已保存" in said
    assert counted["read"] == 1
    assert counted["replay"] == 0
    assert counted["check"] == 1


async def test_correcting_reads_its_case_once(opened: Somebody, counted: Counter[str]) -> None:
    """Replayed are the entries before it, for the check, and then the whole case: a correction may
    change what was judged after it."""
    await first_step(opened)
    await opened.presses("看这一件")
    await opened.presses("办理记录（1）")
    await opened.presses("更正记录")
    await opened.presses("11月22日 1 递交入党申请书")
    await opened.says("年龄记错了")
    await opened.presses("改“年龄”")
    await opened.says("26")
    counted.clear()
    assert "已更正" in await opened.presses("确认，保存")
    assert counted["read"] == 1
    assert counted["replay"] == 2
    assert counted["check"] == 1


async def test_confirming_a_ballot_judges_its_numbers_once(
    opened: Somebody, counted: Counter[str]
) -> None:
    await ballot(opened)
    await opened.says("有表决权50，应到50 实到48 赞成46 不赞成2")
    await opened.presses("对，就这些")
    await opened.presses("通过")
    counted.clear()
    said = await opened.presses("确认，保存")
    assert "票数够" in said
    assert counted["replay"] == 0
    assert counted["ballot"] == 1
