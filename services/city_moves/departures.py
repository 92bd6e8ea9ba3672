"""A case goes to another city: it ends here with what was entered, and opens again where the other
city doesn't take it (docs/decisions/0048).

Worked example: the case c of A goes to city B.

    A  entry "moves away" ends c; its message waits          one commit
    A  the message is posted, B signs the receipt            c: delivered
    B  the department gives it to a branch, the branch says  a message to A waits, one commit
       that it takes it: A notes it, the former branch is told
       that it doesn't: the entry counts no more, c is open again as if it had never gone
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import select

from domain.calendar.office_hours import day_of, next_open
from domain.case.elsewhere import CountsOtherwise, Standing, standing, told, way_out
from domain.case.facts import Progress, Value
from domain.case.progress import assess
from domain.permissions import Permission
from domain.rulebook.schema import Option, Role, Rulebook, Step, Text
from domain.states import Status
from models import CaseFile, DepartureRow, EntryRow
from models.city_moves import CityMoveState
from models.columns import new_id
from services.casefile.derive import rederive
from services.casefile.load import LoadedCase, load_case
from services.casefile.procedure import Procedure
from services.cases.record import Steps
from services.city_moves.views import Offer
from services.core.acts import Act
from services.core.audit import append_to_many
from services.core.database import Database, Work
from services.core.errors import NotAllowed, Refusal, StepNotOpen
from services.core.ports import Message
from services.messages.queue import enqueue
from services.peers.peers import peers_of
from services.peers.receiving import Received, Unacceptable
from services.peers.sending import send
from services.people.permitted import people_in
from services.people.scope import case_for, name_of
from services.people.views import Actor

MOVE = "move"
"""The kind of message by which somebody goes."""
CITY_ANSWERED = "city_answered"
"""The message that the former branch is told."""


class OnPaperOnly(Refusal):
    """What counts on of this case can't be said in a message: it goes on paper."""


