"""Load the facts of many cases in a few queries, for work that goes through all of them: one by
one, a recount of a city's cases would take four queries each."""

from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.facts import CaseFacts, Entry, Hold
from domain.rulebook.schema import Role, Rulebook
from models import CaseFile, EntryRow, HoldRow, Signature
from models.cases import SealedAnswers
from services.casefile.load import EVERYBODY
from services.casefile.procedure import Procedure
from services.core.guard import altered

Known = tuple[Rulebook, CaseFacts]


async def facts_of_many(
    session: AsyncSession, ids: Sequence[str], procedure: Procedure
) -> dict[str, Known]:
    """Return rulebook and facts by case id, in four queries however many cases there are; an id
    without a case is left out, and a case of which a row was changed by hand: it mustn't keep the
    others back. Call it with some hundred ids at a time: each is a parameter."""
    entries = await _entries(session, ids)
    holds = await _holds(session, ids)
    # Whole rows: a column can't be checked, and what a wrong word filters out isn't seen.
    cases = (await session.exec(select(CaseFile).where(col(CaseFile.id).in_(ids)))).all()
    spoiled = set(altered(session).values())
    return {
        case.id: (
            procedure.find(case.rulebook),
            CaseFacts(
                case.opened_on, tuple(entries.get(case.id, ())), tuple(holds.get(case.id, ()))
            ),
        )
        for case in cases
        if case.id not in spoiled
    }


async def _entries(session: AsyncSession, ids: Sequence[str]) -> dict[str, list[Entry]]:
    signed: dict[str, set[Role]] = {}
    waiting: dict[str, set[Role]] = {}
    signatures = (
        select(Signature)
        .join(EntryRow, col(EntryRow.id) == Signature.entry_id)
        .where(col(EntryRow.case_id).in_(ids))
    )
    for given in await session.exec(signatures):
        found_in = signed if given.signed_at else waiting
        found_in.setdefault(given.entry_id, set()).add(Role(given.role))
    found: dict[str, list[Entry]] = {}
    entries = select(EntryRow).where(col(EntryRow.case_id).in_(ids))
    for row in await session.exec(entries.order_by(col(EntryRow.number))):
        if row.replaced_by is not None:
            continue
        entry = Entry(
            number=row.number,
            step=row.step,
            done_on=row.done_on,
            # Left sealed until somebody looks: most answers decide nothing.
            answers=SealedAnswers(row.id, row.answers_sealed),
            recorded_on=day_of(row.recorded_at),
            rulebook=row.rulebook,
            # As `signatures.complete`: a role has signed once nobody is asked in it any more.
            signed=EVERYBODY
            if row.sheet_id
            else frozenset(signed.get(row.id, ())) - waiting.get(row.id, set()),
            brought=row.sheet_id is not None,
        )
        found.setdefault(row.case_id, []).append(entry)
    return found


async def _holds(session: AsyncSession, ids: Sequence[str]) -> dict[str, list[Hold]]:
    found: dict[str, list[Hold]] = {}
    for row in await session.exec(select(HoldRow).where(col(HoldRow.case_id).in_(ids))):
        if row.released_on is None:
            found.setdefault(row.case_id, []).append(Hold(row.id, row.reason, row.since))
    return found
