"""Papers of a case as the front doors see them."""

from dataclasses import dataclass

from domain.rulebook.schema import Step


@dataclass(frozen=True)
class PaperLine:
    """A paper of a step. `number`: its place among the papers of the step. `missing`: what isn't
    known yet, in the paper's own words."""

    number: int
    title: str
    missing: tuple[str, ...]


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
