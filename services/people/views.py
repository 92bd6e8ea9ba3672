"""People as the front doors see them."""

from dataclasses import dataclass
from datetime import datetime

from domain.rulebook.schema import Role


@dataclass(frozen=True)
class Post:
    """A role held in an organisation. `level`: department | committee | branch."""

    role: Role
    organisation_id: str
    organisation: str
    level: str


@dataclass(frozen=True)
class Actor:
    """A person who acts, with the posts they hold now."""

    person_id: str
    name: str
    language: str
    posts: tuple[Post, ...]

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(post.role for post in self.posts)


@dataclass(frozen=True)
class PersonChoice:
    person_id: str
    name: str


@dataclass(frozen=True)
class HeldPost:
    """A post, for those who may end it. `joined`: a chat belongs to the person now."""

    post_id: str
    person_id: str
    person: str
    role: Role
    organisation_id: str
    organisation: str
    since: datetime
    joined: bool


@dataclass(frozen=True)
class OpenInvitation:
    """A link that nobody has opened yet."""

    invitation_id: str
    person_id: str
    person: str
    role: Role
    organisation_id: str
    organisation: str
    expires_at: datetime


@dataclass(frozen=True)
class NewLink:
    """A one-time link for a person. `token`: what the link carries."""

    person: str
    token: str


@dataclass(frozen=True)
class Staffing:
    """Posts and open invitations that the reader may end."""

    posts: tuple[HeldPost, ...]
    invitations: tuple[OpenInvitation, ...]


@dataclass(frozen=True)
class EndedPost:
    """What ending a post has moved: reports, committees and `drafts` to the successor, or back to
    who hands them out; drafts wait for whoever comes. `dropped`: drafts that are for nobody else.
    `cases`: in which the person helps no longer. `revoked`: links closed with it."""

    person: str
    role: Role
    organisation: str
    successor: str
    reports: int = 0
    committees: int = 0
    drafts: int = 0
    dropped: int = 0
    cases: int = 0
    revoked: int = 0
