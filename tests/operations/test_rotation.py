"""A key is changed while the house lives on; broken off anywhere, it goes on where it stopped."""

from collections.abc import AsyncIterator, Iterable
from itertools import pairwise

import pytest
from sqlalchemy import update
from sqlmodel import select

from bot.app.keys import KeyFile, rings
from bot.app.settings import Settings, SettingsError
from bot.cli.keys_command import forget, rotate, show
from models import CaseFile, EntryRow, Organisation, Person
from models.crypto import install
from services.container import build_services, procedure_of
from services.core.database import Database
from services.core.guard import HAND
from services.core.heads import pages_of_heads
from services.operations import key_rotation as rotation
from services.operations import pages
from services.operations.integrity import changed_by_hand
from services.operations.key_rotation import reseal_all, uses
from tests.conftest import KEYS
from tests.operations.conftest import (
    BRANCH,
    MONDAY,
    PERSON,
    TODAY,
    Lived,
    live_in,
    opened_in,
)
from tests.operations.edits import by_hand
from tests.operations.progress import Heard

pytestmark = pytest.mark.one_thread


@pytest.fixture(autouse=True)
async def other_rooms_keep_their_keys() -> AsyncIterator[None]:
    yield
    install(KEYS)


async def test_everything_is_sealed_with_the_new_key_and_the_old_one_can_be_forgotten(
    settings: Settings, lived: Lived
) -> None:
    old = settings.ring()
    said = await rotate(settings)
    newest, kept = settings.ring().keys
    assert kept == old.keys[0]
    assert "(newest)" in said
    assert f"key {old.ids[0].hex()}: seals 0 values" in said
    assert "forgotten: 1 keys" in await forget(settings)
    assert settings.ring().keys == (newest,)
    assert oct(settings.keys_path.stat().st_mode)[-3:] == "600"
    async with opened_in(settings) as database:
        services = build_services(database, procedure_of())
        actor = await services.people.whoami(lived.cast.chats["secretary"])
        assert (await services.cases.card(actor, lived.case, TODAY)).person == PERSON
        assert await database.broken_chains() == ()


