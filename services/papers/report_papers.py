"""The three papers of a report: register entry, what was found, answer (docs/decisions/0032).

They hold what the register knows, and nothing of what a report says: content is shown in a chat,
protected, for five minutes, and is deleted half a year after the answer. A file that was saved
can't be taken off or deleted, so what is written there is written by hand.
"""

import asyncio
from dataclasses import dataclass

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.calendar.office_hours import day_of
from domain.organisations import DEPARTMENT
from models import CaseFile, Organisation, ReportRow
from papers.filling import fill
from papers.forms import REPORT_FORMS, forms
from papers.matter import CaseOnPaper, RegisterLine
from papers.word import document
from services.casefile.procedure import Procedure
from services.core.acts import Act
from services.core.database import Database
from services.core.errors import NotFound
from services.papers.views import PaperFile, ReportPaper
from services.people.scope import name_of
from services.people.views import Actor
from services.reports.register import card_of, handled

LISTED = "、"
"""Between the names of several people on a paper."""


@dataclass(frozen=True)
class ReportPapers:
    """For the director and the organiser named alone: those who may open the report."""

    database: Database
    procedure: Procedure

    async def of_report(self, actor: Actor, report_id: str) -> tuple[ReportPaper, ...]:
        """Return what can be printed. Raises NotAllowed."""
        async with self.database.read() as session:
            await handled(session, actor, report_id)
        return tuple(
            ReportPaper(number, forms()[name].title) for number, name in enumerate(REPORT_FORMS)
        )

    async def print(self, act: Act, actor: Actor, report_id: str, number: int) -> PaperFile:
        """Return the `number`-th paper; each leaves an audit line. Raises NotAllowed, NotFound."""
        if not 0 <= number < len(REPORT_FORMS):
            raise NotFound(report_id)
        async with self.database.act(act, actor) as work:
            row = await handled(work.session, actor, report_id)
            matter = await self._matter(work.session, row, act)
            if not work.repeated:
                # Audited before it is made: whoever could have read it has left a line, also where
                # making it fails.
                await work.done("print_report_paper", report_id)
        filled = fill(forms()[REPORT_FORMS[number]], matter, None)
        content = await asyncio.to_thread(document, filled)
        title = filled.form.title
        # Not the person's name: a list of files would say that somebody reported them.
        name = f"{title}_{row.received_on:%Y-%m-%d}.docx"
        return PaperFile("", matter.person, title, name, content, filled.missing)

    async def _matter(self, session: AsyncSession, row: ReportRow, act: Act) -> CaseOnPaper:
        card = await card_of(session, row)
        cases = [await session.get_one(CaseFile, of) for of in card.cases]
        branches = [await name_of(session, case.organisation_id) for case in cases]
        top = select(Organisation).where(Organisation.level == DEPARTMENT)
        department = (await session.exec(top)).first()
        return CaseOnPaper(
            person=LISTED.join(item.person for item in card.about),
            branch=LISTED.join(dict.fromkeys(branches)),
            committee="",
            department=str(department.name) if department else "",
            book=self.procedure.find(cases[0].rulebook) if cases else self.procedure.current,
            entries=(),
            calendar=self.procedure.calendar,
            today=day_of(act.at),
            report=RegisterLine(
                row.channel.value, row.received_on, row.answer_by, card.organiser, row.closed_on
            ),
        )
