"""A full disk and a database that somebody holds: nobody is told that something is kept."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from services.core.database import Database, scrub
from services.intake.intake import Intake
from tests.intake import samples
from tests.intake.citizens import Citizen
from tests.intake.conftest import Stored
from tests.intake.visitors import Visitor

LONG = "公示期间他仍在集体林地里私自开荒，邻居都看见了。" * 100
"""More than one page holds."""
RETRY = "请过几分钟再试。现在存不了，什么都没有存，也没有改动。"


@asynccontextmanager
async def every_connection(database: Database, pragma: str) -> AsyncIterator[None]:
    assert database.blocking is not None
    engines = (database.engine.sync_engine, database.blocking)

    def begins(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute(pragma)
        cursor.close()

    for engine in engines:
        event.listen(engine, "connect", begins)
    await database.engine.dispose()
    database.blocking.dispose()
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "connect", begins)
        await database.engine.dispose()
        database.blocking.dispose()


@asynccontextmanager
async def full(intake: Intake, stored: Stored) -> AsyncIterator[None]:
    """SQLite itself says that its file can't grow; no page in it is free."""
    await scrub(stored.database, whole=True)
    async with every_connection(intake.database, "PRAGMA max_page_count=1"):
        yield


@asynccontextmanager
async def held(intake: Intake, stored: Stored) -> AsyncIterator[None]:
    """By a transaction of somebody else, for longer than anybody waits."""
    impatient = every_connection(intake.database, "PRAGMA busy_timeout=1")
    writing = stored.database.engine.execution_options(yinlu_write=True)
    async with impatient, writing.connect() as other:
        await other.execute(text("SELECT 1"))
        yield


FAULTS = {"full": full, "held": held}


@pytest.fixture(params=FAULTS)
def fault(
    request: pytest.FixtureRequest, intake: Intake, stored: Stored
) -> AbstractAsyncContextManager[None]:
    return FAULTS[request.param](intake, stored)


async def test_the_page_says_so_and_keeps_what_was_written(
    browser: Visitor, stored: Stored, fault: AbstractAsyncContextManager[None]
) -> None:
    await browser.opens("/status")
    files = [samples.photo("CANARY1")]
    async with fault:
        status, page = await browser.sends("/report", *files, about="河湾村 某某", text=LONG)
        assert status == 503
        assert RETRY in page
        assert "附件要重新选" in page
        assert LONG in page
        assert "河湾村 某某" in page
        assert 'class="code"' not in page
        assert await stored.nothing()
    status, page = await browser.sends("/report", *files, about="河湾村 某某", text=LONG)
    assert (status, 'class="code"' in page) == (200, True)
    assert len(await stored.reports()) == 1


async def test_so_it_does_of_a_letter_and_of_taking_back(
    browser: Visitor, stored: Stored, fault: AbstractAsyncContextManager[None]
) -> None:
    code = await browser.reports()
    async with fault:
        status, page = await browser.sends("/status", code=code, do="more", more=LONG)
        assert (status, RETRY in page, LONG in page) == (503, True, True)
        assert not await stored.letters()
        status, page = await browser.sends("/status", code=code, do="look")
        assert (status, "还没有开始核实" in page) == (200, True), "reading goes on"
    status, page = await browser.sends("/status", code=code, do="more", more=LONG)
    assert (status, "封好交上去" in page) == (200, True)
    assert len(await stored.letters()) == 1


async def test_while_it_is_held_nothing_is_taken_back(
    browser: Visitor, intake: Intake, stored: Stored
) -> None:
    code = await browser.reports()
    async with held(intake, stored):
        status, page = await browser.sends("/status", code=code, do="withdraw", sure="yes")
        assert (status, RETRY in page) == (503, True)
    assert [report.state for report in await stored.reports()] == ["received"]


async def test_what_was_taken_back_is_said_to_be_though_its_pages_wait(
    browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "services.core.database.EMPTY_LOG", "what SQLite refuses, as on a full disk"
    )
    code = await browser.reports()
    status, page = await browser.sends("/status", code=code, do="withdraw", sure="yes")
    assert (status, "已撤回" in page) == (200, True)


async def test_a_chat_is_told_and_goes_on_where_it_was(
    citizen: Citizen, stored: Stored, fault: AbstractAsyncContextManager[None]
) -> None:
    await citizen.gets_to("whom")
    await citizen.says("河湾村 某某")
    await citizen.says(LONG)
    await citizen.presses("写完了")
    await citizen.presses("没有了")
    async with fault:
        said = await citizen.presses("确认，交上去")
        assert "这一步没有办成" in said
        assert "<code>" not in said
        assert await stored.nothing()
    assert "<code>" in await citizen.presses("确认，交上去")
    assert len(await stored.reports()) == 1
