"""Load rows of cases as facts: of one, and of many in a few queries, for work that goes through
all of them; one by one, a recount of a city's cases would take four queries each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import attrgetter, is_
from typing import Any, Protocol

from sqlalchemy import BindParameter, bindparam, inspect, true
from sqlalchemy.orm import object_session
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.case.facts import EVERYBODY, Answers, CaseFacts, Entry, Hold
from domain.permissions import ActPlace, Permission, may
from domain.rulebook.schema import Role, Rulebook
from models import CaseFile, CaseHelper, EntryRow, HoldRow, Organisation, Person, Signature
from models.cases import SealedAnswers
from models.in_values import among
from models.macs import by_hand
from services.casefile.procedure import Procedure
from services.casefile.signatures import Helping, Signatures, complete
from services.core.errors import NotAllowed, RecordAltered
from services.core.guard import altered, every_column, plain_rows, refuse_altered
from services.people.scope import know_path, path_of, upward
from services.people.views import Actor

NOBODY = frozenset[Role]()
# Built once: every update runs them, and building one costs as much as running it.
_CASE: BindParameter[str] = bindparam("case")
_OF_CASE = select(CaseFile.organisation_id).where(col(CaseFile.id) == _CASE)
_UPWARD = upward(col(Organisation.id) == _OF_CASE.scalar_subquery())
# Of one case both are few: seldom a hold, and three levels.
_WITH_HOLDS_AND_PATH = (
    select(CaseFile, HoldRow, Organisation)
    .join(HoldRow, col(HoldRow.case_id) == CaseFile.id, isouter=True)
    .join(_UPWARD, true())
    .join(Organisation, col(Organisation.id) == _UPWARD.c.id)
    .where(col(CaseFile.id) == _CASE)
)
_HOLDS = select(HoldRow).where(col(HoldRow.case_id) == _CASE)
# By time as well: a correction has the number of the entry it replaces.
_ENTRIES = (
    select(EntryRow)
    .where(col(EntryRow.case_id) == _CASE)
    .order_by(col(EntryRow.number), col(EntryRow.recorded_at))
)
# The same rows as values: with those of rows that were read and checked before, they needn't become
# objects and be checked once more.
_ENTRY_VALUES = (
    every_column(EntryRow)
    .where(col(EntryRow.case_id) == _CASE)
    .order_by(col(EntryRow.number), col(EntryRow.recorded_at))
)
_NAMES = tuple(inspect(EntryRow).columns.keys())
# By the entries' case: a signature moved to another case by hand has to be found.
_SIGNATURES = (
    every_column(Signature)
    .join(EntryRow, col(EntryRow.id) == Signature.entry_id)
    .where(col(EntryRow.case_id) == _CASE)
    .order_by(col(Signature.signed_at))
)
_HELPS = (
    col(CaseHelper.case_id) == _CASE,
    CaseHelper.person_id == Person.id,
    col(CaseHelper.until).is_(None),
)
_HELPING = select(CaseHelper, Person).where(*_HELPS)
_HELPING_VALUES = select(*inspect(CaseHelper).columns, *inspect(Person).columns).where(*_HELPS)
_HELPER_NAMES, _PERSON_NAMES = (
    tuple(inspect(table).columns.keys()) for table in (CaseHelper, Person)
)


class AnyCase(Protocol):
    """What is asked of a case by whoever needn't see its entries."""

    @property
    def case(self) -> Any: ...
    @property
    def helpers(self) -> Helping: ...
    def signing(self, step_id: str) -> tuple[str, Signatures]:
        """Return the last entry of a step that waits for signatures, with those."""


