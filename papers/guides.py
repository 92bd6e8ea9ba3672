"""The page of a role: what it does each day, what to remember, its own steps by the rulebook."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from domain.files.toml import FileModel, build, parse, read_text
from domain.rulebook.kinds import HELPERS
from domain.rulebook.schema import Role, Rulebook, Step
from papers.processes.typesetting import Job

FILE = Path(__file__).parent / "guides.toml"


@dataclass(frozen=True)
class RoleGuide:
    """Of one role. Introducers, contacts and helpers share one."""

    role: Role
    title: str
    daily: tuple[str, ...]
    weekly: tuple[str, ...]
    remember: tuple[str, ...]


class _File(FileModel):
    guides: tuple[RoleGuide, ...]


@cache
def guides() -> tuple[RoleGuide, ...]:
    """All pages, in the order of their file. Raises FileError where it is wrong."""
    return build(FILE.name, parse(FILE.name, read_text(FILE)), _File).guides


def guide_pages(roles: frozenset[Role], book: Rulebook, made: date) -> Job:
    """Return a page for each of `roles`, ready for print."""
    shared = frozenset({Role.INTRODUCER}) if roles & HELPERS else frozenset()
    pages = [
        {
            "title": guide.title,
            "daily": guide.daily,
            "weekly": guide.weekly,
            "remember": guide.remember,
            "steps": [_line(step) for step in own_steps(guide.role, book)],
        }
        for guide in guides()
        if guide.role in roles | shared
    ]
    return Job("guide", {"pages": pages, "made": f"{made:%Y-%m-%d}"})


def own_steps(role: Role, book: Rulebook) -> Sequence[Step]:
    """Return the numbered steps that a role takes or signs; what may happen whenever is told when
    it does."""
    mine = HELPERS if role in HELPERS else frozenset({role})
    return [
        step
        for step in book.steps
        if step.id[:1].isdigit() and mine & {*step.actors, *step.signed_by, *step.each_signs}
    ]


def _line(step: Step) -> dict[str, str]:
    limit = step.limits[0].text.zh if step.limits else ""
    return {"number": step.id, "title": step.title.zh, "limit": limit}
