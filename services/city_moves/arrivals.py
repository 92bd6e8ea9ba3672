"""Somebody comes from another city: the department gives them to a branch, the branch takes them in
by the step for whoever comes from outside, or gives them back (docs/decisions/0048)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of, is_open, next_open
from domain.case.elsewhere import entrance, told
from domain.organisations import BRANCH, DEPARTMENT
from domain.permissions import DEPARTMENT_ROLES, ActPlace, Permission, may
from domain.rulebook.schema import Role, Rulebook, Text
from domain.writing.names import tidy
from models import ArrivalRow, CaseFile, Draft, EntryRow, Organisation, PeerRow
from models.city_moves import CityMoveState
from services.casefile.derive import rederive
from services.casefile.load import LoadedCase, load_case
from services.casefile.procedure import Procedure
from services.cases.drafts import HeldDraft
from services.cases.removal import remove, touched
from services.city_moves.views import Arrival, ArrivalLine
from services.core.acts import Act
from services.core.database import Database, Work
from services.core.errors import NotAllowed
from services.core.ports import Message
from services.messages.queue import enqueue
from services.peers.receiving import Received, Unacceptable
from services.peers.sending import send
from services.people.permitted import people_in
from services.people.scope import name_of, path_of
from services.people.views import Actor

MOVE_ANSWER = "move_answer"
ARRIVED = "city_arrival"
"""The message to whoever is to act next."""
ANSWERING = DEPARTMENT_ROLES | {Role.SECRETARY}
"""Who places an arrival or answers for it."""
ASK_AGAIN = timedelta(days=7)
WAITING = (CityMoveState.ARRIVED, CityMoveState.PLACED)
LONGEST_NAME, MOST_LINES = 40, 400


@dataclass
class Arrivals:
    """Whoever comes from other cities."""

    database: Database
    procedure: Procedure

    async def arrived(self, work: Work, received: Received) -> None:
        """Store what another city has sent, and tell the department. Raises Unacceptable."""
        body, session = received.body, work.session
        # What couldn't be shown is refused: the sender goes on trying, and its doctor says so.
        if not _sound(body):
            raise Unacceptable(received.kind)
        at, reference = work.act.at, body["reference"]
        row = ArrivalRow(peer_id=received.peer.id, reference=reference, arrived_at=at, asked_at=at)
        row.content = dict(body)
        session.add(row)
        await session.flush()
        await self._tell(session, row, at)

    async def _tell(self, session: AsyncSession, row: ArrivalRow, now: datetime) -> int:
        """Tell whoever has to place somebody or to answer for them, once a week; return how many
        weren't told of that week before."""
        payload = {"arrival": row.id, "person": row.content["person"], "state": row.state.value}
        at = next_open(now, self.procedure.calendar)
        weeks = (now - row.asked_at) // ASK_AGAIN
        slot = f"{row.organisation_id or DEPARTMENT}:{weeks}"
        if row.organisation_id is None:
            people = await people_in(session, DEPARTMENT_ROLES)
        else:
            people = await people_in(session, (Role.SECRETARY,), (row.organisation_id,))
        return await enqueue(
            session, people, Message(f"arrival:{row.id}", ARRIVED, slot, payload, at)
        )

    async def remind(self, now: datetime) -> int:
        """Ask again whoever hasn't placed somebody, or hasn't answered for them, a week after they
        were asked last; return how many are told. `now`: aware."""
        if not is_open(now, self.procedure.calendar):
            return 0
        async with self.database.write() as session:
            waiting = select(ArrivalRow).where(
                col(ArrivalRow.state).in_((CityMoveState.ARRIVED, CityMoveState.PLACED)),
                col(ArrivalRow.asked_at) <= now - ASK_AGAIN,
            )
            rows = (await session.exec(waiting)).all()
            return sum([await self._tell(session, row, now) for row in rows])

    async def waiting(self, actor: Actor) -> tuple[Arrival, ...]:
        """Return whom the reader has to place, or to answer for, the oldest first."""
        if not actor.roles & ANSWERING:
            return ()
        async with self.database.read() as session:
            return await arrivals_waiting(session, actor, self.procedure.current)

    async def one(self, actor: Actor, arrival_id: str) -> Arrival:
        """Raises NotAllowed, also where there is none."""
        async with self.database.read() as session:
            row = await session.get(ArrivalRow, arrival_id)
            found = await _seen(session, actor, self.procedure.current, row)
            if found is None:
                raise NotAllowed(arrival_id)
            return found

    async def place(self, act: Act, actor: Actor, arrival_id: str, organisation_id: str) -> None:
        """Open the case in a branch, which is asked whether it takes it. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return
            session = work.session
            row = await session.get(ArrivalRow, arrival_id)
            branch = await session.get(Organisation, organisation_id)
            path = await path_of(session, organisation_id)
            # A department gives somebody to branches of its own alone.
            above = any(
                post.role in DEPARTMENT_ROLES and post.organisation_id in (*path, organisation_id)
                for post in actor.posts
            )
            if row is None or row.state is not CityMoveState.ARRIVED:
                raise NotAllowed(arrival_id)
            if not above or branch is None or branch.level != BRANCH:
                raise NotAllowed(organisation_id)
            secretaries = await people_in(session, (Role.SECRETARY,), (organisation_id,))
            case = await self._open(work, actor, row, organisation_id)
            await self._fill(work, row, case, secretaries)
            row.state, row.organisation_id = CityMoveState.PLACED, organisation_id
            row.opened_id, row.asked_at = case.id, act.at
            session.add(row)
            await self._tell(session, row, act.at)
            await work.done("place_arrival", case.id, chain=case.id)

    async def _open(
        self, work: Work, actor: Actor, row: ArrivalRow, organisation_id: str
    ) -> CaseFile:
        session, today, book = work.session, day_of(work.act.at), self.procedure.current
        case = CaseFile(organisation_id=organisation_id, rulebook=book.id, opened_on=today)
        case.person = tidy(row.content["person"])
        session.add(case)
        await session.flush()
        answers = _applied(book, row, today)
        if answers:
            day = answers[book.steps[0].day]
            assert isinstance(day, date)
            entry = EntryRow(
                case_id=case.id,
                number=1,
                step=book.steps[0].id,
                done_on=day,
                rulebook=book.on(day).id,
                recorded_at=work.act.at,
                recorded_by=actor.person_id,
            )
            entry.answers = answers
            session.add(entry)
            await session.flush()
        # No dates yet: nobody is reminded of steps that were taken elsewhere before it is known
        # what counts on.
        return case

    async def _fill(
        self, work: Work, row: ArrivalRow, case: CaseFile, people: tuple[str, ...]
    ) -> None:
        """Put what is known into the form for whoever comes from outside."""
        found = entrance(self.procedure.current)
        option, peer = row.content["standing"], await work.session.get_one(PeerRow, row.peer_id)
        if found is None or not option:
            return
        step, name = found
        left = f"{peer.name} {row.content['from']}"
        said = {"from": left[:120], name: option, **row.content["days"]}
        answers = told(step, said, day_of(work.act.at))
        # For each of them: whoever opens the form first finds it filled in, and may change it.
        drafts = [HeldDraft((one, case.id, step.id), answers, work.act.at) for one in people]
        if drafts:
            await work.session.run_sync(
                lambda writing: HeldDraft.store(writing.connection(), drafts)
            )

    async def accept(self, act: Act, actor: Actor, arrival_id: str) -> str:
        """Take somebody in of whom nothing counts on yet, and return the case. Raises
        NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return str(work.result)
            row = await self._mine(work.session, actor, arrival_id)
            if row.content["standing"] and entrance(self.procedure.current) is not None:
                raise NotAllowed(arrival_id)
            case = await work.session.get_one(CaseFile, str(row.opened_id))
            loaded = await load_case(work.session, case, self.procedure)
            await rederive(work.session, loaded, self.procedure, day_of(act.at))
            await _answer(work, row, True, await name_of(work.session, case.organisation_id))
            await work.done("accept_arrival", row.opened_id, chain=str(row.opened_id))
            return str(row.opened_id)

    async def refuse(self, act: Act, actor: Actor, arrival_id: str, reason: str) -> bool:
        """Give somebody back to the former city; False where the branch has entered something
        since, and nothing is changed. Raises NotAllowed."""
        async with self.database.act(act, actor) as work:
            if work.repeated:
                return bool(work.result)
            session = work.session
            row = await session.get(ArrivalRow, arrival_id)
            # The department before anybody was asked, the branch from then on.
            if row is None or row.state is not CityMoveState.ARRIVED or not _places(actor):
                row = await self._mine(session, actor, arrival_id)
            came = int(bool(_applied(self.procedure.current, row, day_of(act.at))))
            if row.opened_id is not None and not await _taken_out(session, row.opened_id, came):
                await work.done("refuse_arrival", False)
                return False
            # Nothing of somebody stays here who wasn't taken in.
            row.opened_id, row.content_sealed = None, b""
            await _answer(work, row, False, reason)
            await work.done("refuse_arrival", True)
            return True

    async def _mine(self, session: AsyncSession, actor: Actor, arrival_id: str) -> ArrivalRow:
        """Return somebody whom the actor's branch was asked to take in. Raises NotAllowed."""
        row = await session.get(ArrivalRow, arrival_id)
        if row is None or row.state is not CityMoveState.PLACED:
            raise NotAllowed(arrival_id)
        if not await _leads(session, actor, row):
            raise NotAllowed(arrival_id)
        return row


