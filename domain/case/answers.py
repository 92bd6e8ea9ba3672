"""Whether one answer can stand by itself, which questions the answers so far call for, and what the
numbers of a ballot come to: sums that must fit, and what each rule says of them. Fractions, never
floats."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import repeat
from math import ceil, floor

from domain.case.facts import Answers, BallotShare, Problem, ProblemCode, Value, Verdict
from domain.rulebook.kinds import LISTS
from domain.rulebook.questions import Fewer, Fits, ShownIf
from domain.rulebook.schema import BallotRule, Field, FieldType, Option, Requirement, Step
from domain.writing.ballots import bare_numbers, only_totals, read_totals

Totals = Mapping[str, int]


def totals_of(step: Step, answers: Answers) -> dict[str, int]:
    """The ballot numbers among a step's answers."""
    if not step.counted:
        return {}
    totals: dict[str, int] = {}
    due_is_asked_for = True
    for field in step.counted:
        number = answers.get(field.id)
        if isinstance(number, int):
            totals[field.count or ""] = number
        elif field.count == "due" and field.optional:
            due_is_asked_for = False
    # Everybody who is entitled is due, unless somebody says otherwise: where a step lets the number
    # be left out, that is what it means.
    if "entitled" in totals and not due_is_asked_for:
        totals["due"] = totals["entitled"]
    return totals


def with_valid(totals: Totals) -> dict[str, int]:
    """`totals` with the number of valid slips, which are those that said yes, no or abstained
    (docs/procedure.md § 2), where it was left out."""
    said = [totals[name] for name in ("yes", "no", "abstain") if name in totals]
    return {"valid": sum(said), **totals} if said else dict(totals)


def judge(rules: tuple[BallotRule, ...], totals: Totals) -> Verdict:
    """Apply every rule to the numbers. A rule whose base is 0 isn't passed."""
    return Verdict(tuple(_share(rule, totals) for rule in rules))


def _sum(counts: Iterable[str], totals: Totals) -> int:
    return sum(map(totals.get, counts, repeat(0)))


def _share(rule: BallotRule, totals: Totals) -> BallotShare:
    have, base = _sum(rule.of_counts, totals), _sum(rule.base_counts, totals)
    limit = rule.share * base
    # Of 20, more than half is 11 and at least half is 10 (docs/procedure.md § 2).
    needed = floor(limit) + 1 if rule.op == ">" else ceil(limit)
    return BallotShare(
        rule=rule.id,
        layer=rule.layer,
        purpose=rule.purpose,
        # Without a base nothing is passed: half of nobody would be reached by nobody.
        passed=base > 0 and have >= needed,
        have=have,
        base=base,
        needed=needed,
        source=rule.source,
        text=rule.text,
    )


def known_bases(rules: tuple[BallotRule, ...], totals: Totals) -> bool:
    """Whether every number that the rules look at was entered."""
    return counts_of(rules) <= totals.keys()


def counts_of(rules: tuple[BallotRule, ...]) -> frozenset[str]:
    """The numbers without which the rules can't be applied; written opinions may be none."""
    named = frozenset[str]()
    return named.union(*[(*rule.of_counts, *rule.base_counts) for rule in rules]) - {"written"}


ORDER = (
    (("due",), ("entitled",)),
    (("present",), ("entitled",)),
    (("present",), ("due",)),
    (("present", "written"), ("entitled",)),
    (("written", "present"), ("due",)),
    (("issued",), ("present", "written")),
    (("returned",), ("issued",)),
    (("returned",), ("present", "written")),
    (("valid",), ("returned",)),
    (("valid",), ("issued",)),
    (("valid",), ("present", "written")),
)
"""Each sum on the left may not be more than the one on the right. Compared only where the first
count on the left was given, and is as many as `LEAST` says: so a pair may stand here both ways."""
LEAST = {"written": 1}
"""Without written opinions their sum says no more than the number of those present."""
CEILINGS = ("valid", "returned", "issued", "present", "due", "entitled")


