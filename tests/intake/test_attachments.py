"""Attachments come out without where they came from, or not at all (docs/promises.md P6)."""

import zlib
from io import BytesIO
from itertools import pairwise
from zipfile import ZipFile

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from services.attachments.errors import Unusable
from services.attachments.formats import JPEG, LARGEST, PDF, WORD, CleanFile, clean
from tests.house.test_house import ROOT
from tests.intake import samples
from tests.intake.citizens import Citizen
from tests.intake.conftest import Stored
from tests.intake.tried import REFUSED, TAKEN, big, table

CANARY = "CANARY9f3a"


def everything_in(file: CleanFile) -> bytes:
    """The file with all its streams unpacked."""
    content = file.content
    if file.media_type == WORD:
        return samples.unpacked(content)
    if file.media_type == PDF:
        writer = PdfWriter(clone_from=BytesIO(content))
        streams = [thing.get_data() for thing in writer._objects if hasattr(thing, "get_data")]
        return content + repr(writer._objects).encode() + b"".join(streams)
    return content


def test_the_samples_hold_what_is_looked_for() -> None:
    for content in (samples.photo(CANARY), samples.pdf(CANARY), samples.photo(CANARY, "WEBP")):
        assert CANARY.encode() in content
    assert CANARY.encode() in samples.unpacked(samples.word(CANARY))
    assert everything_in(CleanFile(samples.pdf(CANARY), PDF)).count(CANARY.encode()) >= 8


def pages_of(file: CleanFile) -> int:
    return len(PdfReader(BytesIO(file.content)).pages) if file.media_type == PDF else 1


@pytest.mark.parametrize("name", TAKEN)
def test_of_each_kind_that_is_taken_nothing_but_the_evidence_is_left(name: str) -> None:
    make, media_type, pages = TAKEN[name]
    cleaned = clean(make(CANARY))
    assert (cleaned.media_type, pages_of(cleaned)) == (media_type, pages)
    assert CANARY.encode() not in everything_in(cleaned)
    if media_type == JPEG:
        with Image.open(BytesIO(cleaned.content)) as picture:
            assert not picture.getexif()
            assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("name", REFUSED)
def test_each_kind_that_is_refused_has_its_own_reason(name: str) -> None:
    make, reason = REFUSED[name]
    with pytest.raises(Unusable) as refused:
        clean(make(CANARY))
    assert refused.value.reason == reason


def test_the_table_of_kinds_shows_what_was_tried() -> None:
    page = (ROOT / "docs" / "formats.md").read_text("utf-8")
    assert table() in page, f"put into docs/formats.md:\n{table()}"
    assert f"**{len(TAKEN)} of {len(TAKEN) + len(REFUSED)}**" in page


@pytest.mark.parametrize(
    ("sent", "kept"),
    [((8064, 6048), 6_000_000), ((4032, 3024), 6_000_000), ((2000, 1500), 3_000_000)],
)
def test_a_photo_keeps_the_points_that_make_a_sheet_readable(
    sent: tuple[int, int], kept: int
) -> None:
    with Image.open(BytesIO(clean(big(*sent, "")).content)) as picture:
        assert kept * 0.99 < picture.width * picture.height <= kept
        assert picture.width / picture.height == pytest.approx(4 / 3, abs=0.01)


@pytest.mark.parametrize(("sent", "across"), [((1080, 12_000), 1080), ((1440, 9_000), 1080)])
def test_a_long_screenshot_keeps_its_width_and_every_line(
    sent: tuple[int, int], across: int
) -> None:
    """Each line of it is a grey of its own: none is missing, and the pages overlap."""
    shades = Image.linear_gradient("L").resize(sent)
    pages = PdfReader(BytesIO(clean(samples.saved(shades, "PNG")).content)).pages
    ends = []
    for page in pages:
        [drawn] = page.images
        assert drawn.image is not None
        grey = drawn.image.convert("L")
        assert grey.width == across
        assert grey.height <= across * 2.6
        ends.append((grey.getpixel((9, 0)), grey.getpixel((9, grey.height - 1))))
    assert ends[0][0] == 0
    assert ends[-1][1] == 255
    assert all(before[1] >= after[0] for before, after in pairwise(ends))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_black_words_on_nothing_are_put_on_white(mode: str) -> None:
    picture = Image.new("RGBA", (60, 40))
    picture.paste((0, 0, 0, 255), (0, 0, 30, 40))
    content = samples.saved(picture.convert(mode), "PNG")
    with Image.open(BytesIO(clean(content).content)) as kept:
        assert kept.convert("L").getpixel((10, 20)) < 20  # type: ignore[operator]
        assert kept.convert("L").getpixel((50, 20)) > 235  # type: ignore[operator]


def test_a_grey_of_16_bits_keeps_its_shade() -> None:
    content = samples.saved(Image.new("I;16", (60, 40), 32_768), "PNG")
    with Image.open(BytesIO(clean(content).content)) as kept:
        assert 120 < kept.convert("L").getpixel((30, 20)) < 136  # type: ignore[operator]


