"""The invented city of `make run`: whatever can be tried is one press away."""

import tomllib
from itertools import chain

import pytest

from bot.cast import FILE
from domain.loader import load
from domain.schema import FieldType, Role, Rulebook, Step, StepKind


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load("yakeshi")


@pytest.fixture(scope="module")
def reached(book: Rulebook) -> list[Step]:
    """The steps at which a case of the cast waits."""
    cases = tomllib.loads(FILE.read_text("utf-8"))["cases"]
    return [book.step(item["at"]) for item in cases]


def test_a_case_waits_at_every_gate(book: Rulebook, reached: list[Step]) -> None:
    gates = {step.id for step in book.steps if step.gate}
    assert gates
    assert gates <= {step.id for step in reached}


def test_every_kind_of_conversation_can_be_tried_at_once(
    book: Rulebook, reached: list[Step]
) -> None:
    assert {step.kind for step in reached} == set(StepKind)
    offered = [*reached, *(step for step in book.steps if step.anytime)]
    fields = chain.from_iterable(step.fields for step in offered)
    assert {field.type for field in fields} == set(FieldType)


def test_everybody_who_acts_has_a_step_to_enter(reached: list[Step]) -> None:
    acting = {step.actors[0] for step in reached} | {role for s in reached for role in s.signed_by}
    assert {Role.SECRETARY, Role.COMMITTEE, Role.ORGANISER, Role.INTRODUCER} <= acting


def test_nobody_of_the_cast_is_named_twice() -> None:
    cases = tomllib.loads(FILE.read_text("utf-8"))["cases"]
    names = [item["name"] for item in cases]
    assert len(names) == len(set(names)) > 20
