"""Views of a case for the front doors: lists, card, form and preview."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b

from domain.case.facts import Answers, Deadline, OpenStep, Problem, Progress, Verdict, WholeCase
from domain.case.public_notice import NoticePeriod
from domain.rulebook.schema import Field, Role, Rulebook, Step, Text
from domain.rulebook.validation.conflicts import Conflict
from services.people.views import PersonChoice


@dataclass(frozen=True)
class CaseLine:
    """A case in a list. `next_title`, `deadline`: of its next step, None where nothing is open."""

    case_id: str
    person: str
    organisation: str
    stage: Text
    status: str
    next_title: Text | None
    deadline: Deadline | None


@dataclass(frozen=True)
class Page:
    """A page of case lines. `number` counts from 0; `pages` is at least 1."""

    lines: tuple[CaseLine, ...]
    number: int
    pages: int
    total: int


@dataclass(frozen=True)
class EntryLine:
    """An entry for one reader; replaced ones too. `waits_for`: roles whose signature is missing;
    `asked`: of whom it is asked by name; `on_paper`: those of them who can only sign on paper;
    `mine`: the reader is to sign; `confirms`: is to say who did on paper. `people`: names of those
    chosen in its answers, by id."""

    entry_id: str
    step: Step
    done_on: date
    recorded_by: str
    recorded_at: datetime
    answers: Answers
    signed_by: tuple[str, ...]
    waits_for: frozenset[Role]
    asked: tuple[tuple[Role, str], ...] = ()
    on_paper: tuple[str, ...] = ()
    mine: bool = False
    confirms: bool = False
    signed_on_paper: frozenset[str] = frozenset()
    reason: str = ""
    replaced: bool = False
    people: Mapping[str, str] = field(default_factory=dict)

    @property
    def for_reader(self) -> bool:
        """Whether a signature waits for the reader, their own or one to confirm."""
        return self.mine or self.confirms


@dataclass(frozen=True)
class Gone:
    """Where somebody is who went to another city. `peer`, `to`: city and organisation. `arrived`:
    when the other city has signed that it has the papers; `answered`: when it said that it has
    taken the person in, `answer`: which branch. None before."""

    peer: str
    to: str
    left: datetime
    arrived: datetime | None = None
    answered: datetime | None = None
    answer: str = ""


@dataclass(frozen=True)
class CaseStanding:
    """Where a case stands, for one reader."""

    case_id: str
    person: str
    organisation: str
    rulebook: Rulebook
    progress: Progress
    helpers: tuple[tuple[Role, str], ...]
    mine: tuple[OpenStep, ...]
    open_reports: int = 0
    anytime: tuple[Step, ...] = ()
    """What the reader may enter whenever it happens."""
    breaches: int = 0
    """Rules that the case broke and that still stand so."""
    gone: Gone | None = None
    """Where the person is who went to another city."""


@dataclass(frozen=True, kw_only=True)
class CaseCard(CaseStanding):
    """A case's standing with its entries."""

    entries: tuple[EntryLine, ...]


@dataclass(frozen=True)
class Form:
    """A step about to be entered: its fields, the answers so far (draft or entry to correct),
    and the people to choose from, by field id. `known`: answers that stand there already, as no
    draft says otherwise."""

    case_id: str
    person: str
    step: Step
    answers: Answers
    choices: Mapping[str, tuple[PersonChoice, ...]]
    corrects: str | None = None
    known: Answers = field(default_factory=dict)


@dataclass(frozen=True)
class Preview:
    """What would follow from these answers. `fields`: the ones to ask now, in order, with the
    options that the verdict leaves. `problems` that refuse come first. `bodies`: where the layers
    name different ones for what is asked."""

    fields: tuple[Field, ...]
    problems: tuple[Problem, ...]
    verdict: Verdict | None = None
    notice: NoticePeriod | None = None
    called: tuple[OpenStep, ...] = ()
    """What was called for earlier and has no result yet, before a body decides."""
    bodies: tuple[Conflict, ...] = ()
    whole: WholeCase | None = None
    """All that isn't in order in the case, where the step looks back."""

    @property
    def refused(self) -> bool:
        return any(problem.refuses for problem in self.problems)


def notes_of(problems: Iterable[Problem]) -> frozenset[str]:
    """What is noted of an entry and doesn't refuse it, each as a key of 12 letters: the same for
    the same note, whoever reads it and whenever."""
    return frozenset(_key(one) for one in problems if not one.refuses)


def _key(note: Problem) -> str:
    values = sorted((note.values or {}).items())
    said = repr((note.code.value, note.field, note.rule, values))
    return blake2b(said.encode(), digest_size=6).hexdigest()


@dataclass(frozen=True)
class Recorded:
    """Result of an act on an entry: the entry as it is now, and where its case stands."""

    entry_id: str
    step: Step
    card: CaseStanding
    line: EntryLine
    verdict: Verdict | None = None
    notice: NoticePeriod | None = None
    breaches: tuple[Problem, ...] = ()

    @property
    def waits_for(self) -> frozenset[Role]:
        """Signatures still missing before it counts."""
        return self.line.waits_for
