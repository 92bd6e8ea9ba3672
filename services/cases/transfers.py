"""Move a case to another branch with all its entries, so that its time counts on (N12 N35).

It moves at once and is answered later: until then somebody has to be responsible for who has gone,
and the receiving branch has to read what it is asked to take (docs/decisions/0017).
"""

from collections.abc import Iterable

from sqlmodel import col, select

from domain.case.facts import Answers
from domain.case.replay import chosen
from domain.rulebook.kinds import HELPERS
from domain.rulebook.schema import FieldType, Option, Role, Step
from models import CaseFile, CaseHelper, EntryRow, PostRow
from services.casefile.load import LoadedCase, helpers
from services.core.database import Work
from services.core.ports import Message
from services.messages.queue import enqueue
from services.people.scope import organisation
from services.people.views import Actor

MOVED = "moved"


async def relocate(
    work: Work, actor: Actor, loaded: LoadedCase, row: EntryRow, answers: Answers
) -> bool:
    """Move a case to the branch that an entry names, ending its helpers there; or take the answer
    of the new branch, which names helpers of its own or gives the case back. Return whether the
    case was moved or given back, by which its helpers change."""
    step, case = loaded.book.step(row.step), loaded.case
    before = case.organisation_id
    for field in step.fields:
        if field.type is FieldType.ORGANISATION and (place := answers.get(field.id)):
            case.moved_from, case.organisation_id = case.organisation_id, str(place)
            for helper in await helpers(work.session, case.id, HELPERS):
                helper.until = work.act.at
                work.session.add(helper)
    if case.moved_from is not None and _answers_a_move(step):
        await _answered(work, actor, loaded, chosen(step, answers))
    work.session.add(case)
    await work.session.flush()
    return case.organisation_id != before


def _answers_a_move(step: Step) -> bool:
    return any(option.sends_home for field in step.fields for option in field.options)


async def _answered(work: Work, actor: Actor, loaded: LoadedCase, picks: Iterable[Option]) -> None:
    """Take the receiving branch's answer: it keeps the case, or gives it back as if it had never
    come."""
    session, case = work.session, loaded.case
    if any(option.sends_home for option in picks):
        # The last one, since a case may move more than once.
        moved_at = max(r.recorded_at for r in loaded.rows if _names_a_branch(loaded, r))
        # Only those whom the move ended: who had left before stays out.
        gone = select(CaseHelper).where(CaseHelper.case_id == case.id, CaseHelper.until == moved_at)
        for helper in await session.exec(gone):
            helper.until = None
            session.add(helper)
        case.organisation_id = str(case.moved_from)
    else:
        await _tell_sender(work, actor, case)
    case.moved_from = None


def _names_a_branch(loaded: LoadedCase, row: EntryRow) -> bool:
    fields = loaded.book.step(row.step).fields
    return row.replaced_by is None and any(f.type is FieldType.ORGANISATION for f in fields)


async def _tell_sender(work: Work, actor: Actor, case: CaseFile) -> None:
    """Tell the former branch that the case arrived."""
    # By name and not by id: the former branch can't open the case any more.
    place = await organisation(work.session, case.organisation_id)
    statement = select(PostRow).where(
        PostRow.organisation_id == case.moved_from,
        PostRow.role == Role.SECRETARY.value,
        col(PostRow.until).is_(None),
    )
    payload = {"person": case.person, "organisation": place.name if place else ""}
    message = Message(f"moved:{case.id}", MOVED, work.act.key[-40:], payload, work.act.at)
    posts = await work.session.exec(statement)
    people = [post.person_id for post in posts if post.person_id != actor.person_id]
    await enqueue(work.session, people, message)
