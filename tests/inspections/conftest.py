"""The house and people of the stories about cases."""

from tests.cases.conftest import (
    Lead,
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
    "Lead", "committee", "database_url", "director", "house", "introducer", "lead",
    "other_secretary", "procedure", "secretary", "stranger",
]  # fmt: skip
