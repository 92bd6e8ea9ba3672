"""One process serves several cells; what is wrong with one is no other's matter."""

import asyncio
import json
from pathlib import Path
from types import CoroutineType
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.operations.health import serving
from bot.pipeline.turns import Turn
from cells.health import CellsHealth
from cells.serving import Cells
from models.crypto import KeyRing
from tests.cells.towns import Region, region


async def asked(cells: Cells, path: str) -> tuple[int, str]:
    """What the health page says."""
    health = CellsHealth(cells.running, asyncio.get_running_loop().time)
    async with (
        serving(health, 0),
        ClientSession() as session,
        session.get(f"http://127.0.0.1:{health.port}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def states(cells: Cells) -> dict[str, str]:
    status, said = await asked(cells, "/healthz")
    assert status == 200, "started anew, the others would be gone as well"
    found: dict[str, str] = json.loads(said)["cells"]
    return found


async def until_it_fails(here: Region, *names: str) -> None:
    async with asyncio.timeout(60):
        await asyncio.gather(*(here.pauses[name].waits.wait() for name in names))


async def test_each_director_is_answered_by_their_own_cell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, real = set[str](), Turn.taken

    async def seen(turn: Turn, work: "CoroutineType[Any, Any, Any]") -> Any:
        taken.add(work.__qualname__)
        return await real(turn, work)

    monkeypatch.setattr(Turn, "taken", seen)
    async with region(tmp_path, ("north", "south")) as here:
        cells = here.process()
        await cells.look()
        await asyncio.gather(*(town.joins() for town in here.towns.values()))
        assert await states(cells) == {"north": "fine", "south": "fine"}
        # Each update was handled in turn with the other cell's.
        assert [turn.used > 0 for turn in cells.shared.turns.of] == [True, True]
        assert {"Worker._chat", "GroupCommit._drain"} <= taken
        _, numbers = await asked(cells, "/metrics")
        assert 'yinlu_cell_works{cell="south"} 1.0' in numbers
        assert 'yinlu_updates_handled_total{cell="north"} 2.0' in numbers
        await cells.end()
        assert cells.running == {}
        assert cells.shared.turns.of == []


async def test_what_is_wrong_with_some_cells_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    names = ("fine", "keyless", "lawless", "tokenless", "twin")
    async with region(tmp_path, names) as here:
        keys = Path(here.towns["keyless"].settings.read()["YINLU_DATA"]) / "keys"
        right = keys.read_text()
        keys.write_text(KeyRing.new().write())
        here.towns["lawless"].settings.add("YINLU_PROFILE", "nowhere")
        here.towns["tokenless"].settings.put("YINLU_STAFF_TOKEN", "77:nobody_knows")
        data = here.towns["fine"].settings.read()["YINLU_DATA"]
        here.towns["twin"].settings.put("YINLU_DATA", data)
        cells = here.process()
        await cells.look()
        await until_it_fails(here, *names[1:])

        found = await states(cells)
        assert found["fine"] == "fine"
        assert "sealed with other keys" in found["keyless"]
        assert "nowhere.toml" in found["lawless"]
        assert "YINLU_STAFF_TOKEN" in found["tokenless"]
        assert "the cell fine has the same" in found["twin"]
        assert (await asked(cells, "/healthz?cell=keyless"))[0] == 503
        assert (await asked(cells, "/healthz?cell=fine"))[0] == 200
        assert (await asked(cells, "/healthz?cell=elsewhere"))[0] == 503
        assert 'yinlu_cell_works{cell="lawless"} 0.0' in (await asked(cells, "/metrics"))[1]
        await here.towns["fine"].joins()

        # Put right, it is served without anybody starting anything.
        keys.write_text(right)
        here.pauses["keyless"].again.set()
        await here.towns["keyless"].joins()
        assert (await states(cells))["keyless"] == "fine"
        await cells.end()


async def test_a_cell_that_fails_again_and_again_waits_longer_each_time(tmp_path: Path) -> None:
    async with region(tmp_path, ("lost",)) as here:
        here.towns["lost"].settings.put("YINLU_PROFILE", "nowhere")
        cells = here.process()
        await cells.look()
        pauses = here.pauses["lost"]
        for _ in range(8):
            await until_it_fails(here, "lost")
            pauses.waits.clear()
            pauses.again.set()
        await until_it_fails(here, "lost")
        assert pauses.asked == [1, 2, 4, 8, 16, 32, 60, 60, 60]
        await cells.end()


async def test_a_cell_of_the_folder_comes_and_goes_while_the_others_are_served(
    tmp_path: Path,
) -> None:
    async with region(tmp_path, ("first", "second")) as here:
        away = here.towns["second"].settings.path
        aside = away.rename(tmp_path / "aside")
        cells = here.process()
        await cells.look()
        assert set(cells.running) == {"first"}
        aside.rename(away)
        await cells.look()
        await asyncio.gather(*(town.joins() for town in here.towns.values()))

        away.rename(aside)
        await cells.look()
        await cells.ended()
        assert set(cells.running) == {"first"}
        await here.towns["first"].is_answered()

        # What can't be read changes nothing.
        here.file.write_text("folder = ")
        await cells.look()
        assert set(cells.running) == {"first"}
        folder = away.parents[1].rename(tmp_path / "elsewhere")
        await cells.look()
        assert [cell.ending for cell in cells.running.values()] == [False]
        folder.rename(away.parents[1])
        await cells.end()


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("YINLU_DATA", "var", "from / on"),
        ("YINLU_WEBHOOK_URL", "https://bot.example.cn/hook", "fetches its updates"),
        ("YINLU_NO_SUCH", "1", "there is no such setting"),
    ],
)
async def test_settings_that_a_cell_can_t_have_are_refused(
    tmp_path: Path, setting: str, value: str, said: str
) -> None:
    async with region(tmp_path, ("odd",)) as here:
        here.towns["odd"].settings.put(setting, value)
        cells = here.process()
        await cells.look()
        await until_it_fails(here, "odd")
        assert said in (await states(cells))["odd"]
        await cells.end()
