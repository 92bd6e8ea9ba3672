"""The papers of a case: the list, one of them, all of a step, and the sheet of the whole case."""

import asyncio
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import BytesIO
from pathlib import Path

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.permissions import Permission
from domain.rulebook.schema import Step
from papers.filling import Filled, fill, rows_of
from papers.forms import SLIP, WORD, PaperForm, forms
from papers.matter import CaseOnPaper, Office, PaperEntry
from papers.office_templates.own_templates import Unfit, fill_in
from papers.print import COUNTING, ballots, notice, slips_of
from papers.processes.typesetting import Job, NoFonts, NotSet, typeset
from papers.word import document
from services.casefile.load import read_case
from services.casefile.procedure import Procedure
from services.cases.standing import card_of
from services.cases.views import CaseCard
from services.core.database import Database
from services.core.errors import NotFound
from services.core.ports import Told, nobody
from services.intake.links import FILL
from services.papers.templates import template_for
from services.papers.views import (
    CannotPrint,
    CaptionKind,
    CasePapers,
    PaperFile,
    PaperLine,
    StepPapers,
    file_name,
)
from services.people.hotlines import hotline_for
from services.people.scope import organisation, path_of
from services.people.views import Actor
from services.reports.exchange import Exchange

log = structlog.get_logger()
WHOLE = "whole_process"
"""The sheet that belongs to no step."""
NOTICE = "notice"
TELEGRAM_TAKES = 50 * 1024 * 1024
"""Bytes of a file that a bot may send there."""
Missing = tuple[str, ...]


@dataclass(frozen=True, repr=False)
class CaseForPapers:
    """A case as its papers need it. `notices`: entries of steps with a public notice, by step.
    `path`: its organisation and all above."""

    card: CaseCard
    matter: CaseOnPaper
    notices: dict[str, str]
    path: tuple[str, ...] = ()

    def file(self, title: str, ending: str, content: bytes, missing: Missing = ()) -> PaperFile:
        """Return a file of the case, named by its title and the person."""
        case_id, person = self.card.case_id, self.card.person
        return PaperFile(case_id, person, title, file_name(title, person, ending), content, missing)


@dataclass(frozen=True)
class Made:
    """A paper as a Word file. `ours`: an own template failed, and ours took its place."""

    content: bytes
    ours: bool = False


@dataclass(frozen=True)
class Printing:
    """What an installation has set. `fonts`: the folder in which a PDF looks for its fonts first.
    `largest`: bytes of a file that its messenger takes."""

    fonts: Path | None = None
    largest: int = TELEGRAM_TAKES


AS_USUAL = Printing()


