"""What of a rulebook decides in which figures a case counts, as a mark that changes with it."""

from hashlib import blake2b

from domain.rulebook.listing.diff import marks_of
from domain.rulebook.schema import Rulebook, Step

COUNTING = 2
"""Raised when `domain.figures.counting` counts something else of the same entries."""


def counting_mark(book: Rulebook) -> str:
    """Return a mark that changes with the figures, divisions, stages and steps of a version, and
    with no wording."""
    said = (
        COUNTING,
        sorted(marks_of(book).items()),
        [(stage.id, stage.called is not None, stage.since) for stage in book.stages],
        [(figure.id, figure.of) for figure in book.figures],
        [
            (one.id, one.of, one.rows, [(part.id, part.any_of, part.up_to) for part in one.parts])
            for one in book.divisions
        ],
        book.approved_by,
        [_counts(step) for step in book.by_id.values()],
    )
    return blake2b(repr(said).encode(), digest_size=8, person=b"yinlu figures").hexdigest()


def _counts(step: Step) -> tuple[object, ...]:
    """What is counted of a step beside the answers that figures name."""
    return (
        step.id,
        step.stage,
        step.kind.value,
        step.body and step.body.value,
        step.planned,
        [(field.id, field.count) for field in step.counted],
        [[(o.id, str(o.effect), o.status) for o in field.options] for field in step.choices],
    )
