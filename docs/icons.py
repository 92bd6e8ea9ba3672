"""Draws the icons of the web chat that devices want as PNG, as gateway/web/page/icon.svg has them:
`python -m docs.icons`."""

from pathlib import Path

from PIL import Image, ImageDraw

PAGE = Path(__file__).resolve().parents[1] / "gateway" / "web" / "page"
RED, WHITE = "#c8372d", "#ffffff"
GRID = 32
"""Units of the drawing, as in the SVG's view box."""
FINER = 4
"""Drawn so much larger and made smaller, so that its edges are smooth."""
POINTS = 400
SAFE = 0.72
"""Of a maskable icon: whatever shape a device cuts out, it shows this much of the middle."""


def curve() -> list[tuple[float, float]]:
    """M9 23c0-8 14-4 14-13."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = (9, 23), (9, 15), (23, 19), (23, 10)
    found = []
    for place in range(POINTS + 1):
        t = place / POINTS
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        found.append((a * x0 + b * x1 + c * x2 + d * x3, a * y0 + b * y1 + c * y2 + d * y3))
    return found


def drawn(size: int, corner: float, share: float = 1.0) -> Image.Image:
    """`corner`: radius in units, 0 for a full square. `share`: how much of it the sign takes."""
    whole = size * FINER
    image = Image.new("RGBA", (whole, whole), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, whole - 1, whole - 1), corner * whole / GRID, fill=RED)

    def spot(x: float, y: float, radius: float) -> None:
        middle, scale = whole / 2, whole / GRID * share
        left, top = middle + (x - GRID / 2) * scale, middle + (y - GRID / 2) * scale
        reach = radius * scale
        pen.ellipse((left - reach, top - reach, left + reach, top + reach), fill=WHITE)

    for x, y in curve():
        spot(x, y, 1.5)
    spot(23, 9, 3)
    spot(9, 23, 3)
    return image.resize((size, size), Image.Resampling.LANCZOS)


ICONS = {
    "icon-180.png": (180, 0.0, 0.9),
    "icon-192.png": (192, 9.0, 1.0),
    "icon-512.png": (512, 9.0, 1.0),
    "icon-maskable-512.png": (512, 0.0, SAFE),
}


def main() -> None:
    for name, (size, corner, share) in ICONS.items():
        drawn(size, corner, share).save(PAGE / name, optimize=True)


if __name__ == "__main__":
    main()
