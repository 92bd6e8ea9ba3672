"""What people typed and what they are called by can't be found in what lies on the disk."""

from pathlib import Path

import pytest
from sqlmodel import SQLModel

from bot.app.database import open_database
from bot.app.settings import Settings
from models.crypto import ID_BYTES, NONCE_BYTES, KeyProblem, KeyRing, install, key_id
from services.operations.key_rotation import sealed_columns
from tests.conftest import KEYS
from tests.operations.conftest import PERSON, TOLD, Lived, everything_typed, live_anew

pytestmark = pytest.mark.one_thread


class PlainRing(KeyRing):
    """Encryption switched off, to see that the search below would find something."""

    def seal(self, plain: bytes, place: str) -> bytes:
        return key_id(self.keys[0]) + bytes(NONCE_BYTES) + plain

    def open(self, sealed: bytes, place: str) -> bytes:
        return sealed[ID_BYTES + NONCE_BYTES :]


def on_the_disk(folder: Path) -> bytes:
    """Every file beside the keys, the log of the database among them."""
    files = [path for path in folder.rglob("*") if path.name.startswith("staff.sqlite3")]
    assert any(path.name.endswith("-wal") and path.stat().st_size for path in files)
    return b"".join(path.read_bytes() for path in files)


async def found_on_disk(settings: Settings, ring: KeyRing) -> tuple[set[str], set[str]]:
    """What was typed, and what of it lies open on the disk."""
    database = await open_database(settings.staff_database, ring)
    try:
        typed = await everything_typed(await live_anew(database))
        content = on_the_disk(settings.data)
        return typed, {text for text in typed if text.encode() in content}
    finally:
        await database.close()
        install(KEYS)


async def test_nothing_anybody_typed_lies_open_in_the_database_or_its_log(
    settings: Settings,
) -> None:
    typed, found = await found_on_disk(settings, settings.ring())
    assert len(typed) > 25
    assert found == set()


async def test_the_same_search_finds_everything_when_nothing_is_sealed(
    settings: Settings,
) -> None:
    ring = settings.ring()
    typed, found = await found_on_disk(settings, PlainRing(ring.keys, ring.index_key))
    assert {PERSON, TOLD} <= found
    assert found == typed


PLAIN = {"Boolean", "Date", "Time", "UTCDateTime", "Integer", "BigInteger", "EnumText"}
IDS_AND_WORDS_OF_OURS = {
    "id", "parent_id", "level", "organisation_id", "person_id", "role", "token_hash", "body",
    "convened_by", "meeting_id", "proposed_by", "checked_by",
    "invited_by", "chat_index", "language", "case_id", "rulebook", "stage", "closed",
    "entry_id", "step", "recorded_by", "paper_by", "replaced_by", "breaches", "media_type",
    "added_by",
    "reason", "limit_id", "kind", "source", "ladder", "calendar_version", "bot", "error",
    "matter", "slot", "worker", "chain", "actor", "act", "act_key", "previous", "hash",
    "intake_id", "report_id", "organiser_id", "finding", "key", "value", "code", "rule",
    "situation",
    "set_by", "published_by", "sheet_id",
    "drawn_by", "ended_by", "invitation_id", "inspection_id", "branch_id", "seed",
    "moved_from", "class_id", "treatment", "treated_by", "mac", "duty", "done_by", "paper",
    "peer_id", "mark", "message_id", "reference", "opened_id",
}  # fmt: skip
"""Columns of text that hold ids, codes and words of the program alone."""
OF_A_CARD = {"peer.address", "peer.verify_key", "peer.box_key"}
"""What another office hands out itself: its address and its public keys."""


def test_a_new_column_of_text_is_sealed_or_named_here() -> None:
    sealed = {f"{t.__tablename__}.{name}" for t, names in sealed_columns() for name in names}
    asked = 0
    for table in SQLModel.metadata.tables.values():
        for column in table.columns:
            kind = type(column.type).__name__
            known = kind in PLAIN or column.name in IDS_AND_WORDS_OF_OURS
            known = known or f"{table.name}.{column.name}" in OF_A_CARD
            assert known or f"{table.name}.{column.name}" in sealed, (table.name, column.name)
            asked += 1
    assert asked > 100
    assert len(sealed) >= 14


@pytest.mark.parametrize("wrong", ["all", "keys", "index"])
async def test_another_ring_is_refused_even_where_only_one_line_of_it_is_wrong(
    settings: Settings, lived: Lived, wrong: str
) -> None:
    mine, other = settings.ring(), KeyRing.new()
    keys = mine.keys if wrong == "index" else other.keys
    index = mine.index_key if wrong == "keys" else other.index_key
    with pytest.raises(KeyProblem, match="other keys"):
        await open_database(settings.staff_database, KeyRing(keys, index))