@dataclass
class LoadedCase:
    """A case as one transaction read it: all its entries, replaced ones too, by number; all its
    holds; the helpers of today."""

    case: CaseFile
    book: Rulebook
    rows: tuple[EntryRow, ...]
    signatures: dict[str, Signatures]
    holds: tuple[HoldRow, ...]
    helpers: Helping
    known: dict[bytes, Entry] = field(default_factory=dict)
    """Entries by the MAC of their row, under which all its columns lie: one that was decrypted for
    somebody needn't be decrypted again, not even when the case is read anew."""

    @cached_property
    def facts(self) -> CaseFacts:
        """The entries that aren't replaced and the holds that are open, for the domain."""
        return CaseFacts(
            opened_on=self.case.opened_on,
            entries=tuple(self.entry(row) for row in self.rows if row.replaced_by is None),
            holds=tuple(
                Hold(hold.id, hold.reason, hold.since)
                for hold in self.holds
                if hold.released_on is None
            ),
        )

    def answers(self, row: EntryRow) -> Answers:
        """Return the answers of a row, decrypted once for all readers of this case."""
        return (self.known.get(row.mac) or self.entry(row)).answers

    def entry(self, row: EntryRow) -> Entry:
        """Return a row as an entry, with the roles in which it is signed completely."""
        rows = self.signatures.get(row.id)
        signed = EVERYBODY if row.sheet_id else complete(rows) if rows else NOBODY
        known = self.known.get(row.mac)
        # The same object until a signature changes it: a fold is carried on by identity.
        if known is None or known.signed != signed:
            known = self.known[row.mac] = _entry(row, signed)
        return known

    def share(self, other: "LoadedCase") -> None:
        """Take over the facts of the same case read before, if nothing of them has changed: its
        replay is remembered with them."""
        mine, theirs = self.facts, other.facts
        # By identity: to compare answers they would have to be opened.
        same = len(mine.entries) == len(theirs.entries) and all(
            map(is_, mine.entries, theirs.entries)
        )
        if same and (mine.opened_on, mine.holds) == (theirs.opened_on, theirs.holds):
            self.facts = theirs

    def signing(self, step_id: str) -> tuple[str, Signatures]:
        """Return the id of the last entry of a step that isn't replaced, and its signatures;
        ("", ()) for none."""
        found = [row.id for row in self.rows if row.step == step_id and row.replaced_by is None]
        return (found[-1], self.signatures.get(found[-1], ())) if found else ("", ())

    def row_of(self, entry: Entry | None) -> str:
        """Return the row id of an entry; "" for none."""
        # A correction has the number of what it replaces, so the number alone finds both.
        number = entry.number if entry else 0
        found = (r.id for r in self.rows if r.number == number and r.replaced_by is None)
        return next(found, "")

    def row(self, entry_id: str) -> EntryRow | None:
        """Return a row by its id, also a replaced one; None for none."""
        return next((row for row in self.rows if row.id == entry_id), None)


@dataclass(frozen=True)
class CaseInHand:
    """A case as it was read for somebody. `place`: its organisation, and their roles in it."""

    loaded: LoadedCase
    place: ActPlace


async def load_case(
    session: AsyncSession,
    case: CaseFile,
    procedure: Procedure,
    holds: Iterable[HoldRow] | None = None,
    helpers: Helping | None = None,
    kept: LoadedCase | None = None,
) -> LoadedCase:
    """Read a case whole, in four queries, less where its `holds` or `helpers` are known. `kept`:
    the same case as it was read before, for what it has of the same entries. Of many cases use
    `facts_of_many`. Raises RecordAltered where a row of it was changed by hand."""
    of = {"case": case.id}
    if holds is None:
        holds = await session.exec(_HOLDS, params=of)
    rows = await _same_rows(session, case.id, kept) if kept else None
    if rows is None:
        rows = tuple(await session.exec(_ENTRIES, params=of))
    loaded = LoadedCase(
        case=case,
        book=procedure.find(case.rulebook),
        rows=rows,
        signatures=await signatures(session, case.id),
        holds=tuple(holds),
        helpers=await helping(session, case.id) if helpers is None else helpers,
        known=kept.known if kept else {},
    )
    # Without an entry its step would be open again, without a hold the gate.
    refuse_altered(session, case.id)
    return loaded


async def _same_rows(
    session: AsyncSession, case_id: str, kept: LoadedCase
) -> tuple[EntryRow, ...] | None:
    """Return the entries of a case as they were read before, to be looked at only; None where the
    database has others, also where a single column of one differs."""
    of = {"case": case_id}
    found = await by_hand(session, _ENTRY_VALUES, of)
    # Those of a transaction under way may still be taken back with it; taken back, they have no
    # values any more.
    ended = all(object_session(row) is None for row in kept.rows)
    before = [tuple(map(vars(row).get, _NAMES)) for row in kept.rows]
    # With the MAC among its values: a row that fitted it then fits it now.
    return kept.rows if ended and before == [*map(tuple, found)] else None


