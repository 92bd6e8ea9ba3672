"""Lines that several screens say alike."""

from dataclasses import replace
from datetime import date

import pytest

from domain.case.facts import DateKind, Deadline
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Field, FieldType, Text
from handlers.staff.common.replies import fit
from handlers.staff.form import texts as form
from handlers.staff.shared import texts as words
from services.core.i18n import use

TODAY = date(2026, 11, 25)


def deadline(kind: DateKind, on: date) -> Deadline:
    return Deadline("22", "limit", kind, on, "N32", Text("期满前提出", "Before the end"))


@pytest.mark.parametrize(
    ("kind", "on", "said"),
    [
        (DateKind.LEGAL, date(2026, 11, 20), "11月20日，已过5天"),
        (DateKind.LEGAL, date(2026, 11, 25), "11月25日，就是今天"),
        (DateKind.ADVISED, date(2027, 1, 4), "2027年1月4日，还有40天"),
        (DateKind.LEGAL, date(2026, 8, 27), "8月27日，已过90天"),
        (DateKind.LEGAL, date(2026, 8, 26), "8月26日，已过2个月"),
        (DateKind.LEGAL, date(2024, 11, 26), "2024年11月26日，已过23个月"),
        (DateKind.LEGAL, date(2024, 6, 28), "2024年6月28日，已过2年"),
        (DateKind.ADVISED, date(2027, 11, 24), "2027年11月24日，还有11个月"),
        (DateKind.EARLIEST, date(2026, 11, 6), "11月6日起可以办"),
        (DateKind.EARLIEST, date(2026, 11, 25), "11月25日起可以办"),
        (DateKind.EARLIEST, date(2026, 12, 1), "12月1日起可以办，还有6天"),
    ],
)
def test_only_what_must_be_done_by_a_day_can_be_over(kind: DateKind, on: date, said: str) -> None:
    with use("zh"):
        assert words.due(deadline(kind, on), TODAY) == said


def test_what_a_mark_of_reckoning_means_stands_once_at_the_end_of_a_screen() -> None:
    with use("zh"):
        far = replace(deadline(DateKind.LEGAL, date(2027, 1, 4)), provisional=True)
        line = words.due(far, TODAY)
        assert line == "2027年1月4日，还有40天（推算）"
        said = fit(["期限", line, line])
        assert said.splitlines()[:3] == ["期限", line, line]
        assert said.count("放假安排还没有公布") == 1
        assert "推算" not in fit(["期限", "11月20日，已过5天"])


BOOKS = ("national_2026", "yakeshi")


def asked(kind: FieldType) -> list[Field]:
    fields = [field for name in BOOKS for step in load(name).steps for field in step.fields]
    return [field for field in fields if field.type is kind]


def test_a_ballots_number_is_asked_for_by_one_instruction() -> None:
    with use("zh"):
        counts = [field for field in asked(FieldType.NUMBER) if field.count]
        told = [form.question(field)[2:] for field in counts]
        assert {len(lines) for lines in told} == {1}
        assert {lines[0][:6] for lines in told} == {"请发一个数字"}


def test_numbers_to_tap_on_are_few_and_are_answers() -> None:
    tapped = {field.id: form.numbers(field) for field in asked(FieldType.NUMBER)}
    assert tapped["heard"] == range(1, 9)
    assert tapped["extension_months"] == range(6, 13)
    assert tapped["months"] == range(1, 7)
    assert not [key for key in ("year", "entitled", "yes") if tapped[key]]
    assert all(len(numbers) <= 8 for numbers in tapped.values())


def test_in_english_nothing_chinese_is_left() -> None:
    with use("en"):
        said = words.due(deadline(DateKind.EARLIEST, date(2026, 12, 1)), TODAY)
    assert said == "possible from 1 Dec, 6 days left"
