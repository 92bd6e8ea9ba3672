"""Who helps in a case, and until when: introducers, contacts, whoever was named to help."""

from collections.abc import Sequence

from domain.case.facts import Answers
from domain.case.replay import chosen
from domain.rulebook.schema import Role
from models import CaseHelper, EntryRow
from services.casefile.load import LoadedCase, helpers
from services.core.database import Work


async def appoint(work: Work, loaded: LoadedCase, row: EntryRow, answers: Answers) -> bool:
    """Replace the helpers of a case by those chosen in an entry's appointing fields, and end those
    whom an answer releases; return whether any of that happened. Earlier rows are ended, not
    deleted: who had a part in a case may never see a report on it."""
    step = loaded.book.step(row.step)
    # A correction of an old entry must not bring back whom a newer one has replaced.
    later = _settled_later(loaded, row)
    named: list[tuple[Role, Sequence[str]]] = []
    for field in step.fields:
        value = answers.get(field.id)
        if field.appoints and value and field.appoints not in later:
            named.append((field.appoints, value if isinstance(value, tuple) else (str(value),)))
    for option in chosen(step, answers):
        if option.releases is not None and option.releases not in later:
            named.append((option.releases, ()))
    for role, names in named:
        await _replace(work, loaded.case.id, role, names)
    await work.session.flush()
    return bool(named)


def _settled_later(loaded: LoadedCase, row: EntryRow) -> frozenset[Role]:
    return frozenset(
        field.appoints
        for later in loaded.rows
        if later.number > row.number and later.replaced_by is None
        for field in loaded.book.step(later.step).fields
        if field.appoints and later.answers.get(field.id)
    )


async def _replace(work: Work, case_id: str, role: Role, names: Sequence[str]) -> None:
    held = {row.person_id: row for row in await helpers(work.session, case_id, (role,))}
    for person_id, row in held.items():
        if person_id not in names:
            # The entry's own time: by it a case that is given back finds its helpers again.
            row.until = work.act.at
            work.session.add(row)
    for person_id in names:
        if person_id not in held:
            fresh = CaseHelper(
                case_id=case_id, person_id=person_id, role=role.value, since=work.act.at
            )
            work.session.add(fresh)
