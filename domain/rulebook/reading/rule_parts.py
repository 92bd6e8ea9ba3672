"""Builds what a rule is made of from the tables of its file. Errors: FileError."""

from collections.abc import Callable
from typing import TypeVar

from domain.files.tables import Table
from domain.rulebook.links import Call, Cover, Each, OnlyIf, Regular
from domain.rulebook.schema import (
    BallotRule,
    BodyRule,
    Landmark,
    Limit,
    LimitKind,
    Paper,
    Requirement,
    Strength,
    Unit,
)

T = TypeVar("T")


def all_of(table: Table, name: str, build: Callable[[Table], T]) -> tuple[T, ...]:
    """Every table of a list, built and with no key left over."""
    found = []
    for item in table.tables(name):
        found.append(build(item))
        item.close()
    return tuple(found)


def requirement(table: Table) -> Requirement:
    return Requirement(
        id=table.string("id"),
        source=table.string("source"),
        strength=table.one_of("strength", Strength),
        text=table.text("text"),
        refuses=table.flag("refuses"),
    )


def only_if(table: Table) -> OnlyIf | None:
    if not table.has("only_if"):
        return None
    condition = table.table("only_if")
    found = OnlyIf(condition.string("setting"), condition.strings("is"))
    condition.close()
    return found


def each(table: Table) -> Each:
    rule = table.table("rule")
    found = Each(table.string("of"), requirement(rule))
    rule.close()
    return found


def regular(table: Table) -> Regular:
    rule = table.table("rule")
    found = Regular(
        step=table.string("step"),
        limit=table.string("limit"),
        rule=requirement(rule),
        elsewhere=table.string("elsewhere", ""),
    )
    rule.close()
    return found


def limit(table: Table) -> Limit:
    return Limit(
        id=table.string("id"),
        kind=table.one_of("kind", LimitKind),
        of=table.string("of"),
        value=table.number("value"),
        unit=table.one_of("unit", Unit),
        strength=table.one_of("strength", Strength),
        source=table.string("source"),
        text=table.text("text"),
        ladder=table.numbers("ladder"),
        extended_by=table.string("extended_by", ""),
        minus_days=table.number("minus_days", 0),
        plus_days=table.number("plus_days", 0),
        if_held=table.string("if_held", ""),
        unless_held=table.string("unless_held", ""),
        setting=table.string("setting", ""),
        when=table.string("when", ""),
    )


def ballot_rule(table: Table) -> BallotRule:
    return BallotRule(
        id=table.string("id"),
        layer=table.one_of("layer", Strength),
        purpose=table.string("purpose"),
        of=table.string("of"),
        op=table.string("op"),
        share=table.fraction("share"),
        base=table.string("base"),
        source=table.string("source"),
        text=table.text("text"),
        only_if=only_if(table),
    )


def body_rule(table: Table) -> BodyRule:
    return BodyRule(
        id=table.string("id"),
        layer=table.one_of("layer", Strength),
        matter=table.string("matter"),
        body=table.string("body"),
        source=table.string("source"),
        text=table.text("text"),
        field=table.string("field", ""),
    )


def landmark(table: Table) -> Landmark:
    return Landmark(after=table.string("after"), by=limit(table))


def call(table: Table) -> Call:
    """With a field its options, else any entry of the step."""
    named = table.has("field")
    return Call(
        step=table.string("step"),
        field=table.string("field") if named else "",
        options=table.strings("is") if named else (),
    )


def cover(table: Table) -> Cover:
    return Cover(table.string("up_to"), table.string("day"))


def paper(table: Table) -> Paper:
    generated = table.value("generated", bool) if table.has("generated") else True
    return Paper(table.string("id"), table.text("title"), generated)
