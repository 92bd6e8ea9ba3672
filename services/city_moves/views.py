"""Views of people who move between cities."""

from dataclasses import dataclass
from datetime import date

from domain.rulebook.schema import Text


@dataclass(frozen=True)
class Offer:
    """As what somebody would go, None for an applicant, and to which cities: id and name each."""

    person: str
    standing: Text | None
    peers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ArrivalLine:
    """A step of the former city."""

    day: date
    said: Text


@dataclass(frozen=True)
class Arrival:
    """Somebody who has come, for one reader. `standing`: the answer of the step for whoever comes
    from outside, None for an applicant and for what this city's rules don't know. `counts`:
    something counts on. `step`: that step. `places`: the reader says where it goes; `answers`: the
    reader's branch says whether it takes them in; `taken`: it has."""

    arrival_id: str
    person: str
    peer: str
    left: str
    to: str
    arrived: date
    standing: Text | None
    counts: bool
    landmarks: tuple[ArrivalLine, ...]
    record: tuple[ArrivalLine, ...]
    branch: str
    case_id: str
    step: str
    places: bool
    answers: bool
    taken: bool
