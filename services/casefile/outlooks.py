"""What is open in many cases, from the outlooks that were stored of them, without their entries.

An outlook (`domain.case.outlook`) is written by each act that changes a case, and by whoever finds
none that counts. It says from what it follows: the sums of the rows of entries, signatures and
holds, the rulebook, the program, and what the calendar says of the days of which it was asked. The
sealed head of the case says which sums those rows have now (`services.core.heads`), whichever
process wrote them.

Worked example, case c with two entries, tags 7 and 5:

    outlook: open 3, from entries (2, sum 12)    head of c: entries (2, 12)    it counts
        an act enters step 3 with tag 4; writes open 4, from entries (3, sum 16)
    outlook: open 4, from entries (3, sum 16)    head of c: entries (3, 16)    it counts
        somebody puts the older outlook back by hand
    outlook: open 3, from entries (2, sum 12)    head of c: entries (3, 16)    c is read anew

So it is worked out from rows that the head counts, or not kept: an entry that was deleted by hand
and put back later leaves nothing behind.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, delete, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

import domain
from domain.case.facts import Deadline, Progress, Start
from domain.case.outlook import Outlook, Pending, outlook_of
from domain.case.progress import assess, dates_by, dates_of, deadline_by
from domain.case.replay import fold_of
from domain.rulebook.listing.digest import digest_of
from domain.rulebook.schema import Role, Rulebook, Step
from models import AuditHead, CaseFile, EntryRow, HoldRow, OutlookRow, Signature
from models.columns import open_text, seal_text
from models.crypto import KeyProblem
from models.in_values import among
from models.macs import by_hand, tag_of
from services.casefile.load import LoadedCase, helpers_of, sound_of_many
from services.casefile.procedure import Procedure
from services.casefile.signatures import Helping, Signatures
from services.core.database import Database
from services.core.guard import HAND, altered, every_column, plain_rows
from services.core.heads import MODULUS, Counted, Head, do_last, looked_at, opened

PLACE = ("outlook", "outlook_sealed")
OUTLOOKS = "outlooks"
"""Key of `Session.info`: what is stored at the end of a transaction, sealed, by case."""
FROM = tuple(str(table.__tablename__) for table in (EntryRow, Signature, HoldRow))
"""Tables from whose rows an outlook follows, beside the case itself."""
FORM = 3
"""Raised when `_written` writes otherwise."""
Fresh = dict[str, bytes]
"""Outlooks that aren't stored yet, sealed, by case."""

_STORED = select(OutlookRow.id, OutlookRow.outlook_sealed)
_HEADS = select(AuditHead.id, AuditHead.newest_sealed)
_KEEP = text(
    "INSERT INTO outlook (id, outlook_sealed) VALUES (:id, :sealed) "
    "ON CONFLICT (id) DO UPDATE SET outlook_sealed = excluded.outlook_sealed"
)
_FORGET: Any = delete(OutlookRow).where(col(OutlookRow.id).in_(bindparam("cases", expanding=True)))


@dataclass(frozen=True)
class _Stored:
    """`signing`: the entry that waits for signatures, by step."""

    outlook: Outlook
    signing: Mapping[str, str]


@dataclass(frozen=True)
class OutlinedCase:
    """A case without its entries. `case`: its row. `pending`: what is open today. `waiting`: by
    step, the entry that waits for signatures, with those."""

    case: Any
    book: Rulebook
    pending: tuple[Pending, ...]
    helpers: Helping
    waiting: Mapping[str, tuple[str, Signatures]]

    @property
    def person(self) -> str:
        return open_text(self.case.person_sealed, "case_file", "person_sealed", self.case.id)

    def signing(self, step_id: str) -> tuple[str, Signatures]:
        """As of a LoadedCase, of what waits for signatures; ("", ()) for any other step."""
        return self.waiting.get(step_id, ("", ()))


