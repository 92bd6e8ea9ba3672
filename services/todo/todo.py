"""What waits for a person: steps, signatures, reports and checks, the most urgent first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import Ahead
from domain.case.progress import rests
from domain.case.urgency import RANK, Urgency, by_day, nearest, since, step_urgency
from domain.permissions import ActPlace, roles_at
from domain.reports import RegisterState
from domain.rulebook.schema import Role, Rulebook
from models import Draft, ReportRow
from services.casefile.load import place_in
from services.casefile.outlooks import Fresh, OutlinedCase, keep, outlined_of_many
from services.casefile.procedure import Procedure
from services.casefile.signatures import task
from services.cases.search import waiting_for
from services.city_moves.arrivals import ANSWERING, arrivals_waiting
from services.core.database import Database
from services.people.scope import know_paths, name_of
from services.people.views import Actor
from services.plans.items import acting
from services.todo.duties import duties_waiting
from services.todo.inspections import checks_waiting
from services.todo.todo_cache import KeptItems, Key
from services.todo.views import TodoItem, TodoKind

FAR = date(9999, 12, 31)
CHUNK = 200
"""Cases read at a time: all their rows are in memory."""


@dataclass(frozen=True)
class Todo:
    database: Database
    procedure: Procedure
    kept: KeptItems = field(default_factory=KeptItems)

    async def items(self, actor: Actor, today: date) -> tuple[TodoItem, ...]:
        """Return what waits for this person, the most urgent first."""
        fresh = Fresh()
        async with self.database.read() as session:
            drafts = await _drafts(session, actor)
            ids = await waiting_for(session, actor)
            items = await self._of_cases(session, actor, ids, drafts, today, fresh)
            items += await self._reports(session, actor, today)
            items += await checks_waiting(session, actor, today)
            items += await duties_waiting(session, actor, self.procedure.current, today)
            items += await _arrived(session, actor, self.procedure.current)
        await keep(self.database, fresh)
        return tuple(sorted(items, key=_order))

    async def _of_cases(
        self,
        session: AsyncSession,
        actor: Actor,
        ids: Sequence[str],
        drafts: Collection[tuple[str, str]],
        today: date,
        fresh: Fresh,
    ) -> list[TodoItem]:
        """What is to be done in these cases; of those that nobody has changed since as it was
        found then. Outlooks that had to be worked out are added to `fresh`."""
        by_case: dict[str, set[tuple[str, str]]] = {}
        for draft in drafts:
            by_case.setdefault(draft[0], set()).add(draft)
        stands = await self.kept.stands(session, ids)
        keys: dict[str, Key] = {
            one: (stands[one], actor, today, frozenset(by_case.get(one, ()))) for one in ids
        }
        items: list[TodoItem] = []
        unknown = []
        for one in ids:
            known = self.kept.items(actor.person_id, one, keys[one])
            if known is None:
                unknown.append(one)
            else:
                items += known
        for first in range(0, len(unknown), CHUNK):
            part = unknown[first : first + CHUNK]
            heads = {one: stands[one][0] for one in part}
            cases, new = await outlined_of_many(session, part, self.procedure, today, heads)
            fresh.update(new)
            await know_paths(session, (one.case.organisation_id for one in cases.values()))
            for one, case in cases.items():
                place = await place_in(session, actor, case)
                found = await self._steps(session, actor, case, place, drafts, today)
                self.kept.keep(actor.person_id, one, keys[one], found)
                items += found
        return items

    async def _steps(
        self,
        session: AsyncSession,
        actor: Actor,
        case: OutlinedCase,
        place: ActPlace,
        drafts: Collection[tuple[str, str]],
        today: date,
    ) -> list[TodoItem]:
        roles = roles_at(actor.posts, place)
        organisation, person = await name_of(session, case.case.organisation_id), case.person
        items = []
        for item in case.pending:
            # By stored roles too many cases are found; whose turn it is today is decided here.
            mine = await acting(session, actor, case.case, item.step, roles, today)
            drafted = (case.case.id, item.step.id) in drafts
            entry_id, rows = case.signing(item.step.id)
            signs = task(item.step, rows, roles, actor.person_id, case.helpers)
            kind = _kind(item, bool(signs), bool(mine), drafted)
            if kind is None:
                continue
            items.append(
                TodoItem(
                    case_id=case.case.id,
                    person=person,
                    organisation=organisation,
                    step=item.step,
                    kind=kind,
                    urgency=step_urgency(item, today),
                    deadline=nearest(item.deadlines),
                    since=since(item.deadlines, today),
                    rests=rests(item, today),
                    entry_id=entry_id if item.waits_for else None,
                )
            )
        return items

    async def _reports(self, session: AsyncSession, actor: Actor, today: date) -> list[TodoItem]:
        """Return reports that wait for the actor: as director for an instruction, or as the
        organiser named."""
        waiting = col(ReportRow.organiser_id) == actor.person_id
        if Role.DIRECTOR in actor.roles:
            # A director has two parts here: to name somebody, and to check what is their own.
            waiting = waiting | col(ReportRow.organiser_id).is_(None)
        statement = select(ReportRow).where(ReportRow.state != RegisterState.CLOSED, waiting)
        return [
            TodoItem(
                case_id=row.id,
                kind=_report_kind(row),
                urgency=by_day(row.answer_by, today),
                answer_by=row.answer_by,
            )
            for row in await session.exec(statement)
        ]


def _report_kind(row: ReportRow) -> TodoKind:
    # By the report, not by the role: a director may have the checking of one to do as well.
    if row.organiser_id is None:
        return TodoKind.INSTRUCT
    return TodoKind.REPLY if row.state is RegisterState.AGAIN else TodoKind.INVESTIGATE


def _kind(item: Ahead, signs: bool, acting: bool, drafted: bool) -> TodoKind | None:
    if item.waits_for:
        return TodoKind.SIGN if signs else None
    if not acting or not item.possible:
        return None
    return TodoKind.DRAFT if drafted else TodoKind.ENTER


def _order(item: TodoItem) -> tuple[int, bool, bool, date, str]:
    on = item.answer_by or (item.deadline.on if item.deadline else item.since or FAR)
    # Of what has no last day, first whom another city waits to hear of.
    return RANK[item.urgency], item.rests, item.kind is not TodoKind.ARRIVAL, on, item.person


async def _drafts(session: AsyncSession, actor: Actor) -> set[tuple[str, str]]:
    statement = select(Draft.case_id, Draft.step).where(Draft.person_id == actor.person_id)
    return {(case, step) for case, step in await session.exec(statement)}


async def _arrived(session: AsyncSession, actor: Actor, book: Rulebook) -> list[TodoItem]:
    """Return whom the actor has to give to a branch, or to answer for."""
    if not actor.roles & ANSWERING:
        return []
    return [
        TodoItem(
            case_id=one.arrival_id,
            kind=TodoKind.ARRIVAL,
            urgency=Urgency.READY,
            person=one.person,
            organisation=one.peer,
        )
        for one in await arrivals_waiting(session, actor, book)
    ]
