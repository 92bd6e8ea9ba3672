"""The house and people of the conversation's stories."""

from tests.conversation.conftest import (
    committee,
    database_url,
    director,
    house,
    introducer,
    line_fault,
    other_secretary,
    procedure,
    secretary,
    stranger,
)

__all__ = [
    "committee", "database_url", "director", "house", "introducer", "line_fault",
    "other_secretary", "procedure", "secretary", "stranger",
]  # fmt: skip
