"""When the invented city begins: README.md says what a day more brings."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from domain.calendar.office_hours import ZONE, day_of
from sandbox.run import beginning
from services.reports.register import batch_of

DAY = datetime(2030, 1, 7, tzinfo=ZONE)
"""A Monday, of a clock that was moved on: the time of this machine lies before it."""


@pytest.mark.parametrize(
    ("left", "begins"),
    [
        (timedelta(hours=3), timedelta(hours=9, minutes=30)),
        (timedelta(hours=8, minutes=45), timedelta(hours=9, minutes=30)),
        (timedelta(hours=14), timedelta(hours=14)),
        (timedelta(hours=21), timedelta(days=1, hours=9, minutes=30)),
        (timedelta(days=4, hours=21), timedelta(days=7, hours=9, minutes=30)),
    ],
)
def test_a_day_after_the_city_began_its_reports_are_handed_over(
    tmp_path: Path, left: timedelta, begins: timedelta
) -> None:
    clock = tmp_path / "clock"
    clock.write_text((DAY + left).isoformat(), "utf-8")
    began = beginning(clock)
    assert began == DAY + begins
    later = began + timedelta(days=1)
    batch = batch_of(later)
    assert batch is not None, "before the first hour of the day nothing is fetched"
    assert batch.startswith(day_of(later).isoformat())
    assert batch != batch_of(began)