def test_tracked_changes_are_settled() -> None:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    document = (
        f'<w:document xmlns:w="{space}"><w:body><w:p>'
        f'<w:del w:author="{CANARY}"><w:r><w:delText>DELETED</w:delText></w:r></w:del>'
        f'<w:ins w:author="{CANARY}"><w:r><w:t>INSERTED</w:t></w:r></w:ins>'
        f'<w:r><w:rPr><w:rPrChange w:author="{CANARY}"/></w:rPr><w:t>KEPT</w:t></w:r>'
        "</w:p></w:body></w:document>"
    )
    content = samples.word(CANARY, **{"word/document.xml": document.encode()})
    left = samples.unpacked(clean(content).content)
    for gone in (b"DELETED", CANARY.encode(), b":ins", b"rPrChange"):
        assert gone not in left
    for kept in (b"INSERTED", b"KEPT"):
        assert kept in left


def test_a_photo_that_lies_on_its_side_is_set_upright() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    written = BytesIO()
    samples.image().save(written, "JPEG", exif=turned)
    with Image.open(BytesIO(clean(written.getvalue()).content)) as picture:
        assert picture.size == (40, 60)


def test_of_a_pdf_the_pages_are_left() -> None:
    cleaned = clean(samples.pdf(CANARY, pages=3))
    assert cleaned.media_type == PDF
    assert CANARY.encode() not in everything_in(cleaned)
    reader = PdfReader(BytesIO(cleaned.content))
    assert len(reader.pages) == 3
    assert not reader.metadata
    [picture] = reader.pages[2].images
    assert picture.image is not None
    assert picture.image.size == (60, 40)


def test_what_stands_on_a_paper_is_drawn_onto_it_and_nobody_is_named() -> None:
    cleaned = clean(samples.official_pdf(CANARY))
    assert CANARY.encode() not in everything_in(cleaned)
    [page] = PdfReader(BytesIO(cleaned.content)).pages
    assert "/Annots" not in page
    said = page.extract_text()
    assert "FILLED" in said
    assert "SEALED" in said
    assert "NOTE" not in said
    assert "HIDDEN" not in said
    drawn = page.get_contents()
    assert drawn is not None
    # Its place: twice as wide and as high as it was drawn, at 100, 100.
    assert drawn.get_data().count(b"2.00000 0 0 2.00000 100.00000 100.00000 cm") == 2


def test_of_a_word_file_the_words_and_the_picture_are_left() -> None:
    cleaned = clean(samples.word(CANARY))
    assert cleaned.media_type == WORD
    assert CANARY.encode() not in everything_in(cleaned)
    with ZipFile(BytesIO(cleaned.content)) as archive:
        assert set(archive.namelist()) == {
            "[Content_Types].xml",
            "word/document.xml",
            "word/_rels/document.xml.rels",
            "word/media/image1.jpeg",
        }
        assert "没有公开" in archive.read("word/document.xml").decode()
        assert b'Target="media/image1.jpeg"' in archive.read("word/_rels/document.xml.rels")
        assert {info.date_time[0] for info in archive.infolist()} == {1980}


def bomb_of_pixels() -> bytes:
    """A small PNG of 60,000 times 60,000 points."""
    content = bytearray(samples.photo(CANARY, "PNG"))
    content[16:24] = (60000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


def bomb_of_jpeg() -> bytes:
    """A small JPEG that says it is of 60,000 times 60,000 points."""
    content = bytearray(samples.jpeg())
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = (60000).to_bytes(2, "big") * 2
    return bytes(content)


def locked_archive() -> bytes:
    content = bytearray(samples.word(CANARY))
    content[6] |= 1
    place = content.find(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


LAUGHS = b'<!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'
HOSTILE = {
    "a bomb of pixels": (bomb_of_pixels(), "too_many_pixels"),
    "many pixels": (samples.saved(Image.new("1", (9000, 5000)), "PNG"), "too_many_pixels"),
    "a bomb of JPEG": (bomb_of_jpeg(), "too_many_pixels"),
    "a bomb of zeros": (samples.word(CANARY, x=bytes(50 * 1024 * 1024)), "too_big"),
    "half a PDF": (samples.pdf(CANARY)[:300], "not_readable"),
    "half a photo": (samples.photo(CANARY)[:900], "not_readable"),
    "half an archive": (samples.word(CANARY)[:900], "not_readable"),
    "a locked archive": (locked_archive(), "not_readable"),
    "another archive": (samples.archive_of({"a": b"1"}), "packed"),
    "laughs": (samples.archive_of({"word/document.xml": LAUGHS}), "not_readable"),
    "hidden laughs": (
        samples.archive_of({"word/document.xml": LAUGHS.decode().encode("utf-16")}),
        "not_readable",
    ),
    "nothing": (b"", "empty"),
    "too much": (bytes(LARGEST + 1), "too_big"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_cleaned_is_refused_with_the_reason(name: str) -> None:
    content, reason = HOSTILE[name]
    with pytest.raises(Unusable) as refused:
        clean(content)
    assert refused.value.reason == reason


async def test_what_is_stored_opens_to_the_cleaned_file_alone(
    citizen: Citizen, stored: Stored
) -> None:
    await citizen.gets_to("evidence")
    for made in (samples.photo(CANARY), samples.pdf(CANARY), samples.word(CANARY)):
        await citizen.sends(citizen.offers(f"{CANARY}-{len(made)}", made))
    await citizen.presses("没有了")
    await citizen.presses("确认，交上去")
    files = [CleanFile.unpack(stored.opener.open(row.sealed)) for row in await stored.files()]
    assert {file.media_type for file in files} == {JPEG, PDF, WORD}
    for file in files:
        assert CANARY.encode() not in everything_in(file)