async def _same_helping(session: AsyncSession, case_id: str, kept: LoadedCase) -> Helping | None:
    """As `_same_rows`, of who helps in the case."""
    found = await by_hand(session, _HELPING_VALUES, {"case": case_id})
    ended = all(object_session(row) is None for pair in kept.helpers for row in pair)
    before = [
        (*map(vars(helper).get, _HELPER_NAMES), *map(vars(person).get, _PERSON_NAMES))
        for helper, person in kept.helpers
    ]
    return kept.helpers if ended and before == [*map(tuple, found)] else None


async def load_sound(
    session: AsyncSession, case_id: str, procedure: Procedure
) -> LoadedCase | None:
    """Read a case as `load_case`; None where there is none, or a row of it was changed by hand:
    one such case mustn't keep lists and reminders from all others."""
    case = await session.get(CaseFile, case_id)
    try:
        return await load_case(session, case, procedure) if case else None
    except RecordAltered:
        return None


async def signatures(session: AsyncSession, case_id: str) -> dict[str, Signatures]:
    """Return all signatures of a case, given and asked for, by entry id."""
    found: dict[str, Signatures] = {}
    for row in await plain_rows(session, Signature, _SIGNATURES, {"case": case_id}):
        found[row.entry_id] = (*found.get(row.entry_id, ()), row)
    return found


async def read_case(
    session: AsyncSession,
    actor: Actor,
    case_id: str,
    procedure: Procedure,
    permission: Permission | None = None,
    kept: LoadedCase | None = None,
) -> CaseInHand:
    """Read a case whole, with the actor's place in it. Without `permission` ask next whether the
    actor may. `kept`: as in `load_case`. Raises NotAllowed, also where there is none."""
    found = (await session.exec(_WITH_HOLDS_AND_PATH, params={"case": case_id})).all()
    if not found:
        raise NotAllowed(case_id)
    case = found[0][0]
    know_path(session, case.organisation_id, (above for _, _, above in found))
    holds = {hold.id: hold for _, hold, _ in found if hold is not None}
    helpers = await _same_helping(session, case_id, kept) if kept else None
    if helpers is None:
        helpers = await helping(session, case_id)
    place = await _place(session, actor, case, helpers)
    # Before the rest is read: who may not see a case isn't told either that a row doesn't fit.
    if permission is not None and not may(permission, actor.posts, place):
        raise NotAllowed(case_id)
    loaded = await load_case(session, case, procedure, holds.values(), helpers, kept)
    return CaseInHand(loaded, place)


async def with_entry(
    session: AsyncSession, loaded: LoadedCase, row: EntryRow, others_help: bool
) -> LoadedCase:
    """Return the case with one more entry, without reading it again. `others_help`: the entry has
    appointed or released somebody, or moved the case, so that its helpers are read anew."""
    helpers = await helping(session, loaded.case.id) if others_help else loaded.helpers
    # As `load_case` orders them: a correction has the number of the entry it replaces.
    rows = sorted((*loaded.rows, row), key=attrgetter("number"))
    return replace(loaded, rows=tuple(rows), helpers=helpers)


async def helping(session: AsyncSession, case_id: str) -> Helping:
    """Return who helps in a case now."""
    found = await session.exec(_HELPING, params={"case": case_id})
    return tuple((helper, person) for helper, person in found)


async def helpers(
    session: AsyncSession, case_id: str, roles: Iterable[Role]
) -> tuple[CaseHelper, ...]:
    """Return the helpers who hold one of `roles` in a case now."""
    statement = select(CaseHelper).where(
        CaseHelper.case_id == case_id,
        col(CaseHelper.role).in_([role.value for role in roles]),
        col(CaseHelper.until).is_(None),
    )
    return tuple(await session.exec(statement))


async def place_in(session: AsyncSession, actor: Actor, loaded: AnyCase) -> ActPlace:
    """As `people.scope.place_of`, without a query for the helpers, which the case has."""
    return await _place(session, actor, loaded.case, loaded.helpers)


async def _place(session: AsyncSession, actor: Actor, case: CaseFile, helpers: Helping) -> ActPlace:
    path = await path_of(session, case.organisation_id)
    return ActPlace(case.organisation_id, path, helping_as(actor, helpers))


