"""Every paper through an office program: it opens, fits its pages, and reads as it was written."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from pypdf import PdfReader

from benchmarks.left_behind import ends_with_us
from papers.word import document
from tests.papers.matters import NASTY, PERSON, every, filled, matter

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
    assert OFFICE is not None, ".ci/run installs libreoffice-writer-nogui"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [OFFICE, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    with subprocess.Popen(
        [*command, *map(str, sorted(folder.glob("*.docx")))],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        ends_with_us(process.pid)
        assert process.wait(timeout=300) == 0
    return folder


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