async def outlined_of_many(
    session: AsyncSession,
    ids: Sequence[str],
    procedure: Procedure,
    today: date,
    heads: Mapping[str, bytes | None] | None = None,
) -> tuple[dict[str, OutlinedCase], Fresh]:
    """Return cases as far as lists and reminders ask, by id, and the outlooks that had to be worked
    out, which the caller keeps. One that isn't there is left out, and one of which a row was
    changed by hand as far as rows are read. `heads`: of these cases, sealed, where they are known.
    Call it with some hundred ids at a time."""
    if heads is None:
        heads = dict((await session.exec(_HEADS.where(among(col(AuditHead.id), ids)))).all())
    rows = every_column(CaseFile).where(among(col(CaseFile.id), ids))
    cases = {case.id: case for case in await plain_rows(session, CaseFile, rows)}
    stored = dict((await session.exec(_STORED.where(among(col(OutlookRow.id), ids)))).all())
    counted = {one: counts_by(one, heads.get(one)) for one in cases}
    known: dict[str, _Stored] = {}
    for one, case in cases.items():
        found = _counting(case, stored.get(one), counted[one], procedure)
        # A date that comes may open or close a step: from then on it is worked out anew.
        if found is not None and found.outlook.holds_on(today):
            known[one] = found
    outlined = await _outlined(session, cases, known, procedure, today) if known else {}
    fresh: Fresh = {}
    unknown = [one for one in cases if one not in known]
    loaded = await sound_of_many(session, unknown, procedure) if unknown else {}
    for one, whole in loaded.items():
        outlook = _worked_out(whole, procedure, today)
        outlined[one] = _of_loaded(whole, outlook, today)
        # Rows that the head doesn't count were changed by hand: what follows from them isn't kept.
        if sums_of(whole) == counted[one]:
            fresh[one] = _sealed(whole, outlook, procedure)
    spoiled = set(altered(session).values())
    return {one: case for one, case in outlined.items() if one not in spoiled}, fresh


async def dates_of_many(
    session: AsyncSession, ids: Sequence[str], procedure: Procedure
) -> dict[str, tuple[Rulebook, tuple[Deadline, ...]]]:
    """Return rulebook and dates of those of these cases that have an outlook which follows from
    their rows, by the calendar in use, whichever it was worked out by: an outlook says from what
    its dates are counted. They don't depend on the day on which they are looked at. Call it with
    some hundred ids at a time, in a transaction that may change them."""
    heads = dict((await session.exec(_HEADS.where(among(col(AuditHead.id), ids)))).all())
    stored = dict((await session.exec(_STORED.where(among(col(OutlookRow.id), ids)))).all())
    rows = every_column(CaseFile).where(among(col(CaseFile.id), stored))
    found = {}
    for case in await plain_rows(session, CaseFile, rows):
        sealed = heads.get(case.id)
        counted = _counts_in(looked_at(session, case.id, sealed) if sealed else None)
        said = _following(case, stored[case.id], counted, procedure)
        if said is not None:
            book = procedure.find(case.rulebook)
            found[case.id] = book, _dates_said(said, book, procedure)
    spoiled = set(altered(session).values())
    return {one: known for one, known in found.items() if one not in spoiled}


def _dates_said(
    said: Mapping[str, Any], book: Rulebook, procedure: Procedure
) -> tuple[Deadline, ...]:
    """Return the dates of a stored outlook by the calendar in use."""
    dates = ((book.step(step), written) for step, *_, of in said["open"] for written in of)
    return dates_by(book, (_date_read(*one) for one in dates), procedure.calendar)


async def differing(session: AsyncSession, ids: Sequence[str], procedure: Procedure) -> list[str]:
    """Return those of these cases whose stored outlook counts and isn't what follows from their
    rows: the program would be wrong. `session`: a snapshot. A case that can't be read is left out.
    """
    heads = dict((await session.exec(_HEADS.where(among(col(AuditHead.id), ids)))).all())
    stored = dict((await session.exec(_STORED.where(among(col(OutlookRow.id), ids)))).all())
    found = list[str]()
    for one, loaded in (await sound_of_many(session, [*stored], procedure)).items():
        said, origin = _said(one, stored[one]), _origin_of(loaded, procedure)
        counted = counts_by(one, heads.get(one))
        # One of rows that the head doesn't count says nothing; the check of the rows names them.
        if said is None or said["from"] != origin or sums_of(loaded) != counted:
            continue
        with suppress(KeyProblem):
            if said["asked"] == _asked(said["asked"], procedure):
                anew = _worked_out(loaded, procedure, date.fromordinal(said["since"]))
                right = json.loads(json.dumps(_written(loaded, anew, origin, procedure))) == said
            else:
                # By this calendar nothing else of it counts.
                entered = dates_of(loaded.book, loaded.facts, procedure.calendar)
                right = _dates_said(said, loaded.book, procedure) == entered
            found += () if right else (one,)
    return found


async def keep(database: Database, fresh: Fresh) -> None:
    """Store outlooks in a commit of their own. What is lost is worked out again."""
    if not fresh:
        return
    # A case that was taken out meanwhile has no outlook any more.
    with suppress(IntegrityError):
        await database.at_once("outlooks", partial(_write, fresh=fresh))


