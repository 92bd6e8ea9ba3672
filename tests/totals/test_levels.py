"""Totals go up over the channel: three cities, a prefecture, a province. One is late, one corrects,
and nobody is taken for a city without people."""

from asyncio import gather
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from domain.figures.totals import Totals
from domain.rulebook.reading.reader import load
from models.peers import Relation
from models.totals import TotalsSide
from services.core.errors import NotAllowed, NotFound, RecordAltered
from services.peers.peers import Peer, peers_of
from services.peers.receiving import Received, Unacceptable
from services.people.views import Actor
from services.totals.block_texts import bundle_of
from services.totals.stored import body_of, read, rows_of
from services.totals.views import Neighbours, Sending
from tests.conftest import AGAIN
from tests.totals.conftest import Levels
from tests.totals.levels import YEAR, Cells, Office

ADMITTED, WOMEN, MEN = "made.probation", "made.probation.sex.female", "made.probation.sex.male"


def admitted(women: int, men: int) -> Cells:
    cells = {ADMITTED: women + men, WOMEN: women, MEN: men}
    return {**cells, "made.probation.month.3": women + men}


@pytest.mark.parametrize("levels", AGAIN, indirect=True)
async def test_three_cities_a_prefecture_and_a_province(levels: Levels) -> None:
    a, b, prefecture, province = levels.a, levels.b, levels.prefecture, levels.province
    await a.counts(admitted(20, 2))
    await b.counts(admitted(18, 12))
    await a.hears_of(7)
    await b.hears_of(4)

    seen = await a.would_send()
    assert (seen.state, seen.above, seen.sent_on) == (Sending.NEW, ("白桦盟",), None)
    assert seen.totals.numbers[ADMITTED] == 22
    assert seen.totals.kept_in(MEN) == seen.totals.kept_in(WOMEN) == 1
    assert await prefecture.stored() == []
    await a.sends()
    await b.sends()

    found = await prefecture.gathered()
    assert [one.name for one in found.told] == ["乙市", "甲市"]
    assert found.missing == ("丙市",)
    assert (found.totals.units, found.totals.missing) == (2, 1)
    assert found.totals.numbers[ADMITTED] == 52
    assert (found.totals.numbers[MEN], found.totals.kept_in(MEN)) == (12, 1)
    assert (found.totals.reports, found.totals.few_reports) == (7, 1)

    await prefecture.sends()
    above = await province.gathered()
    assert [one.name for one in above.told] == ["白桦盟"]
    assert above.missing == ()
    # The prefecture has no case of its own: it is no unit. The city that is missing is told of.
    assert above.totals == replace(found.totals, missing=1)
    rows = {row.side for row in await prefecture.stored()}
    assert rows == {TotalsSide.BELOW, TotalsSide.ABOVE}
    assert await a.waiting() == await prefecture.waiting() == 0


@pytest.mark.parametrize("levels", AGAIN, indirect=True)
async def test_two_who_send_at_the_same_moment_tell_one_number(levels: Levels) -> None:
    a, prefecture = levels.a, levels.prefecture
    await a.counts(admitted(20, 8))
    both = [
        a.city.does(a.services.totals.send(a.act(), a.director, YEAR)),
        a.city.does(a.services.totals.send(a.act(), a.director, YEAR)),
    ]
    found = await gather(*both)
    assert {one.totals.numbers[ADMITTED] for one in found} == {28}
    rows = sorted((row.side, row.version) for row in await a.stored())
    assert rows == [(TotalsSide.ABOVE, 1), (TotalsSide.OWN, 1)]
    while await a.city.posts():
        pass
    assert await a.waiting() == 0
    [row] = await prefecture.stored()
    assert (row.side, row.version) == (TotalsSide.BELOW, 1)


