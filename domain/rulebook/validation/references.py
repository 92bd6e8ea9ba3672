"""What a rulebook may not say: references to nothing, ids twice, conditions in a circle."""

from calendar import monthrange
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches

from domain.files.toml import Finding
from domain.rulebook.ballot_rules import COUNTS
from domain.rulebook.kinds import HELPERS, LISTS
from domain.rulebook.questions import Each, ShownIf
from domain.rulebook.schema import (
    Effect,
    Field,
    FieldType,
    Limit,
    LimitKind,
    Option,
    Role,
    Rulebook,
    Step,
    StepKind,
    Unit,
)
from domain.rulebook.validation.counting import counting
from domain.rulebook.validation.findings import unsettled
from domain.rulebook.validation.lengths import too_long
from domain.rulebook.validation.screens import screens

LONGEST_ID = 16
"""Of a step or a duty; it stands in their rows."""
SEATED = frozenset({Role.COMMITTEE, Role.ORGANISER, Role.DIRECTOR})
PICKED = (FieldType.CHOICE, FieldType.CHOICES, FieldType.CHECKLIST)
PEOPLE = (FieldType.PERSON, FieldType.PERSONS)
OWN = (*PEOPLE, FieldType.ORGANISATION, FieldType.PROOF)
"""What is answered for one case only."""


def contradictions(book: Rulebook) -> Iterator[Finding]:
    """Everything wrong with `book` in itself."""
    wrong = [*_wrong(book)]
    yield from wrong or too_long(book)


def _wrong(book: Rulebook) -> Iterator[Finding]:
    yield from _twice("stages", (stage.id for stage in book.stages))
    yield from _stages(book)
    yield from _twice("findings", (finding.id for finding in book.findings))
    yield from _twice("steps", (step.id for step in book.steps))
    if not book.steps:
        yield "steps", "a rulebook needs at least one"
    for name in book.approved_by:
        if name not in book.by_id:
            yield "approved_by", _no_step(name, book)
    yield from unsettled(book)
    yield from _order(book)
    yield from _settings(book)
    yield from _landmarks(book)
    if book.defects and book.put_right is None:
        yield "put_right", "what a check may find wanting is put right by a day"
    yield from _only_if(book)
    yield from _duties(book)
    yield from counting(book)
    for step in book.steps:
        key = f"steps[{step.id}]"
        yield from _step(key, step, book)
        yield from _for_all(key, step)
        yield from _fields(key, step, book)
        yield from screens(key, step, book)
        yield from _limits(key, step, book)
        yield from _ballot(key, step)
        yield from _regular(key, step, book)
    for step in book.plan:
        yield from _fields(f"plan[{step.id}]", step, book)
        yield from screens(f"plan[{step.id}]", step, book)
        yield from _ballot(f"plan[{step.id}]", step)


def _no_step(name: str, book: Rulebook) -> str:
    near = get_close_matches(name, book.by_id)
    return f"there is no step {name}; expected the id of one" + (
        f", such as {', '.join(near)}" if near else ""
    )


def _twice(key: str, ids: Iterable[str]) -> Iterator[Finding]:
    for item, number in Counter(ids).items():
        if number > 1:
            yield f"{key}[{item}]", "this id stands here twice; expected another one"


def _order(book: Rulebook) -> Iterator[Finding]:
    """Conditions stand before what they are conditions of: then there is no circle, and the order
    of the file is the order of the work."""
    places = {step.id: place for place, step in enumerate(book.steps)}
    for place, step in enumerate(book.steps):
        for name in step.after:
            key = f"steps[{step.id}].after"
            if name not in places:
                yield key, _no_step(name, book)
            elif places[name] >= place:
                yield key, f"a circle or the wrong order: {name} doesn't stand before {step.id}"
            elif book.by_id[name].repeats:
                yield key, f"{name} repeats, and what repeats is never a condition"
        yield from _calls(f"steps[{step.id}]", step, book)


