"""Judge the rows of a sheet: what is new, what changes, what can't stand; nothing is stored here.

A row with a refused cell stays out as a whole. What was entered in the chat no sheet changes; of a
case that came by a sheet, what the sheets said may be said better.

Each row is judged by itself (`Judge`), wherever that is: of a long sheet a process of its own takes
its share (`services.sheets.parallel_judging`). What two rows say of one person only their order
tells (`Verdicts`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import eq
from typing import Any

from domain.calendar.calendar import WorkCalendar
from domain.case.entry_validation import refusal_brought
from domain.case.facts import EVERYBODY, CaseFacts, Entry, Problem, Value
from domain.case.replay import Fold
from domain.rulebook.schema import Role, Rulebook, Step
from domain.writing.names import alike, spelling, tidy
from domain.writing.typed_json import dumps
from papers.sheets.cells import BORN, CellFault, day_in, read
from papers.sheets.columns import CellKind, Column
from services.sheets.known import CaseInSheet
from services.sheets.views import RefusedCell

LONGEST_NAME = 40
BEGINNING = "1"
"""The step without which there is no case."""
Line = dict[str, Any]
"""What is to be entered of a row, as it is staged. `beside`, of a new case: those of that name that
were known when it was judged."""
Row = tuple[int, Sequence[str]]
"""Its number in the file, and its cells."""


@dataclass(frozen=True)
class Branch:
    """`members`: ids of full members by name; a name that several have isn't among them, but as
    often as they are among `several`."""

    organisation_id: str
    name: str
    committee: str
    members: Mapping[str, str]
    several: tuple[str, ...]


@dataclass(frozen=True)
class Staged:
    """A line as it is stored. `text`: as `domain.writing.typed_json` writes it."""

    place: str
    text: str


@dataclass(frozen=True)
class Judged:
    """A row, judged by itself. `person`: whom it is about, as far as that was found out; `born`:
    when, of somebody new. `line`: what is to be entered; without one, and not refused, nothing
    changes. `month`: of the birth only the month is told."""

    row: int
    person: str = ""
    born: Value | None = None
    is_new: bool = False
    line: Staged | None = None
    month: bool = False
    refused: RefusedCell | None = None


@dataclass(frozen=True)
class _About:
    """Whom a row is about, and what it says: at which branch, who there, of which case that is
    known."""

    branch: Branch
    name: str
    known: CaseInSheet | None
    values: dict[str, Value]
    month: bool

    @property
    def key(self) -> str:
        known, place = self.known, self.branch.organisation_id
        return f"{place}:{self.name.casefold()}" if known is None else known.case_id


@dataclass
class Judge:
    """Judges each row by itself. `branches`: those for which the actor may take over. `known`:
    cases by id. `columns`: ours, by their place in the file; `titles`: theirs."""

    book: Rulebook
    calendar: WorkCalendar
    today: date
    branches: Sequence[Branch]
    known: Mapping[str, CaseInSheet]
    columns: Mapping[int, Column]
    titles: Mapping[int, str]

    def __post_init__(self) -> None:
        self._titles = {column.of: self.titles[place] for place, column in self.columns.items()}
        # Shown columns are reckoned from the rest: read back, an old file would contradict the
        # rules.
        told = [c for c in self.columns.values() if c.kind is not CellKind.SHOWN]
        self._cells = [(place, column.of) for place, column in self.columns.items()]
        self._told = {column.of: column for column in told if not column.of.startswith("case.")}
        # Read once: five thousand rows say the same few hundred days and words.
        self._read: dict[str, dict[str, Value | CellFault | None]] = {of: {} for of in self._told}
        self._of_people = [column for column in told if column.kind is CellKind.PEOPLE]
        self._by_step: dict[str, list[Column]] = {}
        for column in self.columns.values():
            self._by_step.setdefault(column.step, []).append(column)
        self._days = [(step, f"{step.id}.day") for step in self.book.steps]
        self._days = [(step, of) for step, of in self._days if of in self._titles]
        self._places = {branch.organisation_id: branch for branch in self.branches}
        self._by_spelling: dict[str, list[Branch]] = {}
        for branch in self.branches:
            self._by_spelling.setdefault(spelling(branch.name), []).append(branch)
        self._found: dict[tuple[str, str], Branch] = {}
        self._by_name: dict[tuple[str, str], list[CaseInSheet]] = {}
        for one in self.known.values():
            key = (one.organisation_id, tidy(one.person).casefold())
            self._by_name.setdefault(key, []).append(one)
        self._names = {name for _, name in self._by_name}

    def rows(self, rows: Sequence[Row]) -> list[Judged]:
        """Judge rows."""
        return [self.row(number, cells) for number, cells in rows]

    def row(self, number: int, cells: Sequence[str]) -> Judged:
        """Judge one row."""
        try:
            about = self._about(cells)
        except _Stays as stays:
            return Judged(number, refused=self._refused(number, stays))
        is_new, born = about.known is None, about.values.get(BORN)
        found = Judged(number, about.key, born if is_new else None, is_new)
        try:
            line = self._line(number, about)
        except _Stays as stays:
            return replace(found, refused=self._refused(number, stays))
        if line is None:
            return found
        staged = Staged(line["place"], dumps(line))
        return replace(found, line=staged, month=about.month and born is not None)

    def knows(self, row: Row) -> bool:
        """Whether a row may be about a case that is known."""
        said = self._said(row[1])
        name = tidy(said.get("case.person", "")).casefold()
        return name in self._names or said.get("case.id", "") in self.known

    def _refused(self, number: int, stays: "_Stays") -> RefusedCell:
        said = self._titles.get(stays.column, stays.column)
        return RefusedCell(number, said, stays.why, stays.said)

    def _said(self, cells: Sequence[str]) -> dict[str, str]:
        width = len(cells)
        return {of: cells[place] for place, of in self._cells if place < width and cells[place]}

    def _about(self, cells: Sequence[str]) -> _About:
        said = self._said(cells)
        name = tidy(said.get("case.person", ""))
        if not name:
            raise _Stays("case.person", CellFault.NO_NAME)
        if len(name) > LONGEST_NAME:
            raise _Stays("case.person", CellFault.LONG)
        known = self.known.get(said.get("case.id", ""))
        branch = self._branch(said, known)
        values = dict(self._values(said))
        month = day_in(said.get(BORN, ""), self.today) is CellFault.MONTH_ONLY
        known = known or self._named(branch, name, values, month)
        if known is not None and month and _same_month(known.cells.get(BORN), values[BORN]):
            # What is known says it better.
            del values[BORN]
        return _About(branch, name, known, values, month)

    def _line(self, number: int, about: _About) -> Line | None:
        """What is to be entered of a row; None for nothing."""
        branch, name, known = about.branch, about.name, about.known
        if known is None:
            return self._fresh(number, branch, name, about.values)
        if not alike(known.person, name):
            raise _Stays("case.person", CellFault.NAME_STAYS)
        return self._differing(number, branch, known, about.values)

    def _branch(self, said: Mapping[str, str], known: CaseInSheet | None) -> Branch:
        if known is not None:
            return self._places[known.organisation_id]
        name, committee = said.get("case.branch", ""), said.get("case.committee", "")
        if (name, committee) not in self._found:
            self._found[name, committee] = self._branch_of(tidy(name), committee)
        return self._found[name, committee]

    def _branch_of(self, name: str, committee: str) -> Branch:
        if not name and len(self.branches) == 1:
            return self.branches[0]
        found = self._by_spelling.get(spelling(name), [])
        if len(found) > 1 and tidy(committee):
            found = [branch for branch in found if alike(branch.committee, committee)]
        if len(found) != 1:
            raise _Stays("case.branch", CellFault.SEVERAL if found else CellFault.NO_BRANCH, name)
        return found[0]

    def _named(
        self, branch: Branch, name: str, values: Mapping[str, Value], month: bool
    ) -> CaseInSheet | None:
        """The case that a row without a number is about. `month`: the day of birth isn't told."""
        named = self._by_name.get((branch.organisation_id, name.casefold()), [])
        found = [one for one in named if not one.over]
        born = values.get(BORN)
        if born is not None:
            same = _same_month if month else eq
            known = ((one, one.cells.get(BORN)) for one in found)
            found = [one for one, on in known if on is None or same(on, born)]
        if len(found) > 1:
            raise _Stays("case.person", CellFault.TWO_ALIKE)
        return found[0] if found else None

    def _values(self, said: Mapping[str, str]) -> Iterator[tuple[str, Value]]:
        for of, text in said.items():
            if of not in self._told:
                continue
            known = self._read[of]
            if text not in known:
                known[text] = read(self._told[of], text, self.today)
            value = known[text]
            if type(value) is CellFault:
                raise _Stays(of, value, text)
            if value is not None:
                yield of, value

    def _fresh(self, number: int, branch: Branch, name: str, values: dict[str, Value]) -> Line:
        if f"{BEGINNING}.day" not in values:
            raise _Stays(f"{BEGINNING}.day", CellFault.NO_APPLICATION)
        # Judged as if entered step by step, so that the rules that bind in the chat bind here.
        fold = Fold(self.book, CaseFacts(self.today), self.calendar)
        helpers = self._helpers(branch, name, values)
        given: Mapping[str, Value] = {**values, **helpers}
        entries: list[Line] = []
        for step, of in self._days:
            if of in given:
                answers = self._answers(step, given[of], given)
                entries.append(self._taken(fold, len(entries) + 1, step, answers))
        line = _line(number, "", branch, name, entries, self._appointed(helpers))
        named = self._by_name.get((branch.organisation_id, name.casefold()), [])
        return {**line, "beside": [one.case_id for one in named]}

    def _answers(self, step: Step, day: Value, given: Mapping[str, Value]) -> dict[str, Value]:
        """What the sheet says of a step: its day, and its questions that have a column."""
        columns, said = self._by_step[step.id], {step.day: day}
        if len(columns) > 1:
            known = self.book.step_on(step.id, day).field_ids
            said |= {c.field: given[c.of] for c in columns if c.of in given and c.field in known}
        return said

    def _taken(self, fold: Fold, number: int, step: Step, answers: dict[str, Value]) -> Line:
        of_day = step.day
        day = answers[of_day]
        assert isinstance(day, date)
        entry = Entry(number, step.id, day, answers, self.today, "", EVERYBODY, brought=True)
        step = self.book.step_on(step.id, day)
        self._require(fold, step, entry)
        fold.take(entry)
        # A line says the day once: it is sealed five thousand times.
        line: Line = {"step": entry.step, "day": day, "number": number}
        more = {name: value for name, value in answers.items() if name != of_day}
        return {**line, "answers": more} if more else line

    def _require(self, fold: Fold, step: Step, entry: Entry) -> None:
        if problem := refusal_brought(fold, step, entry, self.today):
            raise _Stays(self._column(step, problem), problem)

    def _column(self, step: Step, problem: Problem) -> str:
        return f"{step.id}.{'day' if problem.field in ('', step.day) else problem.field}"

    def _helpers(
        self, branch: Branch, name: str, values: dict[str, Value]
    ) -> dict[str, tuple[str, ...]]:
        """The members named in a row, by column; taken out of `values`, which hold names."""
        found = {}
        for column in self._of_people:
            names = values.pop(column.of, None)
            if not isinstance(names, tuple):
                continue
            for one in names:
                if one in branch.several:
                    raise _Stays(column.of, CellFault.SEVERAL, one)
                if one not in branch.members or alike(one, name):
                    raise _Stays(column.of, CellFault.NO_MEMBER, one)
            found[column.of] = tuple(branch.members[one] for one in names)
        return found

    def _appointed(self, helpers: Mapping[str, tuple[str, ...]]) -> list[list[str]]:
        """Role and person of each helper; also where nobody told on which day they were named."""
        return [
            [role.value, person]
            for column in self._of_people
            if column.of in helpers and (role := self._role(column)) is not None
            for person in helpers[column.of]
        ]

    def _role(self, column: Column) -> Role | None:
        return self.book.step(column.step).field(column.field).appoints

    def _differing(
        self, number: int, branch: Branch, known: CaseInSheet, values: dict[str, Value]
    ) -> Line | None:
        """What a row changes of a case; None for nothing."""
        changed = {of: v for of, v in values.items() if known.cells.get(of) != v}
        if not changed:
            return None
        standing = {entry.step: entry for entry in known.facts.entries}
        last = max((entry.number for entry in known.facts.entries), default=0)
        taken_over = any(entry.brought for entry in known.facts.entries)
        entries: dict[str, Line] = {}
        for of, value in changed.items():
            column = next(c for c in self.columns.values() if c.of == of)
            if column.kind is CellKind.PEOPLE:
                raise _Stays(of, CellFault.ENTERED_HERE)
            entry = standing.get(column.step)
            if entry is None:
                day = value if of.endswith(".day") else None
                # What came after a case was taken over is entered in the chat, which asks for all
                # of it.
                if not isinstance(day, date) or not taken_over or day > known.opened_on:
                    raise _Stays(of, CellFault.AFTER_TAKING_OVER)
                last += 1
                entries[column.step] = {"step": column.step, "number": last, "answers": {}}
            elif not entry.brought:
                raise _Stays(of, CellFault.ENTERED_HERE)
            else:
                kept = {"step": column.step, "number": entry.number, "answers": {**entry.answers}}
                entries.setdefault(column.step, kept)
            entries[column.step]["answers"][column.field] = value
        return self._changed(number, branch, known, list(entries.values()))

    def _changed(
        self, number: int, branch: Branch, known: CaseInSheet, entries: list[Line]
    ) -> Line:
        fresh = {line["number"]: line for line in entries}
        kept = {entry.number: entry for entry in known.facts.entries}
        fold = Fold(known.book, CaseFacts(known.opened_on), self.calendar)
        for at in sorted(kept.keys() | fresh.keys(), key=self._order(kept, fresh)):
            # Replayed only: it was judged when it was entered, and this sheet doesn't change it.
            if at not in fresh:
                fold.take(kept[at])
                continue
            line = fresh[at]
            step, answers = known.book.step(line["step"]), line["answers"]
            day = answers[step.day]
            old = kept.get(at)
            entry = Entry(at, step.id, day, answers, self.today, "", EVERYBODY, brought=True)
            self._require(fold, step, entry)
            fold.take(entry)
            line |= {"day": day, "replaces": old is not None}
        return _line(number, known.case_id, branch, known.person, entries, [])

    def _order(self, kept: Mapping[int, Entry], fresh: Mapping[int, Line]) -> Any:
        """By the steps of the rulebook, so that what is filled in later is judged at its place."""
        places = self.book.places

        def place(number: int) -> tuple[int, int]:
            step = fresh[number]["step"] if number in fresh else kept[number].step
            return places.get(step, len(places)), number

        return place


