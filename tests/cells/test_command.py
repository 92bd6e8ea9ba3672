"""`yinlu cells` and `yinlu cell` as processes of their own."""

import asyncio
from pathlib import Path

import pytest

from tests.cells.towns import region
from tests.operations.process import ended, environment, running


@pytest.mark.long
async def test_a_process_serves_its_cells_until_it_is_asked_to_end(tmp_path: Path) -> None:
    async with region(tmp_path, ("north", "south")) as here:
        given = environment(tmp_path / "unused")
        async with running(given, "cells", str(here.file)) as process:
            await asyncio.gather(*(town.joins() for town in here.towns.values()))
            assert await process.stopped() == 0
        assert '"cell": "south", "level": "info"' in process.log, "lines carry the name of a cell"
        assert not (tmp_path / "unused").exists(), "it has no data of its own"
        listed = await ended(given, "cell", "list", str(here.file))
        assert [line.split()[0] for line in listed.out.splitlines()] == ["north", "south"]


async def test_a_file_that_can_t_be_used_ends_the_start_with_a_sentence(tmp_path: Path) -> None:
    given = environment(tmp_path / "unused")
    for content, said in (
        ("health_port = 1", "cells.toml: cells: expected at least one, or a folder"),
        ('folder = "nowhere"', "nowhere: it can't be read"),
        ('control = "postgresql+asyncpg://x:secret@127.0.0.1:1/x"\ncells.a = "a"', "control: the"),
    ):
        (tmp_path / "cells.toml").write_text(content)
        refused = await ended(given, "cells", str(tmp_path / "cells.toml"))
        assert refused.code == 2
        assert said in refused.said
        assert "secret" not in refused.said
