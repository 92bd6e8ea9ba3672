"""The days that are one tap away."""

from dataclasses import replace
from datetime import date, timedelta

from domain.rulebook.schema import Field, FieldType, Text
from handlers.staff.form.screens import calendar
from services.core.i18n import use

TODAY = date(2026, 11, 25)


def labels(future: bool, shown: date = TODAY) -> list[str]:
    field = Field("day", FieldType.DATE, Text("哪天？", "When?"), future=future)
    with use("zh"):
        return [label for row in calendar.rows("0", field, shown, TODAY) for label, _ in row]


def test_what_is_done_was_mostly_done_yesterday_or_today() -> None:
    assert labels(future=False)[-2:] == ["昨天", "今天"]
    assert "26" not in labels(future=False)


def test_weeks_that_are_all_ahead_are_left_out_where_nothing_may_lie_ahead() -> None:
    early = date(2026, 11, 3)
    field = Field("day", FieldType.DATE, Text("哪天？", "When?"))
    with use("zh"):
        rows = calendar.rows("0", field, early, early)
        assert [len(row) for row in rows] == [5, 7, 7, 7, 2]
        assert len(calendar.rows("0", replace(field, future=True), early, early)) == 9
        assert len(calendar.rows("0", field, date(2026, 12, 1), early)) == 4


def test_the_head_has_no_word_that_a_fifth_of_a_phone_would_break() -> None:
    assert labels(future=False)[:5] == ["«", "‹", "11月", "›", "»"]
    with use("en"):
        assert calendar.texts.month_alone(TODAY) == "Nov"


def test_what_is_meant_to_be_done_mostly_ends_with_a_month() -> None:
    assert labels(future=True)[-2:] == ["今天", "一个月后"]
    assert "26" in labels(future=True)


def test_today_is_the_day_of_the_press_whenever_it_was_drawn() -> None:
    field = Field("day", FieldType.DATE, Text("哪天？", "When?"))
    pressed = TODAY + timedelta(days=3)
    for ahead, days in ((False, [-1, 0]), (True, [0, 30])):
        shown = calendar.rows("0", replace(field, future=ahead), TODAY, TODAY)[-1]
        found = [calendar.day_of(press.argument, pressed) for _, press in shown]
        assert found == [pressed + timedelta(days=number) for number in days]
    assert calendar.day_of("20261120", pressed) == date(2026, 11, 20)
    assert calendar.day_of("x", pressed) is None