def check_totals(totals: Totals) -> tuple[Problem, ...]:
    """Totals that can't be, each with the sum that doesn't fit (docs/procedure.md § 2): `values`
    hold `left` and `right`, tuples of counts, and `left_sum`, `right_sum`."""
    found = [
        _contradiction(_given(left, totals), _given(right, totals), totals)
        for left, right in ORDER
        if totals.get(left[0], -1) >= LEAST.get(left[0], 0)
        and right[0] in totals
        and _sum(left, totals) > _sum(right, totals)
    ]
    return (*found, *_votes(totals))


def _given(counts: tuple[str, ...], totals: Totals) -> tuple[str, ...]:
    return tuple(count for count in counts if count in totals)


def _votes(totals: Totals) -> tuple[Problem, ...]:
    """The votes against the most special number there is. Written opinions are votes, and may or
    may not have been counted among the slips."""
    votes = _given(("yes", "no", "abstain"), totals)
    ceiling = next((count for count in CEILINGS if count in totals), None)
    if not votes or ceiling is None:
        return ()
    cast, most = _sum(votes, totals), totals[ceiling]
    # Count no written opinion twice: who gave one is among those due and entitled.
    written = 0 if ceiling in ("due", "entitled") else totals.get("written", 0)
    # Valid slips are for, against or abstaining: once they are known the sum has to match.
    complete = ceiling == "valid" and {"yes", "no"} <= totals.keys()
    if cast <= most + written and not (complete and cast not in (most, most + written)):
        return ()
    right = (ceiling, "written") if written else (ceiling,)
    return (_contradiction(votes, right, totals),)


def _contradiction(left: tuple[str, ...], right: tuple[str, ...], totals: Totals) -> Problem:
    values = {
        "left": left,
        "left_sum": _sum(left, totals),
        "right": right,
        "right_sum": _sum(right, totals),
    }
    return Problem(code=ProblemCode.TOTALS_CONTRADICT, field=left[0], values=values)


__all__ = [
    "Totals",
    "bare_numbers",
    "check_totals",
    "counts_of",
    "judge",
    "known_bases",
    "only_totals",
    "read_totals",
    "totals_of",
]


LONGEST_TEXT = 2000
HALF_SIGN = re.compile("[\ud800-\udfff]")
HIGHEST_NUMBER = 99_999
EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def verdict_of(step: Step, answers: Answers) -> Verdict | None:
    """What the numbers allow; None for a step without a ballot or while numbers are missing."""
    if not step.ballot:
        return None
    totals = totals_of(step, answers)
    return judge(step.ballot, totals) if known_bases(step.ballot, totals) else None


def offered(
    field: Field, verdict: Verdict | None, answers: Answers | None = None
) -> tuple[Option, ...]:
    """The options that the verdict leaves; without one, those that ask for none. With `answers`
    those only that they call for."""
    return tuple(
        option
        for option in field.options
        if (answers is None or called_for(option, answers)) and allowed_by(verdict, option)
    )


def allowed_by(verdict: Verdict | None, option: Option) -> bool:
    """Whether the numbers leave room for an option; before they are in, for those that ask for
    none."""
    if option.needs_verdict is None:
        return True
    return verdict is not None and option.needs_verdict is verdict.passed


def called_for(option: Option, answers: Answers) -> bool:
    """Whether the answers so far leave room for an option."""
    condition = option.shown_if
    return condition is None or _met(condition, answers)


def shown_fields(step: Step, answers: Answers) -> tuple[Field, ...]:
    """The fields that the answers so far call for, with all their options."""
    if step.asks_all:
        return step.fields
    shown: list[Field] = []
    # What a hidden question was answered before calls for nothing.
    given: dict[str, Value] = {}
    for field in step.fields:
        condition, fewer = field.shown_if, field.fewer
        if condition and not _met(condition, given):
            continue
        if fewer is None or _less(fewer, totals_of(step, answers)):
            shown.append(field)
            if field.id in answers:
                given[field.id] = answers[field.id]
    return tuple(shown)


def fields_to_ask(
    step: Step, answers: Answers, barred: Collection[str] = (), verdict: Verdict | None = None
) -> tuple[Field, ...]:
    """The fields to ask now, in order, with the options that the verdict and what was concluded
    before (`barred`: option ids) leave. A conclusion that depends on the ballot isn't asked before
    the numbers are in. `verdict`: of these answers, where the caller has it."""
    verdict = verdict or verdict_of(step, answers)
    asked = []
    for field in shown_fields(step, answers):
        if field.options:
            # A choice that has no answer left isn't asked: the numbers have decided it.
            left = field.options if field.offers_all else offered(field, verdict, answers)
            if barred:
                left = tuple([option for option in left if option.id not in barred])
            if not left:
                continue
            if left != field.options:
                field = replace(field, options=left)
        asked.append(field)
    return tuple(asked)


