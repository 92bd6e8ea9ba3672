"""The way from a notice on the wall to the report about it."""

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
    """`bot`: the public bot's name in the messenger, `page`: the address of the web page."""
    return NoticeLink(
        chat=f"https://t.me/{bot}?start={notice}" if bot else "",
        web=f"{page}?about={notice}" if page else "",
    )


def qr(link: str) -> bytes:
    """A PNG that a phone's camera reads, also where a quarter of it is dirty."""
    written = BytesIO()
    segno.make(link, error="q", micro=False).save(written, kind="png", scale=DOTS, border=4)
    return written.getvalue()
