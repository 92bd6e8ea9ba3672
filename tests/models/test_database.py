"""The database keeps its promises on SQLite and on PostgreSQL."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, inspect, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col, delete, select

from bot.app.database import open_database
from bot.app.engines import engine_for, sqlite_url
from domain.writing.typed_json import dumps, loads
from models import AuditHead, AuditLine, CaseHelper, Organisation, Person
from models.columns import UTCDateTime
from models.crypto import KeyProblem, KeyRing, install
from models.intake import INTAKE as PUBLIC
from models.migrate import INTAKE, STAFF, VERSION_TABLE, downgrade, upgrade
from services.core.acts import Act
from services.core.audit import line_hash
from services.core.database import Database
from tests.conftest import KEYS
from tests.models.rows import a_case

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


async def test_what_was_committed_is_there_and_what_failed_is_not(
    database: Database, second: Database
) -> None:
    async with database.write() as session:
        branch = Organisation(level="branch")
        branch.name = "东山村党支部"
        session.add(branch)
    with pytest.raises(ZeroDivisionError):
        async with database.write() as session:
            session.add(Organisation(level="committee"))
            await session.flush()
            raise ZeroDivisionError
    async with second.read() as session:
        found = (await session.exec(select(Organisation))).all()
    assert [row.name for row in found] == ["东山村党支部"]


async def test_an_act_is_done_once(database: Database, second: Database) -> None:
    for _ in range(3):
        async with database.act(Act("staff:1:open", NOW), "someone") as work:
            if not work.repeated:
                work.session.add(Organisation(level="branch"))
                await work.done("open", {"case": "abc"})
        assert work.result == {"case": "abc"}
    async with second.read() as session:
        assert len((await session.exec(select(Organisation))).all()) == 1
        assert len((await session.exec(select(AuditLine))).all()) == 1


async def test_an_act_without_an_audit_line_stores_nothing(
    database: Database, second: Database
) -> None:
    with pytest.raises(RuntimeError):
        async with database.act(Act("staff:1:open", NOW), "someone") as work:
            work.session.add(Organisation(level="branch"))
    async with second.read() as session:
        assert not (await session.exec(select(Organisation))).all()


async def four_lines(database: Database) -> None:
    for number in range(4):
        async with database.act(Act(f"act{number}", NOW), "someone") as work:
            await work.done("see", chain="case1")
    assert await database.broken_chains() == ()


@pytest.mark.parametrize("number", [1, 2, 4])
async def test_a_changed_audit_line_is_found(database: Database, number: int) -> None:
    await four_lines(database)
    async with database.write() as session:
        changed = update(AuditLine).where(AuditLine.number == number)  # type: ignore[arg-type]
        await session.exec(changed.values(actor="other"))
    assert await database.broken_chains() == ("case1",)


async def test_a_result_that_somebody_sealed_anew_is_found(database: Database) -> None:
    await four_lines(database)
    async with database.write() as session:
        line = (await session.exec(select(AuditLine).where(AuditLine.number == 2))).one()
        line.result = "another entry"
        session.add(line)
    assert await database.broken_chains() == ("case1",)


@pytest.mark.parametrize("numbers", [[1], [2, 3], [4], [3, 4], [1, 2, 3, 4]])
async def test_audit_lines_cut_from_the_beginning_the_middle_or_the_end_are_missed(
    database: Database, numbers: list[int]
) -> None:
    await four_lines(database)
    async with database.write() as session:
        await session.exec(delete(AuditLine).where(col(AuditLine.number).in_(numbers)))
    assert await database.broken_chains() == ("case1",)
    async with database.act(Act("later", NOW), "someone") as work:
        await work.done("see", chain="case1")
    assert await database.broken_chains() == ("case1",)


async def test_who_cuts_lines_off_cannot_say_that_the_chain_ends_there(database: Database) -> None:
    await four_lines(database)
    forger = KeyRing.new()
    async with database.write() as session:
        await session.exec(delete(AuditLine).where(AuditLine.number == 4))  # type: ignore[arg-type]
        last = (await session.exec(select(AuditLine).where(AuditLine.number == 3))).one()
        head = await session.get_one(AuditHead, "case1")
        install(forger)
        head.newest = {"number": 3, "hash": last.hash}
        session.add(head)
    install(KEYS)
    assert await database.broken_chains() == ("case1",)
    async with database.act(Act("later", NOW), "someone") as work:
        await work.done("see", chain="case1")
    assert await database.broken_chains() == ("case1",)


async def test_a_removed_head_is_no_way_round(database: Database) -> None:
    await four_lines(database)
    async with database.write() as session:
        await session.exec(delete(AuditHead))
    assert await database.broken_chains() == ("case1",)


async def test_a_chain_made_anew_without_the_key_is_found(database: Database) -> None:
    for number in range(3):
        async with database.act(Act(f"act{number}", NOW), "someone") as work:
            await work.done("see", chain="case1")
    forger = KeyRing(KEYS.keys, KeyRing.new().index_key)
    async with database.write() as session:
        install(forger)
        before = ""
        for line in await session.exec(select(AuditLine).order_by(AuditLine.number)):  # type: ignore[arg-type]
            line.actor, line.previous = "other", before
            before = line.hash = line_hash(forger, line)
            session.add(line)
        install(KEYS)
    assert await database.broken_chains() == ("case1",)


@pytest.mark.parametrize(("tree", "tables"), [(STAFF, SQLModel.metadata), (INTAKE, PUBLIC)])
async def test_migrations_run_up_down_and_up_and_equal_the_models(
    empty_url: str, tree: str, tables: MetaData
) -> None:
    engine = engine_for(empty_url)
    await upgrade(engine, tree=tree)
    await downgrade(engine, tree=tree)
    await upgrade(engine, tree=tree)

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), tables))

    def left(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
        assert await connection.run_sync(left) == {*tables.tables, VERSION_TABLE}
    await downgrade(engine, tree=tree)
    async with engine.connect() as connection:
        assert await connection.run_sync(left) == {VERSION_TABLE}
    await engine.dispose()


@pytest.mark.usefixtures("later_schema")
async def test_migrations_keep_the_rows_that_refer_to_each_other(empty_url: str) -> None:
    opened = await open_database(empty_url, KEYS)
    async with opened.write() as session:
        case = await a_case(session, NOW.date(), "someone")
        session.add(CaseHelper(case_id=case.id, person_id="someone", role="contact", since=NOW))
    await downgrade(opened.engine, "0001")
    await upgrade(opened.engine)
    async with opened.read() as session:
        assert (await session.exec(select(CaseHelper))).one().case_id == case.id
    with pytest.raises(IntegrityError):
        async with opened.write() as session:
            session.add(CaseHelper(case_id="none", person_id="none", role="contact", since=NOW))
    await opened.close()


async def test_other_keys_are_refused_at_the_start(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "staff.sqlite3")
    await (await open_database(url, KEYS)).close()
    with pytest.raises(KeyProblem, match="other keys"):
        await open_database(url, KeyRing.new())
    await (await open_database(url, KEYS)).close()


async def test_a_copy_of_the_file_without_the_key_shows_no_name(tmp_path: Path) -> None:
    opened = await open_database(sqlite_url(tmp_path / "staff.sqlite3"), KEYS)
    async with opened.write() as session:
        branch = Organisation(level="branch")
        branch.name = "东山村党支部"
        session.add(branch)
        await session.flush()
        person = Person(organisation_id=branch.id)
        person.name, person.chat = "巴特尔", "700123456"
        session.add(person)
    await opened.close()
    copied = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert branch.id.encode() in copied
    for secret in ("东山村党支部", "巴特尔", "700123456"):
        assert secret.encode() not in copied


def test_a_sealed_value_opens_nowhere_else() -> None:
    ring = KeyRing.new()
    sealed = ring.seal("巴特尔".encode(), "person.name.a")
    assert ring.open(sealed, "person.name.a").decode() == "巴特尔"
    for place, keys in (("person.name.b", ring), ("person.name.a", KeyRing.new())):
        with pytest.raises(KeyProblem):
            keys.open(sealed, place)
    with pytest.raises(KeyProblem):
        ring.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "person.name.a")


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    old = KeyRing.new()
    sealed = old.seal(b"x", "p")
    new = KeyRing.read(old.with_new_key().write())
    assert new.open(sealed, "p") == b"x"
    assert not new.is_newest(sealed)
    assert new.is_newest(new.seal(b"x", "p"))
    assert new.blind("1", "chat") == old.blind("1", "chat")


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        UTCDateTime().process_bind_param(datetime(2026, 11, 23), None)  # type: ignore[arg-type]  # noqa: DTZ001


def test_json_keeps_days_times_and_tuples() -> None:
    value = {"day": NOW.date(), "at": NOW, "list": ("a", "b"), "yes": 3, "flag": True}
    assert loads(dumps(value)) == value
