"""A chat of which nothing waits is remembered with its conversations, and never wrongly."""

from collections.abc import Mapping
from functools import partial

import pytest

from benchmarks.statements import statements_of
from services.core.database import Database
from services.messages.chats_at_rest import ChatsAtRest
from services.messages.inbox import Inbox, InboxUpdate, Incoming
from tests.messages.conftest import NOW

AT = "42:7:7:default"


def stands(question: str) -> Mapping[str, Mapping[str, str]]:
    return {AT: {"state": f'"{question}"'}}


async def stored(inbox: Inbox, *numbers: int) -> InboxUpdate:
    batch = [Incoming(number, 7, f'{{"update_id": {number}}}') for number in numbers]
    [chat] = await inbox.store("staff", batch, NOW)
    found = await inbox.oldest("staff", chat)
    assert found is not None
    return found


async def test_what_comes_in_next_stands_where_the_last_one_left_it(database: Database) -> None:
    inbox = Inbox(database)
    assert await inbox.finish(await stored(inbox, 17), stands("day")) is None
    later = await stored(inbox, 18)
    assert (later.update_id, later.payload) == (18, '{"update_id": 18}')
    assert later.conversations == stands("day")
    # Unchanged by 18, and ended by 19.
    assert await inbox.finish(later, None) is None
    last = await stored(inbox, 19)
    assert last.conversations == stands("day")
    assert await inbox.finish(last, {}) is None
    assert (await stored(inbox, 20)).conversations == {}


async def test_two_of_one_commit_follow_one_another(database: Database) -> None:
    inbox = Inbox(database)
    await inbox.finish(await stored(inbox, 17), stands("day"))
    first = await stored(inbox, 20, 19)
    assert (first.update_id, first.conversations) == (19, stands("day"))
    second = await inbox.finish(first, stands("place"))
    assert second is not None
    assert (second.update_id, second.conversations) == (20, stands("place"))
    assert await inbox.finish(second, None) is None


async def test_one_that_failed_is_looked_up_with_its_tries(database: Database) -> None:
    inbox = Inbox(database)
    await inbox.finish(await stored(inbox, 17), stands("day"))
    failing = await stored(inbox, 18)
    for tries in (1, 2):
        assert not await inbox.failed(failing.row_id, "KeyError")
        again = await inbox.oldest("staff", failing.chat)
        assert again is not None
        assert (again.tries, again.conversations) == (tries, stands("day"))
    assert await inbox.failed(failing.row_id, "KeyError")
    assert await inbox.oldest("staff", failing.chat) is None
    # The parked one stays where it is and holds up nothing.
    later = await stored(inbox, 19)
    assert (later.update_id, later.conversations) == (19, stands("day"))
    assert await inbox.finish(later, None) is None


def test_of_a_chat_that_rests_no_more_is_kept_than_where_it_stands() -> None:
    rest = ChatsAtRest(most=1)
    for chat in ("a", "b"):
        rest.rests(chat, stands("day"))
        update = partial(InboxUpdate, "", "", 18, chat, "", 0)
        assert rest.stored(rest.busy([chat]), [(chat, 18, update)])
        assert rest.ends(chat)
        rest.rests(chat, stands("place"))
        assert not rest.ends(chat)
    assert rest.busy(["a", "b"]) == {"b": stands("place")}


async def test_a_process_that_begins_knows_nothing_and_looks(database: Database) -> None:
    inbox = Inbox(database)
    await inbox.finish(await stored(inbox, 17), stands("day"))
    assert (await stored(Inbox(database), 18)).conversations == stands("day")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_is_asked_of_the_database_on_the_way(database: Database) -> None:
    inbox = Inbox(database)
    await inbox.finish(await stored(inbox, 17), stands("day"))
    assert database.blocking is not None
    asked = statements_of(database)
    await inbox.finish(await stored(inbox, 18), stands("place"))
    words = [statement.split()[0] for statement in asked]
    wrote = [word for word in words if word not in ("BEGIN", "PRAGMA")]
    assert wrote == ["INSERT", "INSERT", "DELETE", "UPDATE"]
