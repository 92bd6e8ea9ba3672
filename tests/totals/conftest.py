"""Three cities below a prefecture without a case of its own, below a province."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.casefile.procedure import Procedure
from services.container import procedure_of
from tests.cases.conftest import committee, database_url, director, house
from tests.totals.levels import Office, office

__all__ = ["committee", "database_url", "director", "house"]


@dataclass(repr=False)
class Levels:
    a: Office
    b: Office
    c: Office
    prefecture: Office
    province: Office


@pytest.fixture
def procedure() -> Procedure:
    return procedure_of()


@pytest.fixture
async def levels(
    request: pytest.FixtureRequest, tmp_path: Path, procedure: Procedure
) -> AsyncIterator[Levels]:
    names = {"甲市": True, "乙市": True, "丙市": True, "白桦盟": False, "北省": False}
    async with AsyncExitStack() as stack:
        made = [
            await stack.enter_async_context(office(request, name, tmp_path, procedure, cases))
            for name, cases in names.items()
        ]
        found = Levels(*made)
        for one in made[:3]:
            await one.below(found.prefecture)
        await found.prefecture.below(found.province)
        yield found