@dataclass
class Verdicts:
    """What becomes of the rows of a sheet. `person`: what its column of names is called."""

    person: str
    lines: list[Staged] = field(default_factory=list)
    refused: list[RefusedCell] = field(default_factory=list)
    new: int = 0
    changed: int = 0
    same: int = 0
    months: int = 0
    _seen: dict[str, list[Value | None]] = field(default_factory=dict)

    def take(self, one: Judged) -> None:
        """Take the next row, in the order of the file."""
        if one.person and self._comes_twice(one):
            self.refused.append(RefusedCell(one.row, self.person, CellFault.TWICE))
        elif one.refused is not None:
            self.refused.append(one.refused)
        elif one.line is None:
            self.same += 1
        else:
            self.lines.append(one.line)
            self.new += one.is_new
            self.changed += not one.is_new
            self.months += one.month

    def _comes_twice(self, one: Judged) -> bool:
        """Two rows of one name are two people where both say when they were born, differently."""
        before = self._seen.setdefault(one.person, [])
        if before and (one.born is None or None in before or one.born in before):
            return True
        before.append(one.born)
        return False


class _Stays(Exception):
    """A row that stays out, by its column of ours."""

    def __init__(self, column: str, why: CellFault | Problem, said: str = "") -> None:
        super().__init__(column)
        self.column, self.why, self.said = column, why, said


def _same_month(one: Value | None, other: Value) -> bool:
    if not isinstance(one, date) or not isinstance(other, date):
        return False
    return (one.year, one.month) == (other.year, other.month)


def _line(
    row: int, case: str, branch: Branch, name: str, entries: list[Line], helpers: list[list[str]]
) -> Line:
    return {
        "row": row,
        "case": case,
        "place": branch.organisation_id,
        "name": name,
        "entries": entries,
        "helpers": helpers,
    }


__all__ = ["Branch", "Judge", "Judged", "Line", "Row", "Staged", "Verdicts"]
