"""Several processes send with one token: together they keep to its limit, waste nothing of it, and
what a dead one held goes to the others."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.due import most_within
from benchmarks.virtual import now, passes
from bot.app.process_tasks import Parts
from bot.pipeline.limiter import Limiter
from bot.pipeline.share import Share
from bot.processes import staff
from bot.processes.staff import Extras, StaffBot
from services.core.database import Database
from services.messages import shares as module
from services.messages.shares import LEASE, Shares, fair, part_of

ALL = 30


@pytest.mark.parametrize("number", [1, 2, 4, 7, 16, 29, 30, 31, 60])
def test_nothing_is_left_undivided(number: int) -> None:
    quiet = fair(ALL, {str(one): 0 for one in range(number)})
    assert sum(quiet.values()) == ALL
    assert max(quiet.values()) - min(quiet.values()) <= 1
    busy = fair(ALL, {str(one): 100 * (one == 0) for one in range(number)})
    assert sum(busy.values()) == ALL
    assert busy["0"] == max(busy.values())
    assert all(share >= 1 for share in busy.values()) == (number <= ALL)


def test_who_wants_some_comes_before_who_wants_none_where_there_are_too_many() -> None:
    wants = {f"{one:02}": int(one >= 30) for one in range(60)}
    given = fair(ALL, wants)
    assert {one for one, share in given.items() if share} == {f"{one:02}" for one in range(30, 60)}


def test_a_reserve_stays_for_answers_and_a_little_is_given_before_much() -> None:
    assert fair(ALL, {"sends": 100, "answers": 0}) == {"sends": 25, "answers": 5}
    assert fair(ALL, {"sends": 100, "answers": 9}) == {"sends": 21, "answers": 9}
    assert fair(ALL, {"sends": 100, "answers": 100}) == {"sends": 15, "answers": 15}


@dataclass
class Table:
    """As the rows of the database, on the virtual clock."""

    rows: dict[str, tuple[int, int, float]] = field(default_factory=dict)
    database: Any = field(default_factory=lambda: SimpleNamespace(shared=True))

    def of(self, name: str) -> Any:
        async def renew(wants: int, lower: Callable[[int], None]) -> int:
            self.rows = {one: row for one, row in self.rows.items() if row[2] > now()}
            held = {one: row[0] for one, row in self.rows.items()}
            wanted = {one: row[1] for one, row in self.rows.items()} | {name: wants}
            share = part_of(name, ALL, held, wanted)
            lower(share)
            self.rows[name] = share, wants, now() + LEASE.total_seconds()
            return share

        async def leave() -> None:
            self.rows.pop(name, None)

        return SimpleNamespace(database=self.database, renew=renew, leave=leave)


async def _sends(limiter: Limiter, chat: int, times: list[float]) -> None:
    while True:
        chat += 1000
        await limiter.acquire(chat)
        times.append(now())


@pytest.mark.parametrize("number", [2, 16, 40])
def test_together_they_send_what_one_may_also_while_some_come_and_die(number: int) -> None:
    async def story() -> float:
        table, times, running = Table(), list[float](), dict[str, list[asyncio.Task[None]]]()

        def begin(name: str) -> None:
            limiter = Limiter(clock=now)
            share = Share(table.of(name), limiter, now)
            # Several at once, as a deliverer sends.
            sending = [_sends(limiter, 100 * len(running) + one, times) for one in range(20)]
            running[name] = [asyncio.create_task(share.run()), *map(asyncio.create_task, sending)]

        for one in range(number):
            begin(str(one))
            await asyncio.sleep(0.13)
        await asyncio.sleep(10)
        first = now()
        for one in range(0, number, 2):
            # Killed: it gives nothing back.
            for task in running[str(one)]:
                task.cancel()
            table.rows |= {str(one): (table.rows.get(str(one), (0, 0, 0))[0], 9, now() + 3)}
        begin("new")
        await asyncio.sleep(20)
        for task in (task for tasks in running.values() for task in tasks):
            task.cancel()
        assert most_within(times, 1.0) <= ALL
        # Of the last seconds nothing is wasted, and of those before the kill neither.
        assert sum(now() - 10 <= time for time in times) >= 0.9 * ALL * 10
        assert sum(first - 5 <= time < first for time in times) >= 0.9 * ALL * 5
        return now()

    passes(story())


def test_without_a_database_it_is_silent_before_others_take_its_share() -> None:
    async def story() -> float:
        table, limiter = Table(), Limiter(clock=now)
        share = Share(table.of("one"), limiter, now)
        running = asyncio.create_task(share.run())
        await asyncio.sleep(1.5)
        assert limiter.overall.most == ALL

        async def away(wants: int, lower: Callable[[int], None]) -> int:
            raise ConnectionRefusedError

        share.shares.renew = away  # type: ignore[method-assign]
        begun = now()
        while limiter.overall.most:  # noqa: ASYNC110, a limiter rings no bell
            await asyncio.sleep(0.1)
        assert now() - begun < LEASE.total_seconds()
        running.cancel()
        return now()

    passes(story())


def test_a_server_that_hangs_is_waited_for_no_longer_than_the_lease() -> None:
    async def story() -> float:
        table, limiter = Table(), Limiter(clock=now)
        share = Share(table.of("one"), limiter, now)
        await share.renew()
        until = now() + LEASE.total_seconds()

        async def hangs(wants: int, lower: Callable[[int], None]) -> int:
            # Half a second before the end of the lease it is asked for the last time.
            if until - now() > 1:
                raise ConnectionRefusedError
            await asyncio.Event().wait()
            return 0

        share.shares.renew = hangs  # type: ignore[method-assign]
        await asyncio.sleep(0.5)
        running = asyncio.create_task(share.run())
        while limiter.overall.most:  # noqa: ASYNC110, a limiter rings no bell
            await asyncio.sleep(0.01)
        assert now() <= until + 0.01
        running.cancel()
        return now()

    passes(story())


async def test_the_share_is_held_until_what_is_in_hand_at_the_end_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table, limiter, held = Table(), Limiter(), list[tuple[str, int]]()
    share, stop = Share(table.of("one"), limiter), asyncio.Event()

    def seen(what: str) -> Callable[..., Any]:
        async def see(*_: object) -> None:
            held.append((what, limiter.overall.most))

        return see

    async def answers() -> None:
        while not limiter.overall.most:  # noqa: ASYNC110, a limiter rings no bell
            await asyncio.sleep(0.01)
        stop.set()
        await asyncio.Event().wait()

    worker = SimpleNamespace(
        run=asyncio.Event().wait, stop=seen("answers"), locks=SimpleNamespace(close=seen("locks"))
    )
    empty: Any = SimpleNamespace(run=asyncio.Event().wait)
    fields = dict.fromkeys(StaffBot.__dataclass_fields__, empty) | {
        "worker": worker,
        "intake": answers,
        "flood_waits": asyncio.Event().wait,
        "shares": (share,),
        "extras": Extras(),
        "parts": Parts(),
        "lines": (),
        "peers": {},
    }
    monkeypatch.setattr(staff, "announce_commands", seen("commands"))
    await StaffBot(**fields).run(stop)
    assert ("answers", ALL) in held
    assert (limiter.overall.most, table.rows) == (0, {})


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_the_database_gives_no_more_than_there_is_and_takes_back_what_the_dead_held(
    database: Database, second: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = Shares(database, "one", ALL), Shares(second, "other", ALL)
    told: list[int] = []
    assert await one.renew(0, told.append) == ALL
    assert await other.renew(0, told.append) == 0
    assert await one.renew(0, told.append) == 15
    assert await other.renew(0, told.append) == 15
    # One has much to send; the other gives up what it doesn't want, and only then one has it.
    assert await one.renew(100, told.append) == 15
    assert await other.renew(0, told.append) == 5
    assert await one.renew(100, told.append) == 25
    assert told == [30, 0, 15, 15, 15, 5, 25]
    monkeypatch.setattr(module, "LEASE", timedelta(seconds=-1))
    await other.renew(0, told.append)
    monkeypatch.setattr(module, "LEASE", LEASE)
    assert await one.renew(0, told.append) == ALL
    await one.leave()
    assert await other.renew(0, told.append) == ALL
    # At the same moment: together they never hold more than there is.
    await other.leave()
    many = [Shares((database, second)[n % 2], str(n), ALL) for n in range(6)]
    for _ in range(3):
        held = await asyncio.gather(*(share.renew(0, told.append) for share in many))
    assert held == [5] * 6
