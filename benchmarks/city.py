"""A city to measure in: people with a branch each, cases just before their visit, and any number of
other people's cases around them. Rows are multiplied from one case that was led by the services."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from aiogram import Bot, Dispatcher
from sqlalchemy import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from benchmarks.quiet import Quiet
from bot.app.database import open_database
from bot.app.engines import sqlite_url
from bot.pipeline.fsm_storage import make_dispatcher
from bot.pipeline.turns import Turn
from bot.pipeline.worker import Worker
from domain.calendar.office_hours import ZONE
from domain.rulebook.schema import Role
from handlers.staff import setup
from models import CaseFile, CaseHelper, CaseWaiting, DeadlineRow, EntryRow, Organisation, Signature
from models.columns import new_id
from models.crypto import KeyRing
from models.macs import rows_by_hand
from sandbox.cast import Cast, Play
from services.casefile.outlooks import keep, outlined_of_many
from services.casefile.resum import Resum
from services.container import Services, build_services, procedure_of
from services.core.advisory_locks import AdvisoryLocks
from services.core.database import Database
from services.core.guard import HAND
from services.messages.inbox import Inbox

MORNING = datetime(2026, 11, 25, 10, 0, tzinfo=ZONE)
FIRST_CHAT = 5_000
BRANCH_SIZE = 20
CHUNK = 20_000
HAN = ord("一")
PLAN: Mapping[str, Any] = {
    "department": "组织部",
    "director": "主任甲",
    "organisers": [{"name": "组织员甲", "person": "organiser"}],
    "committees": [{"name": "第一党委", "officer": "委员甲", "person": "committee"}],
    "branches": [
        {
            "name": "第一支部",
            "committee": "第一党委",
            "secretary": "书记甲",
            "person": "secretary",
            "introducers": [{"name": "介绍甲", "person": "introducer"}, {"name": "介绍乙"}],
            "members": ["党员甲", "党员乙"],
        }
    ],
    "cases": [],
}
CHATS = {"director": 1, "organiser": 2, "committee": 3, "secretary": 4, "introducer": 5}


@dataclass
class City:
    """`cases`: ids of cases at their visit, by chat."""

    database: Database
    services: Services
    cases: dict[int, list[str]]

    async def close(self) -> None:
        await self.database.close()


async def build(
    folder: Path,
    chats: int,
    visits: int,
    texts: Mapping[str, str],
    keys: KeyRing | None = None,
    url: str = "",
) -> City:
    """`chats` secretaries, each with `visits` cases at their visit. `keys`: of another city that is
    open at the same time. `url`: of a PostgreSQL, instead of a file in `folder`."""
    url = url or sqlite_url(folder / "staff.sqlite3")
    database = await open_database(url, keys or KeyRing.new())
    services = build_services(database, procedure_of(), tells=False)
    cast = Cast(services, CHATS, MORNING, {**PLAN, "texts": texts})
    await cast.gather()
    item = {"name": "某人", "branch": "第一支部", "at": "21a", "days": 758}
    pattern = await Play(cast, item).lead()
    city = City(database, services, {})
    for number in range(chats):
        chat = FIRST_CHAT + number
        place = await _branch(cast, number, chat)
        city.cases[chat] = await _copies(database, pattern, place, visits)
        await _outlined(city, city.cases[chat])
    # As the program does at its start: else the first act on each would count all that it holds.
    await Resum(database, services.procedure).run()
    return city


async def _outlined(city: City, ids: Sequence[str]) -> None:
    """Store the outlooks of cases, as the acts that led them would have."""
    for first in range(0, len(ids), 200):
        part, today = ids[first : first + 200], MORNING.date()
        async with city.database.read() as session:
            _, fresh = await outlined_of_many(session, part, city.services.procedure, today)
        await keep(city.database, fresh)


def worker_of(
    city: City,
    line: Quiet,
    inbox: Inbox,
    turn: Turn | None = None,
    dispatcher: Dispatcher | None = None,
) -> Worker:
    """The worker of the real process, with `line` for its messenger. `dispatcher`: in place of the
    staff bot's."""
    bot = Bot("42:TEST", session=line)
    if dispatcher is None:
        dispatcher = make_dispatcher()
        setup(dispatcher, city.services)
    locks = AdvisoryLocks(city.database)
    return Worker("staff", bot, dispatcher, inbox, locks, lambda: MORNING, turn=turn)


async def _branch(cast: Cast, number: int, chat: int) -> str:
    people, director = cast.services.people, cast.people["主任甲"]
    committee = cast.places["第一党委"]
    name = f"支部{number}"
    place = await people.add_organisation(cast.act(), director, committee, "branch", name)
    token = await people.invite(cast.act(), director, Role.SECRETARY, place, f"书记{number}")
    await people.join(cast.act(), chat, token, "zh")
    return place


