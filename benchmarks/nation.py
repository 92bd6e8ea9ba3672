"""The country through a Monday on which something is due everywhere: 333 cells of 15,000
organisations, by the load that docs/scale.md works out, on a virtual clock.

Real code: who serves which cell (`cells.serving`, `bot.app.lease`, `cells.control.shares`), which
chats come next and how many are in hand (`bot.pipeline.worker`), the limit of a token
(`bot.pipeline.limiter`) and its share (`bot.pipeline.share`, where a process is killed). A model:
people; an update, which takes the processor and then waits as one of those that were measured just
before on this machine (`benchmarks.costs`); the core of a process, where one update is worked on
after the other and those of a flooded cell after all others, as `bot.pipeline.turns` has it by
steps; the rows of the control database. The database has as many cores as it needs. Each row says
whether it was measured or simulated.
"""

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from statistics import mean
from types import SimpleNamespace
from typing import Any

from benchmarks import costs
from benchmarks.costs import Cost, Costs
from benchmarks.rows import Row, line, missing, row
from benchmarks.virtual import now, passes
from bot.app.logs import set_up
from bot.pipeline.limiter import Limiter, Limits
from bot.pipeline.share import Share
from bot.pipeline.turns import FORGET, LEAST, TIMES
from bot.pipeline.worker import MOST_CHATS, WaitingChats
from cells.cell import Shared
from cells.control import LEASE, Held, Process, shares
from cells.plan import Plan
from cells.serving import LOOK, Cells, Leases
from services.messages import shares as limit

CELLS, PROVINCE, EACH, ORGANISATIONS = 333, 13, 4, 15_000
"""Cells; of a province, which has a control database of its own; of a process."""
MEAN = 0.5
"""Updates a second of a cell, over 250 days of 8 hours (docs/scale.md)."""
OPENS, HOURS = 8, (1, 6, 2, 1, 0.4, 0.4, 0.7, 0.7, 0.7, 0.5)
"""The first hour of the day, and each hour's updates, as so many times the mean."""
BUSIEST, BUSIER = 9 * 60 + 30, 3
"""The busiest minute of the day, by its number, and so many times as many as the hour has."""
AFTERNOON = 12
"""The hour from which all reminders are sent."""
STEPS = (59 + 24) / (59 + 24 + 156)
"""The part of updates that enter something; the others look."""
REMINDERS = (8 * 60 + 30) * 60.0
"""Second of the day from which reminders are sent, one to each organisation."""
KILLED, FLOODED = 10 * 3600.0, 11 * 3600.0
FLOODING, PER_SECOND, FLOOD = 40, 3, 120.0
"""People who write so often, for so many seconds."""
BEGINS, STARTS_AGAIN = 3.0, 5.0
"""Seconds that a cell takes to begin, and after which a killed process is started: assumed."""
SEED = 7
MEASURED, SIMULATED = "measured: ", "simulated: "
"""Before what a row is named."""


class Waits:
    """How long updates waited, in steps of 5 ms: millions are too many to keep."""

    FINE = 200

    def __init__(self) -> None:
        self.steps: dict[int, int] = defaultdict(int)
        self.count, self.longest = 0, 0.0

    def add(self, seconds: float) -> None:
        self.steps[int(seconds * self.FINE)] += 1
        self.count += 1
        self.longest = max(self.longest, seconds)

    def merge(self, other: "Waits") -> None:
        for step, count in other.steps.items():
            self.steps[step] += count
        self.count += other.count
        self.longest = max(self.longest, other.longest)

    def at(self, part: float) -> float:
        """The wait that this part of all didn't exceed."""
        left = part * self.count
        for step in sorted(self.steps):
            left -= self.steps[step]
            if left <= 0:
                return (step + 1) / self.FINE
        return self.longest