def helping_as(actor: Actor, helpers: Helping) -> frozenset[Role]:
    """Return the roles in which the actor helps."""
    return frozenset(Role(row.role) for row, _ in helpers if row.person_id == actor.person_id)


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
    isn't there or of which a row was changed by hand is left out. Its entries and signatures are
    plain rows. With some hundred ids at a time, as `facts_of_many`."""
    cases = (await session.exec(select(CaseFile).where(among(col(CaseFile.id), ids)))).all()
    rows: dict[str, list[EntryRow]] = {}
    case_of: dict[str, str] = {}
    entries = every_column(EntryRow).where(among(col(EntryRow.case_id), ids))
    # As `load` orders them: a correction has the number of the entry it replaces.
    in_order = entries.order_by(col(EntryRow.number), col(EntryRow.recorded_at))
    for row in await plain_rows(session, EntryRow, in_order):
        rows.setdefault(row.case_id, []).append(row)
        case_of[row.id] = row.case_id
    signed = await _signatures(session, ids, case_of)
    holds: dict[str, list[HoldRow]] = {}
    for hold in await session.exec(select(HoldRow).where(among(col(HoldRow.case_id), ids))):
        holds.setdefault(hold.case_id, []).append(hold)
    helpers = await helpers_of(session, ids)
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


def _signed(ids: Sequence[str]) -> Any:
    joined = every_column(Signature).join(EntryRow, col(EntryRow.id) == Signature.entry_id)
    return joined.where(among(col(EntryRow.case_id), ids))


async def _signatures(
    session: AsyncSession, ids: Sequence[str], case_of: Mapping[str, str]
) -> dict[str, dict[str, Signatures]]:
    """By case and entry. `case_of`: the case of each entry, since a signature that was moved to
    another case by hand has to be found."""
    found: dict[str, dict[str, Signatures]] = {}
    signatures = _signed(ids).order_by(col(Signature.signed_at))
    for given in await plain_rows(session, Signature, signatures):
        of = found.setdefault(case_of.get(given.entry_id, given.case_id), {})
        of[given.entry_id] = (*of.get(given.entry_id, ()), given)
    return found


async def helpers_of(session: AsyncSession, ids: Sequence[str]) -> dict[str, Helping]:
    """Return who helps in each of these cases now."""
    still = among(col(CaseHelper.case_id), ids), col(CaseHelper.until).is_(None)
    rows = await plain_rows(session, CaseHelper, every_column(CaseHelper).where(*still))
    # Each of them once: whoever helps in one case mostly helps in several.
    known = select(Person).where(among(col(Person.id), {row.person_id for row in rows}))
    people = {person.id: person for person in await session.exec(known)} if rows else {}
    found: dict[str, Helping] = {}
    for row in rows:
        if row.person_id in people:
            here = found.get(row.case_id, ())
            found[row.case_id] = (*here, (row, people[row.person_id]))
    return found


async def _entries(session: AsyncSession, ids: Sequence[str]) -> dict[str, list[Entry]]:
    signed: dict[str, set[Role]] = {}
    waiting: dict[str, set[Role]] = {}
    for given in await plain_rows(session, Signature, _signed(ids)):
        found_in = signed if given.signed_at else waiting
        found_in.setdefault(given.entry_id, set()).add(Role(given.role))
    found: dict[str, list[Entry]] = {}
    entries = every_column(EntryRow).where(among(col(EntryRow.case_id), ids))
    for row in await plain_rows(session, EntryRow, entries.order_by(col(EntryRow.number))):
        if row.replaced_by is not None:
            continue
        # As `signatures.complete`: a role has signed once nobody is asked in it any more.
        roles = frozenset(signed.get(row.id, ())) - waiting.get(row.id, set())
        entry = _entry(row, EVERYBODY if row.sheet_id else roles)
        found.setdefault(row.case_id, []).append(entry)
    return found


def _entry(row: Any, signed: frozenset[Role]) -> Entry:
    """Return a row as an entry. `signed`: the roles in which it is signed completely."""
    return Entry(
        number=row.number,
        step=row.step,
        done_on=row.done_on,
        # Left sealed until somebody looks: most answers decide nothing.
        answers=SealedAnswers(row.id, row.answers_sealed),
        recorded_on=day_of(row.recorded_at),
        rulebook=row.rulebook,
        signed=signed,
        brought=row.sheet_id is not None,
    )


async def _holds(session: AsyncSession, ids: Sequence[str]) -> dict[str, list[Hold]]:
    found: dict[str, list[Hold]] = {}
    for row in await session.exec(select(HoldRow).where(among(col(HoldRow.case_id), ids))):
        if row.released_on is None:
            found.setdefault(row.case_id, []).append(Hold(row.id, row.reason, row.since))
    return found
