"""A hostile file ends with the process that reads it; the bot goes on (docs/promises.md P6, P9)."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, NumberObject

from handlers.public import texts
from services.attachments.errors import REASONS, Unusable
from services.attachments.formats import JPEG, PDF, clean
from services.attachments.process import AttachmentCleaner
from tests.intake import samples
from tests.intake.citizens import Citizen
from tests.intake.conftest import Stored
from tests.intake.tried import TAKEN

pytestmark = pytest.mark.own_process
HOSTILE = (str(Path(__file__).with_name("hostile.py")),)


async def refused(act: str, longest: float = 60) -> str:
    """The reason, where the process does `act`."""
    with pytest.raises(Unusable) as problem:
        await AttachmentCleaner(worker=HOSTILE, longest=longest).clean_here(act.encode())
    return problem.value.reason


@pytest.mark.parametrize("act", ["memory", "file", "connection", "nonsense", "unheard of", ""])
async def test_whatever_it_tries_it_is_a_file_that_cannot_be_read(act: str) -> None:
    assert await refused(act) == "not_readable"


async def test_it_is_given_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YINLU_PUBLIC_TOKEN", "43:TEST")
    assert await refused("environment") == "too_big"


async def test_what_never_ends_is_ended() -> None:
    assert await refused("time", longest=2) == "too_hard"


async def test_after_a_hostile_file_the_report_goes_on(citizen: Citizen, stored: Stored) -> None:
    await citizen.gets_to("evidence")
    bench = citizen.bot.bot_data["sessions"].intake.attachments
    bench.worker, real = HOSTILE, bench.worker
    assert "没有收" in await citizen.sends(citizen.offers("a", b"memory"))
    bench.worker = real
    assert "收到" in await citizen.sends(citizen.offers("b", samples.jpeg()))
    await citizen.presses("没有了")
    await citizen.presses("确认，交上去")
    assert len(await stored.files()) == 1


APART = ("JPEG", "PNG", "WebP", "GIF that stands still", "TIFF of three sheets", "AVIF",
         "HEIC, HEIF", "JPEG with a phone's second picture in it", "PDF",
         "PDF that may not be printed (AES-256)", "docx")  # fmt: skip


async def test_each_kind_comes_out_as_it_does_in_one_process() -> None:
    """Nothing that is loaded late is missed once no file can be opened any more."""
    bench = AttachmentCleaner()
    for name in APART:
        content = TAKEN[name][0]("c")
        apart, here = await bench.clean_here(content), clean(content)
        assert apart.media_type == here.media_type, name
        # Each copy of an encrypted PDF names other keys.
        assert len(apart.content) == pytest.approx(len(here.content), abs=20), name


def scanned(filter_name: str, content: bytes, colour: str | None = None) -> bytes:
    """A PDF of one page with one picture, as a scanner writes it."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    stream = DecodedStreamObject()
    stream.set_data(content)
    stream.update({
        NameObject("/Type"): NameObject("/XObject"),
        NameObject("/Subtype"): NameObject("/Image"),
        NameObject("/Width"): NumberObject(60),
        NameObject("/Height"): NumberObject(40),
        NameObject("/Filter"): NameObject(filter_name),
    })  # fmt: skip
    if colour:
        stream[NameObject("/ColorSpace")] = NameObject(colour)
    drawn = DecodedStreamObject()
    drawn.set_data(b"q 200 0 0 200 0 0 cm /Im0 Do Q")
    page[NameObject("/Contents")] = writer._add_object(drawn)
    named = DictionaryObject({NameObject("/Im0"): writer._add_object(stream)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): named})
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def jpeg_2000(mode: str = "RGB") -> bytes:
    written = BytesIO()
    samples.image().convert(mode).save(written, "JPEG2000")
    return written.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L"])
async def test_a_scan_in_jpeg_2000_is_drawn_anew(mode: str) -> None:
    canary = b"CANARY9f3a"
    box = (len(canary) + 8).to_bytes(4, "big") + b"xml " + canary
    content = jpeg_2000(mode) + box
    cleaned = await AttachmentCleaner().clean_here(scanned("/JPXDecode", content))
    assert cleaned.media_type == PDF
    assert canary in scanned("/JPXDecode", content)
    assert canary not in cleaned.content
    [picture] = PdfReader(BytesIO(cleaned.content)).pages[0].images
    assert picture.image is not None
    assert (picture.image.size, picture.image.mode) == ((60, 40), mode)
    colour = picture.image.convert("RGB").getpixel((30, 20))
    expected = samples.image().convert(mode).convert("RGB").getpixel((30, 20))
    assert isinstance(colour, tuple)
    assert isinstance(expected, tuple)
    assert all(abs(a - b) < 12 for a, b in zip(colour, expected, strict=True))


async def test_a_photo_in_jpeg_2000_is_taken() -> None:
    cleaned = await AttachmentCleaner().clean_here(jpeg_2000())
    assert cleaned.media_type == JPEG
    with Image.open(BytesIO(cleaned.content)) as picture:
        assert picture.size == (60, 40)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (scanned("/JBIG2Decode", b"\x00" * 40), "scanned_jbig2"),
        (scanned("/JPXDecode", b"\x00" * 40), "not_readable"),
        (scanned("/JPXDecode", jpeg_2000(), "/DeviceCMYK"), "not_readable"),
    ],
    ids=["JBIG2", "no JPEG 2000", "other colours"],
)
async def test_a_scan_that_cannot_be_drawn_anew_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(Unusable) as problem:
        await AttachmentCleaner().clean_here(content)
    assert problem.value.reason == reason


def test_for_every_reason_there_is_a_sentence_that_says_what_would_work() -> None:
    said = {reason: texts.unusable(reason) for reason in REASONS}
    assert len(set(said.values())) == len(REASONS)
    assert all("请" in sentence and "前面的都在" in sentence for sentence in said.values())
    assert "JBIG2" in said["scanned_jbig2"]
    assert "照片" in said["scanned_jbig2"]
