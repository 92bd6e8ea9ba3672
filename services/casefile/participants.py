"""Who helps in a case, and until when: introducers, contacts, whoever was named to help."""

from collections.abc import Iterable, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.replay import chosen
from domain.rulebook.schema import Role
from models import CaseHelper, EntryRow
from services.casefile.load import LoadedCase
from services.core.database import Work


async def appoint(work: Work, loaded: LoadedCase, row: EntryRow) -> None:
    """Who was chosen in an appointing field helps in this case, in the place of who did before;
    whom an answer releases helps no longer. The rows of before are kept. What a later entry has
    said of the same role stands, so that a correction doesn't bring anybody back."""
    step, answers = loaded.book.step(row.step), row.answers
    later = _settled_later(loaded, row)
    for field in step.fields:
        value = answers.get(field.id)
        if field.appoints and value and field.appoints not in later:
            names = value if isinstance(value, tuple) else (str(value),)
            await _replace(work, loaded.case.id, field.appoints, names)
    for option in chosen(step, answers):
        if option.releases is not None and option.releases not in later:
            await _replace(work, loaded.case.id, option.releases, ())
    await work.session.flush()


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
            row.until = work.act.at
            work.session.add(row)
    for person_id in names:
        if person_id not in held:
            fresh = CaseHelper(
                case_id=case_id, person_id=person_id, role=role.value, since=work.act.at
            )
            work.session.add(fresh)


async def helpers(
    session: AsyncSession, case_id: str, roles: Iterable[Role]
) -> tuple[CaseHelper, ...]:
    """Who holds one of `roles` in a case now."""
    statement = select(CaseHelper).where(
        CaseHelper.case_id == case_id,
        col(CaseHelper.role).in_([role.value for role in roles]),
        col(CaseHelper.until).is_(None),
    )
    return tuple(await session.exec(statement))