def keep_at_end(session: AsyncSession, fresh: Fresh) -> None:
    """Store outlooks at the end of this transaction, after its heads were locked and in one order,
    as whoever stores several does: no two wait for each other."""
    if fresh:
        session.info.setdefault(OUTLOOKS, {}).update(fresh)
        do_last(session, (), _store)


def keep_of(
    session: AsyncSession,
    loaded: LoadedCase,
    progress: Progress,
    procedure: Procedure,
    today: date,
) -> None:
    """Store the outlook of a case that an act leaves so, whose rows are written. `progress`: what
    `assess` says of it."""
    fold = fold_of(loaded.book, loaded.facts, procedure.calendar)
    outlook = outlook_of(fold, progress, today)
    keep_at_end(session, {loaded.case.id: _sealed(loaded, outlook, procedure)})


async def forget_outlooks(session: AsyncSession, ids: Sequence[str]) -> None:
    """Delete the outlooks of cases that are taken out."""
    for one in ids:
        session.info.get(OUTLOOKS, {}).pop(one, None)
    await session.exec(_FORGET, params={"cases": [*ids]}, execution_options=HAND)


async def _store(session: AsyncSession) -> None:
    fresh: Fresh = session.info.pop(OUTLOOKS, {})
    if fresh:
        await by_hand(session, _KEEP, _rows(fresh))


def _write(connection: Connection, fresh: Fresh) -> None:
    connection.execute(_KEEP, _rows(fresh))


def _rows(fresh: Fresh) -> list[dict[str, object]]:
    return [{"id": one, "sealed": fresh[one]} for one in sorted(fresh)]


def _worked_out(loaded: LoadedCase, procedure: Procedure, today: date) -> Outlook:
    progress = assess(loaded.book, loaded.facts, today, procedure.calendar)
    fold = fold_of(loaded.book, loaded.facts, procedure.calendar)
    return outlook_of(fold, progress, today)


def _of_loaded(loaded: LoadedCase, outlook: Outlook, today: date) -> OutlinedCase:
    steps = (item.step.id for item in outlook.pending if item.waits_for)
    waiting = {step: loaded.signing(step) for step in steps}
    pending = outlook.open_on(today)
    return OutlinedCase(loaded.case, loaded.book, pending, loaded.helpers, waiting)


async def _outlined(
    session: AsyncSession,
    cases: Mapping[str, Any],
    known: Mapping[str, _Stored],
    procedure: Procedure,
    today: date,
) -> dict[str, OutlinedCase]:
    helping = await helpers_of(session, [*known])
    entries = [entry for one in known.values() for entry in one.signing.values()]
    signed: dict[str, Signatures] = {}
    if entries:
        rows = every_column(Signature).where(among(col(Signature.entry_id), entries))
        for row in await plain_rows(session, Signature, rows.order_by(col(Signature.signed_at))):
            signed[row.entry_id] = (*signed.get(row.entry_id, ()), row)
    return {
        one: OutlinedCase(
            case=cases[one],
            book=procedure.find(cases[one].rulebook),
            pending=stored.outlook.open_on(today),
            helpers=helping.get(one, ()),
            waiting={s: (entry, signed.get(entry, ())) for s, entry in stored.signing.items()},
        )
        for one, stored in known.items()
    }


def _counting(
    case: Any, sealed: bytes | None, counted: tuple[Counted, ...] | None, procedure: Procedure
) -> _Stored | None:
    """Return a stored outlook that follows from the case as it is now by the calendar in use; None
    for any other."""
    said = _following(case, sealed, counted, procedure)
    if said is None or said["asked"] != _asked(said["asked"], procedure):
        return None
    return _read(said, procedure.find(case.rulebook))


def _following(
    case: Any, sealed: bytes | None, counted: tuple[Counted, ...] | None, procedure: Procedure
) -> dict[str, Any] | None:
    """Return what a stored outlook says that follows from the case as it is now, by whichever
    calendar; None for any other."""
    said = None if sealed is None else _said(case.id, sealed)
    if said is None or counted is None or said["from"] != _origin(case, counted, procedure):
        return None
    return said


def _asked(days: Sequence[Any] | None, procedure: Procedure) -> list[Any] | None:
    """Return a first and a last day with what the calendar says of them now; None for none."""
    if days is None:
        return None
    first, last = days[:2]
    said = procedure.calendar.answers(date.fromordinal(first), date.fromordinal(last))
    return [first, last, said]


