"""Links and QR codes on paper: from a notice on the wall to a report about it, from a slip to the
question that it answers."""

from dataclasses import dataclass
from io import BytesIO

import segno

DOTS = 8
"""Picture dots for each square: 300 of them print sharply at the size of a stamp."""


@dataclass(frozen=True)
class NoticeLink:
    """`chat` leads to the public bot, `web` to the page; "" where there is none."""

    chat: str
    web: str


def link_to(notice: str, bot: str, page: str) -> NoticeLink:
    """Return the links of a notice. `bot`: the public bot's name in the messenger, `page`: the
    address of the web page."""
    return NoticeLink(
        chat=f"https://t.me/{bot}?start={notice}" if bot else "",
        web=f"{page}?about={notice}" if page else "",
    )


def qr(link: str) -> bytes:
    """Return a PNG of a QR code for print: readable where a quarter of it is dirty or torn."""
    written = BytesIO()
    segno.make(link, error="q", micro=False).save(written, kind="png", scale=DOTS, border=4)
    return written.getvalue()


FILL = "fill-"
"""Begins a start parameter that opens a question: `fill-CASE-STEP`."""
