"""Whether every report can be settled: each finding leads somewhere, and what it leads to ends."""

from collections.abc import Iterator

from domain.files.toml import Finding
from domain.rulebook.schema import FieldType, FindingEffect, ReportFinding, Rulebook, Step


def unsettled(book: Rulebook) -> Iterator[Finding]:
    """Why a report couldn't be answered in time, or a case would be held for good."""
    if book.report_days < 1:
        yield "report_days", "a report is answered within so many days, at least one"
    if not any(item.effect is FindingEffect.GO_ON for item in book.findings):
        yield "findings", "no finding lets a case go on"
    reported = [step for step in book.steps if step.by_report]
    for step in reported:
        yield from _entered(step, alone=len(reported) == 1)
    # On both sides of the approval: from there on only the general meeting decides (N31).
    for finding in book.findings:
        for approved in (False, True) if book.approved_by else (False,):
            yield from _led(book, finding, approved)
    for step in book.steps:
        yield from _held(step)


def _entered(step: Step, alone: bool) -> Iterator[Finding]:
    key = f"steps[{step.id}].by_report"
    if not alone:
        yield key, "the register enters a single step"
    types = [field.type for field in step.fields]
    if types != [FieldType.DATE, FieldType.CHOICE] or not step.repeats or step.called_by:
        yield key, "repeats, is called for by nothing, and asks for a day and a choice"


def _led(book: Rulebook, finding: ReportFinding, approved: bool) -> Iterator[Finding]:
    key = f"findings[{finding.id}].effect"
    when = "from the approval on" if approved else "before the approval"
    called = [step for step in book.steps if _calls(book, step, finding.id, approved)]
    holding = [step for step in called if step.holds_gates]
    if finding.effect is FindingEffect.GO_ON:
        if called:
            yield key, f"go_on calls for nothing, and {called[0].id} is called for {when}"
    elif not holding:
        yield key, f"{finding.effect.value} needs a step with holds_gates called for {when}"
    elif finding.effect is FindingEffect.DECIDE and not any(step.body for step in holding):
        yield key, f"decide needs a step of a body, and {holding[0].id} has none ({when})"


def _calls(book: Rulebook, step: Step, finding: str, approved: bool) -> bool:
    reported = book.reported
    return reported is not None and any(
        call.step == reported.id
        and (not call.field or finding in call.any_of)
        and call.approved in (None, approved)
        for call in step.called_by
    )


def _held(step: Step) -> Iterator[Finding]:
    key = f"steps[{step.id}]"
    if (step.holds_gates or step.lapses) and not step.called_by:
        yield f"{key}.called_by", "what holds the gates, or lapses, is called for by something"
    if step.holds_gates and step.gate:
        yield f"{key}.gate", "what holds the gates can't be one of them"
    if step.holds_gates and not step.limits:
        yield f"{key}.limits", "what holds the gates has a day by which somebody is reminded"
