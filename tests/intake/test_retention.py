"""Content is gone 180 days after closing, from the file too; a tombstone stays
(docs/promises.md P7, P5)."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.app.database import open_intake
from bot.app.engines import engine_for
from models.intake import IntakeReport
from models.migrate import INTAKE, downgrade, upgrade
from services.attachments.formats import CleanFile
from services.core.database import Database, scrub
from services.core.sealing import Opener, Sealer, public_key_of
from services.intake.intake import ConfirmedReport, Intake
from services.intake.receipts import Signer
from services.intake.store import UnknownCode
from services.reports.exchange import Answer, Exchange
from tests.conftest import KEYS
from tests.filing import file_report
from tests.intake.conftest import ANSWERS, HOLDER, NOON, PEPPER, SEED, Stored

TODAY = NOON.date()
EVIDENCE = CleanFile(bytes(range(256)) * 200, "image/jpeg")


async def file(intake: Intake, text: str) -> str:
    draft = ConfirmedReport("", "河湾村 某某", text, (EVIDENCE,))
    return (await file_report(intake, draft, TODAY, NOON)).code


async def sealed(stored: Stored) -> list[bytes]:
    """Pieces of everything that was sealed, each short enough to stand on one page of the file."""
    rows = [*await stored.reports(), *await stored.files(), *await stored.letters()]
    return [row.sealed[at : at + 32] for row in rows for at in range(0, len(row.sealed) - 32, 512)]


def kept(folder: Path, pieces: list[bytes]) -> int:
    """How many pieces stand in a file, whether a row leads to them or not."""
    content = b"".join(path.read_bytes() for path in folder.glob("intake.sqlite3*"))
    return sum(piece in content for piece in pieces)


async def answered(exchange: Exchange, intake_id: str, text: str) -> None:
    await exchange.answer(intake_id, Answer("act", text, TODAY, 9, TODAY + timedelta(days=7)))


@pytest.fixture
def exchange(intake: Intake) -> Exchange:
    return Exchange(intake.database, intake.database, None, lambda: KEYS)


async def test_after_180_days_nothing_of_the_content_stands_in_the_file(
    intake: Intake, stored: Stored, exchange: Exchange, tmp_path: Path
) -> None:
    code = await file(intake, "公示期间他仍在集体林地里私自开荒。")
    await intake.write_on(code, "还有一处在河边。", TODAY, NOON)
    [received] = await exchange.received()
    await answered(exchange, received.id, "已经到村里核实。")
    pieces = await sealed(stored)
    await stored.database.close()
    assert kept(tmp_path, pieces) == len(pieces) > 100
    assert await exchange.forget(TODAY + timedelta(days=179), 180) == 0
    assert kept(tmp_path, pieces) == len(pieces)
    assert await exchange.forget(TODAY + timedelta(days=180), 180) == 1
    assert kept(tmp_path, pieces) == 0


async def test_a_tombstone_with_the_days_stays_and_no_code_leads_to_it(
    intake: Intake, stored: Stored, exchange: Exchange
) -> None:
    code = await file(intake, "公示期间他仍在集体林地里私自开荒。")
    [before] = await stored.reports()
    await answered(exchange, before.id, "已经到村里核实。")
    await exchange.forget(TODAY + timedelta(days=180), 180)
    [after] = await stored.reports()
    assert (after.state, after.received_on, after.closed_on) == ("answered", TODAY, TODAY)
    assert (after.sealed, after.reply_key, after.tag != before.tag) == (b"", b"", True)
    assert not await stored.files()
    assert not await stored.letters()
    with pytest.raises(UnknownCode):
        await intake.status(code, NOON)


async def test_what_was_taken_back_is_gone_from_the_file_at_once(
    intake: Intake, stored: Stored, tmp_path: Path
) -> None:
    code = await file(intake, "公示期间他仍在集体林地里私自开荒。")
    pieces = await sealed(stored)
    await stored.database.close()
    await intake.withdraw(code, TODAY, NOON)
    assert len(pieces) > 100
    assert kept(tmp_path, pieces) == 0


async def test_what_cannot_be_emptied_now_is_emptied_the_next_night(
    intake: Intake, stored: Stored, exchange: Exchange, tmp_path: Path
) -> None:
    code = await file(intake, "公示期间他仍在集体林地里私自开荒。")
    pieces = await sealed(stored)
    async with stored.database.engine.connect() as reader:
        await reader.execute(text("SELECT count(*) FROM intake_report"))
        async with intake.database.write() as session:
            [report] = await stored.reports()
            (await session.get_one(IntakeReport, report.id)).state = "checking"
        await intake.database.engine.dispose()
        engine = engine_for(str(intake.database.engine.url) + "?timeout=0.1")
        impatient = Database(engine)
        assert not await scrub(impatient)
        await impatient.close()
    await intake.withdraw(code, TODAY, NOON)
    await exchange.forget(TODAY + timedelta(days=1), 180)
    await stored.database.close()
    assert kept(tmp_path, pieces) == 0


async def test_rows_lie_in_no_order_of_arrival(intake: Intake, stored: Stored) -> None:
    """SQLite numbers the rows of a table, unless it is told not to (P5)."""
    for number in range(12):
        await file(intake, f"第{number}件：公示期间他仍在集体林地里私自开荒。")
    async with stored.database.engine.connect() as connection:
        statement = text("SELECT sql FROM sqlite_master WHERE name IN "
                         "('intake_report', 'intake_file', 'intake_letter')")  # fmt: skip
        tables = [sql for (sql,) in await connection.execute(statement)]
        assert len(tables) == 3
        assert all("WITHOUT ROWID" in sql for sql in tables)
        ids = [found for (found,) in await connection.execute(text("SELECT id FROM intake_report"))]
    assert len(ids) == 12
    assert sorted(ids) == [row.id for row in sorted(await stored.reports(), key=lambda r: r.id)]


@pytest.mark.usefixtures("later_schema")
async def test_reports_survive_the_migrations_down_and_up(
    intake: Intake, stored: Stored, intake_url: str
) -> None:
    await file(intake, "公示期间他仍在集体林地里私自开荒。")
    before = [row.sealed for row in (*await stored.reports(), *await stored.files())]
    engine = engine_for(intake_url)
    await downgrade(engine, "0001", tree=INTAKE)
    await upgrade(engine, tree=INTAKE)
    await engine.dispose()
    again = await open_intake(intake_url)
    fresh = Stored(again, stored.opener)
    assert [row.sealed for row in (*await fresh.reports(), *await fresh.files())] == before
    await again.close()


async def test_the_same_on_a_server(empty_url: str) -> None:
    """SQLite and PostgreSQL: a report's whole life, and nothing of it in the rows afterwards."""
    database = await open_intake(empty_url)
    intake = Intake(database, Sealer((public_key_of(HOLDER),)), PEPPER, Signer(SEED), ANSWERS)
    exchange = Exchange(database, database, Opener((HOLDER,)), lambda: KEYS)
    code = await file(intake, "公示期间他仍在集体林地里私自开荒。")
    await intake.write_on(code, "还有一处在河边。", TODAY, NOON)
    [received] = await exchange.received()
    opened = await exchange.open(received.id)
    assert (opened.text, opened.files) == ("公示期间他仍在集体林地里私自开荒。", (EVIDENCE,))
    assert opened.letters == ((TODAY, "还有一处在河边。"),)
    await answered(exchange, received.id, "已经到村里核实。")
    state = await intake.status(code, NOON)
    assert [line.text for line in state.lines] == ["", "已经到村里核实。"]
    assert await exchange.forget(TODAY + timedelta(days=180), 180) == 1
    second = Stored(await open_intake(empty_url), Opener((HOLDER,)))
    assert [row.sealed for row in await second.reports()] == [b""]
    assert not await second.files()
    assert not await second.letters()
    for one in (second.database, database):
        await one.close()
