"""A case and what was entered of it, meetings on cases, and the sums of what cases count in.

Of a meeting totals only: no row joins a vote to a person.
"""

from collections.abc import ItemsView, Iterator, Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.states import MeetingState, Status
from models.columns import (
    JSONTuple,
    UTCDateTime,
    new_id,
    one_of,
    open_json,
    sealed_bytes,
    sealed_json,
    sealed_text,
)
from models.macs import Guarded


class CaseFile(Guarded, table=True):
    """One person's way. `status` and `stage` repeat what the entries say, for lists.
    `moved_from`: the branch it came from, while the one it came to hasn't answered. `counted`: the
    figures it counts in, by organisation, year and cell, so that a change of it is taken off the
    sums it was added to."""

    __tablename__ = "case_file"
    # Lists show a page of the newest: of a day on which thousands came by a sheet, too.
    __table_args__ = (Index("ix_case_file_newest", "opened_on", "id"),)
    chained_by: ClassVar[str] = "id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    rulebook: str = Field(max_length=40)
    opened_on: date
    status: Status = Field(default=Status.RUNNING, sa_type=one_of(Status, 16), index=True)
    stage: str = Field(default="", max_length=40)
    moved_from: str | None = Field(default=None, foreign_key="organisation.id")
    person_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    counted_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    person = sealed_text("person_sealed")
    counted = sealed_json("counted_sealed")


class CaseWaiting(Guarded, table=True):
    """Whose turn it is in a case: the roles of its open steps, also of those that time still holds
    up. Rewritten with the deadlines, so that a list of tasks opens no other case."""

    __tablename__ = "case_waiting"
    chained_by: ClassVar[str] = "case_id"
    case_id: str = Field(foreign_key="case_file.id", primary_key=True)
    role: str = Field(primary_key=True, index=True, max_length=16)


class OutlookRow(SQLModel, table=True):
    """What is open in a case and until when that stays (`domain.case.outlook`), so that lists and
    reminders needn't replay it. The id is the case's. Under no MAC, since it counts for as long
    only as the head of its case says the sums of rows that it was worked out from."""

    __tablename__ = "outlook"
    id: str = Field(foreign_key="case_file.id", primary_key=True, max_length=16)
    outlook_sealed: bytes = Field(default=b"", sa_type=LargeBinary)


class CaseHelper(Guarded, table=True):
    """An introducer or contact of a case."""

    __tablename__ = "case_helper"
    gives_rights: ClassVar[bool] = True
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="case_file.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    role: str = Field(max_length=16)
    since: datetime = Field(sa_type=UTCDateTime)
    until: datetime | None = Field(default=None, sa_type=UTCDateTime)


class EntryRow(Guarded, table=True):
    """A step as entered. A correction is a new row with the same number; the old one stays.
    `breaches`: codes of the rules it broke when it was entered. `sheet_id`: the sheet that brought
    it."""

    __tablename__ = "entry"
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="case_file.id", index=True)
    number: int
    step: str = Field(max_length=16)
    done_on: date
    rulebook: str = Field(max_length=40)
    recorded_at: datetime = Field(sa_type=UTCDateTime)
    recorded_by: str = Field(foreign_key="person.id")
    replaced_by: str | None = Field(default=None, max_length=16)
    sheet_id: str | None = Field(default=None, foreign_key="sheet.id", index=True)
    answers_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    reason_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    breaches: tuple[str, ...] = Field(default=(), sa_type=JSONTuple)
    answers = sealed_json("answers_sealed")
    reason = sealed_text("reason_sealed")


class SealedAnswers(Mapping[str, Any]):
    """The answers of an entry, opened when somebody first looks at one: what most of them say
    decides nothing. Raises KeyProblem then."""

    __slots__ = ("_entry_id", "_opened", "_sealed")

    def __init__(self, entry_id: str, sealed: bytes) -> None:
        self._entry_id, self._sealed = entry_id, sealed
        self._opened: Mapping[str, Any] | None = None

    def _open(self) -> Mapping[str, Any]:
        if self._opened is None:
            sealed = self._sealed
            opened = open_json(sealed, "entry", "answers_sealed", self._entry_id) if sealed else {}
            self._opened = opened or {}
        return self._opened

    def __getitem__(self, name: str) -> Any:
        # Without a call where it is open: replaying a case looks at answers all the time.
        return (self._opened or self._open())[name]

    def get(self, name: str, default: Any = None) -> Any:
        return (self._opened or self._open()).get(name, default)

    def items(self) -> ItemsView[str, Any]:
        """As of any mapping, without asking for each answer by itself."""
        return (self._opened or self._open()).items()

    def __iter__(self) -> Iterator[str]:
        return iter(self._open())

    def __len__(self) -> int:
        return len(self._open())

    def __repr__(self) -> str:
        """Nothing of what is sealed."""
        return f"SealedAnswers({self._entry_id})"


class Signature(Guarded, table=True):
    """`signed_at`: None while this person is asked for it. `paper_by`: who says that it stands on
    paper, where it was given there."""

    __tablename__ = "signature"
    # One person may sign an entry in two roles, but in each only once.
    __table_args__ = (UniqueConstraint("entry_id", "role", "person_id"),)
    gives_rights: ClassVar[bool] = True
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="case_file.id")
    entry_id: str = Field(foreign_key="entry.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    role: str = Field(max_length=16)
    signed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    paper_by: str | None = Field(default=None, foreign_key="person.id")


class Attachment(Guarded, table=True):
    """A photo or document given as proof, as `services.attachments` has cleaned it."""

    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="case_file.id", index=True)
    media_type: str = Field(max_length=80)
    added_at: datetime = Field(sa_type=UTCDateTime)
    added_by: str = Field(foreign_key="person.id")
    content_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    content = sealed_bytes("content_sealed")