async def test_one_comes_late_and_the_prefecture_sends_again(levels: Levels) -> None:
    a, c, prefecture, province = levels.a, levels.c, levels.prefecture, levels.province
    await a.counts(admitted(20, 8))
    await a.sends()
    await prefecture.sends()
    assert (await prefecture.would_send()).state is Sending.SAME

    await c.counts(admitted(9, 6))
    await c.city.does(c.services.totals.send(c.act(), c.director, YEAR))
    assert await c.waiting() == 1
    assert (await prefecture.gathered()).missing == ("丙市", "乙市")
    assert await c.city.posts() == 1
    seen = await prefecture.would_send()
    assert (seen.state, seen.missing) == (Sending.CHANGED, ("乙市",))
    await prefecture.sends()

    above = await province.gathered()
    (told,) = above.told
    assert (told.version, told.totals.numbers[ADMITTED], told.totals.missing) == (2, 43, 1)


async def test_what_a_city_corrects_goes_up_only_where_it_tells_of_nobody(levels: Levels) -> None:
    a, prefecture = levels.a, levels.prefecture
    await a.counts(admitted(20, 8))
    await a.hears_of(6)
    await a.sends()

    await a.counts(admitted(23, 8))
    seen = await a.would_send()
    assert (seen.state, seen.waits) == (Sending.SAME, True)
    assert seen.totals.numbers[ADMITTED] == 28
    # Sent again it is what went before.
    await a.sends()
    (told,) = (await prefecture.gathered()).told
    assert (told.version, told.totals.numbers[ADMITTED]) == (1, 28)

    await a.counts(admitted(26, 8))
    # Reports of that year that were entered later: their number was told once.
    await a.hears_of(2)
    seen = await a.would_send()
    assert (seen.state, seen.waits) == (Sending.CHANGED, False)
    await a.sends()
    (told,) = (await prefecture.gathered()).told
    assert (told.version, told.totals.numbers[ADMITTED]) == (2, 34)
    assert told.totals.reports == 6


async def test_a_level_with_cases_of_its_own_is_one_of_its_units(levels: Levels) -> None:
    a, prefecture, province = levels.a, levels.prefecture, levels.province
    await prefecture.opens_a_branch()
    await prefecture.counts(admitted(20, 3))
    await a.counts(admitted(18, 12))
    await a.sends()
    await prefecture.sends()
    (told,) = (await province.gathered()).told
    assert (told.totals.units, told.totals.missing) == (2, 2)
    assert told.totals.numbers[ADMITTED] == 53
    # Who knows what the city told learns nothing of the prefecture's three: they aren't in the sum.
    assert (told.totals.numbers[MEN], told.totals.kept_in(MEN)) == (12, 1)
    # Its own page is of those below it.
    assert (await prefecture.gathered()).totals.numbers[ADMITTED] == 30


async def test_a_message_overtaken_by_its_correction_changes_nothing(levels: Levels) -> None:
    a, prefecture = levels.a, levels.prefecture
    await a.counts(admitted(20, 8))
    await a.city.does(a.services.totals.send(a.act(), a.director, YEAR))
    await a.counts(admitted(30, 8))
    await a.city.does(a.services.totals.send(a.act(), a.director, YEAR))
    older, newer = await a.city.does(_told(a))
    peer = (await prefecture.city.does(_below(prefecture)))[0]
    for body in (newer, older, newer):
        await prefecture.city.does(_takes(prefecture, peer, body))
    told = (await prefecture.gathered()).told
    assert [(one.version, one.totals.numbers[ADMITTED]) for one in told] == [(2, 38)]
    assert len(await prefecture.stored()) == 2


async def _told(office: Office) -> list[dict[str, object]]:
    async with office.services.database.read() as session:
        return [body_of(row) for row in await rows_of(session, TotalsSide.ABOVE, YEAR)]


async def _below(office: Office) -> tuple[Peer, ...]:
    async with office.services.database.read() as session:
        return tuple(p for p in await peers_of(session, Relation.BELOW) if p.name == "甲市")


async def _takes(office: Office, peer: Peer, body: dict[str, object]) -> None:
    async with office.services.database.act(office.act(), "peer") as work:
        received = Received(peer, "m", "totals", office.city.at, body)
        await office.services.totals.take(work, received)
        await work.done("peer_totals")


