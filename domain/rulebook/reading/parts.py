"""Builds the parts of a rulebook from the tables of its file. Errors: FileError."""

from collections.abc import Callable
from typing import TypeVar

from domain.files.tables import Table
from domain.rulebook.layers.earlier_text import Change
from domain.rulebook.layers.profile import Addition, Placed
from domain.rulebook.links import Each
from domain.rulebook.reading.rule_parts import (
    all_of,
    ballot_rule,
    body_rule,
    call,
    cover,
    each,
    landmark,
    limit,
    only_if,
    paper,
    regular,
    requirement,
)
from domain.rulebook.schema import (
    Body,
    Effect,
    Field,
    FieldType,
    FindingEffect,
    Guide,
    Option,
    ReportFinding,
    Requirement,
    Role,
    Setting,
    Stage,
    Step,
    StepKind,
    Strength,
    Text,
)

T = TypeVar("T")
NO_TEXT = Text("", "")


def placed(build: Callable[[Table], T]) -> Callable[[Table], Placed[T]]:
    return lambda table: Placed(build(table), table.string("before", ""))


def stage(table: Table) -> Stage:
    return Stage(table.string("id"), table.text("title"))


def finding(table: Table) -> ReportFinding:
    return ReportFinding(
        id=table.string("id"),
        text=table.text("text"),
        effect=table.one_of("effect", FindingEffect),
        source=table.string("source"),
    )


def step(table: Table) -> Step:
    return Step(
        id=table.string("id"),
        title=table.text("title"),
        stage=table.string("stage"),
        kind=table.one_of("kind", StepKind),
        actors=table.some_of("actors", Role),
        source=table.string("source"),
        strength=table.one_of("strength", Strength),
        day=table.string("day"),
        after=table.strings("after"),
        fields=all_of(table, "fields", field),
        limits=all_of(table, "limits", limit),
        ballot=all_of(table, "ballot", ballot_rule),
        papers=all_of(table, "papers", paper),
        guide=_guide(table, purpose=True),
        gate=table.flag("gate"),
        repeats=table.flag("repeats"),
        until=table.string("until", ""),
        anytime=table.flag("anytime"),
        called_by=all_of(table, "called_by", call),
        when=table.strings("when"),
        not_while=table.strings("not_while"),
        signed_by=table.some_of("signed_by", Role),
        each_signs=table.some_of("each_signs", Role),
        notice_days=table.number("notice_days", 0),
        notice_working_days=table.number("notice_working_days", 0),
        body=table.one_of("body", Body) if table.has("body") else None,
        planned=table.flag("planned"),
        bodies=all_of(table, "bodies", body_rule),
        only_if=only_if(table),
        regular=all_of(table, "regular", regular),
    )


def addition(table: Table) -> Addition:
    return Addition(
        step=table.string("step"),
        fields=all_of(table, "fields", placed(field)),
        limits=all_of(table, "limits", limit),
        ballot=all_of(table, "ballot", ballot_rule),
        papers=all_of(table, "papers", paper),
        after=table.strings("after"),
        not_while=table.strings("not_while"),
        actors=table.some_of("actors", Role),
        signed_by=table.some_of("signed_by", Role),
        each_signs=table.some_of("each_signs", Role),
        notice_days=table.maybe_number("notice_days"),
        notice_working_days=table.maybe_number("notice_working_days"),
        notice_source=table.string("notice_source", ""),
        gate=table.maybe_flag("gate"),
        guide=_guide(table, purpose=False),
        bodies=all_of(table, "bodies", body_rule),
        each=dict(all_of(table, "each", _each_added)),
        counts_from=dict(all_of(table, "counts_from", _counted_anew)),
    )


def _counted_anew(table: Table) -> tuple[str, str]:
    """An advised limit of the core, and the days from which it counts here."""
    return table.string("limit"), table.string("of")


def _each_added(table: Table) -> tuple[str, Each]:
    """By the id of the field of the core that has to hold one for each."""
    return table.string("field"), each(table)


def change(table: Table) -> Change:
    return Change(
        step=table.string("step"),
        title=table.maybe_text("title"),
        kind=table.one_of("kind", StepKind) if table.has("kind") else None,
        gate=table.maybe_flag("gate"),
        fields=all_of(table, "fields", field) if table.has("fields") else None,
        guide=_guide(table, purpose=True),
    )


def field(table: Table) -> Field:
    return Field(
        id=table.string("id"),
        type=table.one_of("type", FieldType),
        label=table.text("label"),
        hint=table.maybe_text("hint"),
        optional=table.flag("optional"),
        options=all_of(table, "options", option),
        minimum=table.maybe_number("minimum"),
        maximum=table.maybe_number("maximum"),
        count=table.string("count") if table.has("count") else None,
        shown_if=_shown_if(table),
        future=table.flag("future"),
        appoints=table.one_of("appoints", Role) if table.has("appoints") else None,
        shared=table.flag("shared"),
        rule=_rule(table),
        expects=table.maybe_flag("expects"),
        told=table.flag("told"),
        only_if=only_if(table),
        each=_each(table),
    )


def _each(table: Table) -> Each | None:
    if not table.has("each"):
        return None
    inner = table.table("each")
    found = each(inner)
    inner.close()
    return found


def _shown_if(table: Table) -> tuple[str, tuple[str, ...]] | None:
    if not table.has("shown_if"):
        return None
    condition = table.table("shown_if")
    found = condition.string("field"), condition.strings("is")
    condition.close()
    if not found[1]:
        raise condition.wrong("is", "names no option")
    return found


def option(table: Table) -> Option:
    return Option(
        id=table.string("id"),
        text=table.text("text"),
        effect=table.one_of("effect", Effect, Effect.DONE),
        reopens=table.strings("reopens"),
        status=table.string("status", ""),
        needs_verdict=table.maybe_flag("needs_verdict"),
        once=table.flag("once"),
        rule=_rule(table),
        bars=table.strings("bars"),
        covers=all_of(table, "covers", cover),
        releases=table.one_of("releases", Role) if table.has("releases") else None,
        sends_back=table.flag("sends_back"),
        sends_home=table.flag("sends_home"),
    )


def _rule(table: Table) -> Requirement | None:
    if not table.has("rule"):
        return None
    rule = table.table("rule")
    found = requirement(rule)
    rule.close()
    return found


def setting(table: Table) -> Setting:
    return Setting(
        id=table.string("id"),
        text=table.text("text"),
        options=all_of(table, "options", option),
        chosen=table.string("default"),
        source=table.string("source"),
    )


def _guide(table: Table, *, purpose: bool) -> Guide | None:
    if not table.has("guide"):
        return None
    guide = table.table("guide")
    found = Guide(
        purpose=guide.text("purpose") if purpose else NO_TEXT,
        prepare=guide.texts("prepare"),
        acts=guide.texts("acts"),
        faults=guide.texts("faults"),
    )
    guide.close()
    return found


__all__ = [
    "Addition",
    "Placed",
    "addition",
    "all_of",
    "change",
    "field",
    "finding",
    "landmark",
    "placed",
    "requirement",
    "setting",
    "stage",
    "step",
]