def _less(condition: Fewer, totals: Mapping[str, int]) -> bool:
    than = condition.than
    have, most = totals.get(condition.of), totals.get(than) if isinstance(than, str) else than
    if have is None or most is None:
        return False
    share = most * condition.share
    return have < share or (condition.or_equal and have == share)


def _met(condition: ShownIf, answers: Answers) -> bool:
    for name in condition.names:
        value = answers.get(name)
        # A rulebook file writes the answers of a yes-or-no question as "true" and "false".
        said = str(value).lower() if isinstance(value, bool) else value
        picked = said if isinstance(said, tuple) else (said,)
        if not set(picked).isdisjoint(condition.any_of):
            return True
    return False


def check_answer(field: Field, value: Value, today: date) -> Problem | None:
    """What is wrong with one answer by itself, or None. Never raises, whatever the value is."""
    return CHECKS[field.type](field, value, today)


def wrong(code: ProblemCode, field: Field, **values: object) -> Problem:
    return Problem(code=code, field=field.id, values=values)


def check_given(field: Field, value: Value, answers: Answers, today: date) -> Problem | None:
    """As `check_answer`, and against the answers it has to match."""
    problem = CHECKS[field.type](field, value, today)
    alone = problem is not None or field.stands_alone
    return problem if alone else check_beside(field, value, answers)


def check_beside(field: Field, value: Value, answers: Answers) -> Problem | None:
    """What is wrong with an answer against those it has to match (`Field.stands_alone`: none)."""
    if field.fits is not None and (problem := _over(field, field.fits, value, answers)):
        return problem
    if field.each is None:
        return None
    if more := lacking(field, {**answers, field.id: value}):
        return by_rule(wrong(ProblemCode.NOT_FOR_EACH, field, more=more), field.each.rule)
    return None


def _over(field: Field, fits: Fits, value: Value, answers: Answers) -> Problem | None:
    """More days than lie between two dates."""
    if not isinstance(value, int):
        return None
    since, until = answers.get(fits.since), answers.get(fits.until)
    if not (type(since) is date and type(until) is date and since <= until):
        return None
    most = (until - since).days + 1
    if value <= most:
        return None
    return by_rule(wrong(ProblemCode.MORE_THAN_DAYS, field, maximum=most, given=value), fits.rule)


def by_rule(problem: Problem, rule: Requirement | None) -> Problem:
    return replace(problem, source=rule.source, rule=rule.id) if rule else problem


def _text(field: Field, value: Value, today: date) -> Problem | None:
    # Half an emoji can't be written as UTF-8.
    if not isinstance(value, str) or not value.strip() or HALF_SIGN.search(value):
        return wrong(ProblemCode.REQUIRED, field)
    longest = LONGEST_TEXT if field.maximum is None else field.maximum
    if len(value) > longest:
        return wrong(ProblemCode.TOO_LONG, field, maximum=longest, given=len(value))
    if len(value.strip()) < (field.minimum or 0):
        return wrong(ProblemCode.TOO_SHORT, field, minimum=field.minimum, given=len(value.strip()))
    return None


def _number(field: Field, value: Value, today: date) -> Problem | None:
    # True is an int in Python, and no number of votes.
    if not isinstance(value, int) or isinstance(value, bool):
        return wrong(ProblemCode.NOT_A_NUMBER, field)
    lowest = 0 if field.minimum is None else field.minimum
    highest = HIGHEST_NUMBER if field.maximum is None else field.maximum
    if value < lowest:
        return wrong(ProblemCode.TOO_SMALL, field, minimum=lowest, given=value)
    if value > highest:
        return wrong(ProblemCode.TOO_BIG, field, maximum=highest, given=value)
    return None


