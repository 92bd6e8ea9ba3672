"""Whether what a year is counted by names questions and answers that there are."""

from collections.abc import Iterator

from domain.files.toml import Finding
from domain.rulebook.schema import Division, Field, FieldType, Figure, Rulebook


def counting(book: Rulebook) -> Iterator[Finding]:
    """Everything wrong with the figures and divisions of a rulebook."""
    for key, items in (("figures", book.figures), ("divisions", book.divisions)):
        ids = [item.id for item in items]
        for name in dict.fromkeys(name for name in ids if ids.count(name) > 1 or "." in name):
            yield f"{key}[{name}]", "an id stands here once, and holds no ."
    for figure in book.figures:
        yield from _answers(figure, book)
    for division in book.divisions:
        yield from _parts(division, book)
    if sum(division.rows for division in book.divisions) > 1:
        yield "divisions", "one division gives the table its rows"


def field_of(book: Rulebook, step_id: str, field_id: str) -> Field | None:
    step = book.by_id.get(step_id)
    return next((f for f in step.fields if f.id == field_id), None) if step else None


def _answers(figure: Figure, book: Rulebook) -> Iterator[Finding]:
    """A step that this text hasn't counts nothing: an earlier one lacks some, a setting takes
    others out."""
    key, known = f"figures[{figure.id}].of", False
    for name in figure.of:
        step, _, rest = name.partition(".")
        field, _, option = rest.partition(".")
        if step not in book.by_id:
            continue
        known, found = True, field_of(book, step, field)
        if found is None or option not in {one.id for one in found.options}:
            yield key, f"there is no answer {name}; expected step.field.option"
    if not known:
        yield key, "none of these steps is there"


def _parts(division: Division, book: Rulebook) -> Iterator[Finding]:
    key = f"divisions[{division.id}]"
    found = field_of(book, *division.of.partition(".")[::2])
    if found is None:
        yield f"{key}.of", f"there is no question {division.of}; expected step.field"
        return
    if not division.parts and not found.options:
        yield f"{key}.parts", "a question without answers of its own needs them"
    of_age = found.type is FieldType.DATE
    for part in division.parts[:-1]:
        if (part.up_to is None) if of_age else not part.any_of:
            yield f"{key}.parts[{part.id}]", "only the last part takes all others"
