"""Draw the rooms, their packages and who imports whom: docs/pictures/rooms.svg.

    python -m docs.rooms write    draw it anew
    python -m docs.rooms check    end with 1 when the picture is out of date

Arrows come from the import statements, so the picture can't promise what the code doesn't keep. An
arrow that follows from two others is left out: `bot` reaches `domain` through `services`.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "pictures" / "rooms.svg"
DIVIDED = "handlers"
"""A folder that holds two rooms, which never import each other."""
MARGIN, GAP_X, GAP_Y, LINE, PADDING, WIDTH, PER_LINE = 20, 30, 56, 18, 14, 250, 30
STYLE = (
    "text{font-family:system-ui,sans-serif;font-size:13px;fill:#1f2933}"
    ".room{font-weight:600;font-size:15px}.box{fill:#f5f7fa;stroke:#52606d}"
    ".arrow{stroke:#7b8794;stroke-width:1.5;fill:none;marker-end:url(#head)}"
)

Graph = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Box:
    room: str
    lines: tuple[str, ...]
    x: int
    y: int
    row_end: int = 0
    """Below every box of its row."""

    @property
    def height(self) -> int:
        return 2 * PADDING + LINE * (1 + len(self.lines))


def rooms() -> list[str]:
    """Rooms as pyproject.toml names them to import-linter."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    names = settings["tool"]["importlinter"]["root_packages"]
    return sorted([n for n in names if n != DIVIDED] + packages(DIVIDED, prefix=True))


def packages(room: str, prefix: bool = False) -> list[str]:
    """Packages directly inside a room; resources such as migrations are none."""
    folder = ROOT / room.replace(".", "/")
    names = sorted(p.parent.name for p in folder.glob("*/__init__.py"))
    return [f"{room}.{name}" for name in names] if prefix else names


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports(names: list[str]) -> Graph:
    """Room → rooms it imports."""
    found: dict[str, frozenset[str]] = {}
    for room in names:
        files = (ROOT / room.replace(".", "/")).rglob("*.py")
        modules = {module for file in files for module in imported(file)}
        found[room] = frozenset(
            other
            for other in names
            if other != room and any(m == other or m.startswith(f"{other}.") for m in modules)
        )
    return found


def reachable(graph: Graph, room: str) -> set[str]:
    found: set[str] = set()
    waiting = list(graph[room])
    while waiting:
        if (one := waiting.pop()) not in found:
            found.add(one)
            waiting += graph[one]
    return found


def direct(graph: Graph) -> list[tuple[str, str]]:
    """Arrows that don't follow from others."""
    return sorted(
        (room, other)
        for room, others in graph.items()
        for other in others
        if not any(other in reachable(graph, way) for way in others - {other})
    )


def level(graph: Graph, room: str, above: frozenset[str] = frozenset()) -> int:
    """0: imports no other room. An import back up the way is passed over, not followed for ever."""
    below = graph[room] - above
    return 1 + max((level(graph, other, above | {room}) for other in below), default=-1)


def wrapped(words: list[str]) -> tuple[str, ...]:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) < PER_LINE:
            lines[-1] += f" · {word}"
        else:
            lines.append(word)
    return tuple(lines)


def boxes(graph: Graph) -> list[Box]:
    """Rooms row by row, each row in the middle; who imports most stands on top."""
    levels = {room: level(graph, room) for room in graph}
    rows = [
        sorted(room for room in graph if levels[room] == row)
        for row in sorted(set(levels.values()), reverse=True)
    ]
    widest = max(width(len(row)) for row in rows)
    placed: list[Box] = []
    y = MARGIN
    for row in rows:
        left = MARGIN + (widest - width(len(row))) // 2
        made = [
            Box(name, wrapped(packages(name)), left + i * (WIDTH + GAP_X), y)
            for i, name in enumerate(row)
        ]
        y += max(box.height for box in made)
        placed += [replace(box, row_end=y) for box in made]
        y += GAP_Y
    return placed


def width(count: int) -> int:
    return count * WIDTH + (count - 1) * GAP_X


def drawn(box: Box) -> Iterator[str]:
    yield (
        f'<rect class="box" x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="6"/>'
    )
    x, y = box.x + PADDING, box.y + PADDING + LINE - 5
    yield f'<text class="room" x="{x}" y="{y}">{escape(box.room)}</text>'
    for i, line in enumerate(box.lines, 1):
        yield f'<text x="{x}" y="{y + i * LINE}">{escape(line)}</text>'


def arrow(above: Box, below: Box, step: int, steps: int) -> str:
    """Arrows of one room leave its lower edge side by side, so that each can be followed."""
    x1, x2 = above.x + WIDTH * (step + 1) // (steps + 1), below.x + WIDTH // 2
    y1, y2 = above.row_end, below.y - 3
    bend = GAP_Y // 2
    return (
        f'<path class="arrow" d="M{x1} {above.y + above.height} V{y1} '
        f'C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}"/>'
    )


def picture() -> str:
    graph = imports(rooms())
    placed = boxes(graph)
    by_room = {box.room: box for box in placed}
    arrows = direct(graph)
    across = max(box.x for box in placed) + WIDTH + MARGIN
    down = max(box.row_end for box in placed) + MARGIN
    said = "; ".join(f"{room} imports {other}" for room, other in arrows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {across} {down}" role="img">',
        f"<title>Rooms and their packages. {escape(said)}.</title>",
        f"<style>{STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="#7b8794"/></marker></defs>',
        f'<rect width="{across}" height="{down}" fill="#fff"/>',
    ]
    for room in by_room:
        targets = sorted((o for r, o in arrows if r == room), key=lambda other: by_room[other].x)
        parts += [
            arrow(by_room[room], by_room[other], i, len(targets)) for i, other in enumerate(targets)
        ]
    for box in placed:
        parts += drawn(box)
    return "\n".join([*parts, "</svg>", ""])


def main() -> int:
    if sys.argv[1:] == ["write"]:
        PICTURE.write_text(picture(), "utf-8")
        return 0
    if sys.argv[1:] == ["check"]:
        if PICTURE.is_file() and PICTURE.read_text("utf-8") == picture():
            return 0
        print(f"{PICTURE.relative_to(ROOT)} is out of date. Draw it anew: make rooms")
        return 1
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())
