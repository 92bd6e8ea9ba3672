"""The numbers for whoever watches the house are those of the rows."""

from datetime import timedelta
from itertools import count
from typing import Any

from models import OutgoingRow, Person
from services.messages.inbox import MOST_TRIES, Inbox, Incoming
from services.operations.metrics import measure
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.messages.conftest import NOW

NUMBERS = count(1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def message(person: str, state: str, **more: Any) -> OutgoingRow:
    known = {"matter": "m", "kind": "k", "slot": str(next(NUMBERS)), "not_before": NOW - HOUR}
    return OutgoingRow(person_id=person, state=state, **(known | more))


async def test_nothing_waits_in_a_house_where_nothing_happened(house: House) -> None:
    found = await measure(house.services.database, NOW)
    assert not any(vars(found).values())


async def test_each_number_is_counted_from_its_rows(house: House, secretary: Somebody) -> None:
    database = house.services.database
    inbox = Inbox(database)
    for number, chat, at in ((1, 5, NOW - 2 * HOUR), (2, 5, NOW - HOUR), (3, 6, NOW - 3 * HOUR)):
        await inbox.store("staff", [Incoming(number, chat, "{}")], at)
    spoilt = await inbox.oldest("staff", (await inbox.chats("staff"))[1])
    assert spoilt is not None
    for _ in range(MOST_TRIES):
        await inbox.failed(spoilt.row_id, "KeyError")
    one = house.posts["书记丙"].person_id
    punctual = {"sent_at": NOW - HOUR}
    async with database.write() as session:
        session.add_all(
            [
                message(one, "new"),
                message(one, "sending"),
                message(one, "new", not_before=NOW + HOUR),
                message(one, "sent", **punctual),
                message(one, "sent", **punctual, repeats=2),
                message(one, "sent", **punctual, merged=True),
                message(one, "sent", sent_at=NOW, not_before=NOW - 5 * HOUR),
                message(one, "sent", sent_at=NOW - 2 * DAY, not_before=NOW - 2 * DAY),
                message(one, "unreachable"),
                message(one, "failed"),
                message(one, "unsure", repeats=1),
                message(one, "moot"),
            ]
        )
        (await session.get_one(Person, one)).blocked_at = NOW
    found = await measure(database, NOW)
    assert (found.waiting, found.parked) == (2, 1)
    assert found.oldest == (("staff", 2 * HOUR / timedelta(seconds=1)),)
    assert (found.due, found.sent, found.late) == (2, 4, 1)
    assert (found.repeated, found.merged, found.refused, found.unsure) == (3, 1, 2, 1)
    assert found.unreachable == 1
