"""Tell the next level up when somebody can't be reached, so that no step waits for a person whom no
message reaches."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of, next_open
from domain.case.progress import assess
from domain.permissions import next_up
from domain.rulebook.schema import Role
from models import CaseFile, CaseHelper, OutgoingRow, Person, PostRow
from services.casefile.load import LoadedCase, load_sound
from services.casefile.procedure import Procedure
from services.cases.announcements import SIGN, YOUR_TURN, holders
from services.core.ports import URGENT, Message
from services.messages.queue import REMINDING, enqueue

UNREACHED = "unreached"


async def tell_above(
    procedure: Procedure, session: AsyncSession, person: Person, row: OutgoingRow, now: datetime
) -> None:
    """Queue a message to the lowest level above that can be reached, for every open step that the
    undelivered `row` asked of `person`. Runs in the transaction that marks `row` unreachable."""
    for case_id, step_id in dict.fromkeys(_asked(row)):
        loaded = await load_sound(session, case_id, procedure)
        if loaded is None:
            continue
        progress = assess(loaded.book, loaded.facts, day_of(now), procedure.calendar)
        step = next((item for item in progress.open if item.step.id == step_id), None)
        # Done meanwhile: nothing waits for this person any more.
        if step is None:
            continue
        roles = await roles_now(session, person, loaded.case)
        # UNREACHED went to a level that only supervises: none of its roles acts on the step.
        if row.kind != UNREACHED:
            roles &= step.waits_for or frozenset(step.step.actors)
        payload = {"case": case_id, "step": step_id, "person": person.id}
        at = next_open(now, procedure.calendar)
        # The undelivered message is the slot: claimed twice, it tells the level above once.
        message = Message(f"{case_id}:{step_id}", UNREACHED, row.id, payload, at, URGENT)
        await enqueue(session, await _reachable_above(session, loaded, roles, person), message)


def _asked(row: OutgoingRow) -> Iterable[tuple[str, str]]:
    """Return (case, step) of what a message asks for; nothing for one that only informs."""
    if row.kind in (SIGN, YOUR_TURN, UNREACHED):
        yield row.payload["case"], row.payload["step"]
    elif row.kind in REMINDING:
        for case_id, step_id, _ in row.payload["items"]:
            yield case_id, step_id


async def roles_now(session: AsyncSession, person: Person, case: CaseFile) -> frozenset[Role]:
    """Return the roles that a person holds in a case now, and none that has ended."""
    posts = select(PostRow).where(PostRow.person_id == person.id, col(PostRow.until).is_(None))
    helps = select(CaseHelper).where(
        CaseHelper.person_id == person.id,
        CaseHelper.case_id == case.id,
        col(CaseHelper.until).is_(None),
    )
    held = {Role(row.role) for row in await session.exec(posts)}
    return frozenset(held | {Role(row.role) for row in await session.exec(helps)})


async def _reachable_above(
    session: AsyncSession, loaded: LoadedCase, roles: frozenset[Role], person: Person
) -> tuple[str, ...]:
    """Return the reachable holders of the lowest level above `roles` that has any; () at the
    top."""
    while roles := next_up(roles):
        people = [await session.get_one(Person, i) for i in await holders(session, loaded, roles)]
        reached = tuple(p.id for p in people if p.reachable and p.id != person.id)
        if reached:
            return reached
    return ()
