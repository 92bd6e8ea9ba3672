"""North and south, who know each other."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import fresh_database
from tests.peers.cities import City, city


@dataclass(repr=False)
class Both:
    north: City
    south: City


@pytest.fixture
async def cities(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Both]:
    folders = [tmp_path / name for name in ("north", "south")]
    for folder in folders:
        folder.mkdir()
    async with (
        fresh_database(request, folders[0]) as here,
        fresh_database(request, folders[1]) as there,
        city("北城", here) as north,
        city("南城", there) as south,
    ):
        await north.knows(south)
        await south.knows(north)
        yield Both(north, south)
