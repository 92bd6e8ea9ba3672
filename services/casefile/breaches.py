"""核对 and 责任追究: check a case's dates, and store what breaks a rule, with rule, day and body.

An organisation may assign a breach a situation of its own catalogue; none is invented
(docs/procedure.md § 5).
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from domain.calendar.office_hours import day_of
from domain.case.date_check import MISSED, OF_ALL_DAYS, check_added, check_case, missed
from domain.case.facts import Ahead, Finding, Problem, ProblemCode, Progress
from domain.case.progress import assess
from domain.catalogue import LONGEST_RESULT, SHORTEST_RESULT, Catalogue, Situation
from domain.permissions import ActPlace, Permission, may
from domain.rulebook.schema import Role, Rulebook
from models import BreachRow, CaseFile
from models.columns import new_id
from models.in_values import among
from services.casefile.follows import Values, breach_key, breach_of
from services.casefile.load import LoadedCase, load_case
from services.casefile.procedure import Procedure
from services.casefile.views import BreachLine, BreachPage, Checked
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import NotAllowed, NotFound
from services.core.guard import change_rows, every_column, insert_rows, plain_rows
from services.people.scope import branches_below, case_for, path_of
from services.people.views import Actor

PAGE = 8
Key = tuple[str, int, str, str]
NEW: Mapping[str, Any] = {
    "cleared_on": None,
    "situation": "",
    "due_on": None,
    "treatment": "",
    "treated_on": None,
    "treated_by": None,
    "result_sealed": None,
}
"""What nobody has said of a breach yet."""


@dataclass
class Breaches:
    """The date check of a case, and the stored breaches."""

    database: Database
    procedure: Procedure
    catalogue: Catalogue

    async def check(self, actor: Actor, case_id: str, today: date) -> Checked:
        """Return all that doesn't fit in a case, computed anew: what is advised only is never
        stored. Raises NotAllowed."""
        async with self.database.read() as session:
            case, _ = await case_for(session, actor, case_id, Permission.SEE_CASE)
            loaded = await load_case(session, case, self.procedure)
            progress = assess(loaded.book, loaded.facts, today, self.procedure.calendar)
            found = findings_of(loaded, progress, self.procedure, today)
            return Checked(case.id, case.person, loaded.book, found)

    async def page(self, actor: Actor, number: int = 0, size: int = PAGE) -> BreachPage:
        """Return a page (from 0) of breaches that aren't cleared, at or below the actor's posts
        above the branches. By day only: any other order would rank branches. Raises NotAllowed."""
        async with self.database.read() as session:
            places = await _places(session, actor)
            if not places:
                raise NotAllowed("breaches")
            open_here = (
                BreachRow.case_id == CaseFile.id,
                col(BreachRow.cleared_on).is_(None),
                among(col(CaseFile.organisation_id), places),
            )
            total = (
                await session.exec(select(func.count(col(BreachRow.id))).where(*open_here))
            ).one()
            pages = max(1, -(-total // size))
            number = min(max(number, 0), pages - 1)
            newest = col(BreachRow.day).desc(), col(BreachRow.id)
            of_page = select(BreachRow, CaseFile).where(*open_here).order_by(*newest)
            shown = await session.exec(of_page.offset(number * size).limit(size))
            lines = tuple(self._line(row, case) for row, case in shown)
            return BreachPage(lines, number, pages, total)

    async def listed(self, actor: Actor) -> tuple[BreachLine, ...]:
        """Return all of the pages, for a sheet: without what tells of a report, which no sheet
        does. Raises NotAllowed."""
        found = await self.page(actor, size=sys.maxsize)
        hidden = self.procedure.current.of_reports
        return tuple(
            line for line in found.lines if not (line.step.by_report or line.step.id in hidden)
        )

    async def breach(self, actor: Actor, breach_id: str) -> BreachLine:
        """Raises NotAllowed, also where there is none."""
        async with self.database.read() as session:
            row, case = await _found(session, actor, breach_id)
            return self._line(row, case, await self._treats(session, actor, row))

    def situations(self) -> Sequence[Situation]:
        """Return the situations of the catalogue, in the order of its file."""
        return tuple(self.catalogue.situations.values())

    async def assign(self, act: Act, actor: Actor, breach_id: str, situation_id: str) -> BreachLine:
        """Assign a breach a situation of the catalogue; from that day its time runs. Raises
        NotAllowed, and NotFound also for one that was dealt with."""
        situation = self.catalogue.situations.get(situation_id)
        if situation is None:
            raise NotFound(situation_id)
        async with self.database.act(act, actor, _case_of(breach_id)) as work:
            row, case = await _found(work.session, actor, breach_id)
            if not work.repeated:
                # The situation that the treatment was chosen from stays.
                if row.treated_on is not None:
                    raise NotFound(breach_id)
                row.situation = situation_id
                day = day_of(act.at)
                row.due_on = day + timedelta(days=situation.days) if situation.days else None
                work.session.add(row)
                await work.done("assign_situation", [breach_id, situation_id], chain=case.id)
            return self._line(row, case, await self._treats(work.session, actor, row))

    async def treat(
        self, act: Act, actor: Actor, breach_id: str, treatment_id: str, result: str
    ) -> BreachLine:
        """Enter what was done about a breach, by who has the power, and what came of it. Raises
        NotAllowed, and NotFound where no situation is assigned, the treatment isn't one of that
        situation's, the result doesn't fit, or it was dealt with before."""
        async with self.database.act(act, actor, _case_of(breach_id)) as work:
            row, case = await _found(work.session, actor, breach_id)
            if not await self._treats(work.session, actor, row, work.repeated):
                raise NotAllowed(breach_id)
            if not work.repeated:
                situation, said = self.catalogue.situations[row.situation], result.strip()
                # A situation that lists no treatments is closed with words alone.
                known = {one.id for one in situation.treatments} or {""}
                fits = SHORTEST_RESULT <= len(said) <= LONGEST_RESULT
                if treatment_id not in known or not fits:
                    raise NotFound(treatment_id)
                row.treatment, row.result = treatment_id, said
                row.treated_on, row.treated_by = day_of(act.at), actor.person_id
                work.session.add(row)
                await work.done("treat_breach", [breach_id, treatment_id], chain=case.id)
            return self._line(row, case)

    async def _treats(
        self, session: AsyncSession, actor: Actor, row: BreachRow, again: bool = False
    ) -> bool:
        """Whether the actor has the power (权限) that the catalogue names for its situation."""
        situation = self.catalogue.situations.get(row.situation)
        # A tap that is handled again after a crash finds it treated, and still gets its answer.
        if situation is None or (row.treated_on is not None and not again):
            return False
        powers = None if situation.powers is None else (situation.powers,)
        with suppress(NotAllowed):
            await case_for(session, actor, row.case_id, Permission.TREAT_BREACH, powers)
            return True
        return False

    def _line(self, row: BreachRow, case: CaseFile, treats: bool = False) -> BreachLine:
        book = self.procedure.find(case.rulebook)
        situation = self.catalogue.situations.get(row.situation)
        return BreachLine(
            breach_id=row.id,
            case_id=case.id,
            person=case.person,
            step=book.step(row.step),
            code=row.code,
            source=row.source,
            day=row.day,
            body=Role(row.body),
            situation=situation,
            due_on=row.due_on,
            treatment=situation.treatment(row.treatment) if situation else None,
            treated_on=row.treated_on,
            result=row.result or "",
            treats=treats,
        )


_OF_CASE = every_column(BreachRow).where(col(BreachRow.case_id) == bindparam("case"))


def findings_of(
    loaded: LoadedCase, progress: Progress, procedure: Procedure, today: date
) -> tuple[Finding, ...]:
    """Return what the date check finds in a loaded case on a day, binding or not."""
    return check_case(loaded.book, loaded.facts, progress, today, procedure.calendar)


async def note_breaches(
    session: AsyncSession,
    loaded: LoadedCase,
    progress: Progress,
    procedure: Procedure,
    today: date,
    added: Sequence[Problem] | None = None,
) -> int:
    """Store each binding finding of the date check once, and mark as cleared, never delete, what it
    finds no longer; return how many breaches stand. `added`: the problems found with the last
    entry, where nothing else has changed since; then no entry before it is judged again."""
    if added is None:
        all_found = findings_of(loaded, progress, procedure, today)
    else:
        all_found = check_added(loaded.book, loaded.facts, progress, today, added)
    rows = await plain_rows(session, BreachRow, _OF_CASE, {"case": loaded.case.id})
    known = {_key(row): row for row in rows if added is None or row.code in OF_ALL_DAYS | {MISSED}}
    found = {breach_key(item): item for item in all_found}
    # Advice binds nobody, so passing it over is no breach.
    fresh = [item for key, item in found.items() if item.binding and key not in known]
    new = breach_rows(loaded.case.id, (breach_of(loaded.book, item, today) for item in fresh))
    await insert_rows(session, BreachRow, new)
    cleared = {row.id: row.cleared_on for row in rows}
    for key, row in known.items():
        # A date that was missed stays missed, though the step was entered since.
        stands = key in found or row.code == MISSED
        cleared[row.id] = None if stands else row.cleared_on or today
    changed = [row for row in rows if row.cleared_on != cleared[row.id]]
    changes = [(row, {"cleared_on": cleared[row.id]}) for row in changed]
    await change_rows(session, BreachRow, changes)
    left = [row for row in rows if cleared[row.id] is None]
    return standing([*left, *(SimpleNamespace(**values) for values in new)])


def standing(rows: Iterable[Any]) -> int:
    """Return how many breaches these rows are, none of them cleared. A date that was missed, then
    entered too late, is one breach with two rows."""
    found = tuple(rows)
    late = {(row.step, row.rule) for row in found if row.code == ProblemCode.TOO_LATE}
    return sum(row.code != ProblemCode.MISSED or (row.step, row.rule) not in late for row in found)


def note_missed(
    session: AsyncSession,
    case_id: str,
    book: Rulebook,
    items: Iterable[Ahead],
    today: date,
    noted: Iterable[BreachRow],
) -> None:
    """Store each date that has passed once, where no act does. `items`: what is open in the case.
    `noted`: the breaches stored of it. What its entries break was noted when they were made, so
    that they needn't be judged."""
    known = {_key(row) for row in noted}
    for key, item in {breach_key(item): item for item in missed(items, today)}.items():
        if key not in known:
            session.add(BreachRow(case_id=case_id, **breach_of(book, item, today)))


