"""Checks of the staff database for the operator. They print ids, never names: their output goes to
terminals, logs and tickets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zlib import crc32

from sqlalchemy import func
from sqlmodel import col, select

from domain.calendar.calendar import WorkCalendar
from domain.rulebook.schema import Role
from models import (
    AuditLine,
    DeadlineRow,
    EntryRow,
    InboxRow,
    OutgoingRow,
    OutlookRow,
    Person,
    TemplateRow,
)
from models.crypto import KeyProblem, KeyRing, ring
from models.macs import Guarded
from models.messages import UNDER_WAY, SendState
from papers.forms import GIVEN, forms
from services.casefile.outlooks import differing
from services.casefile.procedure import Procedure
from services.core import audit
from services.core.database import Database
from services.core.guard import HAND
from services.core.heads import Head
from services.core.ports import Progress, Told, nobody, silent
from services.messages.inbox import Inbox
from services.operations.integrity import Look, Row, changed_by_hand, no_look, older_than, restores
from services.peers.peers import peers_of
from services.peers.sending import waiting
from services.people.permitted import people_in
from services.rulebooks.fingerprints import RuleMarks
from services.rulebooks.fingerprints import said as lines

SLOW = timedelta(minutes=15)
"""An update that waits longer, or a message that left later, is late."""
LOOKS_BACK = timedelta(days=7)
PEER_SILENT = timedelta(days=1)
PUBLISHED_BY = 12
"""The plan of the next year's holidays is published in autumn; from December on it is missed."""
SHOWN = 20
ADVISED_DIRECTORS = 2
AT_ONCE = 500


@dataclass(frozen=True)
class Check:
    """One check. `needs`: a person has to do something. `items`: ids and counts."""

    check: str
    needs: bool
    said: str
    items: tuple[str, ...] = ()


async def examine(
    database: Database,
    procedure: Procedure,
    now: datetime,
    today: date,
    progress: Progress = silent,
) -> tuple[Check, ...]:
    """Run all checks that need nothing but the staff database. `now`: aware. `progress`: for
    the checks that read everything."""
    tried = Openings()
    return (
        await audit_chains(database, progress("audit chains")),
        await rows_by_hand(database, progress("rows"), tried.look),
        await parked_updates(database),
        await waiting_updates(database, now),
        await unreachable_people(database),
        await directors(database),
        await failed_messages(database, now),
        await late_messages(database, now),
        await plan_of_holidays(database, procedure.calendar, today),
        await rulebooks(database, procedure),
        # Of the rows that were read above.
        entries(tried),
        await outlooks(database, procedure, today, progress("outlooks")),
        await own_templates(database),
        await peers(database, now),
    )


async def rulebooks(database: Database, procedure: Procedure) -> Check:
    """Find rulebook versions that were changed under their name after steps were finished by them:
    those steps would be judged otherwise from now on."""
    altered = [item for item in await RuleMarks(database, procedure).altered() if item.cases]
    fine = "every finished step is judged by what its version said then"
    said = "changed under the same name: read `yinlu rules diff`, then `yinlu rules accept`"
    return Check("rulebooks", bool(altered), said if altered else fine, _some(lines(altered)))


async def directors(database: Database) -> Check:
    """Advise two directors; never an alarm. Where there is one, nobody can lock out their lost
    telephone."""
    async with database.read() as session:
        found = await people_in(session, (Role.DIRECTOR,))
    enough = len(found) >= ADVISED_DIRECTORS
    advice = "two at least are advised, so that one can shut out the other's lost telephone"
    return Check("directors", False, f"{len(found)}" if enough else f"{len(found)}: {advice}")


async def audit_chains(database: Database, told: Told = nobody) -> Check:
    """Find audit lines that were changed or removed, and cases without any."""
    broken = await database.broken_chains(told)
    async with database.read() as session:
        lines = (await session.exec(select(func.count()).select_from(AuditLine))).one()
        gone = await audit.missing(session)
    if broken or gone:
        said = "a line was changed or removed: compare with a backup"
        items = [*(f"chain {chain}" for chain in broken), *(f"no line of case {c}" for c in gone)]
        return Check("audit chains", True, said, _some(items))
    return Check("audit chains", False, f"{lines} lines, none changed or removed")


async def rows_by_hand(database: Database, told: Told = nobody, look: Look = no_look) -> Check:
    """Find rows that somebody without the keys changed, added, deleted or put back. `look`: sees
    all of them as well."""
    async with database.snapshot() as session:
        number, found = await changed_by_hand(session, told, look)
    if found:
        said = "changed by hand: nothing of it counts; compare with a backup"
        return Check("rows", True, said, _some(found))
    return Check("rows", False, f"{number}, all as they were written")


