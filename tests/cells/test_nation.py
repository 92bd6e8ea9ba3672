"""The simulated country (`benchmarks.nation`), an hour of a small one: what arrives is answered
once, whatever happens on the way."""

import pytest

from benchmarks import nation
from benchmarks.costs import Cost, Costs
from benchmarks.nation import Core, Day, Province, Waits, country
from benchmarks.virtual import passes
from bot.pipeline.limiter import Limits

COSTS = Costs(
    steps=[Cost(0.016, 0.004, (True,)), Cost(0.02, 0.004, (True, False))],
    looks=[Cost(0.014, 0.004, (True,))],
    reminder=0.005,
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "HOURS": (2,),
        "BUSIEST": 8 * 60 + 50,
        "ORGANISATIONS": 300,
        "REMINDERS": 8.1 * 3600,
        "KILLED": 8.3 * 3600,
        "FLOODED": 8.6 * 3600,
        "FLOOD": 30.0,
    }.items():
        monkeypatch.setattr(nation, name, value)


def day_of(cells: int, killed: bool = False, flooded: bool = False) -> tuple[Province, Day]:
    one = Province(cells, COSTS, 3, killed, flooded)
    passes(one.whole_day())
    return one, one.day


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("flooded", [False, True])
def test_what_arrives_is_answered_once(killed: bool, flooded: bool) -> None:
    one, day = day_of(6, killed, flooded)
    assert day.arrived > 6 * 3000
    assert day.answered == day.arrived
    heard = sum(waits.count for waits in day.by_hour.values()) + day.flooded.count
    assert heard == day.arrived
    assert all(not town.inbox for town in one.towns.values())
    assert day.reminded == 6 * 300
    assert 0 < day.most_sent <= Limits().overall
    assert (day.flooded.count > 0) == flooded


def test_cells_of_a_killed_process_are_served_by_others_once_its_leases_have_run_out() -> None:
    _, day = day_of(6, killed=True)
    assert day.after_kill.count > 0
    # LEASE, a look of the others, and the beginning of a cell.
    assert 20 < day.after_kill.longest < 40
    assert day.by_hour[8].at(0.5) < 0.1, "the others know nothing of it"


def test_a_flood_waits_for_its_own_token_and_its_neighbours_don_t() -> None:
    _, day = day_of(4, flooded=True)
    assert day.flooded.longest > 60, "of 3,600 updates some 25 a second are answered"
    assert day.beside_flood.count > 50
    assert day.beside_flood.at(0.99) < 1
    assert day.waited_for["the token's limit"] > 0


def test_the_country_is_the_sum_of_its_provinces() -> None:
    whole, days = country(COSTS, cells=15)
    assert len(days) == 2
    assert whole.arrived == sum(day.arrived for day in days) == whole.answered
    assert whole.reminded == 15 * 300
    assert sum(whole.minutes.values()) == pytest.approx(
        sum(sum(day.minutes.values()) for day in days)
    )


def test_waits_are_told_as_they_were() -> None:
    waits = Waits()
    for seconds in (0.001, 0.012, 0.012, 7.0):
        waits.add(seconds)
    assert waits.at(0.5) == pytest.approx(0.015)
    assert waits.at(0.99) == pytest.approx(7.005)
    assert (waits.count, waits.longest) == (4, 7.0)


def test_a_core_works_on_one_after_the_other_and_on_a_flooded_cell_last() -> None:
    async def story() -> float:
        core = Core(Day())
        assert [core.use("loud", 0.1) for _ in range(3)] == pytest.approx([0.1, 0.2, 0.3])
        # It goes before what the flooded one has still waiting, which is as much later.
        assert core.use("quiet", 0.02) == pytest.approx(0.12)
        assert core.use("loud", 0.1) == pytest.approx(0.42)
        assert core.use("quiet", 0.02) == pytest.approx(0.14)
        assert core.use("loud", 0.1) == pytest.approx(0.54)
        return core.by_minute[0]

    assert passes(story()) == pytest.approx(0.54)