async def breaches_of_many(session: AsyncSession, ids: Sequence[str]) -> dict[str, list[BreachRow]]:
    """Return the breaches stored of each of these cases, in one query."""
    found: dict[str, list[BreachRow]] = {one: [] for one in ids}
    if ids:
        statement = select(BreachRow).where(among(col(BreachRow.case_id), ids))
        for row in await session.exec(statement):
            found[row.case_id].append(row)
    return found


def breach_rows(case_id: str, found: Iterable[Values]) -> list[dict[str, Any]]:
    """Return breaches of a case of which nothing is stored yet, as rows of BreachRow."""
    return [{"id": new_id(), "case_id": case_id, **NEW, **one} for one in found]


def _key(row: Any) -> Key:
    return row.step, row.number, row.code, row.rule


def _case_of(breach_id: str) -> SelectOfScalar[str]:
    return select(BreachRow.case_id).where(BreachRow.id == breach_id)


async def _places(session: AsyncSession, actor: Actor) -> set[str]:
    places: set[str] = set()
    for post in actor.posts:
        here = ActPlace(post.organisation_id, await path_of(session, post.organisation_id))
        if may(Permission.SEE_BREACHES, [post], here):
            places.update(await branches_below(session, post.organisation_id))
    return places


async def _found(session: AsyncSession, actor: Actor, breach_id: str) -> tuple[BreachRow, CaseFile]:
    row = await session.get(BreachRow, breach_id)
    if row is None:
        raise NotAllowed(breach_id)
    case, _ = await case_for(session, actor, row.case_id, Permission.SEE_BREACHES)
    return row, case


__all__ = ["Breaches", "breach_rows", "findings_of", "note_breaches", "standing"]
