"""A roster: a sheet that names people and no day: full members, to be chosen as contacts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.figures.reading import FULL
from domain.rulebook.schema import Rulebook
from domain.states import SheetKind
from domain.writing.names import alike, tidy
from domain.writing.typed_json import dumps
from papers.sheets.cells import BRANCH, CellFault
from papers.sheets.mapping import Mapped
from services.sheets.judging import LONGEST_NAME, Branch, Staged
from services.sheets.views import Previewed, RefusedCell

MEMBER_COLUMNS = ("case.committee", "case.branch", "case.person")


def judge_members(
    found: Mapped, branches: Sequence[Branch], book: Rulebook
) -> tuple[list[Staged], Previewed]:
    """Return the members to add. Whoever has a namesake in the branch is taken to be there."""
    places = {column.of: place for place, column in found.columns.items()}
    lines: list[Staged] = []
    refused: list[RefusedCell] = []
    seen: set[tuple[str, str]] = set()
    full = places.get(f"{full_since(book)}.day")
    same = 0
    for number, cells in found.rows:
        said = {of: cells[i].strip() if i < len(cells) else "" for of, i in places.items()}
        name, where = tidy(said["case.person"]), _where(said, branches)
        if not 0 < len(name) <= LONGEST_NAME:
            why = CellFault.LONG if name else CellFault.NO_NAME
            refused.append(RefusedCell(number, found.titles[places["case.person"]], why))
        elif isinstance(where, CellFault):
            title = found.titles.get(places.get("case.branch", -1), BRANCH)
            refused.append(RefusedCell(number, title, where, said.get("case.branch", "")))
        # Its column is there and empty: in probation, whom nobody may choose.
        elif full is not None and not (full < len(cells) and cells[full].strip()):
            refused.append(RefusedCell(number, found.titles[full], CellFault.NOT_FULL))
        # A second member of a name can't be told from a second row, so it is left to the chat,
        # which asks.
        elif (where.organisation_id, name) in seen or name in {*where.members, *where.several}:
            same += 1
        else:
            seen.add((where.organisation_id, name))
            line = {"row": number, "place": where.organisation_id, "name": name}
            lines.append(Staged(where.organisation_id, dumps(line)))
    named = {i: column for i, column in found.columns.items() if column.of in MEMBER_COLUMNS}
    columns = tuple((found.titles[i], column.title) for i, column in named.items())
    # Of a member nothing else is kept here.
    beside = (title for i, title in found.titles.items() if title and i not in named)
    counts = len(lines), 0, same
    kind, left = SheetKind.MEMBERS, ((*beside, *found.unread), found.identity)
    preview = Previewed("", kind, book, *counts, tuple(refused), columns, *left)
    return lines, replace(preview, passed=found.passed, sheet=found.sheet, others=found.others)


def full_since(book: Rulebook) -> str | None:
    """The step by which somebody becomes a full member."""
    return next(stage.since for stage in book.stages if stage.id == FULL)


def _where(said: Mapping[str, str], branches: Sequence[Branch]) -> Branch | CellFault:
    """The branch that a row names; the only one there is where it names none."""
    name, committee = tidy(said.get("case.branch", "")), tidy(said.get("case.committee", ""))
    found = [one for one in branches if alike(one.name, name)] if name else list(branches)
    if len(found) > 1 and committee:
        found = [one for one in found if alike(one.committee, committee)]
    if len(found) == 1:
        return found[0]
    return CellFault.SEVERAL if found else CellFault.NO_BRANCH