def _calls(key: str, step: Step, book: Rulebook) -> Iterator[Finding]:
    for name in step.when:
        if name not in book.by_id:
            yield f"{key}.when", _no_step(name, book)
    for name in step.not_while:
        if name not in book.by_id or not book.by_id[name].called_by:
            yield f"{key}.not_while", f"there is no step that is called for: {name}"
    for call in step.called_by:
        fields = book.by_id[call.step].fields if call.step in book.by_id else ()
        picked = next((field for field in fields if field.id == call.field), None)
        known = {option.id for option in picked.options} if picked else set()
        if call.step not in book.by_id:
            yield f"{key}.called_by", _no_step(call.step, book)
        elif call.field and not (call.any_of and set(call.any_of) <= known):
            yield f"{key}.called_by", f"names no option of a field of {call.step}"


def _settings(book: Rulebook) -> Iterator[Finding]:
    yield from _twice("settings", (setting.id for setting in book.settings))
    for setting in book.settings:
        known = [option.id for option in setting.options]
        if setting.chosen not in known:
            key = f"set.{setting.id}"
            yield key, f"expected one of {', '.join(known)}; found {setting.chosen!r}"


def _only_if(book: Rulebook) -> Iterator[Finding]:
    known = {setting.id: {option.id for option in setting.options} for setting in book.settings}
    for step in book.steps:
        parts = [item.only_if for item in step.fields] + [item.only_if for item in step.ballot]
        for found in (step.only_if, *parts):
            if found and not set(found.any_of) & known.get(found.setting, set()):
                key = f"steps[{step.id}].only_if"
                yield key, f"names no option of a setting: {found.setting}"


def _duties(book: Rulebook) -> Iterator[Finding]:
    yield from _twice("duties", (duty.id for duty in book.duties))
    for duty in book.duties:
        key = f"duties[{duty.id}]"
        if len(duty.id) > LONGEST_ID:
            yield f"{key}.id", f"{LONGEST_ID} characters at most"
        if not 1 <= duty.month <= 12 or not 1 <= duty.day <= _days_in(duty.month):
            yield f"{key}.day", f"there is no {duty.month}-{duty.day} in every year"
        if set(duty.actors) - SEATED or not duty.actors:
            yield f"{key}.actors", "names posts above the branch: committee, organiser, director"


def _days_in(month: int) -> int:
    """How many days a month has in every year: 29 February isn't one of them."""
    return monthrange(2001, month)[1]


def _landmarks(book: Rulebook) -> Iterator[Finding]:
    for landmark in book.landmarks:
        key = f"landmarks[{landmark.by.id}]"
        if landmark.after not in book.by_id:
            yield f"{key}.after", _no_step(landmark.after, book)
        yield from _references(key, landmark.by, book)


def _references(here: str, limit: Limit, book: Rulebook) -> Iterator[Finding]:
    for reference in limit.of.split("|"):
        if not _refers(reference.strip(), book, FieldType.DATE):
            yield f"{here}.of", f"there is no such step or date field: {reference}"
    for reference in limit.extended_by.split("|") if limit.extended_by else ():
        if not _refers(reference, book, FieldType.NUMBER):
            yield f"{here}.extended_by", f"there is no such number field: {reference}"
    if limit.when and limit.when not in book.by_id:
        yield f"{here}.when", _no_step(limit.when, book)
    if limit.setting and limit.setting not in {setting.id for setting in book.settings}:
        yield f"{here}.setting", f"there is no setting {limit.setting}"


def _stages(book: Rulebook) -> Iterator[Finding]:
    for stage in book.stages:
        if stage.since is not None and stage.since not in book.by_id:
            yield f"stages[{stage.id}].since", f"there is no step {stage.since}"
        if stage.since is not None and stage.called is None:
            yield f"stages[{stage.id}].called", "a step makes somebody so: say what they are called"


def _step(key: str, step: Step, book: Rulebook) -> Iterator[Finding]:
    # Both are signs of a reference: "8a.last_day" is a part of a step, "15|16" one of two.
    if "." in step.id or "|" in step.id or len(step.id) > LONGEST_ID:
        yield f"{key}.id", f"an id holds no . and no |, and {LONGEST_ID} characters at most"
    stages = [stage.id for stage in book.stages]
    if step.stage not in stages:
        reason = f"there is no stage {step.stage}; expected one of {', '.join(stages)}"
        yield f"{key}.stage", reason
    if not step.actors:
        yield f"{key}.actors", "somebody has to act"
    yield from _anytime(key, step)
    if not set(step.each_signs) <= HELPERS & set(step.signed_by):
        yield f"{key}.each_signs", "names roles of signed_by that people have in a case"
    if step.until and (step.until not in book.by_id or not step.repeats):
        yield f"{key}.until", "names the step that ends a repeating one"
    if step.has_notice is not (step.kind is StepKind.NOTICE):
        yield f"{key}.notice_days", "a notice has a length, and nothing else has one"
    if min(step.notice_days, step.notice_working_days) < 0:
        yield f"{key}.notice_days", "a length isn't negative"
    yield from _twice(f"{key}.papers", (paper.id for paper in step.papers))