@dataclass
class Day:
    """What was seen, of a province or of all. `minutes`: by number of the minute, seconds that
    cores worked; `sent`: requests of the busiest token in any second of that minute; `held`: times
    that an update waited for this; `busiest_core`, `most_core`: the part of the minute that the
    busiest core worked, within BUSIEST and within any."""

    arrived: int = 0
    answered: int = 0
    reminded: int = 0
    reminded_by: float = 0.0
    again: int = 0
    by_hour: dict[int, Waits] = field(default_factory=lambda: defaultdict(Waits))
    busiest: Waits = field(default_factory=Waits)
    beside_flood: Waits = field(default_factory=Waits)
    after_kill: Waits = field(default_factory=Waits)
    flooded: Waits = field(default_factory=Waits)
    minutes: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    updates: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    busiest_core: float = 0.0
    most_core: float = 0.0
    most_sent: int = 0
    waited_for: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def merge(self, other: "Day") -> None:
        for name in ("arrived", "answered", "reminded", "again"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("reminded_by", "busiest_core", "most_core", "most_sent"):
            setattr(self, name, max(getattr(self, name), getattr(other, name)))
        for name in ("busiest", "beside_flood", "after_kill", "flooded"):
            getattr(self, name).merge(getattr(other, name))
        for hour, waits in other.by_hour.items():
            self.by_hour[hour].merge(waits)
        for name in ("minutes", "updates", "waited_for"):
            mine = getattr(self, name)
            for key, value in getattr(other, name).items():
                mine[key] += value


@dataclass(slots=True)
class Update:
    """`flood`: whether it is part of one."""

    chat: int
    at: float
    cost: Cost
    flood: bool = False


class Core:
    """One core of a process: an update after the other; those of a cell that has used far more than
    the others after these."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.busy = self.busy_with_heavy = 0.0
        self.used: dict[str, float] = defaultdict(float)
        self.by_minute: dict[int, float] = defaultdict(float)
        self._forget_at = 0.0

    def use(self, who: str, seconds: float) -> float:
        """Return when it is done."""
        at = now()
        self._note(who, at, seconds)
        if self._heavy(who):
            begins = max(at, self.busy, self.busy_with_heavy)
            self.busy_with_heavy = begins + seconds
            return self.busy_with_heavy
        begins = max(at, self.busy)
        self.busy = begins + seconds
        if self.busy_with_heavy > begins:
            self.busy_with_heavy += seconds
        return self.busy

    def _heavy(self, who: str) -> bool:
        mine = self.used[who]
        if mine < LEAST or (self.busy <= now() and self.busy_with_heavy <= now()):
            return False
        return all(mine > TIMES * used for one, used in self.used.items() if one != who)

    def _note(self, who: str, at: float, seconds: float) -> None:
        while at >= self._forget_at:
            self._forget_at = max(self._forget_at, at - 64 * FORGET) + FORGET
            for one in self.used:
                self.used[one] /= 2
        self.used[who] += seconds
        minute = int(at // 60)
        self.day.minutes[minute] += seconds
        self.by_minute[minute] += seconds


class Town:
    """A cell's people, and what waits in its inbox: this outlives every process."""

    def __init__(self, name: str, seed: int, costs: Costs, day: Day) -> None:
        self.name, self.costs, self.day = name, costs, day
        self.dice = random.Random(f"{seed}:{name}")
        self.inbox: dict[str, deque[Update]] = {}
        self.unsent = 0
        self.served: Served | None = None
        self.watched: tuple[Waits, float, float] | None = None
        """Where waits are kept apart, of what comes between two moments."""

    async def people(self) -> None:
        """Write all day."""
        loop, dice = asyncio.get_running_loop(), self.dice
        for minute in range(60 * OPENS, 60 * (OPENS + len(HOURS))):
            rate = MEAN * HOURS[minute // 60 - OPENS] * (BUSIER if minute == BUSIEST else 1)
            at = 60.0 * minute + dice.expovariate(rate)
            while at < 60.0 * (minute + 1):
                loop.call_at(at, self._writes)
                at += dice.expovariate(rate)
            await asyncio.sleep(60.0 * (minute + 1) - now())

    def _writes(self) -> None:
        chat = 1 + int(self.dice.random() * ORGANISATIONS)
        self.arrives(Update(chat, now(), self._drawn()))

    async def flood(self) -> None:
        await asyncio.sleep(FLOODED - now())
        for number in range(int(FLOODING * PER_SECOND * FLOOD)):
            self.arrives(Update(1 + number % FLOODING, now(), self._drawn(), flood=True))
            await asyncio.sleep(1 / (FLOODING * PER_SECOND))

    async def morning(self) -> None:
        await asyncio.sleep(REMINDERS - now())
        self.unsent = ORGANISATIONS
        if self.served is not None:
            self.served.remind()

    def _drawn(self) -> Cost:
        dice = self.dice
        found = self.costs.steps if dice.random() < STEPS else self.costs.looks
        return found[int(dice.random() * len(found))]

    def arrives(self, update: Update) -> None:
        self.day.arrived += 1
        self.day.updates[int(update.at // 60)] += 1
        name = str(update.chat)
        self.inbox.setdefault(name, deque()).append(update)
        if self.served is not None:
            self.served.wake(name)

    def answered(self, name: str) -> None:
        update = self.inbox[name].popleft()
        if not self.inbox[name]:
            del self.inbox[name]
        day, waited = self.day, now() - update.at
        day.answered += 1
        if update.flood:
            day.flooded.add(waited)
            return
        minute = int(update.at // 60)
        day.by_hour[minute // 60].add(waited)
        if minute == BUSIEST:
            day.busiest.add(waited)
        if self.watched is not None:
            waits, first, last = self.watched
            if first <= update.at < last:
                waits.add(waited)


class Served:
    """A cell at work in a process, as `cells.serving` begins and ends it."""

    def __init__(self, town: Town, core: Core, table: "Table | None") -> None:
        self.town, self.core, self.table = town, core, table
        self.ending = self.dead = False
        self._ready = False
        self._waiting, self._running = WaitingChats(), set[str]()
        self._rested, self._tasks = asyncio.Event(), list[asyncio.Task[Any]]()
        self._sent: deque[float] = deque()

    @property
    def ended(self) -> bool:
        return self.ending and not self._running

    def begin(self) -> None:
        self._does(self._open())

    async def end(self) -> None:
        """What is in hand is finished."""
        self.ending = True
        while self._running:
            self._rested.clear()
            await self._rested.wait()
        self.killed()
        if self.table is not None:
            self.table.rows.pop((self.town.name, id(self)), None)

    def killed(self) -> None:
        self.dead = True
        self.town.day.again += len(self._running)
        if self.town.served is self:
            self.town.served = None
        for task in [*self._tasks]:
            task.cancel()

    async def _open(self) -> None:
        await asyncio.sleep(BEGINS)
        self.limiter = Limiter(clock=now)
        if self.table is not None:
            rows = self.table.of(self.town.name, id(self))
            self._does(Share(rows, self.limiter, now).run())
        self.town.served, self._ready = self, True
        for name in [*self.town.inbox]:
            self.wake(name)
        self.remind()

    def wake(self, name: str) -> None:
        self._waiting.add(name, people=True)
        self._start()

    def _start(self) -> None:
        while not self.ending and len(self._running) < MOST_CHATS:
            found = self._waiting.take(self._running, others=True)
            if found is None:
                return
            name = found[0]
            self._running.add(name)
            update = self.town.inbox[name][0]
            done = self.core.use(self.town.name, update.cost.works) + update.cost.waits
            asyncio.get_running_loop().call_at(done, self._sends, name, update)

    def _sends(self, name: str, update: Update) -> None:
        if self.dead:
            return
        for number, new in enumerate(update.cost.requests):
            if self.limiter.wait(update.chat, new) > 0:
                self._does(self._sends_later(name, update, number))
                return
            at_once(self.limiter.acquire(update.chat, new))
            self._count()
        self._answered(name)

    async def _sends_later(self, name: str, update: Update, first: int) -> None:
        overall = self.limiter.overall.wait(now()) > 0
        self.town.day.waited_for["the token's limit" if overall else "the chat's limit"] += 1
        for new in update.cost.requests[first:]:
            await self.limiter.acquire(update.chat, new)
            self._count()
        self._answered(name)

    def _answered(self, name: str) -> None:
        self.town.answered(name)
        self._running.discard(name)
        if name in self.town.inbox:
            self._waiting.add(name, people=True)
        if not self._running:
            self._rested.set()
        self._start()

    def _count(self) -> None:
        """Of requests those of the last second."""
        at = now()
        self._sent.append(at)
        while self._sent[0] <= at - 1.0:
            self._sent.popleft()
        self.town.day.most_sent = max(self.town.day.most_sent, len(self._sent))

    def remind(self) -> None:
        if self._ready and self.town.unsent:
            self._does(self._reminds())

    async def _reminds(self) -> None:
        """One message after the other, behind the answers."""
        town, day = self.town, self.town.day
        while town.unsent and not self.ending:
            done = self.core.use(town.name, town.costs.reminder)
            # Two at most are made while one is sent.
            if done - now() > 2 * town.costs.reminder:
                await asyncio.sleep(done - now())
            # Every organisation has a secretary; numbers beyond those of who writes.
            chat = ORGANISATIONS + town.unsent
            while wait := await self.limiter.acquire_low_priority(chat):  # noqa: ASYNC110
                await asyncio.sleep(wait)
            self._count()
            town.unsent -= 1
            day.reminded += 1
            day.reminded_by = max(day.reminded_by, now())

    def _does(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)


def at_once(work: Coroutine[Any, Any, None]) -> None:
    """Run what waits for nothing. Raises RuntimeError where it does: a task for each of millions
    would take longer than all else."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise RuntimeError("it waits")


class Rows:
    """The control database, as `cells.control.Control` works on it."""

    def __init__(self) -> None:
        self.processes: dict[str, float] = {}
        self.leases: dict[str, tuple[str, float]] = {}

    async def renew(self, me: Process, cells: Collection[str], keep: Collection[str]) -> Held:
        at, until = now(), now() + LEASE.total_seconds()
        self.processes = {one: end for one, end in self.processes.items() if end > at}
        self.leases = {cell: held for cell, held in self.leases.items() if held[1] > at}
        self.processes[me.holder] = until
        for cell, (holder, _) in [*self.leases.items()]:
            if holder == me.holder:
                if cell in keep:
                    self.leases[cell] = holder, until
                else:
                    del self.leases[cell]
        count = dict.fromkeys(self.processes, 0)
        for holder, _ in self.leases.values():
            count[holder] = count.get(holder, 0) + 1
        share = shares(len(cells), count)[me.holder]
        free = sorted({*cells} - {*self.leases})[: max(0, share - count[me.holder])]
        self.leases |= dict.fromkeys(free, (me.holder, until))
        mine = frozenset(cell for cell, held in self.leases.items() if held[0] == me.holder)
        return Held(mine, share)

    async def leave(self, me: Process) -> None:
        self.processes.pop(me.holder, None)
        self.leases = {cell: held for cell, held in self.leases.items() if held[0] != me.holder}


class Table:
    """The rows of the shares in each token's limit, as `services.messages.shares` works on them."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], tuple[int, int, float]] = {}

    def of(self, cell: str, holder: int) -> Any:
        async def renew(wants: int, lower: Callable[[int], None]) -> int:
            all_of = {key: one for key, one in self.rows.items() if key[0] == cell}
            rows = {str(key[1]): one for key, one in all_of.items() if one[2] > now()}
            name, held = str(holder), {one: kept[0] for one, kept in rows.items()}
            wanted = {one: kept[1] for one, kept in rows.items()} | {name: wants}
            share = limit.part_of(name, Limits().overall, held, wanted)
            lower(share)
            self.rows[cell, holder] = share, wants, now() + limit.LEASE.total_seconds()
            return share

        return SimpleNamespace(database=SimpleNamespace(shared=True), renew=renew)


class Province:
    """Cells, and the processes that share them. `killed`: whether one process is, at KILLED;
    `flooded`: whether one cell is, at FLOODED."""

    def __init__(
        self, cells: int, costs: Costs, seed: int, killed: bool = False, flooded: bool = False
    ) -> None:
        self.day, self.rows = Day(), Rows()
        self.table = Table() if killed else None
        self.killed, self.flooded = killed, flooded
        names = [f"cell{number:02}" for number in range(cells)]
        self.towns = {name: Town(name, seed, costs, self.day) for name in names}
        named = {name: Path(name) for name in names}
        self.plan = Plan(Path("cells.toml"), "", "", None, 0, EACH, named)
        self.cores: list[Core] = []
        self.running: list[tuple[Cells, asyncio.Task[None]]] = []

    def start(self, number: int) -> None:
        """A process begins."""
        core, me = Core(self.day), Process(f"process{number}", "")
        self.cores.append(core)

        def made(name: str, file: Path, shared: Shared) -> Any:
            return Served(self.towns[name], core, self.table)

        control: Any = self.rows
        cells = Cells(self.plan, Leases(control, me, now), made)
        self.running.append((cells, asyncio.create_task(self._looks(cells))))

    async def _looks(self, cells: Cells) -> None:
        # Where nothing begins or ends nothing changes either.
        while self.killed or now() < OPENS * 3600:
            await cells.look()
            await asyncio.sleep(LOOK)

    async def kill(self) -> None:
        """The first process ends where it is, and is started again."""
        await asyncio.sleep(KILLED - now())
        cells, looking = self.running[0]
        looking.cancel()
        for name, cell in cells.running.items():
            served: Any = cell
            served.killed()
            self.towns[name].watched = self.day.after_kill, KILLED, KILLED + 60
        await asyncio.sleep(STARTS_AGAIN)
        self.start(len(self.running))

    async def flood(self) -> None:
        """Of the first cell; those of its process are looked at."""
        first = next(iter(self.towns))
        beside = next(cells.running for cells, _ in self.running if first in cells.running)
        for name in {*beside} - {first}:
            self.towns[name].watched = self.day.beside_flood, FLOODED, FLOODED + FLOOD
        await self.towns[first].flood()

    async def whole_day(self) -> float:
        await asyncio.sleep(OPENS * 3600 - 300)
        for number in range(ceil(len(self.towns) / EACH)):
            self.start(number)
        await asyncio.sleep(300)
        work = [town.people() for town in self.towns.values()]
        work += [town.morning() for town in self.towns.values()]
        if self.killed:
            work.append(self.kill())
        if self.flooded:
            work.append(self.flood())
        await asyncio.gather(*work)
        while any(town.inbox or town.unsent for town in self.towns.values()):  # noqa: ASYNC110
            await asyncio.sleep(1)
        await self._closed()
        for core in self.cores:
            self.day.busiest_core = max(self.day.busiest_core, core.by_minute[BUSIEST] / 60)
            most = max(core.by_minute.values()) / 60
            self.day.most_core = max(self.day.most_core, most)
        return now()

    async def _closed(self) -> None:
        """Leave no task behind."""
        for _, task in self.running:
            task.cancel()
        for town in self.towns.values():
            if town.served is not None:
                town.served.killed()
        await asyncio.sleep(1)


def province(cells: int, costs: Costs, seed: int, number: int) -> Day:
    """A day of one: in the first a process is killed, in the second a cell flooded."""
    one = Province(cells, costs, seed * 1000 + number, number == 0, number == 1)
    passes(one.whole_day())
    return one.day


def country(costs: Costs, cells: int = CELLS, seed: int = SEED) -> tuple[Day, list[Day]]:
    """The day of all, and that of each province."""
    sizes = [min(PROVINCE, cells - first) for first in range(0, cells, PROVINCE)]
    whole, days = Day(), list[Day]()
    for number, size in enumerate(sizes):
        days.append(province(size, costs, seed, number))
        whole.merge(days[-1])
        print(f"province {number + 1} of {len(sizes)}: {whole.answered:,} updates", flush=True)
    return whole, days


async def rows(cells: int = CELLS) -> Sequence[Row]:
    found = await costs.measured()
    # A loop of its own needs a thread of its own.
    loop = asyncio.get_running_loop()
    day, _ = await loop.run_in_executor(None, country, found, cells)
    lost = day.arrived - day.answered
    name = f"{day.arrived:,} updates: not answered, or twice"
    simulated = [
        *_hours(day),
        *_special(day),
        *_used(day, found, cells),
        row(name, [lost], "", "0", lost == 0),
    ]
    return [
        *_measured(found),
        *(replace(one, what=f"{SIMULATED}{one.what}") for one in simulated),
    ]


def _measured(found: Costs) -> list[Row]:
    """What the model is driven by, each the mean of what was tried."""
    each = {
        "an update that enters something": mean(cost.works for cost in found.steps),
        "an update that looks": mean(cost.works for cost in found.looks),
        "an update, processor of the database": found.looks[0].waits,
        "a reminder": found.reminder,
    }
    return [row(f"{MEASURED}{name}", [spent * 1000], "ms") for name, spent in each.items()]


def _hours(day: Day) -> list[Row]:
    named = {f"{hour}:00": waits for hour, waits in sorted(day.by_hour.items())}
    afternoon = Waits()
    for hour, waits in day.by_hour.items():
        if hour >= AFTERNOON:
            afternoon.merge(waits)
    named[f"from {AFTERNOON}:00 on"] = afternoon
    named["the busiest minute"] = day.busiest
    return [_waits(f"waits, {name}", waits) for name, waits in named.items()]


def _special(day: Day) -> list[Row]:
    return [
        _waits("beside a flooded cell, while it is flooded", day.beside_flood),
        _waits("what the flood itself waits", day.flooded),
        _waits("cells of the killed process, the minute after", day.after_kill),
        row("updates that were begun again after the kill", [day.again], ""),
        row(f"{day.reminded:,} reminders from 8:30, sent by", [_clock(day.reminded_by)], "h"),
    ]


def _waits(name: str, waits: Waits) -> Row:
    if not waits.count:
        return missing(name, "s", "none came")
    said = f"{name}: 99th {waits.at(0.99):.2f}, longest {waits.longest:.1f}"
    return row(said, [waits.at(0.5)], "s")


def _clock(second: float) -> float:
    """Hours and minutes, as 8.45 for a quarter to nine."""
    return int(second // 3600) + int(second % 3600 // 60) / 100


def _used(day: Day, found: Costs, cells: int) -> list[Row]:
    hour = sum(day.minutes[minute] for minute in range(9 * 60, 10 * 60)) / 3600
    rate = day.updates[BUSIEST] / 60
    requests = STEPS * _mean(found.steps) + (1 - STEPS) * _mean(found.looks)
    limits = {
        "the busiest core": day.busiest_core,
        "a token, by answers": rate / cells * requests / Limits().overall,
    }
    first = max(limits, key=lambda name: limits[name])
    waited = ", ".join(f"{count:,} for {what}" for what, count in day.waited_for.items())
    return [
        row("updates a second, peak hour", [day.by_hour[9].count / 3600], ""),
        row("updates a second, busiest minute", [rate], ""),
        row("cores that work, peak hour", [hour], ""),
        row("cores that work, busiest minute", [day.minutes[BUSIEST] / 60], ""),
        row("requests of one token within a second, most", [day.most_sent], "", "<= 30"),
        row(f"hit first: {first}, busiest minute", [limits[first] * 100], "%"),
        *(
            row(f"{name}, busiest minute", [part * 100], "%")
            for name, part in limits.items()
            if name != first
        ),
        row("the busiest core, any minute: that of the reminders", [day.most_core * 100], "%"),
        missing("updates that waited", "", waited or "none"),
    ]


def _mean(found: Sequence[Cost]) -> float:
    return sum(len(cost.requests) for cost in found) / len(found)


if __name__ == "__main__":
    set_up("ERROR")
    print(*map(line, asyncio.run(rows())), sep="\n")
