"""The town, on the house of the conversation stories but under the real rulebook."""

import pytest

from domain.rulebook.schema import Role
from services.casefile.procedure import Procedure
from services.container import procedure_of
from tests.conversation.conftest import (
    House,
    committee,
    database_url,
    director,
    house,
    introducer,
    line_fault,
    other_secretary,
    secretary,
    stranger,
)
from tests.conversation.people import Somebody
from tests.meetings.town import COMMITTEE, DEPARTMENT, FIRST_CHAT, ORGANISERS, Town

__all__ = [
    "committee", "database_url", "director", "house", "introducer", "line_fault",
    "other_secretary", "secretary", "stranger",
]  # fmt: skip


@pytest.fixture
def procedure() -> Procedure:
    return procedure_of()


@pytest.fixture
async def town(
    house: House, committee: Somebody, secretary: Somebody, introducer: Somebody
) -> Town:
    director = house.posts["主任甲"]
    joined = [
        await house.join(director, Role.ORGANISER, DEPARTMENT, name, chat)
        for chat, name in enumerate(ORGANISERS, FIRST_CHAT)
    ]

    async def responsible() -> None:
        await house.services.responsible.give(
            house.act(), director, house.places[COMMITTEE], house.posts[ORGANISERS[0]].person_id
        )

    await house.once("responsible", responsible)
    return Town(house, secretary, committee, joined[0])