def _anytime(key: str, step: Step) -> Iterator[Finding]:
    if (step.anytime or step.called_by) and not step.repeats:
        yield f"{key}.repeats", "what may happen at any time, or is called for, may happen again"
    if step.anytime and step.limits and not step.called_by:
        yield f"{key}.limits", "nobody waits for what may happen at any time"
    if step.after_archive and not step.anytime:
        yield f"{key}.after_archive", "is for what may happen at any time"


def _fields(key: str, step: Step, book: Rulebook) -> Iterator[Finding]:
    yield from _twice(f"{key}.fields", (field.id for field in step.fields))
    counts = Counter(field.count for field in step.fields if field.count)
    for count, number in counts.items():
        if number > 1:
            yield f"{key}.fields", f"two fields hold the ballot number {count}"
    day = next((field for field in step.fields if field.id == step.day), None)
    if day is None or day.type is not FieldType.DATE:
        yield f"{key}.day", f"there is no date field {step.day} in this step"
    elif day.optional or day.shown_if or day.future:
        yield f"{key}.day", f"{step.day} has to be asked always, and can't lie ahead"
    # Filled on the way: a question may depend only on one that is asked before it.
    known: dict[str, set[str]] = {}
    for field in step.fields:
        here = f"{key}.fields[{field.id}]"
        yield from _field(here, field)
        yield from _fewer(here, field, counts.keys())
        yield from _links(here, field, step, book)
        wanted = field.shown_if
        if wanted and not _named(wanted, known):
            yield f"{here}.shown_if", "names no option of a field before this one"
        yield from _people(here, field, step, known)
        if field.each and not _pairs(field.each, field, known, step):
            yield f"{here}.each", "is for a list, and names a list before this one"
        known[field.id] = {option.id for option in field.options}
        if field.type is FieldType.FLAG:
            # As a file writes a yes or no, and `domain.case.answers` compares it.
            known[field.id] = {"true", "false"}
        for option in field.options:
            yield from _option(f"{here}.options[{option.id}]", option, field, step, book)


def _named(condition: ShownIf, known: Mapping[str, set[str]]) -> bool:
    """Whether each question it names is one of `known`, and each answer one of theirs."""
    asked = [known.get(name, set()) for name in condition.names]
    return bool(condition.any_of) and all(asked) and set(condition.any_of) <= set().union(*asked)


def _people(here: str, field: Field, step: Step, before: Collection[str]) -> Iterator[Finding]:
    people = {one.id for one in step.fields if one.type in PEOPLE}
    if field.namesakes and field.namesakes not in people & set(before):
        yield f"{here}.namesakes", "names a question for people before this one"
    if field.appoints and not any(one.namesakes == field.id for one in step.fields):
        yield f"{here}.appoints", "somebody is appointed: expected a question with namesakes"


def _links(here: str, field: Field, step: Step, book: Rulebook) -> Iterator[Finding]:
    if field.fits:
        for name in (field.fits.since, field.fits.until):
            if not _refers(f"{step.id}.{name}", book, FieldType.DATE):
                yield f"{here}.fits", f"there is no date field {name} in this step"
    if field.same_as and not _refers(field.same_as.of, book, field.type):
        yield f"{here}.same_as", f"there is no such question of this kind: {field.same_as.of}"


def _fewer(here: str, field: Field, counts: Collection[str | None]) -> Iterator[Finding]:
    if field.fewer is None:
        return
    named = (field.fewer.of, field.fewer.than)
    if not all(name in counts for name in named if isinstance(name, str)):
        yield f"{here}.fewer", "names ballot numbers that fields of this step hold"


def _pairs(each: Each, field: Field, before: Collection[str], step: Step) -> bool:
    named = {item.id for item in step.fields if item.type in LISTS}
    return field.type in LISTS and each.of in named & set(before)


