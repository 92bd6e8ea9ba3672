"""Who serves which cell: by lease, each a fair share, none by two at the same time."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import text

from benchmarks.postgres import on_server
from bot.app.engines import engine_for
from cells.control import LEASE, Control, Process, shares
from cells.serving import ENDS_IN, LOOK, Leases, controlled

FIVE = ("a", "b", "c", "d", "e")
P, Q, R = (Process(name, f"http://{name}:9471") for name in "PQR")


@pytest.fixture
async def control(postgres_url: str) -> AsyncIterator[Control]:
    async with on_server(postgres_url) as url, controlled(url) as made:
        yield made


async def run_out(control: Control, holder: Process) -> None:
    """As if it hadn't renewed for longer than LEASE."""
    async with control.engine.begin() as connection:
        for table in ("cell_process", "cell_lease"):
            changed = f"UPDATE {table} SET until = clock_timestamp() WHERE holder = :holder"
            await connection.execute(text(changed), {"holder": holder.holder})


@given(some.integers(0, 400), some.dictionaries(some.text("pqr", min_size=1), some.integers(0, 60)))
@pytest.mark.hypothesis
def test_shares_are_even_and_leave_no_cell_to_nobody(total: int, held: dict[str, int]) -> None:
    given_out = shares(total, held)
    assert given_out.keys() == held.keys()
    if held:
        assert sum(given_out.values()) == total
        assert max(given_out.values()) - min(given_out.values()) <= 1
        # Who has an even share already moves nothing.
        assert shares(total, given_out) == given_out


@pytest.mark.postgres
async def test_cells_move_to_who_has_fewer_and_are_held_by_one(control: Control) -> None:
    alone = await control.renew(P, FIVE, ())
    assert (alone.cells, alone.share) == ({*FIVE}, 5)
    # Nothing is free: Q holds none, and is counted from now on.
    assert await control.renew(Q, FIVE, ()) == await control.renew(Q, FIVE, ())
    seen = await control.renew(P, FIVE, FIVE)
    assert (seen.cells, seen.share) == ({*FIVE}, 3)
    # P has ended two, and Q takes them.
    assert (await control.renew(P, FIVE, FIVE[:3])).cells == {*FIVE[:3]}
    taken = await control.renew(Q, FIVE, ())
    assert (taken.cells, taken.share) == ({"d", "e"}, 2)
    assert [(one.cell, one.address) for one in await control.leases()] == [
        *((cell, P.address) for cell in FIVE[:3]),
        *((cell, Q.address) for cell in FIVE[3:]),
    ]


@pytest.mark.postgres
async def test_a_dead_process_loses_its_cells_and_one_that_comes_back_hears_so(
    control: Control,
) -> None:
    await control.renew(P, FIVE, ())
    await control.renew(Q, FIVE, ())
    await run_out(control, P)
    assert (await control.renew(Q, FIVE, ())).cells == {*FIVE}
    # P was only slow: what it believes to hold is another one's.
    back = await control.renew(P, FIVE, FIVE)
    assert (back.cells, back.share) == (frozenset(), 2)


@pytest.mark.postgres
async def test_who_leaves_gives_back_at_once_and_a_cell_taken_out_is_nobody_s(
    control: Control,
) -> None:
    await control.renew(P, FIVE, ())
    await control.leave(P)
    assert await control.leases() == []
    held = await control.renew(Q, FIVE[:2], ())
    assert (held.cells, held.share) == ({"a", "b"}, 2)


@pytest.mark.postgres
async def test_who_cannot_renew_serves_on_for_a_while_and_stops_before_others_begin(
    postgres_url: str,
) -> None:
    time = [1000.0]
    async with on_server(postgres_url) as url:
        engine = engine_for(url)
        control = Control(engine)
        await control.make()
        leases = Leases(control, P, lambda: time[0])
        first = await leases.renew(FIVE, ())
        assert first is not None
        assert first.cells == {*FIVE}
        await engine.dispose()
    # The control database is gone.
    last = LEASE - ENDS_IN - timedelta(seconds=LOOK)
    time[0] += last.total_seconds() - 0.1
    assert await leases.renew(FIVE, FIVE) is None, "what it holds is still its own"
    time[0] += 0.2
    stopped = await leases.renew(FIVE, FIVE)
    assert stopped is not None
    assert stopped.cells == frozenset()
    # All have ended by the time at which another process may take them.
    assert time[0] + ENDS_IN.total_seconds() < 1000 + LEASE.total_seconds()
    await engine.dispose()
