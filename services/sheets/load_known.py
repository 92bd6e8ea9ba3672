"""Read cases as a sheet shows them."""

import asyncio
from collections.abc import Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.case.facts import Value
from domain.case.replay import fold_of
from domain.rulebook.schema import Role
from models import CaseFile, CaseHelper, Person
from papers.sheets.columns import Column
from services.casefile.load import facts_of_many
from services.casefile.procedure import Procedure
from services.people.scope import committee_of_each, names_of
from services.sheets.known import CaseInSheet, cells_of, without_reports

AT_A_TIME = 10
"""Cases after which others get their turn."""
CHUNK = 200
"""Cases at a time: each is a parameter of four queries."""


async def known_of(
    session: AsyncSession, ids: Sequence[str], columns: Sequence[Column], procedure: Procedure
) -> list[CaseInSheet]:
    """Return cases as a sheet shows them, in the order of `ids`; one that can't be read is left
    out."""
    rows = {
        row.id: row for row in await session.exec(select(CaseFile).where(col(CaseFile.id).in_(ids)))
    }
    facts = await facts_of_many(session, [*rows], procedure)
    helpers = await _helpers(session, [*rows])
    places = {row.organisation_id for row in rows.values()}
    above = await committee_of_each(session)
    names = await names_of(session, places | {above[place] for place in places if place in above})
    found: list[CaseInSheet] = []
    for case_id in (one for one in ids if one in rows and one in facts):
        row, (book, all_facts) = rows[case_id], facts[case_id]
        shown = without_reports(book, all_facts)
        said: dict[str, Value] = {
            "case.id": row.id,
            "case.committee": names.get(above.get(row.organisation_id, ""), ""),
            "case.branch": names.get(row.organisation_id, ""),
            "case.person": row.person,
            **cells_of(book, shown, columns, helpers.get(case_id, {}), procedure),
        }
        # Replaying a case keeps the event loop busy: let other chats in between.
        if len(found) % AT_A_TIME == 0:
            await asyncio.sleep(0)
        over = fold_of(book, shown, procedure.calendar).over
        found.append(
            CaseInSheet(
                row.id, row.organisation_id, row.person, row.opened_on, book, shown, said, over
            )
        )
    return found


async def _helpers(session: AsyncSession, ids: Sequence[str]) -> dict[str, dict[Role, list[str]]]:
    found: dict[str, dict[Role, list[str]]] = {}
    statement = select(CaseHelper, Person).where(
        col(CaseHelper.case_id).in_(ids),
        CaseHelper.person_id == Person.id,
        col(CaseHelper.until).is_(None),
    )
    for helper, person in await session.exec(statement):
        roles = found.setdefault(helper.case_id, {})
        roles.setdefault(Role(helper.role), []).append(person.name)
    return found
