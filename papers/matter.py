"""What a paper is filled from: a case as it was entered, and who deals with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from domain.calendar.calendar import WorkCalendar
from domain.case.facts import Answers
from domain.rulebook.schema import Rulebook, Step


@dataclass(frozen=True)
class PaperEntry:
    """An entry that stands. `step`: as it was in force on its day; `names`: people chosen in it."""

    step: Step
    done_on: date
    answers: Answers
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Office:
    """Where objections go: a telephone and a named person; "" where nobody has said."""

    hotline: str = ""
    person: str = ""


@dataclass(frozen=True)
class RegisterLine:
    """A report as the register knows it: nothing of what it says, nothing of who wrote it."""

    channel: str
    received_on: date
    answer_by: date
    organiser: str = ""
    closed_on: date | None = None


@dataclass(frozen=True, repr=False)
class CaseOnPaper:
    """A case for its papers. `committee`, `department`: above the branch, "" for none.
    `landmarks`: days that nobody enters, by the id of their limit. `report`: for the papers of a
    report, which may be about no case: then `person` and `branch` are ""."""

    person: str
    branch: str
    committee: str
    department: str
    book: Rulebook
    entries: tuple[PaperEntry, ...]
    calendar: WorkCalendar
    today: date
    landmarks: Mapping[str, date] = field(default_factory=dict)
    office: Office = Office()
    report: RegisterLine | None = None

    def last(self, step_id: str) -> PaperEntry | None:
        """The last entry of a step."""
        return next((item for item in reversed(self.entries) if item.step.id == step_id), None)

    def answered(self, names: str) -> Iterator[tuple[PaperEntry, str]]:
        """Where the first of several fields was asked, such as `1.born_on`."""
        step, _, name = names.partition(".")
        entry = self.last(step)
        if entry is not None and name in entry.answers:
            yield entry, name
