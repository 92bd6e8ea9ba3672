"""A case packed for the archive: what lies in which folder, the list of it, and the parts.

    1 申请入党/01 谈话记录.docx
    1 申请入党/02 佐证1.jpg
    归档目录.docx, 归档目录.pdf
    卷内日期核对.txt
    校验.txt                        what `sha256sum -c` reads, once all parts are unpacked

Nothing here is compressed: papers and photos are already, and a part's size is known before it is
written.
"""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO

from domain.case.answers import proofs_in
from domain.rulebook.schema import Rulebook, Step
from papers import values
from papers.filling import Row
from papers.forms import PaperForm, forms
from papers.matter import CaseOnPaper, PaperEntry
from papers.processes.typesetting import Job

TITLE = "归档"
LIST, LIST_PDF = "归档目录.docx", "归档目录.pdf"
DATES, SUMS = "卷内日期核对.txt", "校验.txt"
LIST_FORM, LIST_STEP = "archive_list", "25"
STILL = (2026, 1, 1, 0, 0, 0)
"""The time of every file inside: the same case packed twice gives the same bytes."""
OF_EACH, OF_ALL = 76, 22
"""Bytes that a ZIP adds for each file, beside its name twice, and at its end."""
PAPER, MADE = "纸质", "电子"
UNSAFE = str.maketrans(dict.fromkeys('\\/:*?"<>|\n', "_"))


@dataclass(frozen=True)
class Piece:
    """A line of the list. `form`, `step`: of a paper that is made; `proofs`: ids of files that were
    given; neither for what exists on paper alone. `path`: without its ending."""

    number: int
    title: str
    step: Step
    path: str
    form: PaperForm | None = None
    proofs: tuple[str, ...] = ()

    @property
    def kept(self) -> str:
        return MADE if self.form or self.proofs else PAPER


@dataclass(frozen=True)
class Folder:
    """What was handed in during a stage."""

    title: str
    pieces: tuple[Piece, ...]


def folders(matter: CaseOnPaper) -> tuple[Folder, ...]:
    """Return the stages that left something behind, each with its pieces in the order of steps."""
    found: list[Folder] = []
    number = 0
    for stage in matter.book.stages:
        title = f"{len(found) + 1} {stage.title.zh}".translate(UNSAFE)
        pieces = []
        for piece in _of_stage(matter, stage.id):
            number += 1
            path = f"{title}/{number:02} {piece[0]}".replace("\n", "")
            pieces.append(Piece(number, piece[0], piece[1], path, piece[2], piece[3]))
        if pieces:
            found.append(Folder(title, tuple(pieces)))
    return tuple(found)


def _of_stage(
    matter: CaseOnPaper, stage: str
) -> Iterator[tuple[str, Step, PaperForm | None, tuple[str, ...]]]:
    for step in _steps(matter.book, matter.entries, stage):
        for paper in step.papers:
            form = forms().get(paper.id) if paper.generated else None
            # A slip is printed, cast and kept on paper: a file of it proves nothing.
            title = _safe(form.title if form else paper.title.zh)
            yield title, step, form if form and form.made == "word" else None, ()
        for recorded, name in ((False, "佐证"), (True, "录音")):
            proofs = tuple(
                proof
                for entry in matter.entries
                if entry.step.id == step.id
                for proof in proofs_in(entry.step, entry.answers, recorded)
            )
            if proofs:
                yield f"{_safe(step.title.zh)}{name}", step, None, proofs


def _safe(title: str) -> str:
    return "".join(title.translate(UNSAFE).split())


def _steps(book: Rulebook, entries: Iterable[PaperEntry], stage: str) -> Iterator[Step]:
    """Those taken, in the order of the rules, each as it was in force on its last day."""
    last = {entry.step.id: entry.step for entry in entries}
    yield from (last[step.id] for step in book.steps if step.id in last and step.stage == stage)


def listed(found: Iterable[Folder]) -> tuple[Row, ...]:
    """Rows of the list; a folder's name stands above what is in it."""
    rows: list[Row] = []
    for folder in found:
        rows.append({"number": "", "title": folder.title, "kept": ""})
        for piece in folder.pieces:
            kept = f"{piece.kept}{len(piece.proofs)}份" if piece.proofs else piece.kept
            rows.append({"number": str(piece.number), "title": piece.title, "kept": kept})
    return tuple(rows)


def list_job(matter: CaseOnPaper, rows: Iterable[Row], said: Mapping[str, str]) -> Job:
    """The list as PDF. `said`: the values of its form."""
    data = {
        "title": forms()[LIST_FORM].title,
        "person": values.clean(matter.person),
        "branch": values.clean(matter.branch),
        "archived": said.get("held_on", values.BLANK),
        "receiver": said.get("receiver", values.BLANK),
        "rows": [[row["number"], row["title"], row["kept"]] for row in rows],
        "made": f"{matter.today:%Y-%m-%d}",
    }
    return Job("archive_list", data)


@dataclass
class Packer:
    """Writes parts of at most `largest` bytes, one at a time. A file larger than that is a part of
    its own."""

    largest: int
    sums: list[str] = field(default_factory=list)
    files: int = 0
    _size: int = OF_ALL
    _buffer: BytesIO = field(default_factory=BytesIO)
    _archive: zipfile.ZipFile | None = None

    def add(self, path: str, content: bytes) -> bytes | None:
        """Add a file; return the part that it no longer fitted into."""
        size = len(content) + OF_EACH + 2 * len(path.encode())
        # Reckoned before it is written: a part that turned out too large couldn't be shortened any
        # more.
        full = self.part() if self._archive and self._size + size > self.largest else None
        if self._archive is None:
            self._archive = zipfile.ZipFile(self._buffer, "w", zipfile.ZIP_STORED)
        # A ZipInfo of our own: by default the entry would carry the time of packing.
        self._archive.writestr(zipfile.ZipInfo(path, STILL), content)
        self._size += size
        self.files += 1
        self.sums.append(f"{sha256(content).hexdigest()}  {path}")
        return full

    def part(self) -> bytes:
        """Return what was packed since the last part, and begin another."""
        if self._archive is not None:
            self._archive.close()
        made = self._buffer.getvalue()
        self._archive, self._buffer, self._size = None, BytesIO(), OF_ALL
        return made


def title_of(number: int, last: bool) -> str:
    """What a part is called: how many there are is known with the last."""
    if last:
        return f"{TITLE}第{number}部分（共{number}部分）" if number > 1 else TITLE
    return f"{TITLE}第{number}部分"


def still(content: bytes) -> bytes:
    """A Word file with fixed times, so that what is in it alone decides about its bytes."""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, STILL)
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, source.read(name))
    return packed.getvalue()