def _said(case_id: str, sealed: bytes) -> dict[str, Any] | None:
    """Return what a stored outlook says; None where no key opens it."""
    try:
        said: dict[str, Any] = json.loads(open_text(sealed, *PLACE, case_id) or "null")
    except KeyProblem:
        return None
    return said


def counts_by(case_id: str, sealed: bytes | None) -> tuple[Counted, ...] | None:
    """Return the sums of the rows from which an outlook follows, as the head of the case says them;
    None where it can't be opened."""
    return _counts_in(opened(case_id, sealed) if sealed else None)


def _counts_in(head: Head | None) -> tuple[Counted, ...] | None:
    return None if head is None else tuple(head.rows.get(table, (0, 0)) for table in FROM)


def sums_of(loaded: LoadedCase) -> tuple[Counted, ...]:
    """Return the same sums, of the rows that were read."""
    signatures = [row for rows in loaded.signatures.values() for row in rows]
    return tuple(_summed(rows) for rows in (loaded.rows, signatures, loaded.holds))


def _summed(rows: Iterable[Any]) -> Counted:
    tags = [tag_of(row.mac) for row in rows]
    return len(tags), sum(tags) % MODULUS


def _origin(case: Any, counted: tuple[Counted, ...], procedure: Procedure) -> str:
    """Return from what an outlook follows, as one mark."""
    book = digest_of(procedure.find(case.rulebook))
    # The day it was opened too, since dates may count from it.
    said = (_program(), book, case.opened_on.isoformat(), counted)
    return blake2b(repr(said).encode(), digest_size=16, person=b"yinlu outlook").hexdigest()


def _origin_of(loaded: LoadedCase, procedure: Procedure) -> str:
    return _origin(loaded.case, sums_of(loaded), procedure)


@cache
def _program() -> str:
    """Return a mark of the program that works outlooks out: another release may judge otherwise."""
    # The rules' own files aren't among them: their digest stands in the mark.
    files = sorted(Path(*domain.__path__).rglob("*.py"))
    said = blake2b(str(FORM).encode(), digest_size=16)
    for file in files:
        said.update(file.read_bytes())
    return said.hexdigest()


def _sealed(loaded: LoadedCase, outlook: Outlook, procedure: Procedure) -> bytes:
    origin = _origin_of(loaded, procedure)
    return seal_text(
        json.dumps(_written(loaded, outlook, origin, procedure)), *PLACE, loaded.case.id
    )


def _written(
    loaded: LoadedCase, outlook: Outlook, origin: str, procedure: Procedure
) -> dict[str, object]:
    """Return an outlook with days as numbers, which are read three times as fast."""
    asked = outlook.asked and [day.toordinal() for day in outlook.asked]
    return {
        "asked": _asked(asked, procedure),
        "from": origin,
        "since": outlook.since.toordinal(),
        "until": outlook.until and outlook.until.toordinal(),
        "open": [
            [
                item.step.id,
                item.possible,
                loaded.signing(item.step.id)[0] if item.waits_for else "",
                sorted(role.value for role in item.waits_for),
                [_date_written(one) for one in item.deadlines],
            ]
            for item in outlook.pending
        ],
    }


def _date_written(one: Deadline) -> list[object]:
    start = one.start
    written = [one.limit, one.on.toordinal(), one.provisional]
    if start is None:
        return written
    again = start.again and start.again.toordinal()
    return [*written, start.day.toordinal(), start.notice, start.months, again]


def _date_read(step: Step, written: Sequence[Any]) -> Deadline:
    name, on, provisional, *counted = written
    start = None
    if counted:
        day, notice, months, again = counted
        again = again and date.fromordinal(again)
        start = Start(date.fromordinal(day), notice, months, again)
    limit = next(limit for limit in step.limits if limit.id == name)
    return deadline_by(step, limit, (date.fromordinal(on), provisional), start)


def _read(said: Mapping[str, Any], book: Rulebook) -> _Stored:
    until = said["until"]
    pending, signing = [], {}
    for step_id, possible, entry, roles, dates in said["open"]:
        pending.append(_pending(book.step(step_id), possible, roles, dates))
        if entry:
            signing[step_id] = entry
    outlook = Outlook(
        tuple(pending),
        date.fromordinal(said["since"]),
        date.fromordinal(until) if until else None,
    )
    return _Stored(outlook, signing)


def _pending(
    step: Step, possible: bool, roles: Sequence[str], dates: Sequence[Sequence[Any]]
) -> Pending:
    deadlines = tuple(_date_read(step, written) for written in dates)
    return Pending(step, possible, deadlines, frozenset(map(Role, roles)))