async def older_copy(database: Database, backup: Mapping[str, Head]) -> Check:
    """Compare with a backup: a copy that is older than it, or went another way, was put back."""
    found, lines = await older_than(database, backup), await restores(database)
    known = tuple(f"restored on {line.at:%Y-%m-%d %H:%M} UTC, line {line.number}" for line in lines)
    if found:
        said = "an older copy was put back, or the backup is of another house"
        return Check("against the backup", True, said, (*_some(found), *known))
    return Check("against the backup", False, f"{len(backup)} chains go on from there", known)


@dataclass
class Openings:
    """Tries to open each entry that somebody reads, `number` in all."""

    number: int = 0
    damaged: list[str] = field(default_factory=list)

    def look(self, table: type[Guarded], rows: Sequence[Row]) -> None:
        """Note which of these rows are entries that no key opens."""
        if table is not EntryRow:
            return
        # Once for all of them: each time the file is looked at whether it was replaced.
        self.number, keys = self.number + len(rows), ring()
        spoiled = (row for row in rows if not _opens(keys, row["id"], row["answers_sealed"]))
        self.damaged += [f"entry {row['id']} of case {row['case_id']}" for row in spoiled]


def entries(tried: Openings) -> Check:
    """Find entries that no key opens: damaged, or written by somebody without the keys."""
    if tried.damaged:
        said = "no key opens them: bring back the missing key, or compare with a backup"
        return Check("entries", True, said, _some(tried.damaged))
    return Check("entries", False, f"{tried.number}, all can be opened")


async def outlooks(
    database: Database, procedure: Procedure, today: date, told: Told = nobody
) -> Check:
    """Find outlooks that count and don't follow from the rows of their case, of a seventh of the
    cases, each weekday of another: to work all of them out takes long."""
    async with database.read() as session:
        ids = (await session.exec(select(OutlookRow.id))).all()
    mine, wrong = [one for one in ids if crc32(one.encode()) % 7 == today.weekday()], list[str]()
    for first in range(0, len(mine), AT_ONCE):
        async with database.snapshot() as session:
            part = mine[first : first + AT_ONCE]
            wrong += await differing(session, part, procedure)
        await told(first + len(part), len(mine))
    await told(len(mine), len(mine))
    if wrong:
        said = "they say otherwise than their entries: tell the developers; lists may be wrong"
        return Check("outlooks", True, said, _some(f"case {one}" for one in wrong))
    return Check("outlooks", False, f"{len(mine)} of {len(ids)} looked at, all follow")


async def own_templates(database: Database) -> Check:
    """Find Word templates of organisations that no key opens, or that ask for what a newer version
    doesn't know: ours would be printed in their place, or a field left empty."""
    async with database.read() as session:
        # Pass the guard: only ids are used here, and each row is read whole below.
        ids = (await session.exec(select(TemplateRow.id), execution_options=HAND)).all()
    wrong = list[str]()
    for number in ids:
        # One at a time: each may have 20 MB.
        async with database.read() as session:
            row = await session.get(TemplateRow, number)
            # It may have been taken back since the ids were read.
            if row is not None and (problem := _of_template(row)):
                wrong.append(f"template {row.id} ({row.paper}) of {row.organisation_id}: {problem}")
    if wrong:
        return Check("own templates", True, "take them back or give them anew", _some(wrong))
    return Check("own templates", False, f"{len(ids)}, all can be filled")


def _of_template(row: TemplateRow) -> str:
    form = forms().get(row.paper)
    if form is None:
        return "there is no such paper"
    try:
        unknown = {*row.names} - {*form.fields, *GIVEN, "made"}
        return f"unknown fields {', '.join(sorted(unknown))}" if unknown else _empty(row.content)
    except KeyProblem:
        return "no key opens it"


def _empty(content: bytes) -> str:
    return "" if content else "it is empty"


def _opens(keys: KeyRing, entry_id: str, sealed: bytes) -> bool:
    try:
        plain = keys.open(sealed, f"entry.answers_sealed.{entry_id}") if sealed else b"{}"
    except KeyProblem:
        return False
    return plain != b"null"


async def parked_updates(database: Database) -> Check:
    """List updates that failed three times: their senders are waiting for a person."""
    parked = await Inbox(database).parked()
    said = "failed three times; their senders were told" if parked else "none"
    items = _some(f"{item.bot} {item.update_id}: {item.error}" for item in parked)
    return Check("parked updates", bool(parked), said, items)


