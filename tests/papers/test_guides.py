"""The page of a role: one A4 each, with the steps that are theirs by the rulebook."""

from datetime import date
from io import BytesIO

import pytest
from aiogram.methods import SendDocument
from aiogram.types import BufferedInputFile
from pypdf import PdfReader

from domain.rulebook.kinds import HELPERS
from domain.rulebook.schema import Role, Rulebook
from papers.guides import guide_pages, guides, own_steps
from papers.processes.typesetting import NoFonts, typeset
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.papers.matters import CITY, NATION

MADE = date(2026, 11, 30)


async def test_each_role_has_one_page_with_its_steps() -> None:
    assert {guide.role for guide in guides()} == set(Role) - HELPERS | {Role.INTRODUCER}
    asked = [
        guide_pages(frozenset({guide.role}), book, MADE)
        for book in (CITY, NATION)
        for guide in guides()
    ]
    for content in await typeset([*asked, guide_pages(frozenset(Role), CITY, MADE)]):
        pages = PdfReader(BytesIO(content)).pages
        said = "".join("".join(page.extract_text().split()) for page in pages)
        assert len(pages) == said.count("一页说明")
        assert "要记住" in said


@pytest.mark.parametrize("book", [CITY, NATION])
def test_helpers_share_a_page_and_see_what_any_of_them_signs(book: Rulebook) -> None:
    job = guide_pages(frozenset({Role.CONTACT, Role.HELPER}), book, MADE)
    (page,) = job.data["pages"]
    numbers = {line["number"] for line in page["steps"]}
    assert numbers == {step.id for step in own_steps(Role.HELPER, book)}
    assert {step.id for step in own_steps(Role.INTRODUCER, book)} <= numbers
    assert len(own_steps(Role.SECRETARY, book)) > len(own_steps(Role.ORGANISER, book))


async def test_the_page_comes_below_help(
    house: House, secretary: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    await secretary.says("/help")
    assert "每天做什么" in await secretary.presses("一页说明（打印）")
    (sent,) = [c for c in house.line.telegram.calls if isinstance(c, SendDocument)]
    assert isinstance(sent.document, BufferedInputFile)
    assert sent.document.filename == "一页说明.pdf"
    (page,) = PdfReader(BytesIO(sent.document.data)).pages
    assert "支部书记" in page.extract_text()

    async def no_fonts(*_: object) -> tuple[bytes, ...]:
        raise NoFonts

    monkeypatch.setattr("services.papers.glances.typeset", no_fonts)
    await secretary.says("/help")
    assert "没有中文字体" in await secretary.presses("一页说明（打印）")
