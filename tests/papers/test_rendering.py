"""Every paper through an office program: it opens, fits its pages, and reads as it was written."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from benchmarks.left_behind import ends_with_us
from papers.figures import Block, Bundle, Listed
from papers.figures_sheet import sheet
from papers.sheets.cells import read as value_in
from papers.sheets.columns import columns_of
from papers.sheets.mapping import mapped
from papers.sheets.reading import read
from papers.sheets.writing import workbook
from papers.word import document
from tests.papers.matters import CITY, NASTY, PERSON, every, filled, matter

OFFICE = shutil.which("soffice")
PAGES = {"minutes": 2, "chair_script": 2, "visit_record": 2, "activist_filing": 2,
         "notice_report": 2, "committee_examination": 2, "whole_process": 4,
         "archive_list": 2}  # fmt: skip
"""How many pages a full paper may have; all others one."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        OFFICE is None and not os.environ.get("CI"),
        reason="LibreOffice (soffice) isn't there; .ci/run installs it",
    ),
]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All papers at once: the program takes seconds to start."""
    folder = tmp_path_factory.mktemp("papers")
    about = {"full": matter(), "empty": matter(full=False), "nasty": matter(name=NASTY)}
    for state, case in about.items():
        for form, here in every():
            name = f"{form.id}-{here.id if here else 'case'}-{state}.docx"
            (folder / name).write_bytes(document(filled(form, here, case)))
    convert(folder, "pdf", folder.glob("*.docx"))
    return folder


def convert(folder: Path, kind: str, files: Iterable[Path]) -> None:
    assert OFFICE is not None, ".ci/run installs libreoffice-writer-nogui, libreoffice-calc-nogui"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [OFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(folder)]
    with subprocess.Popen(
        [*command, *map(str, sorted(files))],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        ends_with_us(process.pid)
        assert process.wait(timeout=300) == 0


def test_every_paper_opens_fits_its_pages_and_says_whom_it_is_about(rendered: Path) -> None:
    papers = sorted(rendered.glob("*.docx"))
    assert len(papers) == 3 * len(list(every()))
    for path in papers:
        form, _, state = path.stem.split("-")
        pages = PdfReader(path.with_suffix(".pdf")).pages
        said = "".join("".join(page.extract_text().split()) for page in pages)
        # A name that nobody has takes more lines.
        assert len(pages) <= PAGES.get(form, 1) or state == "nasty", path.stem
        assert "以签字盖章的为准" in said, path.stem
        assert f"—{len(pages)}—" in said, path.stem
        assert ("{{7*7}}" if state == "nasty" else PERSON) in said, path.stem


def test_a_long_list_repeats_its_head(rendered: Path) -> None:
    pages = PdfReader(rendered / "whole_process-case-full.pdf").pages
    assert len(pages) > 1
    for page in pages[:-1]:
        assert "序号" in page.extract_text()


DAY = date(2026, 3, 5)
CELLS = {"case.number": "1", "case.branch": "第一支部", "case.person": PERSON, "1.sex": "女",
         "1.day": DAY, "17.day": DAY, "9.introducers": "欧阳玥、钱𬭎"}  # fmt: skip


async def test_a_sheet_of_ours_is_read_by_an_office_program_and_read_back_as_it_saves_it(
    tmp_path: Path,
) -> None:
    """In its own format, in that of old Excel, and as text; a name stays a name."""
    columns = columns_of(CITY)
    rows = [[{**CELLS, "case.person": name}.get(c.of) for c in columns]
            for name in (PERSON, "=1+1")]  # fmt: skip
    (tmp_path / "list.xlsx").write_bytes(workbook("发展名册", columns, rows))
    for kind in ("ods", "xls", "csv:Text - txt - csv (StarCalc):44,34,76"):
        convert(tmp_path, kind, [tmp_path / "list.xlsx"])
        content = (tmp_path / f"list.{kind.partition(':')[0]}").read_bytes()
        found = mapped(await read(content), columns)
        assert found is not None, kind
        for (_, cells), row in zip(found.rows, rows, strict=True):
            assert {
                c.of: value_in(c, cells[place], DAY) for place, c in found.columns.items()
            } == {c.of: value_in(c, str(cell or ""), DAY)
                  for c, cell in zip(columns, row, strict=True)}, kind  # fmt: skip


def test_figures_of_ours_are_opened_with_their_charts(tmp_path: Path) -> None:
    bars = Block("按阶段", ("人数",), (("预备党员", (12,)), ("发展对象", (345,))), "bars")
    bundle = Bundle("林草局党委", 2026, DAY, (bars,), (Listed("名单", ("姓名",), ((PERSON,),)),))
    (tmp_path / "figures.xlsx").write_bytes(sheet(bundle))
    convert(tmp_path, "pdf", [tmp_path / "figures.xlsx"])
    pages = PdfReader(tmp_path / "figures.pdf").pages
    said = "".join("".join(page.extract_text().split()) for page in pages)
    assert "林草局党委" in said
    # In the table and at its bar.
    assert said.count("345") == 2
    assert PERSON in said
