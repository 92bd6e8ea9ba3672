"""The papers that can be made: a file each in `forms/`, with its title, its fields and its text."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from domain.files.toml import FileModel, Finding, build, parse, read_text, refuse
from domain.rulebook.schema import Rulebook, Step
from papers import sources

FOLDER = Path(__file__).parent / "forms"
COMMON = "common"
"""Fields that every paper may use."""
SAID, ONLY_IF = re.compile(r"\{\{ (\w+) \}\}"), re.compile(r"^\|?\?(\w+)")
USED = re.compile(f"{SAID.pattern}|{ONLY_IF.pattern}", re.MULTILINE)
LINK, QR = "link", "qr"
"""The address to which a paper leads, and its picture."""
GIVEN = frozenset(
    {LINK, QR, "number", "step", "day", "body", "source", "title", "kept", "organisation", "year"}
)
"""That, and what a row of a list holds; such rows begin with `|*`."""
WORD, SLIP = "word", "slip"
ALSO_PDF = frozenset({"notice", "archive_list"})
"""Papers that are typeset as well, which an own template can't be."""
REPORT_FORMS = ("report_register", "report_check", "report_answer")
"""Papers of a report, in the order in which they are needed."""


@dataclass(frozen=True)
class FormField:
    """`of`: where its value comes from. `label`: what is missing, as the reader is told. `none`:
    what stands there when the entry left it open. `optional`: nobody is told that it is missing.
    `by_stage`: what stands there in steps of a stage where no entry says it."""

    of: str
    label: str
    none: str = ""
    optional: bool = False
    by_stage: Mapping[str, str] = field(default_factory=dict)


class _File(FileModel):
    title: str = ""
    made: str = WORD
    fields: Mapping[str, FormField] = {}
    text: str = ""


@dataclass(frozen=True)
class PaperForm:
    """A paper. `made`: `word` from the template of its name, `slip` as a ballot to cut. `text`: its
    layout, which `papers.layout` turns into the template."""

    id: str
    title: str
    fields: Mapping[str, FormField]
    text: str
    made: str = WORD

    @cached_property
    def used(self) -> tuple[str, ...]:
        """The fields and conditions in the order in which they stand on the paper."""
        return tuple(name for name in _names(self.text) if name in self.fields)

    def shown(self, asked: Mapping[str, bool]) -> tuple[str, ...]:
        """The fields that are seen, where some lines stand on the paper only for what is asked."""
        lines = self.text.splitlines()
        kept = (line for line in lines if all(asked[name] for name in ONLY_IF.findall(line)))
        names = dict.fromkeys(SAID.findall("\n".join(kept)))
        return tuple(name for name in names if name in self.fields)


@cache
def forms(folder: Path = FOLDER) -> Mapping[str, PaperForm]:
    """All papers by id. Raises FileError."""
    common = _read(folder, COMMON).fields
    found: dict[str, PaperForm] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.stem != COMMON:
            file = _read(folder, path.stem)
            # A paper's own field of a name stands before the common one.
            fields = {**common, **file.fields}
            found[path.stem] = PaperForm(
                path.stem, file.title, fields, file.text.strip("\n"), file.made
            )
    return found


def _read(folder: Path, name: str) -> _File:
    path = folder / f"{name}.toml"
    return build(path.name, parse(path.name, read_text(path)), _File)


def check(all_forms: Iterable[PaperForm], books: Iterable[Rulebook]) -> None:
    """Raises FileError for the first form that names what no rulebook asks, says what only people
    may say, or uses a field that it doesn't explain."""
    known = tuple(books)
    for form in all_forms:
        refuse(f"{form.id}.toml", [*_unknown(form, known), *_unexplained(form)])


def _unknown(form: PaperForm, books: tuple[Rulebook, ...]) -> Iterator[Finding]:
    for name in form.used:
        for part in form.fields[name].of.split("|"):
            places = [(book, here) for book in books for here in places_of(form.id, book)]
            reasons = [sources.wrong(part, *place) for place in places]
            # One rulebook and step that asks for it is enough: a paper may serve several.
            if all(reasons):
                yield f"fields.{name}", reasons[-1]
            elif any(sources.forbidden(part, *place) for place in places):
                yield f"fields.{name}", f"{part} is written by hand, never filled in"


def _unexplained(form: PaperForm) -> Iterator[Finding]:
    for name in _names(form.text):
        if name not in form.fields and name not in GIVEN:
            yield "text", f"{name} is no field of this paper"


def _names(text: str) -> Iterator[str]:
    """Fields and conditions, in the order of the text."""
    yield from dict.fromkeys(said or condition for said, condition in USED.findall(text))


def places_of(paper: str, book: Rulebook) -> tuple[Step | None, ...]:
    """The steps that leave a paper behind; None stands for the case as a whole."""
    found = tuple(s for s in book.steps for p in s.papers if p.id == paper)
    return found or (None,)
