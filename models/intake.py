"""Tables of the public side: sealed reports, by day, and nothing of who wrote them.

A database of its own, with tables of their own, that no row of the staff side refers to.
"""

from datetime import date

from sqlalchemy import LargeBinary, MetaData, UniqueConstraint
from sqlmodel import Field, SQLModel

from domain.reports import Channel, IntakeState
from models.columns import new_id, one_of

INTAKE = MetaData()
UNORDERED = {"sqlite_with_rowid": False}
"""No running number beside the random id: it would tell in which order reports came."""


class IntakeTable(SQLModel):
    metadata = INTAKE


class IntakeReport(IntakeTable, table=True):
    """A report. `tag` finds it from the code, `reply_key` is what answers are sealed to.

    `sealed`: to the department, JSON of `about` and `text`; empty once it was taken back or its
    time is over. Then a tombstone is left: the days and the state; the finding stands in the
    register. In the end nothing leads to it from a code: `tag` is another one, `reply_key` is
    empty.
    """

    __tablename__ = "intake_report"
    __table_args__ = UNORDERED
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    tag: str = Field(unique=True, max_length=40)
    reply_key: bytes = Field(sa_type=LargeBinary)
    received_on: date = Field(index=True)
    answer_by: date
    notice: str = Field(default="", max_length=16)
    channel: Channel = Field(default=Channel.BOT, sa_type=one_of(Channel, 12))
    state: IntakeState = Field(
        default=IntakeState.PENDING, sa_type=one_of(IntakeState, 12), index=True
    )
    closed_on: date | None = None
    sealed: bytes = Field(default=b"", sa_type=LargeBinary)


class IntakeFile(IntakeTable, table=True):
    """A cleaned attachment, sealed to the department together with what kind it is."""

    __tablename__ = "intake_file"
    __table_args__ = UNORDERED
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    report_id: str = Field(foreign_key="intake_report.id", index=True)
    number: int
    sealed: bytes = Field(sa_type=LargeBinary)


class IntakeLetter(IntakeTable, table=True):
    """What the two sides wrote afterwards. `sender`: reporter (sealed to the department) |
    department (sealed to the reporter)."""

    __tablename__ = "intake_letter"
    # The letters of a report can be ordered by number only: no time of day is kept.
    __table_args__ = (UniqueConstraint("report_id", "number"), UNORDERED)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    report_id: str = Field(foreign_key="intake_report.id", index=True)
    number: int
    sender: str = Field(max_length=12)
    day: date
    sealed: bytes = Field(sa_type=LargeBinary)


class IntakeNotice(IntakeTable, table=True):
    """A notice that hangs in public. `sealed`: to the public process, JSON of its `id`, `person`
    and `unit`."""

    __tablename__ = "intake_notice"
    id: str = Field(primary_key=True, max_length=16)
    first_day: date
    last_day: date = Field(index=True)
    sealed: bytes = Field(sa_type=LargeBinary)


class IntakeGuidance(IntakeTable, table=True):
    """The yearly guidance as the department made it public: the newest text of a year, for
    everybody to read, so not sealed. Nobody who wrote or published it is named. `number`: which
    text of the year it is. `text`: JSON of the parts of domain.plans.GUIDANCE."""

    __tablename__ = "intake_guidance"
    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int
    published_on: date
    text: str


class IntakeSetting(IntakeTable, table=True):
    __tablename__ = "intake_setting"
    key: str = Field(primary_key=True, max_length=60)
    value: str = Field(max_length=200)
