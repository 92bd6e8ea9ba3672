"""A filled paper as a Word file, and QR codes for print."""

from io import BytesIO
from pathlib import Path

import segno

from papers.filling import Filled
from papers.forms import QR, PaperForm

DOTS = 8
"""Picture dots for each square."""


def qr(link: str) -> bytes:
    """Return a PNG that can be read where a quarter of it is dirty or torn."""
    written = BytesIO()
    segno.make(link, error="q", micro=False).save(written, kind="png", scale=DOTS, border=2)
    return written.getvalue()


TEMPLATES = Path(__file__).parent / "templates"


def own(form: PaperForm) -> bytes:
    """Return our template of a form."""
    return (TEMPLATES / f"{form.id}.docx").read_bytes()


def document(filled: Filled) -> bytes:
    """Return the file. What was typed stays text: nothing in it is read as a template or as XML."""
    # Imported late: a bot that makes no paper today doesn't carry 20 MB for it.
    from docx.shared import Mm
    from docxtpl import DocxTemplate, InlineImage

    template = DocxTemplate(TEMPLATES / f"{filled.form.id}.docx")
    context: dict[str, object] = {
        **filled.values,
        "asked": filled.asked,
        "rows": filled.rows,
        "made": filled.made,
    }
    if filled.link:
        picture = BytesIO(qr(filled.link))
        context[QR] = InlineImage(template, picture, width=Mm(30))
    # Escaped: a name with & or < in it would make a file that Word can't open.
    template.render(context, autoescape=True)
    written = BytesIO()
    template.save(written)
    return written.getvalue()
