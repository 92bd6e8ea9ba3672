"""Load the facts of many cases in a few queries, for work that goes through all of them: one by
one, a recount of a city's cases would take four queries each."""

from collections.abc import Mapping, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.facts import CaseFacts, Entry, Hold
from domain.rulebook.schema import Role, Rulebook
from models import CaseFile, CaseHelper, EntryRow, HoldRow, Person, Signature
from models.among import among
from models.cases import SealedAnswers
from services.casefile.follows import EVERYBODY
from services.casefile.load import LoadedCase
from services.casefile.procedure import Procedure
from services.casefile.signatures import Helping, Signatures
from services.core.guard import altered

Known = tuple[Rulebook, CaseFacts]


async def facts_of_many(
    session: AsyncSession, ids: Sequence[str], procedure: Procedure
) -> dict[str, Known]:
    """Return rulebook and facts by case id, in four queries however many cases there are; an id
    without a case is left out, and a case of which a row was changed by hand: it mustn't keep the
    others back. Call it with some hundred ids at a time: all their rows are in memory."""
    entries = await _entries(session, ids)
    holds = await _holds(session, ids)
    # Whole rows: a column can't be checked, and what a wrong word filters out isn't seen.
    cases = (await session.exec(select(CaseFile).where(among(col(CaseFile.id), ids)))).all()
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


async def sound_of_many(
    session: AsyncSession, ids: Sequence[str], procedure: Procedure
) -> dict[str, LoadedCase]:
    """As `load.load_sound` of each, by case id, in five queries however many there are; a case that
    isn't there or of which a row was changed by hand is left out. With some hundred ids at a
    time, as `facts_of_many`."""
    cases = (await session.exec(select(CaseFile).where(among(col(CaseFile.id), ids)))).all()
    rows: dict[str, list[EntryRow]] = {}
    case_of: dict[str, str] = {}
    entries = select(EntryRow).where(among(col(EntryRow.case_id), ids))
    # As `load` orders them: a correction has the number of the entry it replaces.
    for row in await session.exec(
        entries.order_by(col(EntryRow.number), col(EntryRow.recorded_at))
    ):
        rows.setdefault(row.case_id, []).append(row)
        case_of[row.id] = row.case_id
    signed = await _signatures(session, ids, case_of)
    holds: dict[str, list[HoldRow]] = {}
    for hold in await session.exec(select(HoldRow).where(among(col(HoldRow.case_id), ids))):
        holds.setdefault(hold.case_id, []).append(hold)
    helpers = await _helpers(session, ids)
    spoiled = set(altered(session).values())
    return {
        case.id: LoadedCase(
            case=case,
            book=procedure.find(case.rulebook),
            rows=tuple(rows.get(case.id, ())),
            signatures=signed.get(case.id, {}),
            holds=tuple(holds.get(case.id, ())),
            helpers=helpers.get(case.id, ()),
        )
        for case in cases
        if case.id not in spoiled
    }


async def _signatures(
    session: AsyncSession, ids: Sequence[str], case_of: Mapping[str, str]
) -> dict[str, dict[str, Signatures]]:
    """By case and entry. `case_of`: the case of each entry, since a signature that was moved to
    another case by hand has to be found."""
    found: dict[str, dict[str, Signatures]] = {}
    signatures = (
        select(Signature)
        .join(EntryRow, col(EntryRow.id) == Signature.entry_id)
        .where(among(col(EntryRow.case_id), ids))
        .order_by(col(Signature.signed_at))
    )
    for given in await session.exec(signatures):
        of = found.setdefault(case_of.get(given.entry_id, given.case_id), {})
        of[given.entry_id] = (*of.get(given.entry_id, ()), given)
    return found


async def _helpers(session: AsyncSession, ids: Sequence[str]) -> dict[str, Helping]:
    found: dict[str, Helping] = {}
    helping = select(CaseHelper, Person).where(
        among(col(CaseHelper.case_id), ids),
        CaseHelper.person_id == Person.id,
        col(CaseHelper.until).is_(None),
    )
    for helper, person in await session.exec(helping):
        found[helper.case_id] = (*found.get(helper.case_id, ()), (helper, person))
    return found


async def _entries(session: AsyncSession, ids: Sequence[str]) -> dict[str, list[Entry]]:
    signed: dict[str, set[Role]] = {}
    waiting: dict[str, set[Role]] = {}
    signatures = (
        select(Signature)
        .join(EntryRow, col(EntryRow.id) == Signature.entry_id)
        .where(among(col(EntryRow.case_id), ids))
    )
    for given in await session.exec(signatures):
        found_in = signed if given.signed_at else waiting
        found_in.setdefault(given.entry_id, set()).add(Role(given.role))
    found: dict[str, list[Entry]] = {}
    entries = select(EntryRow).where(among(col(EntryRow.case_id), ids))
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
    for row in await session.exec(select(HoldRow).where(among(col(HoldRow.case_id), ids))):
        if row.released_on is None:
            found.setdefault(row.case_id, []).append(Hold(row.id, row.reason, row.since))
    return found
