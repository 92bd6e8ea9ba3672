"""Queue what an act has to tell: to those who act next, and to those who are part of the case."""

from collections.abc import Iterable, Iterator

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.calendar import WorkCalendar
from domain.calendar.office_hours import day_of, next_open
from domain.case.facts import OpenStep, Progress
from domain.rulebook.kinds import HELPERS
from domain.rulebook.schema import Role
from models import EntryRow, PostRow
from services.casefile.load import LoadedCase
from services.casefile.signatures import asked, given, on_paper
from services.core.acts import Act
from services.core.said import ROUTINE, URGENT, Said
from services.messages.queue import enqueue_all
from services.people.scope import path_of
from services.people.views import Actor
from services.plans.items import turn

YOUR_TURN, SIGN, RECORDED, CHANGED = "your_turn", "sign", "recorded", "changed"


async def holders(
    session: AsyncSession, loaded: LoadedCase, roles: Iterable[Role]
) -> tuple[str, ...]:
    """Return the ids of the people who hold one of `roles` for this case: by a post at or above its
    branch, or as its helpers."""
    wanted = {role.value for role in roles}
    path = await path_of(session, loaded.case.organisation_id)
    helping = {role.value for role in HELPERS}
    statement = select(PostRow).where(
        col(PostRow.organisation_id).in_(path),
        # Helpers' roles hold in single cases: an introducer's post gives no part in this one.
        col(PostRow.role).in_(wanted - helping),
        col(PostRow.until).is_(None),
    )
    found = [post.person_id for post in await session.exec(statement)]
    found += [helper.person_id for helper, _ in loaded.helpers if helper.role in wanted]
    return tuple(dict.fromkeys(found))


def _turns(progress: Progress, row: EntryRow) -> Iterator[OpenStep]:
    """Yield what is to be done now: a step that waits for a signature, else the next one; and what
    the entry itself calls for."""
    following = next((item for item in progress.open if item.waits_for), progress.next)
    if following is not None and (following.waits_for or following.possible):
        yield following
    for item in progress.open:
        if item.call is not None and item.call.number == row.number:
            yield item


def _told(loaded: LoadedCase, row: EntryRow) -> tuple[Role, ...]:
    """Return who else is told of an entry for what was answered in it."""
    step, answers = loaded.book.step_on(row.step, row.done_on), loaded.answers(row)
    return tuple(r for field in step.fields if answers.get(field.id) for r in field.tells)


async def signing(session: AsyncSession, loaded: LoadedCase, item: OpenStep) -> tuple[str, ...]:
    """Return whose signature a step waits for: those asked by name, else the holders of the role.
    In the place of somebody whom no message reaches, the secretary, who confirms on paper."""
    _, rows = loaded.signing(item.step.id)
    named = {Role(one.role) for one in asked(rows)}
    paper = {one.person_id for one in on_paper(rows, loaded.helpers)}
    people = [one.person_id for one in asked(rows) if one.person_id not in paper]
    people += await holders(session, loaded, item.waits_for - named)
    waiting = [person for person in people if person not in given(rows)]
    if paper:
        waiting += await holders(session, loaded, (Role.SECRETARY,))
    return tuple(dict.fromkeys(waiting))


async def tell(
    session: AsyncSession,
    act: Act,
    actor: Actor,
    loaded: LoadedCase,
    progress: Progress,
    row: EntryRow,
    calendar: WorkCalendar,
) -> None:
    """Queue the messages that an act causes, in its transaction. The actor isn't told; the others
    are, within the hours."""
    told: dict[str, Said] = {}
    case, at = loaded.case.id, next_open(act.at, calendar)

    def say(people: Iterable[str], kind: str, step: str, priority: int) -> None:
        payload = {"case": case, "step": step, "entry": row.id}
        said = Said(f"{case}:{step}", kind, row.id, payload, at, priority)
        for person_id in people:
            if person_id != actor.person_id:
                # The first message wins: who has to act isn't also informed.
                told.setdefault(person_id, said)

    for item in _turns(progress, row):
        if item.waits_for:
            say(await signing(session, loaded, item), SIGN, item.step.id, URGENT)
        else:
            acting = await turn(session, loaded.case.id, item.step, day_of(act.at))
            say(await holders(session, loaded, acting), YOUR_TURN, item.step.id, ROUTINE)
    say(await holders(session, loaded, _told(loaded, row)), RECORDED, row.step, ROUTINE)
    concerned = await holders(session, loaded, (Role.SECRETARY, Role.INTRODUCER))
    say(concerned, RECORDED, row.step, ROUTINE)
    await enqueue_all(session, told)