async def settle_arrival(work: Work, loaded: LoadedCase) -> None:
    """Tell the former city that somebody was taken in by what was entered of them."""
    case = loaded.case
    statement = select(ArrivalRow).where(
        ArrivalRow.opened_id == case.id, ArrivalRow.state == CityMoveState.PLACED
    )
    for arrival in await work.session.exec(statement):
        await _answer(work, arrival, True, await name_of(work.session, case.organisation_id))


async def arrivals_waiting(
    session: AsyncSession, actor: Actor, book: Rulebook
) -> tuple[Arrival, ...]:
    """Return whom the reader has to place, or to answer for, the oldest first."""
    statement = select(ArrivalRow).where(col(ArrivalRow.state).in_(WAITING))
    rows = await session.exec(statement.order_by(col(ArrivalRow.arrived_at)))
    found = [await _seen(session, actor, book, row) for row in rows.all()]
    return tuple(one for one in found if one is not None and (one.places or one.answers))


async def _seen(
    session: AsyncSession, actor: Actor, book: Rulebook, row: ArrivalRow | None
) -> Arrival | None:
    if row is None or row.state is CityMoveState.REFUSED:
        return None
    places, leads = _places(actor), await _leads(session, actor, row)
    if not places and not leads:
        return None
    content, found = row.content, entrance(book)
    options = found[0].field(found[1]).options if found else ()
    peer = await session.get(PeerRow, row.peer_id)
    placed = row.organisation_id is not None
    return Arrival(
        arrival_id=row.id,
        person=content["person"],
        peer=peer.name if peer else "",
        left=content["from"],
        to=content["to"],
        arrived=day_of(row.arrived_at),
        standing=next((one.text for one in options if one.id == content["standing"]), None),
        counts=bool(content["standing"]),
        landmarks=_lines(content["landmarks"]),
        record=_lines(content["record"]),
        branch=await name_of(session, str(row.organisation_id)) if placed else "",
        case_id=row.opened_id or "",
        step=found[0].id if found else "",
        places=places and row.state is CityMoveState.ARRIVED,
        answers=leads and row.state is CityMoveState.PLACED,
        taken=row.state is CityMoveState.TAKEN,
    )


