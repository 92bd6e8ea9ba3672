"""What was changed by hand doesn't count: nobody gets in by it, nothing is done by it, and whoever
it concerns is told so."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import select as select_row
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.app.settings import Settings
from bot.cli.backup import back_up, restore
from bot.cli.doctor import check_up
from domain.rulebook.schema import Role
from domain.states import EndReason
from handlers.staff.routing.errors import words_for
from models import (
    AuditHead,
    AuditLine,
    CaseFile,
    DeadlineRow,
    EntryRow,
    Invitation,
    OutgoingRow,
    OutlookRow,
    Person,
    PlanRow,
    PostRow,
    Signature,
)
from models.columns import new_id
from services.casefile.load import facts_of_many
from services.container import build_services, procedure_of
from services.core import audit, heads
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import PostEnded, RecordAltered
from services.core.guard import HAND
from services.operations import integrity
from services.operations.doctor import Check
from services.people.people import chat_index, token_hash
from tests.operations.conftest import MONDAY, PERSON, TODAY, Lived, opened_in
from tests.operations.edits import by_hand, found_in
from tests.operations.test_backup import elsewhere

pytestmark = pytest.mark.one_thread

Edit = Callable[[AsyncConnection, Lived], Awaitable[Any]]
STRANGER = 4_711


async def first(connection: AsyncConnection, model: Any, *where: Any) -> dict[str, Any]:
    found = await connection.execute(select(model.__table__).where(*where).limit(1))
    return dict(found.mappings().one())


async def forged_post(connection: AsyncConnection, lived: Lived) -> None:
    post = await first(connection, PostRow, PostRow.role == Role.DIRECTOR.value)
    secretary = lived.cast.people["乌兰"].person_id
    await connection.execute(
        insert(PostRow).values(**post | {"id": new_id(), "person_id": secretary})
    )


async def forged_invitation(connection: AsyncConnection, lived: Lived) -> None:
    post = await first(connection, PostRow, PostRow.role == Role.DIRECTOR.value)
    link = await first(connection, Invitation)
    forged = {
        "id": new_id(),
        "token_hash": token_hash("mine"),
        "role": Role.DIRECTOR.value,
        "organisation_id": post["organisation_id"],
        "expires_at": MONDAY + timedelta(days=3),
        "used_at": None,
    }
    await connection.execute(insert(Invitation).values(**link | forged))


async def moved_chat(connection: AsyncConnection, lived: Lived) -> None:
    director = Person.id == lived.cast.people["苏和"].person_id
    await connection.execute(update(Person).where(director).values(chat_index=chat_index(STRANGER)))


async def forged_signature(connection: AsyncConnection, lived: Lived) -> None:
    entry = await first(connection, EntryRow, EntryRow.case_id == lived.case)
    forged = {
        "id": new_id(),
        "mac": entry["mac"],
        "case_id": lived.case,
        "entry_id": entry["id"],
        "person_id": lived.cast.people["苏和"].person_id,
        "role": Role.COMMITTEE.value,
        "signed_at": MONDAY,
    }
    await connection.execute(insert(Signature).values(**forged))


async def deleted_entry(connection: AsyncConnection, lived: Lived) -> None:
    row = await first(connection, EntryRow, EntryRow.case_id == lived.case, EntryRow.number == 3)
    await connection.execute(delete(EntryRow).where(EntryRow.id == row["id"]))


async def closed_case(connection: AsyncConnection, lived: Lived) -> None:
    here = CaseFile.id == lived.case
    await connection.execute(update(CaseFile).where(here).values(status="archived"))


async def moved_deadlines(connection: AsyncConnection, lived: Lived) -> None:
    await connection.execute(update(DeadlineRow).values(due_on=date(2099, 1, 1)))


async def dropped_plan(connection: AsyncConnection, lived: Lived) -> None:
    await connection.execute(delete(PlanRow).where(PlanRow.case_id == lived.case))


async def deleted_message(connection: AsyncConnection, lived: Lived) -> None:
    row = await first(connection, OutgoingRow)
    await connection.execute(delete(OutgoingRow).where(OutgoingRow.id == row["id"]))


async def spoiled_name(connection: AsyncConnection, lived: Lived) -> None:
    who = Person.id == lived.cast.people["乌兰"].person_id
    await connection.execute(update(Person).where(who).values(name_sealed=b"x" * 60))


async def swapped_names(connection: AsyncConnection, lived: Lived) -> None:
    people = [lived.cast.people[name].person_id for name in ("乌兰", "苏和")]
    rows = [await first(connection, Person, Person.id == who) for who in people]
    for row, of in zip(rows, reversed(rows), strict=True):
        here = Person.id == row["id"]
        await connection.execute(update(Person).where(here).values(name_sealed=of["name_sealed"]))


async def spoiled_answers(connection: AsyncConnection, lived: Lived) -> None:
    here = EntryRow.case_id == lived.case, EntryRow.number == 2
    await connection.execute(update(EntryRow).where(*here).values(answers_sealed=b"x" * 60))


async def copied_answers(connection: AsyncConnection, lived: Lived) -> None:
    row = await first(connection, EntryRow, EntryRow.case_id == lived.case, EntryRow.number == 1)
    here = EntryRow.case_id == lived.case, EntryRow.number == 2
    of = row["answers_sealed"]
    await connection.execute(update(EntryRow).where(*here).values(answers_sealed=of))


async def changed_line(connection: AsyncConnection, lived: Lived) -> None:
    here = AuditLine.chain == lived.case, AuditLine.number == 2
    await connection.execute(update(AuditLine).where(*here).values(act="nothing"))


async def removed_line(connection: AsyncConnection, lived: Lived) -> None:
    here = AuditLine.chain == lived.case, AuditLine.number == 2
    await connection.execute(delete(AuditLine).where(*here))


async def cut_chain(connection: AsyncConnection, lived: Lived) -> None:
    here = AuditLine.chain == lived.case, AuditLine.number > 2
    await connection.execute(delete(AuditLine).where(*here))


async def removed_chain(connection: AsyncConnection, lived: Lived) -> None:
    await connection.execute(delete(AuditLine).where(AuditLine.chain == lived.case))
    await connection.execute(delete(AuditHead).where(AuditHead.id == lived.case))


async def forged_head(connection: AsyncConnection, lived: Lived) -> None:
    house = await first(connection, AuditHead, AuditHead.id == "house")
    here, of = AuditHead.id == lived.case, house["newest_sealed"]
    await connection.execute(update(AuditHead).where(here).values(newest_sealed=of))


TRIED: tuple[Edit, ...] = (
    forged_post, forged_invitation, moved_chat, forged_signature, deleted_entry, closed_case,
    moved_deadlines, dropped_plan, deleted_message, spoiled_name, swapped_names,
    spoiled_answers, copied_answers, changed_line, removed_line, cut_chain, removed_chain,
    forged_head,
)  # fmt: skip
"""As they were tried on 2026-11-28; the first eleven went unnoticed then."""


@pytest.fixture
async def database(settings: Settings, lived: Lived) -> AsyncIterator[Database]:
    async with opened_in(settings) as opened:
        date_of_case = DeadlineRow(
            case_id=lived.case,
            step="13",
            limit_id="of_a_test",
            kind="legal",
            due_on=TODAY,
            source="N",
            next_look=TODAY,
        )
        async with opened.write() as session:
            session.add(date_of_case)
        yield opened


@pytest.mark.parametrize("at_once", [500, 2])
async def test_all_eighteen_edits_that_were_tried_are_found(
    database: Database, lived: Lived, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """However many rows are read at once."""
    for reads in (audit, heads, integrity):
        monkeypatch.setattr(reads, "AT_ONCE", at_once)
    async with by_hand(database) as connection:
        assert await everything_found(connection) == ()
        for edit in TRIED:
            async with connection.begin_nested() as undo:
                await edit(connection, lived)
                assert await everything_found(connection), edit.__name__
                await undo.rollback()
    assert len(TRIED) == 18


async def everything_found(connection: AsyncConnection) -> tuple[str, ...]:
    async with AsyncSession(bind=connection) as session:
        chains = await audit.broken(session) + await audit.missing(session)
    return (*await found_in(connection), *chains)


@asynccontextmanager
async def after(database: Database, lived: Lived, edit: Edit) -> AsyncIterator[Any]:
    """The services of a house in which somebody did that."""
    async with database.engine.execution_options(yinlu_write=True).begin() as connection:
        await edit(connection, lived)
    yield build_services(database, procedure_of())


async def test_a_forged_post_gives_nothing(database: Database, lived: Lived) -> None:
    async with after(database, lived, forged_post) as services:
        secretary = await services.people.whoami(lived.cast.chats["secretary"])
    assert secretary.roles == {Role.SECRETARY}
    [(table, _)] = database.altered
    assert table == "post"


async def test_under_a_forged_head_nobodys_right_is_kept(database: Database, lived: Lived) -> None:
    """It stays as it is whatever is done, so that it says nothing of what was withdrawn."""
    services, chat = build_services(database, procedure_of()), lived.cast.chats["secretary"]
    async with database.engine.execution_options(yinlu_write=True).begin() as connection:
        case = await first(connection, AuditHead, AuditHead.id == lived.case)
        house = update(AuditHead).where(AuditHead.id == "house")
        await connection.execute(house.values(newest_sealed=case["newest_sealed"]))
    secretary = await services.people.whoami(chat)
    assert await services.people.whoami(chat) == secretary
    before = await services.todo.items(secretary, TODAY)
    assert [item.case_id for item in before if item.person] == [lived.case]
    officer = lived.cast.people["苏和"]
    posts = (await services.posts.overview(officer, MONDAY)).posts
    [post] = [one.post_id for one in posts if one.person_id == secretary.person_id]
    await services.posts.end(Act("end", MONDAY), officer, post, EndReason.TERM, TODAY)
    with pytest.raises(PostEnded):
        await services.people.whoami(chat)


async def test_a_forged_invitation_opens_nothing(database: Database, lived: Lived) -> None:
    async with after(database, lived, forged_invitation) as services:
        assert not await services.newcomers.open_links({"mine"}, MONDAY)
        with pytest.raises(RecordAltered) as refusal:
            await services.people.join(Act("join", MONDAY), STRANGER, "mine", "zh")
    assert words_for(refusal.value).startswith("请告诉管理员")
    async with database.read() as session:
        everybody = (await session.exec(select_row(Person))).all()
    assert all(person.chat_index != chat_index(STRANGER) for person in everybody)


async def test_a_chat_that_was_moved_lets_nobody_in(database: Database, lived: Lived) -> None:
    async with after(database, lived, moved_chat) as services:
        with pytest.raises(RecordAltered):
            await services.people.whoami(STRANGER)


async def replaced_entry(connection: AsyncConnection, lived: Lived) -> None:
    here = EntryRow.case_id == lived.case, EntryRow.number == 2
    await connection.execute(update(EntryRow).where(*here).values(replaced_by="nothing"))


@pytest.mark.parametrize("edit", [forged_signature, closed_case, spoiled_answers, replaced_entry])
async def test_whoever_goes_through_many_cases_leaves_out_the_one_that_was_changed(
    database: Database, lived: Lived, edit: Edit
) -> None:
    async with database.read() as session:
        ids = [case.id for case in await session.exec(select_row(CaseFile))]
        assert set(await facts_of_many(session, ids, lived.services.procedure)) == set(ids)
    async with after(database, lived, edit) as services, services.database.read() as session:
        left = await facts_of_many(session, ids, services.procedure)
    assert set(left) == set(ids) - {lived.case}


async def test_a_post_written_by_hand_makes_nobody_known(database: Database, lived: Lived) -> None:
    chat = lived.cast.chats["secretary"]
    whole = build_services(database, procedure_of())
    assert await whole.newcomers.known([chat, STRANGER]) == {chat}

    async def others_post(connection: AsyncConnection, lived: Lived) -> None:
        post = PostRow.person_id == lived.cast.people["乌兰"].person_id
        await connection.execute(
            update(PostRow).where(post).values(since=MONDAY - timedelta(days=9))
        )

    async with after(database, lived, others_post) as services:
        assert await services.newcomers.known([chat, STRANGER]) == frozenset()


@pytest.mark.parametrize("edit", [forged_signature, closed_case, spoiled_answers])
async def test_nothing_is_done_in_a_case_of_which_a_row_was_changed(
    database: Database, lived: Lived, edit: Edit
) -> None:
    async with after(database, lived, edit) as services:
        secretary = await services.people.whoami(lived.cast.chats["secretary"])
        with pytest.raises(RecordAltered) as refusal:
            await services.cases.card(secretary, lived.case, TODAY)
        # Lists go on: that of tasks with what the acts have left, by the head, which nobody can
        # write; and where no outlook counts, without the case.
        names = [item.person for item in await services.todo.items(secretary, TODAY)]
        assert (PERSON in names) == (edit is not closed_case)
        async with database.write() as session:
            await session.exec(delete(OutlookRow))
        anew = await build_services(database, services.procedure).todo.items(secretary, TODAY)
        assert PERSON not in [item.person for item in anew]
        page = await services.cases.search(secretary, TODAY)
        assert PERSON not in [line.person for line in page.lines]
    assert words_for(refusal.value).startswith("请告诉管理员")


@pytest.mark.parametrize(("edit", "told"), [(None, 1), (closed_case, 0), (moved_deadlines, 0)])
async def test_a_date_that_was_changed_is_told_to_nobody(
    database: Database, lived: Lived, edit: Edit | None, told: int
) -> None:
    async with after(database, lived, edit or _nothing) as services:
        # It ends, though what can't be read stays due.
        assert min(1, await services.reminders.look(MONDAY)) == told


async def _nothing(connection: AsyncConnection, lived: Lived) -> None:
    pass


async def test_what_was_changed_stays_wrong_when_it_is_written_again(
    database: Database, lived: Lived
) -> None:
    """A change of keys seals it anew, and makes it no better."""
    async with after(database, lived, closed_case):
        pass
    async with database.write() as session:
        case = (await session.exec(select_row(CaseFile), execution_options=HAND)).one()
        case.person = PERSON
        session.add(case)
    async with by_hand(database) as connection:
        assert await found_in(connection) == (f"case_file {lived.case} was changed by hand",)


async def against(settings: Settings, backup: Path) -> Check:
    checks = {check.check: check for check in await check_up(settings, backup)}
    return checks["against the backup"]


async def test_an_older_copy_that_was_put_back_is_found_against_a_backup(
    settings: Settings, lived: Lived, tmp_path: Path
) -> None:
    older, newer = tmp_path / "older.backup", tmp_path / "newer.backup"
    await back_up(settings, older)
    async with opened_in(settings) as database:
        files = settings.data / "staff.sqlite3", tmp_path / "copy"
        with closing(sqlite3.connect(files[0])) as here, closing(sqlite3.connect(files[1])) as copy:
            here.backup(copy)
        services = build_services(database, procedure_of())
        secretary = await services.people.whoami(lived.cast.chats["secretary"])
        place = secretary.posts[0].organisation_id
        await services.people.add_member(Act("later", MONDAY), secretary, place, "新来的")
    await back_up(settings, newer)
    assert not (await against(settings, older)).needs
    assert not (await against(settings, newer)).needs
    for file in settings.data.glob("staff.sqlite3*"):
        file.unlink()
    (tmp_path / "copy").rename(settings.data / "staff.sqlite3")
    found = await against(settings, newer)
    assert found.needs
    assert [item.split()[:2] for item in found.items] == [["chain", "house"]]
    assert not (await against(settings, older)).needs

    fresh = elsewhere(settings, tmp_path / "fresh")
    await restore(fresh, older)
    found = await against(fresh, newer)
    assert found.needs
    assert found.items[-1].startswith("restored on ")
    assert not (await against(fresh, older)).needs
