"""The funnel of a year as bars with their numbers. A fresh machine has no Chinese font, so the
words stand in the caption, in the same order."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from domain.plans import Funnel

WIDTH, BAR, GAP, MARGIN, ROOM = 720, 64, 22, 36, 96
"""Pixels; ROOM is what a number beside the widest bar needs."""
PAPER, INK = "#fbf8f2", "#3a2f2a"
COLOURS = ("#b03a2e", "#c45c3b", "#d4804a", "#2e7d4f", "#8a8178")
"""proposed, sent up, checked, in the plan, struck out."""


def values(found: Funnel) -> tuple[int, ...]:
    """The bars from top to bottom, as the caption names them."""
    return (found.proposed, found.forwarded, found.checked, found.accepted, found.struck_out)


def widths(found: Funnel) -> tuple[int, ...]:
    """How wide each bar is, the first one full; never nothing where there is somebody."""
    most = max(1, found.proposed)
    full = WIDTH - 2 * MARGIN - ROOM
    return tuple(max(3, round(full * number / most)) if number else 0 for number in values(found))


def draw(found: Funnel) -> bytes:
    """A PNG."""
    bars = values(found)
    height = 2 * MARGIN + len(bars) * BAR + (len(bars) - 1) * GAP
    image = Image.new("RGB", (WIDTH, height), PAPER)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(36)
    for place, (number, width) in enumerate(zip(bars, widths(found), strict=True)):
        top = MARGIN + place * (BAR + GAP)
        if width:
            pen.rectangle((MARGIN, top, MARGIN + width, top + BAR), fill=COLOURS[place])
        at = (MARGIN + width + 14, top + BAR // 2)
        pen.text(at, str(number), fill=INK, font=font, anchor="lm")
    made = BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()
