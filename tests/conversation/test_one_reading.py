"""What follows from a case is worked out once per update and handed on, however many ask for it."""

from collections import Counter
from typing import Any

import pytest

from domain.case import entry_validation, replay
from domain.case.answers import verdict_of
from domain.case.entry_validation import check_entry
from services.cases import forms
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step, opened

__all__ = ["opened"]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often entries were replayed, an entry was checked, its ballot judged."""
    counter: Counter[str] = Counter()
    begin = replay.Fold.__init__

    def replayed(self: replay.Fold, *given: Any) -> None:
        counter["replay"] += 1
        begin(self, *given)

    def checked(*given: Any, **named: Any) -> Any:
        counter["check"] += 1
        return check_entry(*given, **named)

    def judged(*given: Any) -> Any:
        counter["verdict"] += 1
        return verdict_of(*given)

    monkeypatch.setattr(replay.Fold, "__init__", replayed)
    monkeypatch.setattr(forms, "check_entry", checked)
    for module in (forms, entry_validation):
        monkeypatch.setattr(module, "verdict_of", judged)
    return counter


async def test_a_typed_answer_replays_its_case_once(
    opened: Somebody, counted: Counter[str]
) -> None:
    await first_step(opened)
    await opened.presses("接着填：2 派人谈话")
    counted.clear()
    await opened.says("今天")
    assert counted["replay"] == 1
    assert counted["check"] == 1


async def test_opening_a_form_replays_its_case_once(
    opened: Somebody, counted: Counter[str]
) -> None:
    await first_step(opened)
    counted.clear()
    await opened.presses("接着填：2 派人谈话")
    assert counted["replay"] == 1


async def test_confirming_checks_the_entry_once(opened: Somebody, counted: Counter[str]) -> None:
    """Three replays: the case before the entry, which judges it; the case with it, from which its
    dates and card follow; and that of the check of all dates, which stops at every entry."""
    await opened.presses("开始填写")
    await opened.says("昨天")
    await opened.says("25")
    await opened.presses("本人")
    await opened.presses("是")
    await opened.presses("跳过")
    counted.clear()
    said = await opened.presses("确认，保存")
    assert "已保存" in said
    assert counted["replay"] == 3
    assert counted["check"] == 1
