"""Answers that move a case on: what somebody enters when everything goes well."""

from collections.abc import Mapping
from datetime import date, timedelta

from domain.case.answers import fields_to_ask
from domain.case.facts import Value
from domain.rulebook.kinds import LISTS
from domain.rulebook.schema import Effect, Field, FieldType, Step
from services.cases.views import Form

EVERYBODY, BORN = 20, date(1994, 5, 6)
PICKED = 2
EARLIER, NONE = {"began_on": timedelta(days=2)}, timedelta(0)
"""What began before the day of its step."""
ANY = "any"
"""The sample text for a question that only another city's profile asks."""
COUNTS = {"no": 0, "written": 0, "abstain": 0}


def answers_for(
    form: Form, today: date, texts: Mapping[str, str], known: Mapping[str, Value]
) -> dict[str, Value]:
    """All that a step asks, asked again until nothing new is asked. `known` goes first."""
    answers: dict[str, Value] = {form.step.day: today, **known}
    while missing := [
        field
        for field in fields_to_ask(form.step, answers)
        if field.id not in answers and not field.optional
    ]:
        # Answer one at a time: each may call for other questions, or take some away.
        answers[missing[0].id] = _value(missing[0], form, today, texts)
    return answers


def proofs_wanted(step: Step) -> Mapping[str, int]:
    """How many proofs the answers to a step need, by field."""
    wanted = [f for f in step.fields if f.type is FieldType.PROOF and not f.optional]
    return {field.id: PICKED if field.each else field.minimum or 1 for field in wanted}


def _value(field: Field, form: Form, today: date, texts: Mapping[str, str]) -> Value:
    if field.count:
        return COUNTS.get(field.count, EVERYBODY)
    if field.id in form.choices:
        named = tuple(choice.person_id for choice in form.choices[field.id])
        return named[: field.minimum or 1] if field.type is FieldType.PERSONS else named[0]
    if field.type in LISTS:
        return tuple(option.id for option in field.options)[: max(field.minimum or 1, PICKED)]
    if field.type is FieldType.CHOICE:
        done = [option for option in field.options if option.effect is Effect.DONE]
        return (done or list(field.options))[0].id
    if field.type is FieldType.NUMBER:
        return today.year if field.id == "year" else field.minimum or 4
    if field.type is FieldType.DATE:
        return BORN if field.id == "born_on" else today - EARLIER.get(field.id, NONE)
    if field.type is FieldType.FLAG:
        return field.id not in ("objections", "leaving", "mobile")
    return texts[field.id if field.id in texts else ANY][: field.maximum]
