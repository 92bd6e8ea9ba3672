"""The house and people of the stories about cases."""

from tests.cases.conftest import (
    committee,
    database_url,
    director,
    house,
    other_secretary,
    procedure,
    secretary,
    stranger,
)

__all__ = [
    "committee", "database_url", "director", "house", "other_secretary", "procedure", "secretary",
    "stranger",
]  # fmt: skip
