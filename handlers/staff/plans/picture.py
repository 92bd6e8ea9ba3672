"""The funnel of a year: each level a bar with its number, narrower from top to bottom. A fresh
machine has no Chinese font, so the words stand in the caption, under the same numbers."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from domain.plans import Funnel

WIDTH, BAR, GAP, MARGIN, INDEX = 720, 72, 12, 36, 56
"""Pixels. INDEX: room for the number of a line, left of the bars."""
APART = 30
"""Between who came through and who was struck out: that is no level."""
INSIDE = 110
"""A bar at least so wide holds its own number."""
PAPER, INK, FAINT, LIGHT = "#fbf8f2", "#3a2f2a", "#8a8178", "#ffffff"
COLOURS = ("#b03a2e", "#bd4f33", "#a8612b", "#2e7d4f", "#6f675f")
"""proposed, sent up, checked, in the plan, struck out: dark enough for white numbers."""


def values(found: Funnel) -> tuple[int, ...]:
    """The bars from top to bottom, as the caption names them."""
    return (found.proposed, found.forwarded, found.checked, found.accepted, found.struck_out)


def widths(found: Funnel) -> tuple[int, ...]:
    """How wide each bar is, the first one full; never nothing where there is somebody."""
    most = max(1, found.proposed)
    full = WIDTH - 2 * MARGIN - INDEX
    # Three pixels at least: one person among a thousand must not look like nobody.
    return tuple(max(3, round(full * number / most)) if number else 0 for number in values(found))


def draw(found: Funnel) -> bytes:
    """A PNG that can be read at the width of a phone."""
    bars = values(found)
    height = 2 * MARGIN + len(bars) * (BAR + GAP) - GAP + APART
    image = Image.new("RGB", (WIDTH, height), PAPER)
    pen = ImageDraw.Draw(image)
    for place, (number, width) in enumerate(zip(bars, widths(found), strict=True)):
        top = MARGIN + place * (BAR + GAP) + (APART if place == len(bars) - 1 else 0)
        _line(pen, place, top, number, width)
    made = BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()


def _line(pen: ImageDraw.ImageDraw, place: int, top: int, number: int, width: int) -> None:
    big, small = ImageFont.load_default(38), ImageFont.load_default(28)
    middle, centre = top + BAR // 2, MARGIN + INDEX + (WIDTH - 2 * MARGIN - INDEX) // 2
    pen.text((MARGIN, middle), str(place + 1), fill=FAINT, font=small, anchor="lm")
    left, right = centre - width // 2, centre + width // 2
    if width:
        pen.rounded_rectangle((left, top, right, top + BAR), 6, fill=COLOURS[place])
    if 0 < width < INSIDE:
        pen.text((right + 12, middle), str(number), fill=INK, font=big, anchor="lm")
    else:
        pen.text((centre, middle), str(number), fill=LIGHT if width else INK, font=big, anchor="mm")