@dataclass
class Papers:
    """Whoever may see a case may have its papers. `exchange`: to the doors for reports, where this
    process knows them."""

    database: Database
    procedure: Procedure
    exchange: Exchange | None = None
    printing: Printing = Printing()

    async def of_case(self, actor: Actor, case_id: str, today: date) -> CasePapers:
        """Return what can be printed, and what each lacks. Raises NotAllowed."""
        read = await self.read(actor, case_id, today)
        return CasePapers(case_id, read.card.person, tuple(_listed(read)))

    async def one(
        self, actor: Actor, case_id: str, step_id: str, number: int, today: date
    ) -> PaperFile:
        """Return a paper as a Word file. Raises NotAllowed; NotFound for one that isn't made."""
        read = await self.read(actor, case_id, today)
        step = _step(read, step_id)
        return await self._word(read, await self.filled(read, _form(step, number, WORD), step))

    async def _word(self, read: CaseForPapers, filled: Filled) -> PaperFile:
        made = await self.document(filled)
        file = read.file(filled.form.title, "docx", made.content, filled.missing)
        return replace(file, ours=made.ours)

    async def all_of(
        self, actor: Actor, case_id: str, step_id: str, today: date, told: Told = nobody
    ) -> PaperFile:
        """Return all papers of a step in a ZIP. `told`: hears how many are made, of how many.
        Raises as `one`."""
        read = await self.read(actor, case_id, today)
        step = _step(read, step_id)
        made = [
            await self.filled(read, form, step) for _, form in _forms(step) if form.made == WORD
        ]
        if not made:
            raise NotFound(step_id)
        content, ours = await self._packed(read, made, told)
        missing = tuple(dict.fromkeys(label for filled in made for label in filled.missing))
        file = read.file(f"{step.id} {step.title.zh}", "zip", content, missing)
        return replace(file, papers=len(made), ours=ours)

    async def _packed(
        self, read: CaseForPapers, made: Sequence[Filled], told: Told
    ) -> tuple[bytes, bool]:
        """Return the ZIP, and whether ours took the place of an own template in it."""
        written, ours = BytesIO(), False
        # Not compressed: a Word file is a ZIP already.
        with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
            for number, filled in enumerate(made):
                await told(number, len(made))
                name = file_name(filled.form.title, read.card.person, "docx")
                paper = await self.document(filled)
                ours = ours or paper.ours
                archive.writestr(name, paper.content)
        return written.getvalue(), ours

    async def whole(self, actor: Actor, case_id: str, today: date) -> PaperFile:
        """Return the sheet with every step of a case, its day, who decided, and by which rule.
        Raises NotAllowed."""
        read = await self.read(actor, case_id, today)
        return await self._word(read, await self.filled(read, forms()[WHOLE], None))

    async def slips(
        self, actor: Actor, case_id: str, paper: tuple[str, int], due: int, bot: str, today: date
    ) -> tuple[PaperFile, PaperFile]:
        """Return the slips of a ballot and its counting sheet, as PDF. `paper`: step and number;
        `bot`: the name of the staff bot, to which the sheet leads. Raises as `one`, CannotPrint."""
        read, (step_id, number) = await self.read(actor, case_id, today), paper
        step = _step(read, step_id)
        form = _form(step, number, SLIP)
        link = f"https://t.me/{bot}?start={FILL}{case_id}-{step.id}"
        slips, counting = await self.set(ballots(form.title, read.matter, step, due, link))
        printed = replace(
            read.file(form.title, "pdf", slips), papers=slips_of(due), kind=CaptionKind.SLIPS
        )
        return printed, replace(read.file(COUNTING, "pdf", counting), kind=CaptionKind.COUNTING)

    async def notice(
        self, actor: Actor, case_id: str, step_id: str, today: date, *, poster: bool
    ) -> PaperFile:
        """Return a public notice as PDF, on A3 where it is a `poster`. Raises as `slips`."""
        read = await self.read(actor, case_id, today)
        step = _step(read, step_id)
        if not step.has_notice:
            raise NotFound(step_id)
        filled = await self.filled(read, forms()[NOTICE], step)
        (content,) = await self.set([notice(filled, poster=poster)])
        title, person = filled.form.title, read.card.person
        file = read.file(title, "pdf", content, filled.missing)
        return replace(file, name=file_name(f"{title}（A3）", person, "pdf")) if poster else file

    async def set(self, jobs: Sequence[Job]) -> tuple[bytes, ...]:
        """Return a file for each job. Raises CannotPrint."""
        try:
            return await typeset(jobs, self.printing.fonts)
        except (NoFonts, NotSet) as error:
            raise CannotPrint(fonts=isinstance(error, NoFonts)) from error

    async def read(self, actor: Actor, case_id: str, today: date) -> CaseForPapers:
        """Read a case with all that its papers may say. Raises NotAllowed."""
        async with self.database.read() as session:
            see = Permission.SEE_CASE
            hand = await read_case(session, actor, case_id, self.procedure, see)
            case = hand.loaded.case
            card = await card_of(session, actor, hand, self.procedure, today)
            above = await _above(session, case.organisation_id)
            line = await hotline_for(session, case.organisation_id)
            path = await path_of(session, case.organisation_id)
        # What was corrected stands on no paper; the record of it stays in the case.
        entries = [item for item in card.entries if not item.replaced]
        matter = CaseOnPaper(
            person=card.person,
            branch=card.organisation,
            committee=above.get("committee", ""),
            department=above.get("department", ""),
            book=card.rulebook,
            entries=tuple(
                PaperEntry(item.step, item.done_on, item.answers, item.people) for item in entries
            ),
            calendar=self.procedure.calendar,
            today=today,
            landmarks={mark.limit: mark.on for mark in card.progress.landmarks},
            office=Office(line.phone, line.person) if line else Office(),
        )
        # By step, the last one wins: a notice hung anew has a link of its own.
        hung = {i.step.id: i.entry_id for i in entries if i.step.has_notice}
        return CaseForPapers(card, matter, hung, path)

    async def document(self, filled: Filled) -> Made:
        """Return a filled paper as a Word file, made by an own template where there is one."""
        if filled.template is not None:
            try:
                return Made(await fill_in(filled, filled.template))
            except Unfit as unfit:
                # Without names: it was looked at when it was given, so this is a fault of ours.
                log.warning("own template failed", paper=filled.form.id, reason=unfit.reason)
        # In a thread: filling keeps a processor busy, and other chats shouldn't wait for it.
        made = await asyncio.to_thread(document, filled)
        return Made(made, filled.template is not None)

    async def filled(self, read: CaseForPapers, form: PaperForm, step: Step | None) -> Filled:
        """Return a form filled for a case, with the nearest own template where an organisation has
        one."""
        link = await self._link(read, step) if step is not None and step.has_notice else ""
        async with self.database.read() as session:
            row = await template_for(session, read.path, form.id)
            template = (row.content, row.names) if row is not None else None
        rows = rows_of(read.matter)
        if template is None:
            return fill(form, read.matter, step, rows, link)
        filled = fill(form, read.matter, step, rows, link, template[1])
        return replace(filled, template=template[0])

    async def _link(self, read: CaseForPapers, step: Step) -> str:
        """Where somebody may object: about this notice once it hangs, before that in general."""
        if self.exchange is None:
            return ""
        entry = read.notices.get(step.id)
        if entry is not None and (link := await self.exchange.link_of(entry)):
            return link.web or link.chat
        bot, door = await self.exchange.doors()
        return door or (f"https://t.me/{bot}" if bot else "")