async def _copies(database: Database, pattern: str, place: str, count: int) -> list[str]:
    async with database.write() as session:
        case = await session.get_one(CaseFile, pattern)
        made = [_case(case, place, f"对象{number}") for number in range(count)]
        await put(session, CaseFile, made)
        entries = (await session.exec(_of(EntryRow, pattern))).all()
        signatures = (await session.exec(_of(Signature, pattern))).all()
        copied = [_entries(entries, signatures, copy.id) for copy in made]
        await put(session, EntryRow, (row for rows, _ in copied for row in rows))
        await put(session, Signature, (row for _, rows in copied for row in rows))
        for table in (DeadlineRow, CaseWaiting, CaseHelper):
            rows = (await session.exec(_of(table, pattern))).all()
            await put(session, table, (_copy(row, copy.id) for copy in made for row in rows))
    return [copy.id for copy in made]


def _of(table: Any, case_id: str) -> Any:
    return select(table).where(table.case_id == case_id)


def _case(pattern: CaseFile, place: str, name: str) -> CaseFile:
    copy = CaseFile(
        id=new_id(),
        organisation_id=place,
        rulebook=pattern.rulebook,
        opened_on=pattern.opened_on,
        status=pattern.status,
        stage=pattern.stage,
    )
    copy.person = name
    return copy


def _entries(
    entries: Iterable[EntryRow], signatures: Iterable[Signature], case_id: str
) -> tuple[list[EntryRow], list[Signature]]:
    made, ids = list[EntryRow](), dict[str, str]()
    for entry in entries:
        copy = _copy(entry, case_id)
        # What is sealed is bound to its row: in a copy it couldn't be opened (`models.crypto`).
        copy.answers = entry.answers
        ids[entry.id] = copy.id
        made.append(copy)
    signed = [_copy(row, case_id) for row in signatures]
    for row in signed:
        row.entry_id = ids[row.entry_id]
    return made, signed


def _copy(row: Any, case_id: str) -> Any:
    left_out = {"id", "case_id", "mac", "answers_sealed", "reason_sealed"}
    fresh = {"id": new_id()} if "id" in type(row).model_fields else {}
    return type(row)(case_id=case_id, **fresh, **row.model_dump(exclude=left_out))


async def surround(city: City, count: int) -> None:
    """Adds `count` cases of other branches, each with an open deadline."""
    branches = select(Organisation).where(Organisation.level == "branch")
    async with city.database.read() as session:
        branch = (await session.exec(branches)).first()
    for first in range(0, count, CHUNK):
        await _chunk(city.database, branch.parent_id if branch else None, min(CHUNK, count - first))


async def _chunk(database: Database, parent: str | None, count: int) -> None:
    wanted = count // BRANCH_SIZE + 1
    branches = [Organisation(level="branch", parent_id=parent) for _ in range(wanted)]
    for branch in branches:
        branch.name = "别的支部"
    cases = list(_strangers(branches, count))
    # Far off: they have to be looked past, never told.
    later = MORNING.date() + timedelta(days=300)
    async with database.write() as session:
        await put(session, Organisation, branches)
        await put(session, CaseFile, cases)
        waiting = (CaseWaiting(case_id=case.id, role="secretary") for case in cases)
        await put(session, CaseWaiting, waiting)
        await put(session, DeadlineRow, (_deadline(c.id, later) for c in cases))


def _strangers(branches: list[Organisation], count: int) -> Iterator[CaseFile]:
    chance = Random(branches[0].id)
    for number in range(count):
        case = CaseFile(
            organisation_id=branches[number // BRANCH_SIZE].id,
            rulebook="yakeshi",
            opened_on=date(2026, 1, 5),
            stage="activist",
        )
        # Hardly two alike: a search goes through all names there are.
        case.person = "某" + "".join(chr(HAN + chance.randrange(2_000)) for _ in range(2))
        yield case


def _deadline(case_id: str, on: date) -> DeadlineRow:
    return DeadlineRow(
        case_id=case_id,
        step="6a",
        limit_id="every_half_year",
        kind="legal",
        due_on=on,
        source="N13",
        ladder=(7, 1, 0),
        next_look=on - timedelta(days=7),
    )


async def put(session: AsyncSession, table: Any, rows: Iterable[Any]) -> None:
    # By hand, with their macs, to spare the session a hundred thousand objects.
    if values := rows_by_hand(session.sync_session, rows):
        await session.exec(insert(table), params=values, execution_options=HAND)
