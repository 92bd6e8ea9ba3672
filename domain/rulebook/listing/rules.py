"""Every rule of a rulebook as one row: id, what it says, value, unit, base, source.

A rule is what somebody could look up in the sources: the order of the steps, a time, a share, what
an answer has to hold, who signs, which body decides, an open point. `docs/rules.md` lists them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.rulebook.kinds import MANY_ON_ONE_DAY, RECORDED_LATE, OnlyIf
from domain.rulebook.listing import texts
from domain.rulebook.questions import Each, Regular, StepTrigger
from domain.rulebook.schema import (
    BallotRule,
    Field,
    FieldType,
    Limit,
    LimitKind,
    Option,
    Requirement,
    Rulebook,
    Step,
    Strength,
    Text,
)


@dataclass(frozen=True)
class Rule:
    """`value`, `unit` and `base` in words of the rulebook file; "" where there is none."""

    id: str
    step: str
    text: Text
    value: str
    unit: str
    base: str
    strength: Strength
    source: str


def rules_of(book: Rulebook) -> tuple[Rule, ...]:
    """All of them, in the order of the steps; the general ones last."""
    return tuple(_all(book))


def _all(book: Rulebook) -> Iterator[Rule]:
    for step in book.steps:
        yield from _step(step)
    yield from (_limit(mark.after, mark.by) for mark in book.landmarks)
    for setting in book.settings:
        chosen = next((o for o in setting.options if o.id == setting.chosen), setting.options[0])
        text = Text(f"{setting.text.zh}{chosen.text.zh}", f"{setting.text.en} {chosen.text.en}")
        # Shown beside what was chosen: a reader should see what the nation leaves open.
        others = " / ".join(option.id for option in setting.options)
        yield Rule(
            f"setting_{setting.id}", "", text, setting.chosen, "", others, Strength.ADVISED,
            setting.source,
        )  # fmt: skip
    for item in book.principles:
        yield Rule(item.id, "", item.text, "", "", "", item.strength, item.source)
    if book.put_right:
        yield _limit("", book.put_right)
    for duty in book.duties:
        actors = " / ".join(role.value for role in duty.actors)
        by, advised = f"by {duty.month:02}-{duty.day:02}", duty.day_source == "P"
        yield Rule(duty.id, "", duty.text, "", "every year", actors, duty.strength, duty.source)
        yield Rule(
            f"{duty.id}_day", "", texts.by_day(duty.title, duty.month, duty.day), by, "every year",
            actors, Strength.ADVISED if advised else duty.strength, duty.day_source,
        )  # fmt: skip
    yield from _reports(book)
    yield from _date_check(book)


def _date_check(book: Rulebook) -> Iterator[Rule]:
    check = book.date_check
    numbers = (
        (RECORDED_LATE, texts.recorded_soon(), check.record_within_days, "days", "recorded_on"),
        (MANY_ON_ONE_DAY, texts.few_on_one_day(), check.most_on_one_day, "steps", "one day"),
    )
    for name, text, value, unit, base in numbers:
        if value:
            yield Rule(name, "", text, f"<= {value}", unit, base, Strength.ADVISED, "P")


def _reports(book: Rulebook) -> Iterator[Rule]:
    if book.report_days:
        text = texts.report_answered(book.report_days, book.report_unit)
        source = book.report_source
        yield Rule(
            "report_days", "", text, f"<= {book.report_days}", book.report_unit.value,
            "received_on", _of_city(source), source,
        )  # fmt: skip
    for finding in book.findings:
        yield Rule(
            f"finding_{finding.id}", "", finding.text, finding.effect.value, "", "",
            _of_city(finding.source), finding.source,
        )  # fmt: skip


def _of_city(source: str) -> Strength:
    return Strength.ADVISED if source == "P" else Strength.LOCAL


def _order(step: Step) -> str:
    order = "after " + ", ".join(step.after) if step.after else "first"
    if step.called_by:
        order += ", called by " + ", ".join(_call(call) for call in step.called_by)
    if step.not_while:
        order += ", not while called for: " + ", ".join(step.not_while)
    return order


def _call(call: StepTrigger) -> str:
    when = {None: "", False: " before the approval", True: " from the approval on"}
    return call.step + when[call.approved]


def _step(step: Step) -> Iterator[Rule]:
    actors = " / ".join(role.value for role in step.actors)
    yield _row(f"step_{step.id}", step, step.title, _order(step) + _where(step.only_if), actors)
    yield from _gates(step)
    if step.signed_by:
        every = dict.fromkeys(step.each_signs, "every ")
        signers = " + ".join(every.get(role, "") + role.value for role in step.signed_by)
        yield _row(f"signed_{step.id}", step, texts.signed(step.title), signers)
    yield from _notice(step)
    yield from (_limit(step.id, limit) for limit in step.limits)
    yield from (_ballot(step.id, rule) for rule in step.ballot)
    for need in step.regular:
        yield _row_of(step, need)
    for body in step.bodies:
        yield Rule(body.id, step.id, body.text, body.body, "", body.matter, body.layer, body.source)
    for field in step.fields:
        yield from _field(step, field)


def _field(step: Step, field: Field) -> Iterator[Rule]:
    yield from (_limit(step.id, limit) for limit in field.limits)
    if field.rule:
        yield _required(step, field, field.rule)
    if field.fits:
        days = f"<= {field.fits.since} to {field.fits.until}"
        yield _linked(step, field, field.fits.rule, days, "days")
    if field.same_as:
        yield _linked(step, field, field.same_as.rule, f"= {field.same_as.of}", "number")
    if field.each:
        yield _one_for_each(step, field, field.each)
    for option in field.options:
        if option.rule:
            yield _picked(step, option, option.rule)


def _gates(step: Step) -> Iterator[Rule]:
    if step.gate:
        yield _row(f"gate_{step.id}", step, texts.gate(step.title), "no open hold")
    if step.looks_back:
        yield _row(f"whole_{step.id}", step, texts.looks_back(step.title), "clear or explained")
    if step.holds_gates:
        yield _row(f"holds_{step.id}", step, texts.holds(step.title), "no gate while called for")


def _where(condition: OnlyIf | None) -> str:
    if condition is None:
        return ""
    return f", where {condition.setting} = {' / '.join(condition.any_of)}"


def _row_of(step: Step, need: Regular) -> Rule:
    rule = need.rule
    value, base = f"{need.step} complete", f"{need.step}.{need.limit}"
    return Rule(rule.id, step.id, rule.text, value, "", base, rule.strength, rule.source)


def _row(name: str, step: Step, text: Text, value: str, base: str = "") -> Rule:
    return Rule(name, step.id, text, value, "", base, step.strength, step.source)


def _notice(step: Step) -> Iterator[Rule]:
    """Both lengths of a notice: the later end decides, so each is a rule of its own."""
    for length in step.notice_lengths:
        yield Rule(
            id=f"notice_{step.id}_{length.unit.value}",
            step=step.id,
            text=texts.notice_length(step.title),
            value=f">= {length.value}",
            unit=length.unit.value,
            base=step.day,
            strength=length.strength,
            source=length.source,
        )


def _limit(step: str, limit: Limit) -> Rule:
    signs = {LimitKind.WITHIN: "<=", LimitKind.NOT_BEFORE: ">=", LimitKind.EVERY: "every"}
    value = f"{signs[limit.kind]} {limit.value}"
    base = limit.of + (f" + {limit.extended_by}" if limit.extended_by else "")
    if limit.more_days:
        sign = "+" if limit.more_days > 0 else "-"
        base += f" {sign} {abs(limit.more_days)} days"
    return Rule(
        limit.id, step, limit.text, value, limit.unit.value, base, limit.strength, limit.source
    )


def _ballot(step: str, rule: BallotRule) -> Rule:
    value = f"{rule.of} {rule.op} {rule.share}{_where(rule.only_if)}"
    return Rule(rule.id, step, rule.text, value, "share", rule.base, rule.layer, rule.source)


def _required(step: Step, field: Field, rule: Requirement) -> Rule:
    value, base = _number(field), " / ".join(option.id for option in field.options)
    unit = "number" if field.type is FieldType.NUMBER else field.type.value
    base = base or field.id
    return Rule(rule.id, step.id, rule.text, value, unit, base, rule.strength, rule.source)


def _one_for_each(step: Step, field: Field, each: Each) -> Rule:
    rule, value = each.rule, f">= picks of {each.of}"
    return Rule(
        rule.id, step.id, rule.text, value, field.type.value, field.id, rule.strength, rule.source
    )


def _linked(step: Step, field: Field, rule: Requirement, value: str, unit: str) -> Rule:
    return Rule(rule.id, step.id, rule.text, value, unit, field.id, rule.strength, rule.source)


def _number(field: Field) -> str:
    if field.expects is not None:
        return "yes" if field.expects else "no"
    if field.minimum is not None and field.minimum == field.maximum:
        return f"= {field.minimum}"
    least = f">= {field.minimum}" if field.minimum is not None else ""
    most = f"<= {field.maximum}" if field.maximum is not None else ""
    return " ".join(part for part in (least, most) if part) or "required"


def _picked(step: Step, option: Option, rule: Requirement) -> Rule:
    value = "once" if option.once or option.used_up_by else ("refused" if rule.refuses else "noted")
    return Rule(rule.id, step.id, rule.text, value, "", option.id, rule.strength, rule.source)
