"""The classes in which reports are settled, laid over the step that asks and those it calls for."""

from collections.abc import Iterable, Iterator

from domain.rulebook.layers.replaced import replaced
from domain.rulebook.questions import Field, Option, StepTrigger
from domain.rulebook.schema import ReportFinding, Step


def asked(steps: Iterable[Step], findings: tuple[ReportFinding, ...]) -> tuple[Step, ...]:
    """The steps, with the findings as the options of the one that the register enters."""
    options = tuple(Option(finding.id, finding.text) for finding in findings)

    def field(item: Field) -> Field:
        return replaced(item, options=options) if item.chooses else item

    return tuple(
        replaced(step, fields=tuple(map(field, step.fields))) if step.by_report else step
        for step in steps
    )


def left_by(
    steps: tuple[Step, ...], findings: Iterable[ReportFinding], displaced: Iterable[str]
) -> tuple[Step, ...]:
    """The steps of a core under the findings of a profile: without those that the profile puts
    others in place of, without the calls of findings it hasn't, and without what nothing calls for
    then."""
    known = {finding.id for finding in findings}
    reported = {step.id for step in steps if step.by_report}
    gone = set(displaced)

    def left(step: Step) -> Iterator[StepTrigger]:
        for call in step.called_by:
            if call.step in reported and call.field:
                call = replaced(call, any_of=tuple(name for name in call.any_of if name in known))
            if call.step not in gone and (call.any_of or not call.field):
                yield call

    # Again until nothing changes: a step that goes may have been the only one to call for another.
    while True:
        kept = [(step, tuple(left(step))) for step in steps if step.id not in gone]
        uncalled = {step.id for step, calls in kept if step.called_by and not calls}
        if not uncalled:
            return tuple(replaced(step, called_by=calls) for step, calls in kept)
        gone |= uncalled
