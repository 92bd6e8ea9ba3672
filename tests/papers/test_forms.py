"""Forms as data: every paper of the rules has one, and a wrong one is refused by file and key."""

from dataclasses import replace
from pathlib import Path

import pytest

from domain.files.toml import FileError
from papers.forms import REPORT_FORMS, check, forms
from papers.layout.__main__ import parts, template
from papers.word import TEMPLATES
from tests.papers.matters import CITY, NATION

PROCEDURE = Path(__file__).parents[2] / "docs" / "procedure.md"
HEAD = 'title = "试表"\ntext = """\n{text}\n"""\n\n[fields]\n{fields}\n'


def test_every_generated_paper_of_the_rules_has_a_form_and_no_form_is_left_over() -> None:
    papers = [paper for book in (CITY, NATION) for step in book.steps for paper in step.papers]
    made = {paper.id for paper in papers if paper.generated}
    by_hand = {paper.id for paper in papers if not paper.generated}
    assert made == set(forms()) - {"whole_process", "yearly_report", *REPORT_FORMS}
    assert not by_hand & set(forms())
    check(forms().values(), (CITY, NATION))


def test_the_papers_are_those_of_the_procedure_no_more_and_no_less() -> None:
    """docs/procedure.md § 8 names each by its id; what is written by hand is named below it."""
    page = PROCEDURE.read_text("utf-8")
    table, _, below = page[page.index("## § 8") :].partition("Never made")
    rows = [line.split("|")[2] for line in table.splitlines() if line.startswith("| ")][1:]
    named = [paper for row in rows for paper in row.replace("`", "").split()]
    assert sorted(named) == sorted(forms())
    for step in CITY.steps:
        for paper in step.papers:
            assert paper.generated or f"`{paper.id}`" in below, paper.id


def refused(tmp_path: Path, text: str, fields: str) -> str:
    folder = tmp_path / str(abs(hash(text)))
    folder.mkdir()
    (folder / "common.toml").write_text("[fields]\n", "utf-8")
    (folder / "talk_record.toml").write_text(HEAD.format(text=text, fields=fields), "utf-8")
    with pytest.raises(FileError) as caught:
        check(forms(folder).values(), (CITY, NATION))
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("2.holder", "step 2 has no holder"),
        ("99.day", "there is no step 99"),
        ("here.points", "step here has no points"),
        ("2.count.due", "step 2 has no count.due"),
        ("2.notice.last_day", "step 2 has no notice.last_day"),
        ("case.identity_number", "there is no case.identity_number"),
        ("landmark.pension", "there is no landmark.pension"),
        ("1.born_on|1.age", "step 1 has no age"),
        ("here.opinion", "here.opinion is written by hand, never filled in"),
        ("15.conclusion", "15.conclusion is written by hand, never filled in"),
    ],
)
def test_a_field_that_no_rule_asks_for_is_refused_by_file_and_key(
    tmp_path: Path, source: str, why: str
) -> None:
    said = refused(tmp_path, "{{ x }}", f'x = {{ of = "{source}", label = "某项" }}')
    assert said == f"talk_record.toml: fields.x: {why}"


def test_a_field_that_the_paper_uses_and_nobody_explains_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "{{ y }}", "") == "talk_record.toml: text: y is no field of this paper"
    assert "z is no field" in refused(tmp_path, "?z 只在有z时", "")


def test_a_key_that_a_form_does_not_know_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, "{{ x }}", 'x = { off = "2.day", label = "某项" }')
    assert said.startswith("talk_record.toml: fields.x")


def test_a_template_is_what_its_text_says() -> None:
    """All of them: `make check`."""
    form = forms()["resolution"]
    kept = parts((TEMPLATES / "resolution.docx").read_bytes())
    assert parts(template(form)) == kept
    assert parts(template(replace(form, text=form.text + "\n多一行"))) != kept
    assert not any("thumbnail" in name for name in kept)
