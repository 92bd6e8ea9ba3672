"""What was kept of pictures, small enough for a page: whoever sent one looks whether it can still
be read. Made of files that were cleaned already, never of what was sent."""

import asyncio
from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import islice

from services.attachments.formats import JPEG, PDF, CleanFile
from services.attachments.sheets import pictures_in

WIDTH, QUALITY = 720, 70
"""Pixels: twice the width of a phone's screen, so that a screenshot's letters can be read."""
MOST = 24
"""Pictures of one report: a long screenshot alone may have a dozen pages."""


async def previews_of(files: Sequence[CleanFile]) -> tuple[bytes, ...]:
    """Return a JPEG for each picture, a long screenshot's pages one by one; none for what was sent
    as a document."""
    pictures = list(islice(_pictures(files), MOST))
    return await asyncio.to_thread(_all_small, pictures) if pictures else ()


def _pictures(files: Sequence[CleanFile]) -> Iterable[bytes]:
    for file in files:
        if file.media_type == JPEG:
            yield file.content
        elif file.media_type == PDF:
            yield from pictures_in(file.content)


def _all_small(pictures: Sequence[bytes]) -> tuple[bytes, ...]:
    return tuple(_small(picture) for picture in pictures)


def _small(picture: bytes) -> bytes:
    # Loaded with the first picture: a process that nobody sends one to goes without.
    from PIL import Image

    with Image.open(BytesIO(picture), formats=("JPEG",)) as image:
        # By width alone: a long picture made to fit a square couldn't be read.
        size = (
            min(WIDTH, image.width),
            max(1, image.height * min(WIDTH, image.width) // image.width),
        )
        image.draft("RGB", size)
        written = BytesIO()
        image.resize(size).save(written, "JPEG", quality=QUALITY)
    return written.getvalue()