def _field(here: str, field: Field) -> Iterator[Finding]:
    yield from _twice(f"{here}.options", (option.id for option in field.options))
    if bool(field.options) is not (field.type in PICKED):
        yield f"{here}.options", "a choice or checklist has options, and nothing else has them"
    if field.count is not None and field.count not in COUNTS:
        yield f"{here}.count", f"there is no ballot number {field.count}: {', '.join(COUNTS)}"
    if field.count is not None and field.type is not FieldType.NUMBER:
        yield f"{here}.count", "only a number field holds a ballot number"
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        yield f"{here}.minimum", f"{field.minimum} is more than the maximum, {field.maximum}"
    if field.future and field.type is not FieldType.DATE:
        yield f"{here}.future", "only a date can lie ahead"
    if field.typed and field.type is not FieldType.DATE:
        yield f"{here}.typed", "only a date is asked with a calendar"
    if field.carried_over < 0 or (field.carried_over and field.type in OWN):
        yield f"{here}.carried_over", "is days, for what names no people, places or proofs"
    if (field.expects is not None) and (field.type is not FieldType.FLAG or field.rule is None):
        yield f"{here}.expects", "is for a yes-or-no question with a rule behind it"
    if field.appoints and field.type not in PEOPLE:
        yield f"{here}.appoints", "only a field for people appoints somebody"


def _for_all(key: str, step: Step) -> Iterator[Finding]:
    if step.for_all and any(field.type in OWN for field in step.fields):
        yield f"{key}.for_all", "one answer for all names no people, places or proofs"


def _answers_before(step: Step, field: Field, name: str) -> set[str]:
    """The options of a question that is asked before another one."""
    above = step.fields[: step.fields.index(field)]
    return {option.id for one in above if one.id == name for option in one.options}


def _option(
    here: str, option: Option, field: Field, step: Step, book: Rulebook
) -> Iterator[Finding]:
    for name in option.reopens:
        if name not in book.by_id:
            yield f"{here}.reopens", _no_step(name, book)
    if option.effect is Effect.REOPEN and not option.reopens:
        yield f"{here}.reopens", "names the steps that are open again"
    if option.reopens and option.effect not in (Effect.REOPEN, Effect.HOLD):
        yield f"{here}.effect", "only reopen and hold open steps again"
    if option.effect is not Effect.DONE and field.type is FieldType.CHECKLIST:
        yield f"{here}.effect", "ticking a checklist decides nothing"
    if option.effect is Effect.END and not option.status:
        yield f"{here}.status", "says how the case ends"
    condition = option.shown_if
    if condition and not _named(
        condition, {name: _answers_before(step, field, name) for name in condition.names}
    ):
        yield f"{here}.shown_if", "names no option of a field before this one"
    if option.needs_verdict is not None and not step.ballot:
        yield f"{here}.needs_verdict", "this step has no ballot"
    if option.if_clear is not None and not step.looks_back:
        yield f"{here}.if_clear", "is for a step that looks_back"
    yield from _consequences(here, option, step, book)


def _consequences(here: str, option: Option, step: Step, book: Rulebook) -> Iterator[Finding]:
    for key, names in (("bars", option.bars), ("used_up_by", option.used_up_by)):
        for name in names:
            step_id, _, option_id = name.partition(".")
            fields = book.by_id[step_id].fields if step_id in book.by_id else ()
            if not any(item.id == option_id for field in fields for item in field.options):
                yield f"{here}.{key}", f"there is no such option: {name}"
    if option.bars_until and option.bars_until not in book.by_id:
        yield f"{here}.bars_until", _no_step(option.bars_until, book)
    for cover in option.covers:
        if cover.up_to not in book.by_id:
            yield f"{here}.covers", _no_step(cover.up_to, book)
        if cover.known_by and cover.known_by not in book.by_id:
            yield f"{here}.covers", _no_step(cover.known_by, book)
        if not _refers(f"{step.id}.{cover.day}", book, FieldType.DATE):
            yield f"{here}.covers", f"there is no date field {cover.day} in this step"


def _limits(key: str, step: Step, book: Rulebook) -> Iterator[Finding]:
    yield from _twice(f"{key}.limits", (limit.id for limit in step.limits))
    for limit in step.limits:
        here = f"{key}.limits[{limit.id}]"
        yield from _references(here, limit, book)
        yield from _limit(here, limit, step)
    for field in step.fields:
        for limit in field.limits:
            here = f"{key}.fields[{field.id}].limits[{limit.id}]"
            yield from _references(here, limit, book)
            yield from _bound(here, limit, field)
        if field.future and not any(one.kind is LimitKind.WITHIN for one in field.limits):
            reason = "a date that may lie ahead has its latest day, of kind within"
            yield f"{key}.fields[{field.id}].limits", reason