class Draft(SQLModel, table=True):
    """Answers not yet entered, by person, case and step."""

    # Kept again, a draft takes the place of the one before: only one is there to go on with.
    __table_args__ = (UniqueConstraint("person_id", "case_id", "step"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", index=True)
    case_id: str = Field(foreign_key="case_file.id")
    step: str = Field(max_length=16)
    kept_at: datetime = Field(sa_type=UTCDateTime)
    answers_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    answers = sealed_json("answers_sealed")


class BreachRow(Guarded, table=True):
    """A rule that a case broke: found by the date check, or a date that passed. `number`: of the
    entry, 0 for a step that isn't entered. `body`: the role that had to act. `cleared_on`: a
    correction or a later entry removed it; the row stays. `situation`: of the organisation's own
    catalogue, "" while none is assigned. `due_on`: by when it has to be dealt with. `treatment`: of
    that situation; `result`: what came of it."""

    __tablename__ = "breach"
    # The check of dates runs again and again: what it finds twice is one breach.
    __table_args__ = (UniqueConstraint("case_id", "step", "number", "code", "rule"),)
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="case_file.id", index=True)
    step: str = Field(max_length=16)
    number: int
    code: str = Field(max_length=40)
    rule: str = Field(max_length=60)
    source: str = Field(max_length=60)
    day: date
    body: str = Field(max_length=16)
    found_on: date
    cleared_on: date | None = None
    situation: str = Field(default="", max_length=40)
    due_on: date | None = None
    treatment: str = Field(default="", max_length=30)
    treated_on: date | None = None
    treated_by: str | None = Field(default=None, foreign_key="person.id")
    result_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    result = sealed_text("result_sealed")


class HoldRow(Guarded, table=True):
    """Why no gate of a case can be passed, from outside its steps. `reason`: report."""

    __tablename__ = "hold"
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="case_file.id", index=True)
    reason: str = Field(max_length=20)
    since: date
    released_on: date | None = None


class NoticeRow(Guarded, table=True):
    """A public notice of a case: its id stands in the link on the posted sheet. `published`: the
    public side knows it."""

    __tablename__ = "notice"
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="case_file.id", index=True)
    # One link a notice: made again after a crash, it would be another than the one that was posted.
    entry_id: str = Field(foreign_key="entry.id", unique=True)
    first_day: date
    last_day: date
    published: bool = Field(default=False, index=True)


class DeadlineRow(Guarded, table=True):
    """A date of an open step, rewritten whenever its case changes."""

    __tablename__ = "deadline"
    __table_args__ = (
        Index("ix_deadline_due", "next_look", "id"),
        UniqueConstraint("case_id", "step", "limit_id"),
    )
    chained_by: ClassVar[str] = "case_id"
    open_columns: ClassVar[Mapping[str, str]] = {
        "calendar_version": "says by which calendar the date was counted; changed, the date is "
        "counted again or stays as it is",
    }
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="case_file.id", index=True)
    step: str = Field(max_length=16)
    limit_id: str = Field(max_length=60)
    kind: str = Field(max_length=16)
    due_on: date
    source: str = Field(max_length=60)
    ladder: tuple[int, ...] = Field(default=(), sa_type=JSONTuple)
    provisional: bool = False
    calendar_version: str = Field(default="", max_length=40)
    next_look: date | None = None


class ClassRow(Guarded, table=True):
    """One class (一期). `held_on`: the day of its step's entries."""

    __tablename__ = "training_class"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    step: str = Field(max_length=16)
    held_on: date
    recorded_by: str = Field(foreign_key="person.id")
    name_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    name = sealed_text("name_sealed")


class ClassPlace(Guarded, table=True):
    """Somebody on the roster of a class, with the entry it made in their case."""

    __tablename__ = "training_place"
    __table_args__ = (UniqueConstraint("class_id", "case_id"),)
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    class_id: str = Field(foreign_key="training_class.id", index=True)
    case_id: str = Field(foreign_key="case_file.id")
    entry_id: str = Field(foreign_key="entry.id")


class MeetingRow(Guarded, table=True):
    """`body`: masses | branch | committee | organisers. `answers`: what was asked once
    for all candidates."""

    __tablename__ = "meeting"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    body: str = Field(max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    state: MeetingState = Field(default=MeetingState.DRAFT, sa_type=one_of(MeetingState, 12))
    convened_by: str = Field(foreign_key="person.id")
    convened_at: datetime = Field(sa_type=UTCDateTime)
    held_on: date | None = None
    answers_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    answers = sealed_json("answers_sealed")


class AgendaRow(Guarded, table=True):
    """A candidate on an agenda. `answers`: the totals of this candidate's ballot as long as they
    are a draft; once decided they stand in the step's entry, and only there."""

    __tablename__ = "agenda_item"
    __table_args__ = (UniqueConstraint("meeting_id", "case_id"),)
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    place: int
    case_id: str = Field(foreign_key="case_file.id", index=True)
    step: str = Field(max_length=16)
    decided: bool = False
    entry_id: str | None = Field(default=None, foreign_key="entry.id")
    answers_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    answers = sealed_json("answers_sealed")


class FigureRow(Guarded, table=True):
    """The sums of an organisation and all below it in a year; year 0: where people stand now.
    `cells`: by name (`domain.figures.counting`).

    Not unique by organisation and year: where a row was changed by hand the next act begins
    another one, so that it needn't fail for a figure; whoever asks for the figures is refused.
    """

    __tablename__ = "figure"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    year: int
    cells_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    cells = sealed_json("cells_sealed")
