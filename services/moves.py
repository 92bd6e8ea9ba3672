"""A case that goes on in another branch: its entries go with it, so its time counts on
(N13 N35)."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access import HELPERS
from domain.schema import FieldType
from models import CaseFile, EntryRow, Organisation
from services.base import Work
from services.case_rows import LoadedCase
from services.helpers import helpers
from services.views import PersonChoice


async def other_branches(session: AsyncSession, case: CaseFile) -> tuple[PersonChoice, ...]:
    """Every branch but the case's own, by name, each with the committee above it."""
    statement = select(Organisation).where(Organisation.level == "branch")
    branches = [row for row in await session.exec(statement) if row.id != case.organisation_id]
    above = {row.parent_id for row in branches}
    parents = await session.exec(select(Organisation).where(col(Organisation.id).in_(above)))
    names = {row.id: str(row.name) for row in parents}
    found = [
        PersonChoice(row.id, f"{row.name} · {names.get(row.parent_id or '', '')}")
        for row in branches
    ]
    return tuple(sorted(found, key=lambda choice: choice.name))


async def named_branch(session: AsyncSession, branch_id: str) -> tuple[PersonChoice, ...]:
    """The one branch that was named."""
    row = await session.get(Organisation, branch_id)
    return (PersonChoice(row.id, row.name),) if row else ()


async def relocate(work: Work, loaded: LoadedCase, row: EntryRow) -> None:
    """To the branch that an entry names. Whoever helped there helps no longer; the new branch is
    asked to name who does."""
    for field in loaded.book.step(row.step).fields:
        place = row.answers.get(field.id)
        if field.type is not FieldType.ORGANISATION or not place:
            continue
        loaded.case.organisation_id = str(place)
        work.session.add(loaded.case)
        for helper in await helpers(work.session, loaded.case.id, HELPERS):
            helper.until = work.act.at
            work.session.add(helper)
    await work.session.flush()