def _lines(said: Sequence[Mapping[str, Any]]) -> tuple[ArrivalLine, ...]:
    return tuple(ArrivalLine(one["day"], Text(one["zh"], one["en"])) for one in said)


def _places(actor: Actor) -> bool:
    return any(post.role in DEPARTMENT_ROLES and post.level == DEPARTMENT for post in actor.posts)


async def _leads(session: AsyncSession, actor: Actor, row: ArrivalRow) -> bool:
    """Whether the actor leads the branch that was asked."""
    if row.organisation_id is None:
        return False
    place = ActPlace(row.organisation_id, await path_of(session, row.organisation_id))
    return may(Permission.OPEN_CASE, actor.posts, place)


async def _answer(work: Work, row: ArrivalRow, taken: bool, said: str) -> None:
    row.state = CityMoveState.TAKEN if taken else CityMoveState.REFUSED
    work.session.add(row)
    body: dict[str, Any] = {"reference": row.reference, "taken": taken, "said": said}
    # Nobody stays between two cities because the line was cut meanwhile, as for new keys.
    await send(work.session, row.peer_id, MOVE_ANSWER, body, work.act.at, removed=True)


async def _taken_out(session: AsyncSession, case_id: str, came: int) -> bool:
    """Take a case out in which nothing was entered here. `came`: entries that came along."""
    entries = (await session.exec(select(EntryRow).where(EntryRow.case_id == case_id))).all()
    case = await session.get(CaseFile, case_id)
    # What is only half written is no reason to keep somebody.
    if case is None or len(entries) > came or await touched(session, [case_id], (Draft,)):
        return False
    for draft in await session.exec(select(Draft).where(Draft.case_id == case_id)):
        await session.delete(draft)
    await remove(session, (case,))
    return True


def _applied(book: Rulebook, row: ArrivalRow, today: date) -> dict[str, Any]:
    """Return what is known of the application; nothing without its day."""
    answers = told(book.steps[0], row.content["applied"], today)
    return answers if type(answers.get(book.steps[0].day)) is date else {}


def _sound(body: Mapping[str, Any]) -> bool:
    """Whether it is what a city sends, so that it can be shown and placed later."""
    texts = (body.get(name) for name in ("reference", "person", "from", "to", "standing"))
    if not all(isinstance(text, str) and len(text) <= 120 for text in texts):
        return False
    if not tidy(body["person"]) or len(body["person"]) > LONGEST_NAME:
        return False
    if not body["reference"] or len(body["reference"]) > 16:
        return False
    applied, days = body.get("applied"), body.get("days")
    if not isinstance(applied, dict) or not isinstance(days, dict):
        return False
    dated = all(type(day) is date for day in days.values())
    return dated and _are_lines(body.get("record")) and _are_lines(body.get("landmarks"))


def _are_lines(said: Any) -> bool:
    return isinstance(said, tuple) and len(said) <= MOST_LINES and all(map(_is_line, said))


def _is_line(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and type(one.get("day")) is date
        and all(isinstance(one.get(name), str) and len(one[name]) <= 400 for name in ("zh", "en"))
    )
