"""The doctor finds what needs a person, says it in ids, and is quiet otherwise."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from zlib import crc32

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, col, delete, select, update

from bot.app.connections import room_of, server_of
from bot.app.database import open_intake
from bot.app.engines import engine_for
from bot.app.keys import KeyFile
from bot.app.settings import Settings
from bot.cli.backup import parts
from bot.cli.doctor import as_json, as_text, check_up, connections
from domain.calendar.calendar import LAST_YEAR, WorkCalendar
from models import AuditHead, AuditLine, EntryRow, InboxRow, OutgoingRow, Person
from models.messages import SendState
from models.migrate import downgrade
from services.container import procedure_of
from services.core.database import Database
from services.core.ports import Message
from services.messages.inbox import Inbox, Incoming
from services.messages.queue import enqueue
from services.operations import pages
from services.operations.doctor import Check, examine, plan_of_holidays
from services.operations.integrity import changed_by_hand
from tests.operations.conftest import MONDAY, TODAY, Lived, live_in, opened_in
from tests.operations.progress import Heard
from tests.operations.test_backup import rows_of

pytestmark = pytest.mark.one_thread

FINE = WorkCalendar(years=frozenset({LAST_YEAR + 1, LAST_YEAR + 2}))


@pytest.fixture
async def inside(settings: Settings) -> AsyncIterator[Lived]:
    """A house in which nothing is left to send or to handle."""
    async with opened_in(settings) as database:
        yield await in_order(database)


async def in_order(database: Database) -> Lived:
    made = await live_in(database, at="3")
    async with database.write() as session:
        await session.exec(delete(InboxRow))
        for row in (await session.exec(select(OutgoingRow))).all():
            row.state, row.sent_at = SendState.SENT, MONDAY
    return made


async def found(lived: Lived) -> dict[str, Check]:
    checks = await examine(lived.services.database, procedure_of(calendar=FINE), MONDAY, TODAY)
    return {check.check: check for check in checks}


async def test_a_house_in_order_needs_nobody_on_either_database(database: Database) -> None:
    checks = await found(await in_order(database))
    assert len(checks) == 14
    assert [name for name, check in checks.items() if check.needs] == []


async def test_a_check_that_reads_everything_says_how_far_it_is(inside: Lived) -> None:
    heard, database = Heard(), inside.services.database
    await examine(database, procedure_of(calendar=FINE), MONDAY, TODAY, heard)
    assert set(heard.parts) == {"audit chains", "rows", "outlooks"}
    async with database.read() as session:
        lines = (await session.exec(select(func.count()).select_from(AuditLine))).one()
        rows, _ = await changed_by_hand(session)
    asked = [one for one in (inside.case,) if crc32(one.encode()) % 7 == TODAY.weekday()]
    wanted = {"audit chains": lines, "rows": rows, "outlooks": len(asked)}
    assert {part: heard.ended(part) for part in heard.parts} == wanted


async def test_rows_that_are_long_are_read_one_at_a_time(
    inside: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "BYTES", 1)
    seen = list[int]()
    async with inside.services.database.snapshot() as session:
        rows, found = await changed_by_hand(session, look=lambda _, some: seen.append(len(some)))
    assert found == ()
    assert seen == [1] * rows


async def test_a_changed_audit_line_is_found_by_its_chain(inside: Lived) -> None:
    async with inside.services.database.write() as session:
        await session.exec(
            update(AuditLine)
            .where(col(AuditLine.chain) == inside.case, col(AuditLine.number) == 1)
            .values(act="nothing")
        )
    finding = (await found(inside))["audit chains"]
    assert finding.needs
    assert finding.items == (f"chain {inside.case}",)


async def test_a_case_whose_whole_chain_is_gone_is_named(inside: Lived) -> None:
    async with inside.services.database.write() as session:
        await session.exec(delete(AuditLine).where(col(AuditLine.chain) == inside.case))
        await session.exec(delete(AuditHead).where(col(AuditHead.id) == inside.case))
    finding = (await found(inside))["audit chains"]
    assert finding.needs
    assert finding.items == (f"no line of case {inside.case}",)


async def test_a_result_written_over_is_found_as_well(inside: Lived) -> None:
    async with inside.services.database.write() as session:
        line = (await session.exec(select(AuditLine).where(AuditLine.number == 2).limit(1))).one()
        line.result_sealed = line.result_sealed[:-1] + bytes([line.result_sealed[-1] ^ 1])
        session.add(line)
    assert (await found(inside))["audit chains"].needs


async def test_an_entry_that_no_key_opens_is_named_by_ids_alone(
    inside: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.operations.integrity.AT_ONCE", 1)
    async with inside.services.database.write() as session:
        rows = (await session.exec(select(EntryRow).where(EntryRow.case_id == inside.case))).all()
        row = rows[-1]
        row.answers_sealed = row.answers_sealed[:-1] + bytes([row.answers_sealed[-1] ^ 1])
    finding = (await found(inside))["entries"]
    assert finding.needs
    assert finding.items == (f"entry {row.id} of case {inside.case}",)
    assert len(rows) > 1


async def test_a_parked_update_is_listed_without_what_it_said(inside: Lived) -> None:
    inbox = Inbox(inside.services.database)
    (chat,) = await inbox.store("staff", [Incoming(99, 5, '{"text":"secret"}')], MONDAY)
    waiting = await inbox.oldest("staff", chat)
    assert waiting is not None
    for _ in range(3):
        await inbox.failed(waiting.row_id, "TypeError at said:12")
    finding = (await found(inside))["parked updates"]
    assert finding.needs
    assert finding.items == ("staff 99: TypeError at said:12",)


async def test_an_update_that_waits_for_long_is_noticed(inside: Lived) -> None:
    inbox = Inbox(inside.services.database)
    await inbox.store("staff", [Incoming(98, 5, "{}")], MONDAY - timedelta(minutes=14))
    assert not (await found(inside))["waiting updates"].needs
    await inbox.store("staff", [Incoming(99, 5, "{}")], MONDAY - timedelta(minutes=16))
    assert (await found(inside))["waiting updates"].needs


async def test_who_blocked_the_bot_is_listed_by_id(inside: Lived) -> None:
    person = inside.cast.people["乌兰"].person_id
    async with inside.services.database.write() as session:
        (await session.get_one(Person, person)).blocked_at = MONDAY
    finding = (await found(inside))["unreachable people"]
    assert finding.needs
    assert finding.items[0].startswith(f"person {person} of ")
    assert "乌兰" not in as_text([finding])


@pytest.mark.parametrize(
    ("state", "minutes", "check", "needs"),
    [
        ("failed", 60, "failed messages", True),
        ("failed", 60 * 24 * 8, "failed messages", False),
        ("unsure", 60, "failed messages", True),
        ("new", 16, "late messages", True),
        ("sending", 16, "late messages", True),
        ("new", 14, "late messages", False),
        ("sent", 60, "late messages", False),
        ("moot", 60, "late messages", False),
    ],
)
async def test_messages_that_failed_or_wait_too_long(
    inside: Lived, state: str, minutes: int, check: str, needs: bool
) -> None:
    async with inside.services.database.write() as session:
        person_id = inside.cast.people["乌兰"].person_id
        message = Message("m", "changed", "s", {}, MONDAY - timedelta(minutes=minutes))
        await enqueue(session, (person_id,), message)
        row = (await session.exec(select(OutgoingRow).where(OutgoingRow.matter == "m"))).one()
        row.state, row.sent_at = state, MONDAY if state == "sent" else None
        row.repeats, row.merged = 2, True
    finding = (await found(inside))[check]
    assert finding.needs is needs
    assert [item for item in finding.items if "perhaps arrived" in item or state != "unsure"] == [
        *finding.items
    ]
    if state == "sent":
        assert "1 left late, 1 in one message with others, 2 were repeated" in finding.said


@pytest.mark.parametrize(
    ("today", "needs"),
    [
        (date(LAST_YEAR, 11, 30), False),
        (date(LAST_YEAR, 12, 1), True),
        (date(LAST_YEAR + 1, 1, 1), True),
    ],
)
async def test_the_plan_of_next_year_is_missed_in_december(
    inside: Lived, today: date, needs: bool
) -> None:
    finding = await plan_of_holidays(inside.services.database, WorkCalendar(), today)
    assert finding.needs is needs
    assert (f"plan of {LAST_YEAR + 1}" in finding.said) is needs


async def test_the_whole_installation_is_seen_and_nothing_is_changed(
    settings: Settings, lived: Lived
) -> None:
    await (await open_intake(settings.intake_database)).close()
    before = await rows_of(settings.staff_database, SQLModel.metadata)
    checks = {check.check: check for check in await check_up(settings)}
    assert not checks["schema of staff"].needs
    assert not checks["key files"].needs
    assert not checks["keys in use"].needs
    said = json.loads(as_json(tuple(checks.values())))
    assert said["needs_a_person"] is True
    assert {check["check"] for check in said["checks"]} == set(checks)
    assert await rows_of(settings.staff_database, SQLModel.metadata) == before
    assert "body: " in checks["fonts"].said
    assert len(checks) == 19


@pytest.mark.postgres
async def test_a_postgresql_that_lets_in_too_few_is_named(
    settings: Settings, postgres_url: str
) -> None:
    assert await connections(settings) == [], "a file has no door"
    lets_in = (await room_of(postgres_url)).lets_in
    fits = {"database_url": postgres_url, "connections": lets_in}
    [check] = await connections(settings.model_copy(update=fits))
    assert not check.needs
    assert check.check == f"connections to {server_of(postgres_url)}"
    # Of two processes each opens as many.
    [check] = await connections(settings.model_copy(update=fits | {"staff_processes": 2}))
    assert check.needs
    assert f"{lets_in} let in" in check.said
    assert "YINLU_CONNECTIONS" in check.items[0]


HARMS: dict[str, Callable[[Settings], None]] = {
    "can be read by others": lambda settings: settings.keys_path.chmod(0o640),
    "report.pub": lambda settings: settings.report_public_path.unlink(),
    "pepper": lambda settings: settings.pepper_path.write_text("short"),
}


@pytest.mark.parametrize("said", HARMS)
async def test_key_files_that_are_missing_wrong_or_open_to_others(
    settings: Settings, lived: Lived, said: str
) -> None:
    HARMS[said](settings)
    finding = next(check for check in await check_up(settings) if check.check == "key files")
    assert finding.needs
    assert any(said in item for item in finding.items)


async def test_a_rotation_that_was_broken_off(settings: Settings, lived: Lived) -> None:
    ring = settings.ring()
    KeyFile(settings.keys_path, ring).replace(ring.with_new_key())
    finding = next(check for check in await check_up(settings) if check.check == "keys in use")
    assert finding.needs
    assert "yinlu keys rotate" in finding.said
    assert finding.items[0].startswith(f"key {ring.ids[0].hex()} still seals")


@pytest.mark.usefixtures("later_schema")
async def test_an_older_schema_is_said_and_not_migrated(settings: Settings, lived: Lived) -> None:
    engine = engine_for(parts(settings)[0].url)
    await downgrade(engine, "0001")
    await engine.dispose()
    for _ in range(2):
        schemas = [c for c in await check_up(settings) if c.check.startswith("schema")]
        assert "0001, expected 0002" in schemas[0].said
        assert "no such database" in schemas[1].said
    assert not settings.data.joinpath("intake.sqlite3").exists()


async def test_names_never_stand_in_what_the_doctor_says(inside: Lived) -> None:
    async with inside.services.database.write() as session:
        people = (await session.exec(select(Person))).all()
        for person in people:
            person.blocked_at = MONDAY
    text = as_text(tuple((await found(inside)).values()))
    assert f"and {len(people) - 20} more" in text
    assert not [person.name for person in people if person.name in text]


async def test_a_second_director_is_advised(inside: Lived) -> None:
    checks = await found(inside)
    assert "1: two at least are advised" in checks["directors"].said
    assert not checks["directors"].needs
