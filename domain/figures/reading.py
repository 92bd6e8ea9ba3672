"""What the sums of an organisation say: by part, by month, by age, in the order of the rulebook."""

from collections.abc import Mapping

from domain.figures.counting import UNKNOWN, Cells, age_part
from domain.rulebook.kinds import LISTS
from domain.rulebook.schema import Division, Rulebook, Text

MONTHS = tuple(range(1, 13))
STANDS, MADE = "stage.", "made."
"""How the figures begin that say where people stand, and what they became in a year."""
ADMITTED, FULL = "probation", "full_membership"
"""Stages whose people the state counts in a year: newly admitted, and in full membership."""
APPRAISED_BEFORE: Mapping[str, str] = {"admission": ADMITTED, FULL: FULL}
"""Stages in which people who aren't members appraise somebody, each with what follows from it."""
ENDINGS = ("struck_out", "not_admitted", "cancelled", "not_recognised")
"""How a case may be ended by a decision."""
NOT_ENTERED = Text("未填", "Not entered")


def called_stages(book: Rulebook) -> tuple[tuple[str, Text], ...]:
    """Return the stages in which people are called something: id, and what."""
    return tuple((stage.id, stage.called) for stage in book.stages if stage.called is not None)


def labels_of(book: Rulebook, division: Division) -> tuple[tuple[str, Text], ...]:
    """The parts of a division, in order; at the end those of whom it isn't known."""
    if division.parts:
        named = [(part.id, part.text) for part in division.parts]
    else:
        step, _, field = division.of.partition(".")
        named = [(option.id, option.text) for option in book.step(step).field(field).options]
    return (*named, (UNKNOWN, NOT_ENTERED))


def is_parted(book: Rulebook, division: Division) -> bool:
    """Whether everybody belongs to exactly one part."""
    step, _, field = division.of.partition(".")
    return book.step(step).field(field).type not in LISTS


def by_part(cells: Cells, book: Rulebook, stem: str, division: Division) -> dict[str, int]:
    return {
        part: cells.get(f"{stem}.{division.id}.{part}", 0) for part, _ in labels_of(book, division)
    }


def by_month(cells: Cells, stage: str) -> tuple[int, ...]:
    return tuple(cells.get(f"made.{stage}.month.{month}", 0) for month in MONTHS)


def ages_now(now: Cells, stage: str, division: Division, year: int) -> dict[str, int]:
    """How old those who stand at a stage will be at the end of a year."""
    stem, found = f"stage.{stage}.born.", dict.fromkeys((p.id for p in division.parts), 0)
    # Last, where the table has it; the others come in the order of the rulebook.
    found[UNKNOWN] = 0
    for cell, number in now.items():
        if cell.startswith(stem):
            born = cell.removeprefix(stem)
            found[age_part(division, year - int(born)) if born.isdecimal() else UNKNOWN] += number
    return found


def countable(book: Rulebook) -> tuple[tuple[str, Text], ...]:
    """The figures behind which people can be looked up, each with what it is called: where they
    stand, what they became in the year, and what was decided on them."""
    stages = [(f"{STANDS}{stage}", called) for stage, called in called_stages(book)]
    made = [(f"{MADE}{stage}", called) for stage, called in called_stages(book)]
    figures = [(f"figure.{figure.id}", figure.title) for figure in book.figures]
    ended = [(f"ended.{ending}", ENDED[ending]) for ending in ENDINGS]
    return (*stages, *made, *figures, *ended)


ENDED: Mapping[str, Text] = {
    "struck_out": Text("取消发展资格", "Struck out"),
    "not_admitted": Text("不予发展", "Not admitted"),
    "cancelled": Text("取消预备党员资格", "Probation cancelled"),
    "not_recognised": Text("不予承认", "Not recognised"),
}

BECAME = Text("当年人数", "In the year")
DECIDED = Text("当年决定", "Decided in the year")
BY_MONTH = Text("接收预备党员（按月）", "Admitted, by month")
"""Titles of what is shown of the whole department."""
MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def month(number: int) -> Text:
    return Text(f"{number}月", MONTH_NAMES[number - 1])
