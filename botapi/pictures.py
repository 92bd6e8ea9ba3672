"""What kind of picture some bytes are."""

from dataclasses import dataclass
from io import BytesIO

LONGEST_SIDES, STEEPEST = 10_000, 20


@dataclass(frozen=True)
class Picture:
    width: int
    height: int
    content_type: str

    @property
    def fits(self) -> bool:
        """Telegram's limits: both sides together, and one against the other."""
        long, short = max(self.width, self.height), min(self.width, self.height)
        return self.width + self.height <= LONGEST_SIDES and long <= STEEPEST * short


def look(content: bytes) -> Picture | None:
    """None where it isn't a picture."""
    # Not loaded where no picture is sent.
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(content)) as image:
            kind = Image.MIME.get(image.format or "", "application/octet-stream")
            return Picture(*image.size, kind)
    # Pillow raises all of these for files that only begin like a picture.
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
