"""Rows that others refer to."""

from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from models import CaseFile, Organisation, Person


async def a_case(session: AsyncSession, on: date, *people: str) -> CaseFile:
    """A case of a branch, and its `people` by their ids."""
    branch = Organisation(level="branch")
    session.add(branch)
    await session.flush()
    case = CaseFile(organisation_id=branch.id, rulebook="r", opened_on=on)
    session.add_all((case, *(Person(id=name, organisation_id=branch.id) for name in people)))
    await session.flush()
    return case
