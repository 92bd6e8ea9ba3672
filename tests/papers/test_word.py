"""Every Word paper, full and empty: it opens, says what it should, and leaves to people what is
theirs."""

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pytest
from docx import Document
from docx.document import Document as Doc
from docx.shared import Mm, Pt

from papers.filling import Filled
from papers.forms import PaperForm
from papers.matter import PaperEntry
from papers.values import BLANK
from papers.word import document
from tests.papers.matters import CITY, HELPERS, NASTY, NATION, PERSON, every, filled, matter

FULL, EMPTY = matter(), matter(full=False)
PAPERS = list(every())
IDS = [f"{form.id}-{here.id if here else 'case'}" for form, here in PAPERS]


def opened(paper: Filled) -> Doc:
    return Document(BytesIO(document(paper)))


def said(paper: Doc) -> str:
    return "\n".join(_lines(paper))


def _lines(paper: Doc) -> Iterator[str]:
    yield from (paragraph.text for paragraph in paper.paragraphs)
    for table in paper.tables:
        yield from (cell.text for row in table.rows for cell in row.cells)
    for section in paper.sections:
        for footer in (section.footer, section.even_page_footer):
            yield from (paragraph.text for paragraph in footer.paragraphs)


@pytest.mark.parametrize(("form", "here"), PAPERS, ids=IDS)
def test_full_and_empty(form: PaperForm, here: object) -> None:
    step = next(place for known, place in PAPERS if known is form and place is here)
    full, empty = filled(form, step, FULL), filled(form, step, EMPTY)
    text, blank = said(opened(full)), said(opened(empty))
    assert full.missing == ()
    for name, value in full.values.items():
        assert not value or value.splitlines()[0] in text, name
    assert form.title in text
    assert form.title in blank
    for written in (text, blank):
        assert PERSON in written
        assert "引路 2026-11-28 生成，以签字盖章的为准" in written
        assert not any(mark in written for mark in ("{{", "}}", "{%", "%}", "None"))
    assert BLANK in blank or not empty.missing


@pytest.mark.parametrize(("form", "here"), PAPERS, ids=IDS)
def test_where_nothing_was_done_no_paper_tells_of_a_day(form: PaperForm, here: object) -> None:
    """But the notice, which is printed before it is posted."""
    step = next(place for known, place in PAPERS if known is form and place is here)
    told = re.findall(r"\d{4} ?[年.] ?\d{1,2}", said(opened(filled(form, step, EMPTY))))
    assert bool(told) == (form.id == "notice")


def opinionated(entry: PaperEntry) -> PaperEntry:
    return replace(entry, answers={**entry.answers, "opinion": "这句话是别人的意见"})


def test_nobody_s_opinion_and_no_conclusion_is_ever_filled_in() -> None:
    told = replace(FULL, entries=tuple(map(opinionated, FULL.entries)))
    for form, _here in every():
        used = {form.fields[name].of for name in form.used}
        assert not any(part.endswith((".opinion", ".conclusion")) for part in used), form.id
    talk = next(paper for paper in every() if paper[0].id == "talk_record" and paper[1])
    assert "这句话是别人的意见" not in said(opened(filled(*talk, told)))


def test_what_looks_like_a_template_stays_text() -> None:
    nasty = matter(said=NASTY, name=NASTY)
    for form, here in every():
        if form.id in ("talk_record", "notice_report", "whole_process", "opinions"):
            text = said(opened(filled(form, here, nasty)))
            assert "<b>&{{ 7*7 }}{% raw %}]]>" in text, form.id
            assert "\x07" not in text


def test_lines_of_a_long_answer_stay_lines() -> None:
    form, here = next(paper for paper in every() if paper[0].id == "opinions")
    text = said(opened(filled(form, here, matter(said="第一条\n第二条"))))
    assert "第一条\n第二条" in text


def test_the_page_is_that_of_an_official_paper() -> None:
    form, here = next(paper for paper in every() if paper[0].id == "resolution")
    paper = opened(filled(form, here, FULL))
    page, normal = paper.sections[0], paper.styles["Normal"]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    for margin, wanted in zip(margins, (37, 35, 28, 26), strict=True):
        assert margin is not None
        assert abs(margin - Mm(wanted)) < Mm(0.1)
    assert normal.font.size == Pt(16)
    assert normal.font.name == "仿宋_GB2312"
    assert paper.paragraphs[0].runs[0].font.size == Pt(22)
    assert 'w:line="560"' in normal.element.xml


def test_a_list_repeats_its_head_on_every_page() -> None:
    form, _ = next(paper for paper in every() if paper[0].id == "whole_process")
    paper = opened(filled(form, None, FULL))
    table = paper.tables[1]
    assert len(table.rows) == len(CITY.steps) + 1
    assert "tblHeader" in table.rows[0]._tr.xml
    assert [cell.text for cell in table.rows[2].cells] == [
        "2", "2 派人谈话", "2025.2.2", "党支部", "《细则》第7条",
    ]  # fmt: skip


def test_where_the_nation_alone_rules_no_paper_speaks_of_the_city() -> None:
    nation = matter(NATION)
    for form, here in every(NATION):
        if form.id in ("minutes", "chair_script"):
            text = said(opened(filled(form, here, nation)))
            assert "民主测评：" not in text
            assert "会前讲清" not in text
            assert set(HELPERS.values()) & set(text.split()) or "介绍人" in text
