"""A page as GB/T 9704 wants it: margins, fonts, lines, page numbers."""

from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

BODY, HEADING, TITLE, NUMBER = "仿宋_GB2312", "黑体", "方正小标宋简体", "宋体"
MARGINS = {"top": 37, "bottom": 35, "left": 28, "right": 26}
WIDTH = 210 - MARGINS["left"] - MARGINS["right"]
LINE, CELL_LINE = 28, 22
FOOT = "引路 {{ made }} 生成，以签字盖章的为准"


def blank() -> Doc:
    """Return an empty A4 document with the margins and footers of an official paper."""
    document = Document()
    _plain(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for side, width in MARGINS.items():
        setattr(section, f"{side}_margin", Mm(width))
    section.footer_distance = Mm(20)
    document.settings.odd_and_even_pages_header_footer = True
    _footers(section)
    return document


def _plain(document: Doc) -> None:
    """One style for everything, in the language in which it is set."""
    for style in list(document.styles):
        if style.name not in ("Normal", "Footer", "Default Paragraph Font", "Normal Table"):
            style.delete()
    normal = document.styles["Normal"]
    assert isinstance(normal, ParagraphStyle)
    fonts(normal.element.get_or_add_rPr(), BODY)
    normal.font.size = Pt(16)
    lines(normal.paragraph_format, LINE)
    for properties in document.styles.element.iter(qn("w:lang")):
        # Not Chinese for figures: else a line may end in the middle of a year.
        properties.set(qn("w:val"), "en-US")
        properties.set(qn("w:eastAsia"), "zh-CN")


def lines(form: object, points: int) -> None:
    setattr(form, "line_spacing_rule", WD_LINE_SPACING.EXACTLY)  # noqa: B010
    setattr(form, "line_spacing", Pt(points))  # noqa: B010
    setattr(form, "space_before", Pt(0))  # noqa: B010
    setattr(form, "space_after", Pt(0))  # noqa: B010


def fonts(properties: object, name: str) -> None:
    """For Chinese and for figures: otherwise Word sets those in a font of its own."""
    found = properties.find(qn("w:rFonts"))  # type: ignore[attr-defined]
    if found is None:
        found = OxmlElement("w:rFonts")
        properties.insert(0, found)  # type: ignore[attr-defined]
    for key in list(found.attrib):
        del found.attrib[key]
    for key in ("ascii", "hAnsi", "eastAsia", "cs"):
        found.set(qn(f"w:{key}"), name)


def set_in(run: Run, font: str, size: float) -> Run:
    fonts(run._r.get_or_add_rPr(), font)
    run.font.size = Pt(size)
    return run


def _footers(section: Section) -> None:
    """Who made the paper, and the page: odd ones at the right, even ones at the left."""
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        number = footer.paragraphs[0]
        number.alignment = side
        set_in(number.add_run("— "), NUMBER, 14)
        _page(number)
        set_in(number.add_run(" —"), NUMBER, 14)
        note = footer.add_paragraph()
        note.alignment = WD_ALIGN_PARAGRAPH.CENTER
        set_in(note.add_run(FOOT), NUMBER, 9)
        lines(note.paragraph_format, 14)


def _page(paragraph: Paragraph) -> None:
    run = set_in(paragraph.add_run(), NUMBER, 14)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        name = "w:fldChar" if kind else "w:instrText"
        element = OxmlElement(name)
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.set(qn("xml:space"), "preserve")
            element.text = text
        run._r.append(element)