async def waiting_updates(database: Database, now: datetime) -> Check:
    """Alarm where an update has waited too long: then no worker is running."""
    async with database.read() as session:
        statement = select(func.count(), func.min(col(InboxRow.received_at))).where(
            col(InboxRow.parked).is_(False)
        )
        waiting, oldest = (await session.exec(statement)).one()
    late = oldest is not None and now - oldest > SLOW
    said = f"{waiting}, the oldest since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "none"
    return Check("waiting updates", late, said + (": is the staff bot running?" if late else ""))


async def unreachable_people(database: Database) -> Check:
    """List people who have blocked the bot: what they are asked goes one level up."""
    async with database.read() as session:
        statement = select(Person).where(col(Person.blocked_at).is_not(None))
        people = (await session.exec(statement.order_by(col(Person.blocked_at)))).all()
    said = "blocked the bot; call them and invite them anew" if people else "none"
    items = _some(
        f"person {person.id} of {person.organisation_id} since {person.blocked_at:%Y-%m-%d}"
        for person in people
    )
    return Check("unreachable people", bool(people), said, items)


async def failed_messages(database: Database, now: datetime) -> Check:
    """List messages given up lately: perhaps nobody has read what they said."""
    async with database.read() as session:
        statement = select(OutgoingRow).where(
            col(OutgoingRow.state).in_((SendState.FAILED, SendState.UNSURE)),
            col(OutgoingRow.not_before) > now - LOOKS_BACK,
        )
        failed = (await session.exec(statement.order_by(col(OutgoingRow.not_before)))).all()
    said = f"{len(failed)} given up in 7 days; look at the to-do lists of their people"
    items = _some(f"message {row.id} to person {row.person_id} ({_why(row)})" for row in failed)
    return Check("failed messages", bool(failed), said if failed else "none in 7 days", items)


def _why(row: OutgoingRow) -> str:
    """Return the kind of a message given up, and whether it may have arrived: `unsure` was sent
    twice without an answer."""
    return f"{row.kind}, perhaps arrived" if row.state == SendState.UNSURE else row.kind


def late(row: OutgoingRow) -> bool:
    """Whether a message left later than SLOW after it was due."""
    return row.sent_at is not None and row.sent_at - row.not_before > SLOW


async def late_messages(database: Database, now: datetime) -> Check:
    """Count messages that still wait after their time, an alarm, and those sent late, a figure."""
    async with database.read() as session:
        overdue = select(func.count()).where(
            col(OutgoingRow.state).in_(UNDER_WAY), col(OutgoingRow.not_before) < now - SLOW
        )
        waiting = (await session.exec(overdue)).one()
        sent = select(OutgoingRow).where(
            OutgoingRow.state == SendState.SENT, col(OutgoingRow.sent_at) > now - LOOKS_BACK
        )
        rows = (await session.exec(sent)).all()
    said = (
        f"{waiting} wait beyond their time; of those sent in 7 days "
        f"{sum(map(late, rows))} left late, "
        f"{sum(row.merged for row in rows)} in one message with others, "
        f"{sum(row.repeats for row in rows)} were repeated"
    )
    return Check("late messages", waiting > 0, said)


async def peers(database: Database, now: datetime) -> Check:
    """Alarm where a message to another installation hasn't arrived for a day."""
    async with database.read() as session:
        known, left = len(await peers_of(session)), await waiting(session)
    since = f", the oldest since {left.oldest:%Y-%m-%d %H:%M} UTC" if left.oldest else ""
    said = f"{known} peers; {left.number} messages haven't arrived{since}"
    late = left.oldest is not None and now - left.oldest > PEER_SILENT
    more = ": call the other office, `yinlu peer list` says which" if late else ""
    return Check("other installations", late, said + more)


async def plan_of_holidays(database: Database, calendar: WorkCalendar, today: date) -> Check:
    """A date in a year whose plan isn't known is provisional (docs/procedure.md § 7)."""
    async with database.read() as session:
        statement = select(func.count()).where(col(DeadlineRow.provisional).is_(True))
        provisional = (await session.exec(statement)).one()
    last = calendar.covered[1]
    needed = today.year + (today.month >= PUBLISHED_BY)
    said = f"known to the end of {last}; {provisional} dates are provisional"
    missing = last < needed
    if missing:
        said += f": give the plan of {last + 1} (YINLU_CALENDAR_FILE)"
    return Check("plan of holidays", missing, said)


def _some(items: Iterable[str]) -> tuple[str, ...]:
    found = tuple(items)
    more = len(found) - SHOWN
    return (*found[:SHOWN], f"and {more} more") if more > 0 else found
