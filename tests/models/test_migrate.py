"""Which schema a database has is known before Alembic is: one of a later version is refused."""

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

import models.migrate
from bot.app.database import open_database, open_intake
from bot.app.engines import engine_for, sqlite_url
from models.errors import NewerSchema
from models.migrate import INTAKE, STAFF, head, revisions, upgrade
from tests.conftest import KEYS
from tests.migrations import NEXT

LATER = "UPDATE alembic_version SET version_num = '9999'"
START = """
import asyncio, sys
from bot.app.database import open_database
from models.crypto import KeyRing
database = asyncio.run(open_database(sys.argv[1], KeyRing.read(sys.argv[2])))
sys.exit("alembic" in sys.modules)
"""


@asynccontextmanager
async def of_a_later_version(url: str) -> AsyncIterator[None]:
    """What another one has migrated."""
    engine = engine_for(url)
    async with engine.execution_options(yinlu_write=True).begin() as connection:
        await connection.execute(text(LATER))
    await engine.dispose()
    yield
    async with engine.connect() as connection:
        found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    await engine.dispose()
    assert found == "9999"


@pytest.mark.parametrize("tree", [STAFF, INTAKE])
def test_the_files_are_called_by_their_revisions_one_after_the_other(tree: str) -> None:
    known = ScriptDirectory(str(Path(models.migrate.__file__).parent / tree))
    assert [script.revision for script in known.walk_revisions()] == [*reversed(revisions(tree))]
    assert known.get_current_head() == head(tree)


async def test_a_database_of_a_later_version_is_refused_and_stays(database_url: str) -> None:
    async with of_a_later_version(database_url):
        with pytest.raises(NewerSchema, match=f"schema 9999.*up to {head()}.*Nothing was changed"):
            await open_database(database_url, KEYS)


async def test_so_is_one_of_the_public_side(empty_url: str) -> None:
    await (await open_intake(empty_url)).close()
    async with of_a_later_version(empty_url):
        with pytest.raises(NewerSchema, match="the intake database has schema 9999"):
            await open_intake(empty_url)


@pytest.mark.usefixtures("later_schema")
async def test_an_upgrade_to_a_revision_on_the_way_ends_there(empty_url: str) -> None:
    engine = engine_for(empty_url)
    assert head() == NEXT
    for wanted in ("0001", "0001", "head", "head"):
        await upgrade(engine, wanted)
        async with engine.connect() as connection:
            found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        assert found == (head() if wanted == "head" else wanted)
    await engine.dispose()


def test_a_start_with_nothing_to_migrate_loads_no_alembic(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "staff.sqlite3")
    command = [sys.executable, "-c", START, url, KEYS.write()]
    # The first one migrates: it shows that what is asked would be seen.
    assert subprocess.run(command, check=False).returncode == 1
    assert subprocess.run(command, check=False).returncode == 0
