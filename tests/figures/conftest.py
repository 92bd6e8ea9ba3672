"""The house and people of the stories about cases."""

from tests.cases.conftest import (
    committee,
    database_url,
    director,
    house,
    introducer,
    lead,
    other_secretary,
    procedure,
    secretary,
    stranger,
)

__all__ = [
    "committee", "database_url", "director", "house", "introducer", "lead", "other_secretary",
    "procedure", "secretary", "stranger",
]  # fmt: skip