async def _above(session: AsyncSession, organisation_id: str) -> dict[str, str]:
    """Names of the organisations above a branch by level, the nearest of each."""
    found = dict[str, str]()
    for here in (await path_of(session, organisation_id))[1:]:
        row = await organisation(session, here)
        if row is not None:
            found.setdefault(row.level, str(row.name))
    return found


def _step(read: CaseForPapers, step_id: str) -> Step:
    """A step with papers for this reader. Raises NotFound."""
    found = next((step for step in _steps(read) if step.id == step_id), None)
    if found is None:
        raise NotFound(step_id)
    return found


def _steps(read: CaseForPapers) -> Iterator[Step]:
    """In order. What has to be called for is there once it was entered or the reader may take it:
    before that it would only say that somebody reported something."""
    known = {entry.step.id for entry in read.matter.entries}
    known |= {item.step.id for item in read.card.mine}
    for step in read.card.rulebook.steps:
        if step.id in known or not (step.called_by or step.anytime):
            yield step


def _form(step: Step, number: int, made: str) -> PaperForm:
    """Raises NotFound."""
    form = dict(_forms(step)).get(number)
    if form is None or form.made != made:
        raise NotFound(step.id)
    return form


def _forms(step: Step) -> Iterator[tuple[int, PaperForm]]:
    """The papers of a step that can be made, by their place in it."""
    known = forms()
    for number, paper in enumerate(step.papers):
        if paper.generated and paper.id in known:
            yield number, known[paper.id]


def _listed(read: CaseForPapers) -> Iterator[StepPapers]:
    for step in _steps(read):
        lines = tuple(
            PaperLine(number, form.title, fill(form, read.matter, step).missing, form.made == SLIP)
            for number, form in _forms(step)
        )
        if lines:
            yield StepPapers(step, read.matter.last(step.id) is not None, lines)