def _date(field: Field, value: Value, today: date) -> Problem | None:
    # Not isinstance: a datetime is a date as well, and can't be compared with one.
    if type(value) is not date or not EARLIEST_DAY <= value <= LATEST_DAY:
        return wrong(ProblemCode.NOT_A_DAY, field, **({"typed": True} if field.typed else {}))
    if value > today and not field.future:
        return wrong(ProblemCode.DAY_AHEAD, field, day=value, today=today)
    return None


def _flag(field: Field, value: Value, today: date) -> Problem | None:
    return None if isinstance(value, bool) else wrong(ProblemCode.UNKNOWN_OPTION, field)


def _choice(field: Field, value: Value, today: date) -> Problem | None:
    known = isinstance(value, str) and value in field.option_ids
    return None if known else wrong(ProblemCode.UNKNOWN_OPTION, field)


def _person(field: Field, value: Value, today: date) -> Problem | None:
    return None if isinstance(value, str) and value else wrong(ProblemCode.REQUIRED, field)


def _list(field: Field, value: Value, today: date) -> Problem | None:
    if not isinstance(value, tuple) or not all(isinstance(item, str) for item in value):
        return wrong(ProblemCode.UNKNOWN_OPTION, field)
    # Empty for people and proofs: which of those there are only the rows tell.
    known = field.option_ids
    if (known and not known.issuperset(value)) or len(set(value)) != len(value):
        return wrong(ProblemCode.UNKNOWN_OPTION, field)
    if field.optional and not value:
        return None
    lowest = field.fewest
    if len(value) < lowest:
        left = tuple(option.text for option in field.options if option.id not in value)
        # Where all are needed, those that are left are what is missing.
        missing = {"missing": left} if len(field.options) == lowest else {}
        number = {"minimum": lowest, "given": len(value), "kind": field.type}
        return wrong(ProblemCode.TOO_FEW, field, **number, **missing)
    if field.maximum is not None and len(value) > field.maximum:
        number = {"maximum": field.maximum, "given": len(value), "kind": field.type}
        return wrong(ProblemCode.TOO_MANY, field, **number)
    return None


def lacking(field: Field, answers: Answers) -> int:
    """How many more a list has to hold so that there is one for each pick of the other."""
    if field.each is None:
        return 0
    picked, held = answers.get(field.each.of), answers.get(field.id, ())
    wanted = len(picked) if isinstance(picked, tuple) else 0
    return max(0, wanted - (len(held) if isinstance(held, tuple) else 0))


def following(field: Field, fields: Iterable[Field], answers: Answers) -> Value | None:
    """What is ticked along with a list before it, where that is enough: both places of a notice
    once both were named."""
    above = next((one.id for one in fields if one.id == field.known), None)
    picked = answers.get(above) if above else None
    if not isinstance(picked, tuple):
        return None
    same = tuple(option.id for option in field.options if option.id in picked)
    return same if same and len(same) >= field.fewest else None


def people_in(step: Step, answers: Answers) -> set[str]:
    """The ids of the people chosen in the answers."""
    found: set[str] = set()
    for field in step.fields:
        if field.type not in (FieldType.PERSON, FieldType.PERSONS):
            continue
        value = answers.get(field.id)
        if isinstance(value, tuple):
            found.update(value)
        elif isinstance(value, str):
            found.add(value)
    return found


def proofs_in(step: Step, answers: Answers, recorded: bool | None = None) -> tuple[str, ...]:
    """The ids of the proofs in the answers, in the order of the questions. `recorded`: those only
    that are voice messages, or that are none."""
    proofs = (field for field in step.fields if field.type is FieldType.PROOF)
    asked = (answers.get(f.id) for f in proofs if recorded in (None, f.recorded))
    return tuple(proof for given in asked if isinstance(given, tuple) for proof in given)


def is_missing(field: Field, value: Value | None) -> bool:
    """Nothing was answered. An empty checklist is an answer."""
    return value is None or (value == () and field.type is not FieldType.CHECKLIST)


CHECKS: Mapping[FieldType, Callable[[Field, Value, date], Problem | None]] = {
    FieldType.TEXT: _text,
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.FLAG: _flag,
    FieldType.CHOICE: _choice,
    FieldType.PERSON: _person,
    FieldType.ORGANISATION: _person,
    **dict.fromkeys(LISTS, _list),
}
