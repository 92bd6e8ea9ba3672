"""Ballots, counting sheet and notice as they are printed: read back from the PDF."""

from io import BytesIO

import pytest
from pypdf import PdfReader
from pypdf.generic import ByteStringObject, ContentStream, TextStringObject

from domain.rulebook.schema import Rulebook
from papers.filling import fill
from papers.forms import forms
from papers.print import ballots, boxes, notice, slips_of
from papers.processes import typesetting
from papers.processes.typeset_worker import chosen
from papers.processes.typesetting import Job, NoFonts, NotSet, fonts_used, typeset
from tests.papers.matters import CITY, LINK, NATION, PERSON, matter

DRAWN = (ByteStringObject, TextStringObject)
ODD = '#panic("x") $a$ *b* @c'


def read(content: bytes) -> PdfReader:
    return PdfReader(BytesIO(content))


def text(content: bytes) -> str:
    """On one line: where a line ends is the typesetter's."""
    pages = (page.extract_text() for page in read(content).pages)
    return "".join("".join(page.split()) for page in pages)


def glyphs(content: bytes) -> list[int]:
    """Numbers of what is drawn, in the fonts of the file; 0 is the empty box of a character that
    no font has."""
    found: list[int] = []
    for page in read(content).pages:
        for operands, operator in ContentStream(page.get_contents(), None).operations:
            shown = {b"Tj": operands, b"TJ": operands[0] if operands else ()}.get(operator, ())
            for drawn in (one.original_bytes for one in shown if isinstance(one, DRAWN)):
                found += [
                    int.from_bytes(drawn[at : at + 2], "big") for at in range(0, len(drawn), 2)
                ]
    return found


@pytest.mark.parametrize(("due", "slips"), [(1, 2), (20, 21), (21, 23), (48, 51), (100, 105)])
def test_five_per_cent_more_rounded_up(due: int, slips: int) -> None:
    assert slips_of(due) == slips


@pytest.mark.parametrize(
    ("book", "step", "words"),
    [
        (CITY, "14a", ("赞成", "不赞成")),
        (CITY, "22c", ("赞成", "不赞成")),
        (CITY, "15", ("同意", "不同意", "弃权")),
        (NATION, "23", ("同意", "不同意", "弃权")),
    ],
)
def test_a_slip_has_the_answers_that_the_rules_count(
    book: Rulebook, step: str, words: tuple[str, ...]
) -> None:
    assert boxes(book.step(step)) == words


@pytest.mark.own_process
async def test_slips_bear_the_name_the_rules_and_nothing_by_which_anybody_is_known() -> None:
    asked = ballots("表决票", matter(), CITY.step("15"), 48, "https://t.me/bot?start=fill-x-15")
    slips, sheet = await typeset(asked)
    assert len(read(slips).pages) == 7
    said = text(slips)
    assert said.count("表决票") == said.count("盖章处") == said.count("是废票") == 51
    assert said.count("讨论接收为预备党员") == 51
    assert said.count(PERSON) == 51
    assert not any(character.isdecimal() for character in said)
    assert not any(page.images for page in read(slips).pages)
    counting = text(sheet)
    assert len(read(sheet).pages) == 1
    assert all(
        word in counting for word in ("计票单", PERSON, "51张", "废票", "监票人签名", "扫码")
    )
    assert "以签字盖章的为准" in counting


async def test_a_notice_is_a_sheet_or_a_poster_with_the_same_words() -> None:
    filled = fill(forms()["notice"], matter(), CITY.step("8a"), {}, LINK)
    sheet, poster = await typeset([notice(filled, poster=big) for big in (False, True)])
    for content, width in ((sheet, 210), (poster, 297)):
        assert float(read(content).pages[0].mediabox.width) == pytest.approx(
            width / 25.4 * 72, 0.01
        )
        said = text(content)
        assert "拟将赵𠮷㛃喆确定为发展对象" in said
        assert "是最后一天" in said
        assert "受理电话：0470-0000000受理人：李组织员" in said
        assert "用自己的手机、自己的流量打开，不要在单位的软件里打开" in said
        assert LINK in said.replace("\u200b", ""), "for whoever types it"
        assert len(read(content).pages) == 1


@pytest.mark.parametrize(("name", "empty"), [("赵𠮷㛃喆玥", 0), ("赵\U00012000", 2)])
async def test_a_rare_character_is_no_empty_box(name: str, empty: int) -> None:
    # Cuneiform shows that a box would be found: the notice has the name twice.
    filled = fill(forms()["notice"], matter(name=name), CITY.step("8a"), {}, LINK)
    (sheet,) = await typeset([notice(filled, poster=False)])
    assert len(glyphs(sheet)) > 300
    assert glyphs(sheet).count(0) == empty


async def test_a_picture_of_a_page_and_what_looks_like_a_command_stays_text() -> None:
    odd = matter(name=ODD)
    filled = fill(forms()["notice"], odd, CITY.step("8a"), {})
    picture, slips = await typeset(
        [notice(filled, poster=False, kind="png"), ballots("票", odd, CITY.step("15"), 1, "x")[0]]
    )
    assert picture.startswith(b"\x89PNG")
    assert "".join(ODD.split()) in text(slips)


@pytest.mark.own_process
async def test_what_cannot_be_set_is_one_error_and_no_fonts_another() -> None:
    with pytest.raises(NotSet):
        await typeset([Job("no_such_template", {})])
    assert chosen({"DejaVu Sans"}) == {}
    with pytest.raises(NoFonts):
        typesetting.read(b'{"error": "fonts"}')
    with pytest.raises(NotSet):
        typesetting.read(b"Killed")


async def test_the_best_font_stands_first_and_one_for_rare_characters_behind() -> None:
    some = chosen({"FangSong_GB2312", "Noto Serif CJK SC", "SimHei"})
    assert some["body"] == ["FangSong_GB2312", "Noto Serif CJK SC"]
    assert some["heading"] == ["SimHei", "Noto Serif CJK SC"]
    assert chosen({"SimSun"})["heading"] == ["SimSun"]
    assert set(await fonts_used()) == {"body", "heading", "title"}
