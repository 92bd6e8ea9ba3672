"""Papers of a case as the front doors see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.case.urgency import Urgency
from domain.rulebook.schema import Step
from services.core.errors import Refusal

UNSAFE = str.maketrans(dict.fromkeys('\\/:*?"<>|\n', "_"))


class CannotPrint(Refusal):
    """No PDF can be made here. `fonts`: for want of a Chinese font."""

    def __init__(self, *, fonts: bool) -> None:
        super().__init__("fonts" if fonts else "typesetting")
        self.fonts = fonts


@dataclass(frozen=True)
class PaperLine:
    """A paper of a step. `number`: its place among the papers of the step. `missing`: what isn't
    known yet, in the paper's own words."""

    number: int
    title: str
    missing: tuple[str, ...]
    slip: bool = False
    """Printed once for everybody who votes, not once for the case."""


@dataclass(frozen=True)
class StepPapers:
    """The papers of a step; `entered`: whether it was taken."""

    step: Step
    entered: bool
    papers: tuple[PaperLine, ...]


@dataclass(frozen=True)
class CasePapers:
    """All papers of a case that can be made, in the order of its steps."""

    case_id: str
    person: str
    steps: tuple[StepPapers, ...]


class CaptionKind(StrEnum):
    """What is said under a file."""

    PAPER = "paper"
    SLIPS = "slips"
    COUNTING = "counting"
    ARCHIVE = "archive"


@dataclass(frozen=True)
class PaperFile:
    """A file to send. `missing`: as in `PaperLine`; `papers`: how many are in it."""

    case_id: str
    person: str
    title: str
    name: str
    content: bytes
    missing: tuple[str, ...] = ()
    papers: int = 1
    kind: CaptionKind = CaptionKind.PAPER
    ours: bool = False
    """An own template failed, and ours took its place."""


@dataclass(frozen=True)
class ReportPaper:
    """A paper of a report. `number`: which of the three."""

    number: int
    title: str


@dataclass(frozen=True)
class TemplateLine:
    """Whose template of a paper holds at an organisation. `fields`: name and what it holds, of
    those that a template may use; `mine`: its own; `whose`: an organisation's name, "" for ours."""

    organisation_id: str
    paper: str
    title: str
    fields: tuple[tuple[str, str], ...]
    mine: bool = False
    whose: str = ""


def file_name(title: str, person: str, kind: str) -> str:
    return f"{title}_{person}.{kind}".translate(UNSAFE)


@dataclass(frozen=True)
class Picture:
    """A picture for a phone, or a page to print; `content` is empty where none could be made."""

    name: str
    content: bytes


@dataclass(frozen=True)
class BranchWeek:
    """How a branch stands: its running cases, and how many of them press how much."""

    organisation: str
    people: int
    urgent: Mapping[Urgency, int]
    picture: Picture
