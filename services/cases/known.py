"""Answers that stand there already when a step is opened, each to be changed by a tap."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.answers import check_answer, following
from domain.case.facts import Answers, Value
from domain.rulebook.kinds import FieldType
from domain.rulebook.schema import Field, Role, Step
from domain.rulebook.validation.screens import COUNT, HOTLINE, LAST, MEMBERS, OPTION, TODAY
from models import CaseFile, EntryRow, Organisation
from services.casefile.load import LoadedCase
from services.people.hotlines import hotline_for
from services.people.people import members_of
from services.people.views import PersonChoice

FEWEST_MEMBERS = 3
"""Full members without whom a branch customarily discusses no admission (docs/procedure.md § 2): a
shorter list is one that isn't written to its end."""
AT_BRANCH = frozenset({Role.SECRETARY, Role.INTRODUCER, Role.CONTACT})


async def known_answers(
    session: AsyncSession,
    loaded: LoadedCase,
    step: Step,
    choices: Mapping[str, tuple[PersonChoice, ...]],
    today: date,
) -> Answers:
    """Return what answers a step's questions before anybody does, by field id. `choices`: who may
    be named now; somebody named at another step who isn't among them is left out."""
    found = await _stated(session, loaded, step, today)
    found |= await _carried(session, loaded.case, step, today)
    for name, people in choices.items():
        if isinstance(named := found.get(name), tuple):
            here = {person.person_id for person in people}
            found[name] = tuple(one for one in named if one in here)
    for field in step.fields:
        if (ticked := following(field, step.fields, found)) is not None:
            found[field.id] = ticked
    fields = {field.id: field for field in step.fields}
    # Two of the one or two who have to be named are a beginning; a number beyond its limit is none.
    return {
        name: value
        for name, value in found.items()
        if isinstance(value, tuple) or check_answer(fields[name], value, today) is None
    }


async def _stated(
    session: AsyncSession, loaded: LoadedCase, step: Step, today: date
) -> dict[str, Value]:
    """What the rulebook says is known, question by question."""
    asked = [field for field in step.fields if field.known]
    given = await _of_branch(
        session, loaded, step, {known for f in asked for known in f.known_from}
    )
    found: dict[str, Value] = {}
    for field in asked:
        for known in field.known_from:
            value = given[known](field.id) if known in given else None
            if value is None:
                value = _of_case(known, field, loaded, today)
            if value is not None:
                found[field.id] = value
                break
    return found


def whole_list(members: int | None) -> int | None:
    """How many full members a branch has, by a list that is written to its end; None by one that
    isn't: fewer were only registered so far (national, step 15)."""
    return members if members is not None and members >= FEWEST_MEMBERS else None


async def _of_branch(
    session: AsyncSession, loaded: LoadedCase, step: Step, wanted: set[str]
) -> dict[str, Callable[[str], Value | None]]:
    """What the branch or its body has set, has, or answered last: by what `known` names, for a
    question. Only what is `wanted` is looked up."""
    place, found = loaded.case.organisation_id, dict[str, Callable[[str], Value | None]]()
    if LAST in wanted:
        found[LAST] = (await _last(session, loaded.case, step)).get
    if MEMBERS in wanted:
        number = whole_list(len(await members_of(session, place)))
        found[MEMBERS] = lambda _: number
    if HOTLINE in wanted:
        hotline = await hotline_for(session, place)
        found[HOTLINE] = lambda _: hotline.line if hotline else None
    return found


def _of_case(known: str, field: Field, loaded: LoadedCase, today: date) -> Value | None:
    """What follows from the day, the rulebook, or this case's own entries."""
    if known == TODAY:
        return today
    if known.startswith(OPTION):
        option = known.removeprefix(OPTION)
        return option == "true" if field.type is FieldType.FLAG else option
    entries = loaded.facts.entries
    if known.startswith(COUNT):
        step = known.removeprefix(COUNT)
        # None entered says nothing: they may lie in a folder.
        return sum(entry.step == step for entry in entries) or None
    step, _, name = known.partition(".")
    newest = next((entry for entry in reversed(entries) if entry.step == step), None)
    return newest.answers.get(name) if newest and name else None


async def _last(session: AsyncSession, case: CaseFile, step: Step) -> Answers:
    """Return what the same branch or body answered at its last such step, in whichever case."""
    places = select(Organisation.id).where(Organisation.id == case.organisation_id)
    if not AT_BRANCH & set(step.actors):
        parent = select(Organisation.parent_id).where(Organisation.id == case.organisation_id)
        places = select(Organisation.id).where(
            col(Organisation.parent_id) == parent.scalar_subquery()
        )
    statement = (
        select(EntryRow)
        .join(CaseFile, col(CaseFile.id) == col(EntryRow.case_id))
        .where(
            col(CaseFile.organisation_id).in_(places),
            EntryRow.step == step.id,
            col(EntryRow.replaced_by).is_(None),
        )
        .order_by(col(EntryRow.recorded_at).desc())
        .limit(1)
    )
    row = (await session.exec(statement)).first()
    return row.answers if row else {}


async def _carried(
    session: AsyncSession, case: CaseFile, step: Step, today: date
) -> dict[str, Value]:
    """Return the answers that hold for several people, as the branch has given them last."""
    kept = {field.id: field.carried_over for field in step.fields if field.carried_over}
    if not kept:
        return {}
    statement = (
        select(EntryRow)
        .join(CaseFile, col(CaseFile.id) == col(EntryRow.case_id))
        .where(
            CaseFile.organisation_id == case.organisation_id,
            EntryRow.case_id != case.id,
            EntryRow.step == step.id,
            col(EntryRow.replaced_by).is_(None),
            EntryRow.done_on >= today - timedelta(days=max(kept.values())),
        )
        .order_by(col(EntryRow.recorded_at).desc())
        .limit(1)
    )
    row = (await session.exec(statement)).first()
    if row is None:
        return {}
    old = (today - row.done_on).days
    return {name: row.answers[name] for name, days in kept.items()
            if old <= days and name in row.answers}  # fmt: skip
