"""Who is told after an act: those whose turn it is now, and those who are part of the case."""

from collections.abc import Iterable

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar import WorkCalendar
from domain.facts import Progress
from domain.hours import next_open
from domain.schema import Role
from models import EntryRow, PostRow
from services.case_rows import LoadedCase
from services.outgoing import ROUTINE, URGENT, enqueue
from services.scope import path_of
from services.views import Act, Actor

YOUR_TURN, SIGN, RECORDED, CHANGED = "your_turn", "sign", "recorded", "changed"


async def holders(
    session: AsyncSession, loaded: LoadedCase, roles: Iterable[Role]
) -> tuple[str, ...]:
    """The people who hold one of `roles` for this case: by post, or as helpers of the case."""
    wanted = {role.value for role in roles}
    path = await path_of(session, loaded.case.organisation_id)
    helping = {role.value for role in (Role.INTRODUCER, Role.CONTACT)}
    statement = select(PostRow.person_id).where(
        col(PostRow.organisation_id).in_(path),
        col(PostRow.role).in_(wanted - helping),
        col(PostRow.until).is_(None),
    )
    found = list((await session.exec(statement)).all())
    found += [helper.person_id for helper, _ in loaded.helpers if helper.role in wanted]
    return tuple(dict.fromkeys(found))


async def tell(
    session: AsyncSession,
    act: Act,
    actor: Actor,
    loaded: LoadedCase,
    progress: Progress,
    row: EntryRow,
    calendar: WorkCalendar,
) -> None:
    """Writes the messages that an act causes, in the same transaction. The actor isn't told; the
    others are told within the hours."""
    told = {actor.person_id}

    async def say(people: Iterable[str], kind: str, step: str, priority: int) -> None:
        for person_id in people:
            if person_id not in told:
                told.add(person_id)
                await enqueue(
                    session,
                    person_id=person_id,
                    matter=f"{loaded.case.id}:{step}",
                    kind=kind,
                    slot=row.id,
                    payload={"case": loaded.case.id, "step": step, "entry": row.id},
                    at=next_open(act.at, calendar),
                    priority=priority,
                )

    following = next((item for item in progress.open if item.waits_for), progress.next)
    if following is not None and following.waits_for:
        people = await holders(session, loaded, following.waits_for)
        await say(people, SIGN, following.step.id, URGENT)
    elif following is not None and following.possible:
        people = await holders(session, loaded, following.step.actors)
        await say(people, YOUR_TURN, following.step.id, ROUTINE)
    concerned = await holders(session, loaded, (Role.SECRETARY, Role.INTRODUCER))
    await say(concerned, RECORDED, row.step, ROUTINE)
