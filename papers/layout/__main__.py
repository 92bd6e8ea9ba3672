"""`python -m papers.layout write | check`: the Word templates, made from the texts of the forms."""

import sys
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from docx.document import Document as Doc

from domain.files.toml import FileError
from domain.rulebook.reading.reader import load
from papers.forms import WORD, PaperForm, check, forms
from papers.layout.body import document_of
from papers.word import TEMPLATES

UNUSED = ("thumbnail", "stylesWithEffects", "customXml", "numbering", "webSettings")
"""What python-docx puts into every file: half a megabyte unpacked."""
STILL = (2026, 1, 1, 0, 0, 0)
"""The time of every part, so that the same text gives the same bytes."""
BOOKS = ("national_2026", "yakeshi")


def made() -> Mapping[Path, bytes]:
    """All templates by their file. Raises FileError."""
    check(forms().values(), [load(name) for name in BOOKS])
    return {
        TEMPLATES / f"{form.id}.docx": template(form)
        for form in forms().values()
        if form.made == WORD
    }


def template(form: PaperForm) -> bytes:
    return _packed(document_of(form))


def _packed(document: Doc) -> bytes:
    raw, packed = BytesIO(), BytesIO()
    for rels in (document.part.rels, document.part.package.rels):
        for name in [name for name, rel in rels.items() if rel.reltype.endswith(UNUSED)]:
            del rels[name]
    document.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(packed, "w") as target:
        for name in sorted(source.namelist()):
            part = zipfile.ZipInfo(name, STILL)
            part.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(part, source.read(name), compresslevel=9)
    return packed.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    """What a file holds: another zlib packs the same parts into other bytes."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def stale() -> list[str]:
    """The templates that aren't what their text says, and those without a text."""
    wanted = made()
    wrong = [
        path.name
        for path, content in wanted.items()
        if not path.exists() or parts(path.read_bytes()) != parts(content)
    ]
    return wrong + [p.name for p in sorted(TEMPLATES.glob("*.docx")) if p not in wanted]


def main(arguments: list[str]) -> int:
    try:
        if arguments == ["write"]:
            for path, content in made().items():
                path.write_bytes(content)
            return 0
        wrong = stale()
    except FileError as error:
        wrong = [f"{error.file}: {key}: {reason}" for key, reason in error.findings]
    for name in wrong:
        sys.stdout.write(f"papers/templates: {name}\n")
    if wrong:
        sys.stdout.write("`python -m papers.layout write` makes the templates anew\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
