"""Nothing goes out outside the hours, also what had to wait because nobody sent it in time."""

from datetime import datetime, timedelta

import pytest

from bot.app.settings import Settings
from domain.calendar.office_hours import ZONE
from services.container import Services
from services.core.ports import Message
from services.messages.queue import TAKE_OFF, enqueue
from tests.operations.conftest import Lived, opened_in
from tests.operations.test_doctor import in_order

pytestmark = pytest.mark.one_thread


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=ZONE)


async def put(lived: Lived, kind: str, moment: datetime) -> None:
    async with lived.services.database.write() as session:
        person_id = lived.cast.people["乌兰"].person_id
        message = Message(f"matter:{kind}", kind, "s", {"message": 1}, moment)
        await enqueue(session, (person_id,), message)


async def claimed(services: Services, moment: datetime) -> list[str]:
    found = await services.outgoing.claim(moment, "w1", 20)
    return sorted(kind for item in found for kind in (item.kind, *(o.kind for o in item.others)))


@pytest.mark.parametrize(
    ("night", "morning"),
    [
        (at(1, 18), at(2, 8, 30)),
        (at(1, 23), at(2, 8, 30)),
        (at(2, 8, 29), at(2, 8, 30)),
        (at(5, 11), at(7, 8, 30)),
    ],
)
async def test_a_message_that_nobody_sent_in_time_waits_for_the_morning(
    settings: Settings, night: datetime, morning: datetime
) -> None:
    async with opened_in(settings) as database:
        lived = await in_order(database)
        services = lived.services
        await put(lived, "changed", at(1, 17, 50))
        assert await claimed(services, night) == []
        assert await services.reminders.next_moment(night) == morning
        assert await claimed(services, morning) == ["changed"]


async def test_what_has_to_leave_a_chat_leaves_at_night_too(settings: Settings) -> None:
    async with opened_in(settings) as database:
        lived = await in_order(database)
        await put(lived, TAKE_OFF, at(1, 22, 5))
        assert await lived.services.reminders.next_moment(at(1, 22)) == at(1, 22, 5)
        assert await claimed(lived.services, at(1, 22, 6)) == [TAKE_OFF]
        assert await claimed(lived.services, at(1, 22, 6) + timedelta(seconds=1)) == []
