"""What the gateway's store does where many ask at once."""

import asyncio

from sqlalchemy import event

from bot.processes.gateway import transactions_for
from gateway.platform import Account
from gateway.store import Known, People, Store
from tests.gateway.conftest import FakeHouse, on_both_stores
from tests.gateway.house import MORNING, RING


@on_both_stores
async def test_a_hundred_writes_at_once_are_done_and_on_sqlite_in_turn(file: str) -> None:
    """Those that found it locked would sleep and try again, and some would give up."""
    # As the program makes it: each connection with a thread of its own.
    store = Store(transactions_for(file), RING, lambda: MORNING, "fake", "here")
    await store.open()
    engine, most = store.transactions.asked, 0

    def begun(*_: object) -> None:
        nonlocal most
        most = max(most, engine.pool.checkedout())  # type: ignore[attr-defined]

    event.listen(engine, "begin", begun)
    await asyncio.gather(*(store.remember(f"n{number}", "x") for number in range(100)))
    found = [await store.recall(f"n{number}") for number in range(100)]
    assert found == ["x"] * 100
    if engine.dialect.name == "sqlite":
        assert most == 1
    await store.transactions.close()


async def test_somebody_is_remembered_until_they_change(house: FakeHouse) -> None:
    store = house.store()
    await store.open()
    wang = await store.account_of(Account("@wang:here.test", "!room", "王芳"))
    assert await store.account_of_chat(wang.chat) == wang
    await store.change_account(wang.chat, blocked=True)
    changed = await store.account_of_chat(wang.chat)
    assert changed is not None
    assert changed.blocked
    # Written to elsewhere from now on.
    await store.account_of(Account("@wang:here.test", "!other", "王芳"))
    moved = await store.account_of_chat(wang.chat)
    assert moved is not None
    assert (moved.account.address, moved.blocked) == ("!other", True)
    await store.transactions.close()


def test_what_was_read_before_a_change_isnt_kept_after_it() -> None:
    people, wang = People(), Known(7, Account("wang", "!room"))
    seen = people.changes
    people.forget(7)
    people.keep("blind", wang, seen)
    assert people.get(7) is None
    people.keep("blind", wang, people.changes)
    assert (people.get(7), people.get("blind")) == (wang, wang)
    people.forget(7)
    assert (people.get(7), people.get("blind")) == (None, None)
