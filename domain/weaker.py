"""A profile may add, lengthen and raise. Where it would soften its core, both rules are named.

Another ballot rule beside the core's is no softening, even a milder one on another base: both are
computed, and the stricter one decides (RULES, head). Refused are taking the place of a rule, a
shorter time, a lower share of the same base, an open gate.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from domain.consistency import Finding
from domain.schema import BallotRule, Limit, LimitKind, Rulebook, Step, Strength, Unit

MOST_DAYS = {Unit.MONTHS: 31, Unit.WORKING_DAYS: 10, Unit.DAYS: 1}
LEAST_DAYS = {Unit.MONTHS: 28, Unit.WORKING_DAYS: 1, Unit.DAYS: 1}
"""How many calendar days a unit can be; a week of holidays stretches working days."""


def softened(book: Rulebook, base: Rulebook) -> Iterator[Finding]:
    """Where `book` would be milder than the `base` it extends."""
    for name, number in Counter(step.id for step in book.steps).items():
        if number > 1:
            yield f"steps[{name}]", "this id stands here twice; adds is for steps of the core"
    if 0 < base.report_days < book.report_days:
        ours, theirs = book.report_days, base.report_days
        yield "report_days", f"{ours} days are longer than the core's {theirs}"
    days = {step.id: step.day for step in book.steps}
    for core in base.steps:
        step = book.by_id[core.id]
        key = f"adds[{core.id}]"
        yield from _notice(key, core, step)
        if core.gate and not step.gate:
            yield f"{key}.gate", f"the core makes this a gate ({core.source})"
        for limit in step.limits[len(core.limits) :]:
            yield from _limit(f"{key}.limits[{limit.id}]", core, limit, days)
        for rule in step.ballot[len(core.ballot) :]:
            yield from _ballot(f"{key}.ballot[{rule.id}]", core, rule)


def _notice(key: str, core: Step, step: Step) -> Iterator[Finding]:
    for name in ("notice_days", "notice_working_days"):
        ours, theirs = getattr(step, name), getattr(core, name)
        if ours < theirs:
            yield f"{key}.{name}", f"{ours} is shorter than the core's {theirs} ({core.source})"


def _limit(here: str, core: Step, added: Limit, days: Mapping[str, str]) -> Iterator[Finding]:
    if added.strength is Strength.LEGAL:
        yield f"{here}.strength", "a profile speaks for its city: local or advised"
    for rule in core.limits:
        both = f"{_limit_said(added)}, the core's {rule.id}: {_limit_said(rule)}"
        if rule.id == added.id:
            yield here, f"can't take the place of a rule of the core: {both}"
        if _comparable(added, rule, days) and _milder(added, rule):
            yield here, f"softens a rule of the core: {both}"


def _comparable(added: Limit, rule: Limit, days: Mapping[str, str]) -> bool:
    """The core's one binds, and both count the same from the same day, however it is named."""
    if rule.strength is not Strength.LEGAL or rule.kind is not added.kind:
        return False
    return bool(_starts(added, days) & _starts(rule, days))


def _starts(limit: Limit, days: Mapping[str, str]) -> frozenset[str]:
    """15.held_on is 15 said at length; of several days any may be meant."""
    found = set()
    for name in limit.of.split("|"):
        step, _, field = name.strip().partition(".")
        found.add(step if field == days.get(step) else name.strip())
    return frozenset(found)


def _limit_said(limit: Limit) -> str:
    return f"{limit.kind.value} {limit.value} {limit.unit.value} ({limit.source})"


def _milder(added: Limit, core: Limit) -> bool:
    """Whether `added` allows a day that the core never does."""
    longer, shorter = (core, added) if core.kind is LimitKind.NOT_BEFORE else (added, core)
    if added.unit is core.unit:
        return (longer.value, -longer.minus_days) > (shorter.value, -shorter.minus_days)
    least = longer.value * LEAST_DAYS[longer.unit] - longer.minus_days
    return least > shorter.value * MOST_DAYS[shorter.unit] - shorter.minus_days


def _ballot(here: str, core: Step, added: BallotRule) -> Iterator[Finding]:
    if added.layer is Strength.LEGAL:
        yield f"{here}.layer", "a profile speaks for its city: local"
    for rule in core.ballot:
        both = f"{_share_said(added)}, the core's {rule.id}: {_share_said(rule)}"
        if rule.id == added.id:
            yield here, f"can't take the place of a rule of the core: {both}"
        same = (rule.purpose, rule.of, rule.base) == (added.purpose, added.of, added.base)
        if same and added.share < rule.share:
            yield here, f"lowers a threshold of the core: {both}"


def _share_said(rule: BallotRule) -> str:
    return f"{rule.of} {rule.op} {rule.share} of {rule.base} ({rule.source})"
