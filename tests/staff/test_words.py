"""Lines that several screens say alike."""

from datetime import date

import pytest

from domain.facts import DateKind, Deadline
from domain.schema import Text
from handlers.staff.shared import texts as words
from services.i18n import use

TODAY = date(2026, 11, 25)


def deadline(kind: DateKind, on: date) -> Deadline:
    return Deadline("22", "limit", kind, on, "N32", Text("期满前提出", "Before the end"))


@pytest.mark.parametrize(
    ("kind", "on", "said"),
    [
        (DateKind.LEGAL, date(2026, 11, 20), "11月20日，已过5天"),
        (DateKind.LEGAL, date(2026, 11, 25), "11月25日，就是今天"),
        (DateKind.ADVISED, date(2027, 1, 4), "2027年1月4日，还有40天"),
        (DateKind.EARLIEST, date(2026, 11, 6), "11月6日起可以办"),
        (DateKind.EARLIEST, date(2026, 11, 25), "11月25日起可以办"),
        (DateKind.EARLIEST, date(2026, 12, 1), "12月1日起可以办，还有6天"),
    ],
)
def test_only_what_must_be_done_by_a_day_can_be_over(kind: DateKind, on: date, said: str) -> None:
    with use("zh"):
        assert words.due(deadline(kind, on), TODAY) == said


def test_in_english_nothing_chinese_is_left() -> None:
    with use("en"):
        said = words.due(deadline(DateKind.EARLIEST, date(2026, 12, 1)), TODAY)
    assert said == "possible from 1 Dec, 6 days left"
