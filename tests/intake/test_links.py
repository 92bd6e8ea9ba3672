"""From a notice on the wall to the report: a link, and its picture to hang beside it."""

from io import BytesIO

import segno
from PIL import Image

from handlers.public.web import texts as web_texts
from handlers.staff.form.outcome_texts import notice_link, own_phone
from papers.forms import forms
from services.intake.links import DOTS, link_to, qr


def dots(picture: bytes) -> list[list[bool]]:
    """The squares of a QR picture, dark or not, without its white border."""
    with Image.open(BytesIO(picture)) as image:
        grey = image.convert("L")
        side = grey.width // DOTS
        return [
            [int(grey.getpixel((x * DOTS + 4, y * DOTS + 4))) < 128 for x in range(4, side - 4)]  # type: ignore[arg-type]
            for y in range(4, side - 4)
        ]


def test_the_picture_says_the_link_and_nothing_else() -> None:
    link = link_to("0123456789abcdef", "yinlu_public_bot", "http://x.onion/report")
    assert link.chat == "https://t.me/yinlu_public_bot?start=0123456789abcdef"
    assert link.web == "http://x.onion/report?about=0123456789abcdef"
    expected = segno.make(link.chat, error="q", micro=False)
    assert dots(qr(link.chat)) == [[bool(dot) for dot in row] for row in expected.matrix]


def test_a_way_to_report_says_to_use_ones_own_telephone_and_names_the_page_first() -> None:
    link = link_to("0123456789abcdef", "yinlu_public_bot", "http://x.onion/report")
    said = notice_link(link).splitlines()
    assert "不要在单位的软件里打开" in said[1]
    assert said[2:] == [link.web, link.chat]
    assert own_phone() == web_texts.own_phone()
    assert own_phone().rstrip("。") in forms()["notice"].text


def test_where_a_door_is_missing_there_is_no_link_to_it() -> None:
    assert link_to("n", "", "http://x/report").chat == ""
    assert link_to("n", "bot", "").web == ""
