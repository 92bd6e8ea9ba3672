"""The same town as the meetings'."""

from tests.meetings.conftest import (
    committee,
    database_url,
    director,
    house,
    introducer,
    other_secretary,
    procedure,
    secretary,
    stranger,
    town,
)

__all__ = [
    "committee", "database_url", "director", "house", "introducer", "other_secretary",
    "procedure", "secretary", "stranger", "town",
]  # fmt: skip
