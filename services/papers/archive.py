"""归档: a case as files, in parts that the messenger takes (docs/decisions/0033)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date

from domain.permissions import Permission
from models import Attachment
from papers.archive import (
    DATES,
    LIST,
    LIST_FORM,
    LIST_PDF,
    LIST_STEP,
    PAPER,
    SUMS,
    Folder,
    Packer,
    folders,
    list_job,
    listed,
    still,
    title_of,
)
from papers.filling import Filled, Row
from papers.forms import PaperForm, forms
from services.attachments.formats import ENDINGS
from services.core.database import Database
from services.core.guard import refuse_altered
from services.core.ports import Told
from services.papers.papers import CaseForPapers, Papers
from services.papers.views import CannotPrint, CaptionKind, PaperFile
from services.people.scope import case_for
from services.people.views import Actor

Send = Callable[[PaperFile], Awaitable[None]]


@dataclass(frozen=True)
class Packed:
    """What was packed. `paper`: lines that exist on paper alone. `no_pdf`: why the list is there
    as Word alone. `ours`: an own template failed, and ours took its place."""

    parts: int
    files: int
    paper: int
    no_pdf: CannotPrint | None
    ours: bool


@dataclass(frozen=True)
class Archive:
    """Whoever may see a case may have its archive. A proof is opened when it is written into the
    part that is sent, and never lies open on a disk. `largest`: bytes of a file that the messenger
    takes."""

    database: Database
    papers: Papers
    largest: int

    async def pack(
        self, actor: Actor, case_id: str, today: date, dates: str, send: Send, told: Told
    ) -> Packed:
        """Send the archive of a case, part by part. `dates`: the check of its dates; `told`: hears
        how many lines are done, of how many. Raises NotAllowed."""
        read = await self.papers.read(actor, case_id, today)
        found = folders(read.matter)
        work = _Work(self, actor, read, Packer(self.largest), send)
        no_pdf = await work.lists(listed(found))
        await work.add(DATES, f"{dates}\n".encode())
        await work.all(found, told)
        # Last, since it lists the checksum of every file before it.
        await work.add(SUMS, "".join(f"{line}\n" for line in work.packer.sums).encode())
        await work.last()
        lines = [piece for folder in found for piece in folder.pieces]
        paper = sum(piece.kept == PAPER for piece in lines)
        return Packed(work.parts, work.packer.files, paper, no_pdf, work.ours)

    async def proof(self, actor: Actor, case_id: str, proof_id: str) -> tuple[bytes, str] | None:
        """Return a proof of a case and how its name ends; None for one that isn't there. Raises
        NotAllowed, and RecordAltered for one that was changed by hand."""
        async with self.database.read() as session:
            await case_for(session, actor, case_id, Permission.SEE_CASE)
            row = await session.get(Attachment, proof_id)
            # Left out, it wouldn't be missed: the archive would be taken for the whole case.
            refuse_altered(session)
            # A proof is asked for by its id alone, which may be another case's.
            if row is None or row.case_id != case_id:
                return None
            return row.content, ENDINGS[row.media_type]


@dataclass
class _Work:
    archive: Archive
    actor: Actor
    read: CaseForPapers
    packer: Packer
    send: Send
    parts: int = 0
    ours: bool = False

    async def lists(self, rows: tuple[Row, ...]) -> CannotPrint | None:
        papers, matter = self.archive.papers, self.read.matter
        here = matter.book.by_id.get(LIST_STEP)
        filled = await papers.filled(self.read, forms()[LIST_FORM], here)
        # What this archive lists, in place of what the rules ask to hand in.
        filled = replace(filled, rows={"papers": rows})
        await self.add(LIST, await self.word(filled))
        try:
            (content,) = await papers.set([list_job(matter, rows, filled.values)])
        except CannotPrint as error:
            # The list as Word is in the archive already: without fonts it is packed all the same.
            return error
        await self.add(LIST_PDF, content)
        return None

    async def all(self, found: tuple[Folder, ...], told: Told) -> None:
        pieces = [piece for folder in found for piece in folder.pieces]
        for done, piece in enumerate(pieces):
            await told(done, len(pieces))
            if piece.form is not None:
                await self.paper(f"{piece.path}.docx", piece.form, piece.step.id)
            for number, proof in enumerate(piece.proofs, 1):
                await self.proof(f"{piece.path}{number}", proof)

    async def paper(self, path: str, form: PaperForm, step_id: str) -> None:
        step = self.read.matter.book.step(step_id)
        filled = await self.archive.papers.filled(self.read, form, step)
        await self.add(path, await self.word(filled))

    async def word(self, filled: Filled) -> bytes:
        made = await self.archive.papers.document(filled)
        self.ours = self.ours or made.ours
        return await asyncio.to_thread(still, made.content)

    async def proof(self, path: str, proof_id: str) -> None:
        found = await self.archive.proof(self.actor, self.read.card.case_id, proof_id)
        if found is not None:
            await self.add(f"{path}.{found[1]}", found[0])

    async def add(self, path: str, content: bytes) -> None:
        full = self.packer.add(path, content)
        if full is not None:
            self.parts += 1
            await self.deliver(full, last=False)

    async def last(self) -> None:
        self.parts += 1
        await self.deliver(self.packer.part(), last=True)

    async def deliver(self, content: bytes, *, last: bool) -> None:
        file = self.read.file(title_of(self.parts, last), "zip", content)
        await self.send(replace(file, kind=CaptionKind.ARCHIVE))