@pytest.mark.parametrize(
    "wrong",
    [
        {"numbers": {ADMITTED: 4}},
        {"numbers": {ADMITTED: "20"}},
        {"numbers": [1]},
        {"kept": {ADMITTED: 2}},
        {"reports": 3},
        {"year": 2027},
        {"version": 0},
        {"version": True},
        {"as_of": "2027-01-11"},
        {"name": "张三"},
    ],
)
async def test_what_totals_may_not_hold_is_refused(
    levels: Levels, wrong: dict[str, object]
) -> None:
    prefecture = levels.prefecture
    (peer,) = await prefecture.city.does(_below(prefecture))
    sound = {
        "version": 1, "as_of": prefecture.city.at.date(), "year": YEAR, "units": 1, "missing": 0,
        "numbers": {ADMITTED: 20}, "kept": {"ended.cancelled": 1}, "reports": 0, "few_reports": 1,
    }  # fmt: skip
    assert read(sound) is not None
    with pytest.raises(Unacceptable):
        await prefecture.city.does(_takes(prefecture, peer, {**sound, **wrong}))
    with pytest.raises(Unacceptable):
        beside = replace(peer, relation=Relation.BESIDE)
        await prefecture.city.does(_takes(prefecture, beside, sound))
    assert await prefecture.stored() == []


async def test_only_a_year_that_is_over_goes_up_and_only_to_a_level_above(levels: Levels) -> None:
    for year in (YEAR + 1, YEAR - 2):
        with pytest.raises(NotFound):
            await levels.a.would_send(year)
    with pytest.raises(NotFound):
        await levels.province.would_send()
    assert (await levels.a.sends(YEAR - 1)).totals == Totals(YEAR - 1, few_reports=1)


async def test_only_the_department_sees_totals_and_only_its_director_sends_them(
    levels: Levels,
) -> None:
    a, today = levels.a, levels.a.city.at.date()
    totals = a.services.totals
    nobody = Actor(a.director.person_id, "某人", "zh", ())
    for asked in (
        totals.to_send(nobody, YEAR, today),
        totals.send(a.act(), nobody, YEAR),
        totals.gathered(nobody, YEAR, today),
        totals.sheet(nobody, YEAR, today),
    ):
        with pytest.raises(NotAllowed):
            await a.city.does(asked)
    assert await a.city.does(totals.neighbours(nobody)) == Neighbours()
    assert await a.city.does(totals.neighbours(a.director)) == Neighbours(above=("白桦盟",))
    assert await a.stored() == []


async def test_what_was_told_and_changed_by_hand_is_not_added_up(levels: Levels) -> None:
    await levels.a.counts(admitted(20, 8))
    await levels.a.sends()

    async def by_hand() -> None:
        async with levels.prefecture.services.database.write() as session:
            await session.exec(text("UPDATE totals SET version = 9"))  # type: ignore[call-overload]

    await levels.prefecture.city.does(by_hand())
    with pytest.raises(RecordAltered):
        await levels.prefecture.gathered()


async def test_the_sheet_says_who_is_in_it_and_where_numbers_were_kept_back(
    levels: Levels,
) -> None:
    a, b, prefecture = levels.a, levels.b, levels.prefecture
    await a.counts({**admitted(20, 2), "made.full_membership": 3})
    await b.counts(admitted(18, 12))
    await a.sends()
    await b.sends()
    made = await prefecture.city.does(
        prefecture.services.totals.sheet(prefecture.director, YEAR, prefecture.city.at.date())
    )
    assert made.name == "2026_下级汇总表_白桦盟委组织部.xlsx"
    with ZipFile(BytesIO(made.content)) as archive:
        said = "".join(archive.read(name).decode("utf-8", "ignore") for name in archive.namelist())
    for word in ("下级（按名称）", "甲市", "乙市", "丙市", "未报", "表13 预备党员转正", "barChart"):
        assert word in said
    assert "男（1个单位）" in said
    assert "张三" not in said
    # A level with the national rules alone names what those name, and sends all of it on.
    found = await prefecture.gathered()
    national = bundle_of(replace(found, book=load("national_2026")))
    titles = {block.title for block in national.blocks}
    assert {"当年人数", "接收的预备党员：性别", "群众反映"} <= titles
