"""People as the front doors see them."""

from dataclasses import dataclass

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
