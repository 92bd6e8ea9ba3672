"""Somebody's list of five thousand running cases: previewed, taken over and taken back, and what
others feel of it meanwhile; and a roster, entered and taken back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import TypeVar

from benchmarks import city as cities
from benchmarks.quiet import Quiet
from benchmarks.rows import Row, row
from benchmarks.talk import Talks
from benchmarks.visit import Durable
from domain.rulebook.reading.reader import load
from papers.sheets.cells import Cell
from papers.sheets.columns import columns_of
from papers.sheets.writing import workbook
from sandbox.people import FILE, read
from services.core.acts import Act
from services.core.database import Database
from services.messages.inbox import Incoming
from services.people.views import Actor

Done = TypeVar("Done")

LINES, MEMBERS = 5_000, 1_000
COMMITTEES, BRANCHES = 35, 200
PREVIEW, TAKE_OVER, WAIT = 2.0, 60.0, 0.05
"""At most so many seconds: for the whole sheet, and for somebody else meanwhile."""
PAUSE, BREATH = 0.02, 0.1
"""Seconds between two acts of somebody else, and between two updates of a person."""
ALONE, MEANWHILE = 4, 20
"""Visits that somebody notes while nothing is taken over, and while that is."""
TODAY = cities.MORNING.date()
DAYS = {
    "1": 0, "2": 12, "3": 240, "4": 250, "5": 255, "6": 640, "7": 660, "8": 680, "9": 700,
    "10": 720, "11": 740, "12": 760, "13": 775, "14": 790, "15": 805, "16": 820, "17": 835,
    "19": 850, "20": 870, "22": 1205, "23": 1215, "24": 1230,
}  # fmt: skip
"""Days after the application on which a step was taken."""
ENDS = (2, 3, 4, 5, 5, 5, 6, 8, 10, 12, 17, 19, 22)
"""How many of them a case has behind it; most wait for a year as activists."""
WHO = {
    "1.sex": ("女", "男"),
    "1.nation": ("汉族", "蒙古族", "达斡尔族"),
    "1.education": ("研究生", "大学", "大专", "高中及以下"),
    "1.unit": ("某某公司", "某某村", "某某中学教师"),
    "1.occupation": ("工人（工勤技能人员）", "农牧渔民", "学生"),
    "1.first_line": ("是", "否"),
}


async def rows(lines: int = LINES, members: int = MEMBERS) -> Sequence[Row]:
    with TemporaryDirectory() as folder:
        city = await cities.build(Path(folder), 1, ALONE + MEANWHILE, read(FILE)["texts"])
        try:
            return [*await measured(city, lines), *await roster(city, members)]
        finally:
            await city.close()


async def measured(city: cities.City, lines: int) -> Sequence[Row]:
    sheets, actor = city.services.sheets, await director(city)
    sent = sheet(await places(city, actor), lines)
    spent, used = [], []
    # Each replaces the one before, as when somebody sends a corrected list.
    for _ in range(3):
        began, before = perf_counter(), process_time()
        said = await sheets.preview(actor, sent, cities.MORNING)
        spent.append(perf_counter() - began)
        used.append(process_time() - before)
        assert (said.new, len(said.refused)) == (lines, 0), said.refused[:3]
    what = f"{lines:,} lines of a sheet"
    found = [
        row(f"{what}, previewed", spent, "s", f"<= {PREVIEW} s", min(spent) <= PREVIEW),
        row("  of it the processor's", used, "s"),
    ]
    async with noting(city) as person:
        await person.note(ALONE)
        alone, person.took = person.took, []
        confirm = sheets.confirm(Act("bench:confirm", cities.MORNING), actor, said.sheet_id)
        taken, of_sheet = await beside(city, confirm, f"{what}, taken over", TAKE_OVER, person)
        assert taken.entered == lines, taken.left[:3]
        found += of_sheet
        found.append(row("  an update of somebody who notes a visit meanwhile", person.took, "s"))
        found.append(row("  the same while nothing is taken over", alone, "s"))
        slowest, unhindered = max(person.took), max(alone)
        found.append(row("  the slowest of these updates meanwhile", [slowest], "s"))
        # What it takes by itself, a press that saves the visit, nobody has waited for.
        waited = slowest - unhindered
        found.append(
            row("  above the slowest of the others", [waited], "s", f"<= {WAIT} s", waited <= WAIT)
        )
    undo = sheets.undo(Act("bench:undone", cities.MORNING), actor, said.sheet_id)
    undone, of_sheet = await beside(city, undo, f"{what}, taken back")
    assert undone.undone == lines, undone.left
    return [*found, *of_sheet]


async def beside(
    city: cities.City,
    doing: Awaitable[Done],
    what: str,
    most: float | None = None,
    person: "Person | None" = None,
) -> tuple[Done, Sequence[Row]]:
    """What something returns that is done while others act, how long it takes, and how long they
    wait."""
    other = Other(city.database, what)
    began, before = perf_counter(), process_time()
    async with asyncio.TaskGroup() as group:
        asking = group.create_task(other.ask())
        if person is not None:
            group.create_task(person.note(MEANWHILE))
        done = await doing
        took, of_processor = perf_counter() - began, process_time() - before
        asking.cancel()
        if person is not None:
            person.stops = True
    longest, *_, late = max(other.waited), *quantiles(other.waited, n=100)
    return done, [
        row(what, [took], "s", f"<= {most:.0f} s" if most else "", took <= most if most else None),
        row("  of it the processor's", [of_processor], "s"),
        row("  longest wait of another act", [longest], "s", f"<= {WAIT} s", longest <= WAIT),
        row("  99th percentile of it", [late], "s"),
        row("  median of it", other.waited, "s"),
    ]


async def roster(city: cities.City, members: int) -> Sequence[Row]:
    """Members entered, and taken back, a few a commit."""
    sheets, actor = city.services.sheets, await director(city)
    columns = [c for c in columns_of(load("yakeshi")) if c.of in ("case.branch", "case.person")]
    names = [["村支部0", f"员{number}"] for number in range(members)]
    said = await sheets.preview(actor, workbook("名册", columns, names), cities.MORNING)
    before = process_time()
    taken = await sheets.confirm(Act("bench:roster", cities.MORNING), actor, said.sheet_id)
    entered = process_time()
    undone = await sheets.undo(Act("bench:undo", cities.MORNING), actor, said.sheet_id)
    gone = process_time()
    assert taken.entered == undone.undone == members, (taken, undone)
    return [
        row(f"{members:,} members of a roster entered, processor", [entered - before], "s"),
        row("  and taken back", [gone - entered], "s"),
    ]


class Person:
    """Somebody who notes visits, through the way of an update in the real process. `took`: seconds
    until each update was handled to its end. `stops`: after the visit that is begun, and no more is
    counted."""

    def __init__(self, city: cities.City, way: Durable, line: Quiet) -> None:
        [(self.chat, cases)] = city.cases.items()
        self.cases, self.way = iter(cases), way
        self.took, self.stops = list[float](), False
        self.talks = Talks(line, self._handle)

    async def note(self, visits: int) -> None:
        for case in islice(self.cases, visits):
            if not self.stops:
                await self.talks.all_of({self.chat: [case]})

    async def _handle(self, incoming: Incoming) -> None:
        await asyncio.sleep(BREATH)
        began = perf_counter()
        await self.way.handle(incoming)
        if not self.stops:
            self.took.append(perf_counter() - began)


@asynccontextmanager
async def noting(city: cities.City) -> AsyncIterator[Person]:
    line = Quiet()
    way = Durable(city, line)
    polling = asyncio.create_task(way.poll())
    try:
        yield Person(city, way, line)
    finally:
        polling.cancel()
        await way.worker.stop()


class Other:
    """Somebody who acts all the time, `during` something. `waited`: seconds until each act had its
    turn."""

    def __init__(self, database: Database, during: str) -> None:
        self.database, self.during, self.waited = database, during, list[float]()

    async def ask(self) -> None:
        with suppress(asyncio.CancelledError):
            for number in count():
                await asyncio.sleep(PAUSE)
                began = perf_counter()
                act = Act(f"bench:{self.during}:{number}", datetime.now(cities.MORNING.tzinfo))
                async with self.database.act(act, "bench") as work:
                    self.waited.append(perf_counter() - began)
                    await work.done("bench")


async def director(city: cities.City) -> Actor:
    return await city.services.people.known(cities.CHATS["director"])


async def places(city: cities.City, actor: Actor) -> list[tuple[str, str]]:
    """Found committees and branches; return the names of each branch and of its committee."""
    people, acts = city.services.people, (Act(f"bench:place:{n}", cities.MORNING) for n in count())
    top, found = actor.posts[0].organisation_id, []
    for number in range(COMMITTEES):
        name = f"党委{number}"
        above = await people.add_organisation(next(acts), actor, top, "committee", name)
        for branch in range(number, BRANCHES, COMMITTEES):
            called = f"村支部{branch}"
            await people.add_organisation(next(acts), actor, above, "branch", called)
            found.append((name, called))
    return found


def sheet(branches: Sequence[tuple[str, str]], lines: int) -> bytes:
    """A list as it comes from the office: who somebody is, and the days of each step so far."""
    columns, chance = columns_of(load("yakeshi")), Random(14)
    rows: list[list[Cell]] = []
    for number in range(lines):
        committee, branch = branches[number % len(branches)]
        said: dict[str, Cell] = {
            "case.committee": committee,
            "case.branch": branch,
            "case.person": f"某{number}",
            "1.born_on": date(1975 + chance.randrange(28), chance.randint(1, 12), 5),
        }
        said |= {of: chance.choice(words) for of, words in WHO.items()}
        taken = list(DAYS.items())[: chance.choice(ENDS)]
        began = TODAY - timedelta(days=taken[-1][1] + chance.randrange(1, 300))
        said |= {f"{step}.day": began + timedelta(days=days) for step, days in taken}
        rows.append([said.get(column.of) for column in columns])
    return workbook("发展名册", columns, rows)
