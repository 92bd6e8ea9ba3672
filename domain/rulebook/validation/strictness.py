"""A profile may add, lengthen and raise. Where it would soften its core, both rules are named.

Another ballot rule beside the core's is no softening, even a milder one on another base: both are
computed, and the stricter one decides (docs/procedure.md). Refused are taking the place of a rule,
a shorter time, a lower share of the same base, an open gate.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from domain.files.toml import Finding
from domain.rulebook.layers.profile import PlacedStep
from domain.rulebook.listing.rules import rules_of
from domain.rulebook.schema import (
    BallotRule,
    Limit,
    LimitKind,
    OpenPoint,
    Rulebook,
    Step,
    Strength,
    Unit,
)

MOST_DAYS = {Unit.YEARS: 366, Unit.MONTHS: 31, Unit.WORKING_DAYS: 10, Unit.DAYS: 1}
LEAST_DAYS = {Unit.YEARS: 365, Unit.MONTHS: 28, Unit.WORKING_DAYS: 1, Unit.DAYS: 1}
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
    for core, step in _pairs(book, base):
        key = f"adds[{core.id}]"
        yield from _notice(key, core, step)
        if core.gate and not step.gate:
            yield f"{key}.gate", f"the core makes this a gate ({core.source})"
        # Behind the core's own stands what the profile added (`layers.profile.extend`).
        for limit in step.limits[len(core.limits) :]:
            yield from _limit(f"{key}.limits[{limit.id}]", core, limit, days)
        own = {field.id for field in core.fields}
        for field in (field for field in step.fields if field.id not in own):
            for limit in field.limits:
                yield from _limit(f"{key}.fields[{field.id}].limits", core, limit, days)
        for rule in step.ballot[len(core.ballot) :]:
            yield from _ballot(f"{key}.ballot[{rule.id}]", core, rule)
    yield from _claims(book, base)


def _pairs(book: Rulebook, base: Rulebook) -> Iterator[tuple[Step, Step]]:
    """Each step of the core and what the profile made of it. Practice in whose place the profile
    has something of its own isn't there any more."""
    for core in base.steps:
        if (step := book.by_id.get(core.id)) is not None:
            yield core, step


def _claims(book: Rulebook, base: Rulebook) -> Iterator[Finding]:
    """A profile speaks for its city. What it adds to the order of a step of the core, a gate, a
    signature or a longer notice, is listed as strong as that step, and is no claim of its own."""
    known = {rule.id for rule in rules_of(base)}
    for name in base.by_id:
        step = book.by_id.get(name, base.by_id[name])
        known |= {limit.id for limit in step.limits} | {rule.id for rule in step.ballot}
    for rule in rules_of(book):
        if rule.strength is not Strength.LEGAL or rule.id in known:
            continue
        place = "adds" if rule.step in base.by_id else "steps"
        if place == "adds" and rule.id.startswith(("gate_", "signed_", "notice_")):
            continue
        key = f"{place}[{rule.step}]" if rule.step else "principles"
        reason = "calls itself legal; a profile speaks for its city: expected local or advised"
        yield key, f"{rule.id} {reason}"


def displacing(steps: Iterable[PlacedStep], base: Rulebook) -> Iterator[Finding]:
    """Where a step of a profile would take the place of more than practice."""
    for step in steps:
        if not (name := step.instead_of):
            continue
        key, core = f"steps[{step.id}].instead_of", base.by_id.get(name)
        if core is None:
            yield key, f"there is no step {name} in what this profile extends"
        elif core.strength is not Strength.ADVISED or not core.called_by:
            yield key, f"only what is called for and advised gives way: {name} ({core.source})"


def weakened(book: Rulebook, written: Rulebook, setting: OpenPoint) -> Iterator[Finding]:
    """Where a setting that was carried out would take away, shorten or lower a rule of the nation.
    From which day a period runs is what settings are about (docs/procedure.md § 6); how long it is,
    is not."""
    for step in written.steps:
        if (now := book.by_id.get(step.id)) is None:
            gone = [f"step_{step.id} ({step.source})"] if step.strength is Strength.LEGAL else []
        else:
            gone = [*_shortened(step, now), *_lowered(step, now)]
        for rule in gone:
            yield (
                f"set.{setting.id}",
                f"{setting.chosen!r} would soften a rule of the nation: {rule}",
            )


def _shortened(written: Step, now: Step) -> Iterator[str]:
    """Limits that are gone or allow more, and a notice that is shorter."""
    left = {limit.id: limit for limit in now.limits}
    for rule in written.limits:
        if rule.strength is Strength.LEGAL and not _as_long(left.get(rule.id), rule):
            yield f"{rule.id}: {_limit_said(rule)}"
    if now.notice_working_days < written.notice_working_days and written.strength is Strength.LEGAL:
        yield f"notice_{written.id}: {written.notice_working_days} working days ({written.source})"


def _as_long(now: Limit | None, rule: Limit) -> bool:
    if now is None or (now.value, now.unit, now.strength) != (rule.value, rule.unit, rule.strength):
        return False
    # The day after a period may become its last day, nothing less (docs/decisions/0014).
    if rule.kind is LimitKind.NOT_BEFORE:
        return now.more_days >= min(rule.more_days, 0)
    return now.more_days <= rule.more_days and not now.rolls_over


def _lowered(written: Step, now: Step) -> Iterator[str]:
    left = {rule.id: (rule.share, rule.op, rule.of, rule.base) for rule in now.ballot}
    for rule in written.ballot:
        if rule.layer is not Strength.LEGAL:
            continue
        if left.get(rule.id) != (rule.share, rule.op, rule.of, rule.base):
            yield f"{rule.id}: {_share_said(rule)}"


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
        return (longer.value, longer.more_days) > (shorter.value, shorter.more_days)
    # In different units only what is milder in every calendar is refused.
    least = longer.value * LEAST_DAYS[longer.unit] + longer.more_days
    return least > shorter.value * MOST_DAYS[shorter.unit] + shorter.more_days


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
