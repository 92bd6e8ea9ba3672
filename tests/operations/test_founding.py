"""The first invitation of an installation: it may be asked for again, and is good once."""

from datetime import datetime, timedelta

import pytest

from domain.calendar.office_hours import ZONE
from services.container import build_services, procedure_of
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import NotAllowed, NotInvited

DAY = datetime(2026, 11, 23, 10, tzinfo=ZONE)


async def test_a_director_who_took_longer_than_a_week_still_joins(database: Database) -> None:
    people = build_services(database, procedure_of()).people
    token = await people.found(Act("init:found", DAY), "白桦市委组织部", "苏和")
    late = DAY + timedelta(days=8)
    with pytest.raises(NotInvited):
        await people.join(Act("1", late), 7, token, "zh")
    assert await people.found(Act("init:found", late), "白桦市委组织部", "苏和") == token
    director = await people.join(Act("2", late), 7, token, "zh")
    assert director.posts[0].organisation == "白桦市委组织部"
    assert await people.found(Act("init:found", late), "白桦市委组织部", "苏和") == token
    with pytest.raises(NotInvited):
        await people.join(Act("3", late), 8, token, "zh")


async def test_a_house_is_founded_once(database: Database) -> None:
    people = build_services(database, procedure_of()).people
    await people.found(Act("init:found", DAY), "白桦市委组织部", "苏和")
    with pytest.raises(NotAllowed):
        await people.found(Act("other", DAY), "白桦市委组织部", "苏和")
