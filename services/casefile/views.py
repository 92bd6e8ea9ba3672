"""The date check of a case and its breaches, as the front doors see them."""

from dataclasses import dataclass
from datetime import date

from domain.case.facts import Finding
from domain.catalogue import Situation, Treatment
from domain.rulebook.schema import Role, Rulebook, Step


@dataclass(frozen=True)
class Checked:
    """Result of the date check of a case (核对)."""

    case_id: str
    person: str
    rulebook: Rulebook
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class BreachLine:
    """A rule that was broken: which, on which day, and whose act it was."""

    breach_id: str
    case_id: str
    person: str
    step: Step
    code: str
    source: str
    day: date
    body: Role
    situation: Situation | None
    due_on: date | None = None
    treatment: Treatment | None = None
    treated_on: date | None = None
    result: str = ""
    treats: bool = False
    """Whether the reader decides what becomes of it."""


@dataclass(frozen=True)
class BreachPage:
    """`number` counts from 0; `pages` is at least 1."""

    lines: tuple[BreachLine, ...]
    number: int
    pages: int
    total: int
