"""Workers begin with what lasts long, and don't wait for each other."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.order import ALONE, LONG, SERVER, ordered


@dataclass(frozen=True)
class Item:
    name: int
    mark: str = ""

    def get_closest_marker(self, name: str) -> str | None:
        return name if self.mark == name else None


@pytest.mark.parametrize("number", [31, 32, 33])
def test_each_of_three_stretches_begins_with_its_own(number: int) -> None:
    marks = {3: ALONE, 5: LONG, 8: SERVER, 20: SERVER, 29: LONG, 30: LONG}
    items: list[Any] = [Item(name, marks.get(name, "")) for name in range(number)]
    made: list[Any] = list(ordered(items, 3))
    assert sorted(made, key=lambda item: item.name) == items
    # As xdist cuts them.
    first, second = number // 3, (number - number // 3) // 2
    names = [item.name for item in made]
    assert names[:3] == [5, 8, 20]
    assert names[first] == 29
    assert names[first + second :][:2] == [3, 30]
