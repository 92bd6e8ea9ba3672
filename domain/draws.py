"""A random check (随机抽查, G二): which branches are looked at, by a draw that can be repeated."""

from collections.abc import Collection, Mapping, Sequence
from random import Random


def draw(
    pool: Mapping[str, Sequence[str]], last: Collection[str], each: int, seed: int
) -> tuple[str, ...]:
    """`each` branches of every committee, none of those drawn `last` time.

    The same pool and seed always give the same branches: `random.Random(seed)` takes from the
    sorted committees, one after the other, out of the sorted branches of each. A committee with
    fewer branches left gives all of them.
    """
    chance = Random(seed)
    found: list[str] = []
    # Sorted before each draw: anybody can repeat it from the seed that is on record.
    for committee in sorted(pool):
        fresh = [branch for branch in sorted(pool[committee]) if branch not in last]
        found += sorted(chance.sample(fresh, min(each, len(fresh))))
    return tuple(found)