@dataclass
class Departures:
    """Sending cases to other cities."""

    database: Database
    procedure: Procedure
    steps: Steps

    async def possible(self) -> bool:
        """Whether there is any city to send to."""
        async with self.database.read() as session:
            return bool(await peers_of(session))

    async def offer(self, actor: Actor, case_id: str, today: date) -> Offer:
        """Return what would be sent. Raises NotAllowed, OnPaperOnly, StepNotOpen for a case that
        has ended."""
        async with self.database.read() as session:
            case, step = await self._may(session, actor, case_id)
            loaded = await load_case(session, case, self.procedure)
            progress = assess(loaded.book, loaded.facts, today, self.procedure.calendar)
            if progress.status is Status.ENDED:
                raise StepNotOpen(step.id)
            peers = tuple((peer.id, peer.name) for peer in await peers_of(session))
            option = self._standing(loaded, today).option
            return Offer(case.person, option.text if option else None, peers)

    async def _may(self, session: Any, actor: Actor, case_id: str) -> tuple[CaseFile, Step]:
        case, _ = await case_for(session, actor, case_id, Permission.OPEN_CASE)
        step, _ = ending(self.procedure.find(case.rulebook))
        return case, step

    def _standing(self, loaded: LoadedCase, today: date) -> Standing:
        try:
            return standing(loaded.book, loaded.facts, today, self.procedure.calendar)
        except CountsOtherwise:
            raise OnPaperOnly(loaded.case.id) from None

    async def leave(self, act: Act, actor: Actor, case_id: str, peer_id: str, to: str) -> None:
        """End a case here and queue it for another city, in one commit. Raises NotAllowed,
        StepNotOpen, OnPaperOnly, UnknownPeer."""
        async with self.database.act(act, actor, case_id) as work:
            if work.repeated:
                return
            session, today = work.session, day_of(act.at)
            case, step = await self._may(session, actor, case_id)
            loaded = await load_case(session, case, self.procedure)
            # Before the entry: afterwards the case has ended, and nothing counts on.
            counts = self._standing(loaded, today)
            _, option = ending(loaded.book)
            field = next(one for one in step.fields if option in one.options)
            # The same entry as of somebody who leaves on paper: one way to end a case.
            answers: dict[str, Value] = {step.day: today, field.id: option.id}
            await self.steps.enter(work, actor, case_id, step.id, answers)
            # The other city's answer names it; it learns no other id of ours.
            reference = new_id()
            progress = assess(loaded.book, loaded.facts, today, self.procedure.calendar)
            body = await _packed(work, loaded, progress, counts, reference, to)
            message = await send(session, peer_id, MOVE, body, act.at)
            row = DepartureRow(
                id=reference,
                case_id=case_id,
                entry_id=str(work.result),
                peer_id=peer_id,
                message_id=message,
                left_at=act.at,
            )
            row.to = to
            session.add(row)
            await session.flush()

    async def answered(self, work: Work, received: Received) -> None:
        """Take the other city's answer. Raises Unacceptable for one that isn't theirs to give."""
        body, session = received.body, work.session
        row = await session.get(DepartureRow, str(body.get("reference")))
        # References can be guessed: only the city it was sent to answers, and once.
        if row is None or row.peer_id != received.peer.id or row.state is not CityMoveState.SENT:
            raise Unacceptable(received.kind)
        # Another installation wrote it: a sentence is taken, not a book.
        taken, said = body.get("taken") is True, str(body.get("said", ""))[:500]
        row.state = CityMoveState.TAKEN if taken else CityMoveState.REFUSED
        row.answered_at, row.answer = work.act.at, said
        session.add(row)
        case = await session.get_one(CaseFile, row.case_id)
        if not taken:
            await self._open_again(work, case, row)
        places = (case.organisation_id,)
        people = await people_in(session, (Role.SECRETARY,), places)
        payload = {"case": case.id, "person": case.person, "peer": received.peer.name}
        payload |= {"taken": taken, "said": said}
        at = next_open(work.act.at, self.procedure.calendar)
        await enqueue(
            session, people, Message(f"gone:{case.id}", CITY_ANSWERED, row.id, payload, at)
        )
        # The line of the message stands in the chain of the house: the case has one of its own.
        append_to_many(session, work.act, work.actor, "city_answered", {case.id: taken})

    async def _open_again(self, work: Work, case: CaseFile, row: DepartureRow) -> None:
        """As if it had never gone: what ended it counts no more, also where it was corrected."""
        session = work.session
        ended = await session.get_one(EntryRow, row.entry_id)
        statement = select(EntryRow).where(
            EntryRow.case_id == case.id, EntryRow.number == ended.number
        )
        for entry in await session.exec(statement):
            # No entry takes its place: the id of the departure says why it counts no more.
            if entry.replaced_by is None:
                entry.replaced_by = row.id
                session.add(entry)
        await session.flush()
        loaded = await load_case(session, case, self.procedure)
        await rederive(session, loaded, self.procedure, day_of(work.act.at))


def ending(book: Rulebook) -> tuple[Step, Option]:
    """Return the step and the answer by which somebody leaves for elsewhere. Raises NotAllowed
    where a rulebook knows none."""
    for step in book.steps:
        option = way_out(step)
        if option is not None:
            return step, option
    raise NotAllowed(book.id)


async def _packed(
    work: Work,
    loaded: LoadedCase,
    progress: Progress,
    counts: Standing,
    reference: str,
    to: str,
) -> Mapping[str, Any]:
    """What leaves: name, application, what counts on, and of each step that it was taken and when.
    Nothing that was written freely, nobody else's name, no photo: those are in the paper file."""
    book, case = loaded.book, loaded.case
    first = [row for row in loaded.rows if row.step == book.steps[0].id and not row.replaced_by]
    return {
        "reference": reference,
        "person": case.person,
        "from": await name_of(work.session, case.organisation_id),
        "to": to,
        "applied": told(book.steps[0], loaded.answers(first[-1]), day_of(work.act.at))
        if first
        else {},
        "standing": counts.option.id if counts.option else "",
        "days": dict(counts.days),
        "landmarks": [_line(one.on, one.text) for one in progress.landmarks],
        "record": [
            _line(entry.done_on, step.title)
            for entry in progress.done
            if _is_told(step := book.step_on(entry.step, entry.done_on))
        ],
    }


def _is_told(step: Step) -> bool:
    """Whether that it was taken says nothing of a report, nor of what was found wrong."""
    return not (step.by_report or step.called_by or step.anytime)


def _line(day: date, said: Text) -> Mapping[str, Any]:
    return {"day": day, "zh": said.zh, "en": said.en}
