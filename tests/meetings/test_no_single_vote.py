"""Only totals are stored: there is no place where a single vote could be."""

import re

from sqlmodel import SQLModel

from domain.meetings import opening, own_fields
from domain.rulebook.ballot_rules import COUNTS
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import FieldType, Text
from models import AgendaRow, MeetingRow

VOTELIKE = re.compile(r"vote|voter|ballot|slip|yes|no_|abstain|approve|against|choice", re.I)
BOOK = load()
VOTED = [step for step in (*BOOK.steps, *BOOK.plan) if step.body is not None]


def test_no_column_of_any_table_is_about_a_vote() -> None:
    columns = [
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
    ]
    assert len(columns) > 100
    assert not [name for name in columns if VOTELIKE.search(name.partition(".")[2])]


def test_a_meeting_knows_one_person_only_who_keeps_its_minutes() -> None:
    tables = SQLModel.metadata.tables
    people = {
        f"{name}.{column.name}"
        for name in ("meeting", "agenda_item")
        for column in tables[name].columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    }
    assert people == {"meeting.convened_by"}
    assert set(tables["meeting"].columns.keys()) == {
        "mac", "id", "body", "organisation_id", "state", "convened_by", "convened_at", "held_on",
        "answers_sealed",
    }  # fmt: skip
    assert set(tables["agenda_item"].columns.keys()) == {
        "mac", "id", "meeting_id", "place", "case_id", "step", "decided", "entry_id",
        "answers_sealed",
    }  # fmt: skip
    assert MeetingRow.__tablename__, AgendaRow.__tablename__


def test_no_table_hangs_on_a_meeting_but_its_agenda() -> None:
    hanging = {
        table.name
        for table in SQLModel.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name in ("meeting", "agenda_item")
    }
    assert hanging == {"agenda_item"}


def test_what_a_ballot_asks_are_numbers_ticks_and_one_conclusion_never_a_person() -> None:
    assert len(VOTED) > 8
    for step in VOTED:
        fields = (*opening([step], Text("", "")).fields, *own_fields(step, step.fields))
        kinds = {field.type for field in fields}
        assert not kinds & {FieldType.PERSON, FieldType.PERSONS, FieldType.PROOF}, step.id
        counts = [field.count for field in fields if field.count]
        assert len(counts) == len(set(counts))
        assert set(counts) <= set(COUNTS)