async def test_broken_off_it_goes_on_without_a_further_key(
    settings: Settings, lived: Lived, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = iter(range(3))

    async def dies(*given: object) -> tuple[str | None, int]:
        if next(passes, None) is None:
            raise KeyboardInterrupt
        return await some(*given)  # type: ignore[arg-type]

    some = rotation._some
    monkeypatch.setattr(rotation, "_some", dies)
    monkeypatch.setattr(rotation, "AT_ONCE", 2)
    with pytest.raises(KeyboardInterrupt):
        await rotate(settings)
    monkeypatch.undo()
    after = settings.ring()
    async with opened_in(settings) as database:
        found = await uses(database)
        assert all(found[key] > 0 for key in after.ids)
    assert "forgotten: 0 keys" in await forget(settings)
    await rotate(settings)
    assert settings.ring() == after
    async with opened_in(settings) as database:
        assert set(await uses(database)) == {after.ids[0]}


async def test_a_process_that_runs_opens_what_the_new_key_sealed(settings: Settings) -> None:
    keys = rings(settings)
    async with opened_in(settings) as database:
        install(keys)
        lived = await live_in(database)
        assert isinstance(keys, KeyFile)
        KeyFile(settings.keys_path, settings.ring()).replace(settings.ring().with_new_key())
        assert await reseal_all(database) > 50
        secretary = lived.cast.people["乌兰"]
        assert (await lived.services.cases.card(secretary, lived.case, TODAY)).person == PERSON
        await lived.services.people.add_member(
            lived.cast.act(), secretary, lived.cast.places[BRANCH], "新来的"
        )
        assert set(await uses(database)) == {settings.ring().ids[0]}


async def test_rows_of_either_database_are_sealed_anew(database: Database) -> None:
    async with database.write() as session:
        for number in range(rotation.AT_ONCE + 3):
            branch = Organisation(level="branch")
            branch.name = f"第{number}支部"
            session.add(branch)
        await session.flush()
        person = Person(organisation_id=branch.id)
        person.name = "巴特尔"
        session.add(person)
    newer = KEYS.with_new_key()
    install(newer)
    assert set(await uses(database)) == {KEYS.ids[0]}
    # And the head of the house, with the ledger of these rows.
    heard = Heard()
    assert await reseal_all(database, heard("sealing anew")) == rotation.AT_ONCE + 5
    assert heard.ended("sealing anew") == rotation.AT_ONCE + 5
    assert await uses(database) == {newer.ids[0]: rotation.AT_ONCE + 5}
    assert await reseal_all(database) == 0
    async with database.read() as session:
        assert (await session.exec(select(Person))).one().name == "巴特尔"


async def _cases(database: Database, number: int, entries: int) -> list[str]:
    """Cases with entries, each stored in an order that isn't that of the cases."""
    async with database.write() as session:
        branch = Organisation(level="branch")
        person = Person(organisation_id=branch.id)
        session.add_all((branch, person))
        await session.flush()
        cases = [_case(branch.id) for _ in range(number)]
        session.add_all(cases)
        await session.flush()
        session.add_all(_entry(case.id, n, person.id) for n in range(entries) for case in cases)
    return [case.id for case in cases]


def _case(branch: str) -> CaseFile:
    case = CaseFile(organisation_id=branch, rulebook="yakeshi", opened_on=TODAY)
    case.person = PERSON
    return case


def _entry(case_id: str, number: int, person_id: str) -> EntryRow:
    entry = EntryRow(
        case_id=case_id,
        number=number,
        step="1",
        done_on=TODAY,
        rulebook="yakeshi",
        recorded_at=MONDAY,
        recorded_by=person_id,
    )
    entry.answers = {"said": f"{number}"}
    return entry


async def _writes(database: Database, cases: Iterable[str]) -> list[int]:
    """How often the head of each case was written."""
    async with database.read() as session:
        heads = {k: v async for some in pages_of_heads(session) for k, v in some.items()}
    return [head.writes for case in cases if (head := heads[case])]


async def test_the_head_of_a_case_is_not_written_again_for_each_of_its_rows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = await _cases(database, number=3, entries=4)
    assert await _writes(database, cases) == [1, 1, 1]
    install(newer := KEYS.with_new_key())
    monkeypatch.setattr(rotation, "AT_ONCE", 4)
    await reseal_all(database)
    # Once for the case, once for its four entries.
    assert await _writes(database, cases) == [3, 3, 3]
    assert set(await uses(database)) == {newer.ids[0]}
    async with database.snapshot() as session:
        assert (await changed_by_hand(session))[1] == ()
        entries = (await session.exec(select(EntryRow))).all()
    assert sorted(entry.answers["said"] for entry in entries) == sorted("0123" * 3)


async def test_what_is_large_is_sealed_anew_in_commits_of_its_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _cases(database, number=1, entries=3)
    install(newer := KEYS.with_new_key())
    monkeypatch.setattr(pages, "BYTES", 1)
    heard = Heard()
    changed = await reseal_all(database, heard("sealing anew"))
    steps = [0, *(done for done, _ in heard.parts["sealing anew"])]
    assert {after - before for before, after in pairwise(steps)} == {0, 1}
    assert heard.ended("sealing anew") == changed
    assert set(await uses(database)) == {newer.ids[0]}


async def test_what_was_changed_by_hand_is_sealed_anew_and_stays_wrong(
    database: Database,
) -> None:
    mine, other = await _cases(database, number=2, entries=2)
    async with by_hand(database) as connection:
        here = EntryRow.case_id == mine, EntryRow.number == 1
        await connection.execute(update(EntryRow).where(*here).values(step="2"))
        await connection.commit()
    async with database.read() as session:
        row = (await session.exec(select(EntryRow).where(*here), execution_options=HAND)).one()
    install(newer := KEYS.with_new_key())
    await reseal_all(database)
    assert set(await uses(database)) == {newer.ids[0]}
    async with database.snapshot() as session:
        found = (await changed_by_hand(session))[1]
    assert found == (f"entry {row.id} was changed by hand",)
    async with database.read() as session:
        theirs = select(EntryRow).where(EntryRow.case_id == other)
        assert len((await session.exec(theirs)).all()) == 2


async def test_a_missing_key_is_named_and_nothing_forgotten(
    settings: Settings, lived: Lived
) -> None:
    old = settings.ring()
    KeyFile(settings.keys_path, old).replace(old.with_new_key())
    async with opened_in(settings) as database, database.write() as session:
        place = (await session.exec(select(Organisation).limit(1))).one()
        place.name = place.name
        session.add(place)
    ring = settings.ring()
    KeyFile(settings.keys_path, ring).replace(ring.without([old.ids[0]]))
    assert f"key {old.ids[0].hex()}: missing" in await show(settings)
    with pytest.raises(SettingsError, match=old.ids[0].hex()):
        await forget(settings)


async def test_keys_in_the_environment_stay_there(settings: Settings) -> None:
    ring = settings.ring().write()
    given = Settings.model_validate({"data": settings.data, "keys": ring})
    assert rings(given)() == settings.ring()
    with pytest.raises(SettingsError, match="YINLU_KEYS_FILE"):
        await rotate(given)
