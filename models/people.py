"""Who there is: organisations, people, their posts, invitations, and when they want to be told."""

from datetime import date, datetime, time
from typing import ClassVar

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from domain.states import EndReason
from models.columns import UTCDateTime, new_id, one_of, sealed_text
from models.macs import Guarded


class Organisation(Guarded, table=True):
    """`level`: department | committee | branch | general_branch | leading_group."""

    gives_rights: ClassVar[bool] = True
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    parent_id: str | None = Field(default=None, foreign_key="organisation.id", index=True)
    level: str = Field(max_length=16)
    name_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    name = sealed_text("name_sealed")


class Person(Guarded, table=True):
    """A member of staff or a party member who can be chosen. `chat_index` finds them by chat."""

    gives_rights: ClassVar[bool] = True
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    full_member: bool = True
    language: str = Field(default="zh", max_length=8)
    # Unique: a person has one chat, and a chat belongs to one person.
    chat_index: str | None = Field(default=None, unique=True, max_length=40)
    blocked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    name_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    chat_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    name = sealed_text("name_sealed")
    chat = sealed_text("chat_sealed")

    @property
    def reachable(self) -> bool:
        """Whether a message gets there."""
        return self.chat_index is not None and self.blocked_at is None


class PostRow(Guarded, table=True):
    """A role held in an organisation, until it ends. `ended_on`: the day on which it was given up,
    as told; access ended at `until`. `invitation_id`: the link it was taken up with."""

    __tablename__ = "post"
    gives_rights: ClassVar[bool] = True
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    role: str = Field(max_length=16)
    since: datetime = Field(sa_type=UTCDateTime)
    until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    ended_on: date | None = None
    ended_by: str | None = Field(default=None, foreign_key="person.id")
    end_reason: EndReason | None = Field(default=None, sa_type=one_of(EndReason, 12))
    invitation_id: str | None = Field(default=None, foreign_key="invitation.id")


class ResponsibleRow(Guarded, table=True):
    """The organiser who looks after a committee (分管组织员)."""

    __tablename__ = "responsibility"
    gives_rights: ClassVar[bool] = True
    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    since: date


class HotlineRow(Guarded, table=True):
    """The number under which a committee or the department hears objections, and who answers it.
    One that was replaced or withdrawn stays, with its last day. `number`: the how-manieth of its
    organisation; of those at most the newest has no `until`."""

    __tablename__ = "hotline"
    __table_args__ = (UniqueConstraint("organisation_id", "number"),)
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    number: int
    since: date
    set_by: str = Field(foreign_key="person.id")
    until: date | None = None
    ended_by: str | None = Field(default=None, foreign_key="person.id")
    phone_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    person_sealed: bytes = Field(default=b"", sa_type=LargeBinary)
    phone = sealed_text("phone_sealed")
    person = sealed_text("person_sealed")


class Invitation(Guarded, table=True):
    """A one-time link; only the hash of its token is kept. `rejoins`: no new post comes with it, a
    person whose telephone was lost gets their chat back."""

    gives_rights: ClassVar[bool] = True
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    token_hash: str = Field(unique=True, max_length=64)
    person_id: str = Field(foreign_key="person.id", index=True)
    role: str = Field(max_length=16)
    organisation_id: str = Field(foreign_key="organisation.id")
    invited_by: str | None = Field(default=None, foreign_key="person.id")
    expires_at: datetime = Field(sa_type=UTCDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    rejoins: bool = False


class Preference(Guarded, table=True):
    """What a person has set within what the organisation allows; local times. `weekly`: the
    picture of the branch that comes each week."""

    person_id: str = Field(primary_key=True, foreign_key="person.id", max_length=16)
    digest_at: time
    quiet_from: time | None = None
    quiet_until: time | None = None
    weekly: bool = True


class Snooze(Guarded, table=True):
    """A person hears nothing of a step of a case before `until`; then once, and the row goes."""

    __table_args__ = (UniqueConstraint("person_id", "case_id", "step"),)
    chained_by: ClassVar[str] = "case_id"
    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", index=True)
    case_id: str = Field(foreign_key="case_file.id", index=True)
    step: str = Field(max_length=16)
    until: date = Field(index=True)
