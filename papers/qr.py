"""QR codes for print."""

from io import BytesIO

import segno

DOTS = 8
"""Picture dots for each square."""


def qr(link: str) -> bytes:
    """Return a PNG that can be read where a quarter of it is dirty or torn."""
    written = BytesIO()
    segno.make(link, error="q", micro=False).save(written, kind="png", scale=DOTS, border=2)
    return written.getvalue()
