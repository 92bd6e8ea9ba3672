"""The words a rulebook is written in: roles, units, strengths, kinds, texts."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who acts (GLOSSARY.md has the Chinese terms)."""

    SECRETARY = "secretary"
    INTRODUCER = "introducer"
    CONTACT = "contact"
    HELPER = "helper"
    COMMITTEE = "committee"
    ORGANISER = "organiser"
    DIRECTOR = "director"


HELPERS = frozenset({Role.INTRODUCER, Role.CONTACT, Role.HELPER})
"""What people are in one case only; the other roles are posts in an organisation."""


class Strength(StrEnum):
    """How binding a limit is."""

    LEGAL = "legal"
    LOCAL = "local"
    ADVISED = "advised"


class Unit(StrEnum):
    YEARS = "years"
    MONTHS = "months"
    DAYS = "days"
    WORKING_DAYS = "working_days"


class StepKind(StrEnum):
    """The few real differences of behaviour; everything else is data."""

    RECORD = "record"
    DECISION = "decision"
    BALLOT = "ballot"
    NOTICE = "notice"
    VISIT = "visit"


class Body(StrEnum):
    """Who meets to decide a step: non-members appraising, the branch meeting, the committee, all
    organisers of the department."""

    MASSES = "masses"
    BRANCH = "branch"
    COMMITTEE = "committee"
    ORGANISERS = "organisers"


class Given(StrEnum):
    """What is known of the organisation, and offered as the answer to a question for a text: the
    number it has set, the name of the committee over it."""

    HOTLINE = "hotline"
    COMMITTEE = "committee"


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"
    CHOICE = "choice"
    CHOICES = "choices"
    CHECKLIST = "checklist"
    PROOF = "proof"
    PERSON = "person"
    PERSONS = "persons"
    ORGANISATION = "organisation"


LISTS = (FieldType.CHOICES, FieldType.CHECKLIST, FieldType.PROOF, FieldType.PERSONS)
"""The types whose answer is a tuple."""


class Effect(StrEnum):
    """What an answer does to the case."""

    DONE = "done"
    REOPEN = "reopen"
    HOLD = "hold"
    END = "end"


class LimitKind(StrEnum):
    """WITHIN: at the latest. NOT_BEFORE: at the earliest. EVERY: again and again while open."""

    WITHIN = "within"
    NOT_BEFORE = "not_before"
    EVERY = "every"


@dataclass(frozen=True)
class Text:
    """A text in both languages; Chinese is the source."""

    zh: str
    """In Chinese."""
    en: str
    """In English."""

    def read(self, language: str) -> str:
        return self.en if language == "en" else self.zh


@dataclass(frozen=True)
class Requirement:
    """A rule that a question, an answer or a whole rulebook carries, with its own id and source."""

    id: str
    """Names the rule everywhere; a test names it too."""
    source: str
    """Where it stands: `N19` is article 19 of the national text, `G` the profile's own document,
    `P` common practice. Several are separated by blanks."""
    strength: Strength
    """How binding it is."""
    text: Text
    """What it says, as people read it."""
    refuses: bool = False
    """What breaks it isn't taken; otherwise it is taken and noted."""


@dataclass(frozen=True)
class OnlyIf:
    """Stands in a rulebook only where a setting is chosen so."""

    setting: str
    """The id of the setting."""
    any_of: tuple[str, ...]
    """Its options with which this stands."""


class FindingEffect(StrEnum):
    """What a finding on a report leads to. `DECIDE`: a body decides what becomes of the case, by
    where the person stands. `WAIT`: the case is held until it is clear."""

    GO_ON = "go_on"
    DECIDE = "decide"
    WAIT = "wait"


RECORDED_LATE, MANY_ON_ONE_DAY = "recorded_late", "many_on_one_day"
"""Ids of the two rules that a rulebook states as bare numbers (`[date_check]`)."""