def _bound(here: str, limit: Limit, field: Field) -> Iterator[Finding]:
    year = limit.unit is Unit.YEARS and field.type is FieldType.NUMBER
    if field.type is not FieldType.DATE and not year:
        yield here, "is for a date, or in years for the number of a year"
    if limit.kind is LimitKind.EVERY or limit.ladder:
        yield f"{here}.kind", "a date has an earliest and a latest, and nobody is reminded of it"


def _limit(here: str, limit: Limit, step: Step) -> Iterator[Finding]:
    if limit.kind is LimitKind.EVERY and (not step.repeats or limit.value < 1):
        yield f"{here}.kind", "every is for repeating steps, with a value of 1 or more"
    options = {option.id for field in step.fields for option in field.options}
    for name in {limit.if_held, limit.unless_held} - {""} - options:
        yield f"{here}.if_held", f"there is no option {name} in this step"
    if len(set(limit.ladder)) != len(limit.ladder):
        yield f"{here}.ladder", "names a day twice"


def _refers(reference: str, book: Rulebook, kind: FieldType) -> bool:
    step_id, dot, field_id = reference.partition(".")
    step = book.by_id.get(step_id)
    if step is None:
        return False
    # No questions: both days follow from the day of posting (docs/procedure.md § 3).
    if field_id in ("first_day", "last_day") and step.has_notice:
        return kind is FieldType.DATE
    # The last time a repeating step was taken: what comes once has none.
    if field_id == "previous":
        return kind is FieldType.DATE and step.repeats
    # "21c.call.help_until" has to be a question of one of the steps that call for 21c.
    call, dot_again, asked = field_id.partition(".")
    if call == "call":
        calling = (f"{call.step}.{asked}" if dot_again else call.step for call in step.called_by)
        return any(_refers(name, book, kind) for name in calling)
    if not dot:
        return kind is FieldType.DATE
    return any(field.id == field_id and field.type is kind for field in step.fields)


def _regular(key: str, step: Step, book: Rulebook) -> Iterator[Finding]:
    for need in step.regular:
        again = book.by_id.get(need.step)
        limits = again.limits if again else ()
        if not any(n.id == need.limit and n.kind is LimitKind.EVERY for n in limits):
            yield f"{key}.regular", f"{need.step} has no limit {need.limit} that says how often"
        if need.elsewhere and need.elsewhere not in book.by_id:
            yield f"{key}.regular", _no_step(need.elsewhere, book)


def _ballot(key: str, step: Step) -> Iterator[Finding]:
    yield from _twice(f"{key}.ballot", (rule.id for rule in step.ballot))
    yield from _heard(key, step)
    counts = {field.count for field in step.fields if field.count}
    for rule in step.ballot:
        here = f"{key}.ballot[{rule.id}]"
        if rule.op not in (">", ">="):
            yield f"{here}.op", f"expected > or >=, found {rule.op!r}"
        if not 0 < rule.share <= 1:
            yield f"{here}.share", f"expected more than 0 and up to 1, found {rule.share}"
        if rule.purpose not in ("quorum", "pass"):
            yield f"{here}.purpose", f"expected quorum or pass, found {rule.purpose!r}"
        for name, expression in (("of", rule.of), ("base", rule.base)):
            for count in (part.strip() for part in expression.split("+")):
                if count not in COUNTS:
                    yield f"{here}.{name}", f"there is no ballot number {count}"
                elif count not in counts:
                    yield f"{here}.{name}", f"no field of this step holds the number {count}"


def _heard(key: str, step: Step) -> Iterator[Finding]:
    """A majority that no answer asks for would be counted, shown, and decide nothing."""
    options = [option for field in step.choices for option in field.options]
    majority = next((rule for rule in step.ballot if rule.purpose == "pass"), None)
    if majority and options and all(option.needs_verdict is None for option in options):
        reason = "no answer depends on it; expected needs_verdict at one, or verdicts in adds"
        yield f"{key}.ballot[{majority.id}]", reason
