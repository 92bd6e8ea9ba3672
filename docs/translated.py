"""`python -m docs.translated check`: whether the Chinese pages are in step with the English ones.

Each heading of a page in `docs/zh` names the English one it stands for: `## 备份 <!-- Backup -->`;
headings and blocks of commands have to be those of the page of the same name, in the same order.
No page that whoever runs the bots needs may lack.
"""

import re
import sys
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "zh"
NEEDED = (
    "operations.md",
    "scale.md",
    "new-city.md",
    "messengers.md",
    "threat-model.md",
    "receipts.md",
    "other-cities.md",
)
"""What whoever runs it reads: they read Chinese."""
BLOCK = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
OF = re.compile(r"^(#+) .*<!-- (.+) -->$", re.MULTILINE)


def problems(chinese: str, english: str) -> Iterator[str]:
    """What one page lacks or has too much, in its own words. Both: Markdown."""
    wanted = [found.groups() for found in HEADING.finditer(BLOCK.sub("", english))]
    found = [one.groups() for one in OF.finditer(BLOCK.sub("", chinese))]
    bare = len(HEADING.findall(BLOCK.sub("", chinese))) - len(found)
    if bare:
        yield f"{bare} headings don't name the English one"
    for ours, theirs in zip_longest(found, wanted):
        if ours != theirs:
            yield f"expected the heading {theirs}, found {ours}"
            break
    for number, (ours, theirs) in enumerate(
        zip_longest(*map(BLOCK.findall, (chinese, english))), 1
    ):
        if ours != theirs:
            yield f"block {number} isn't that of the English page"
            break


def check() -> list[str]:
    """Every problem of every page, with its name."""
    missing = [f"docs/zh/{name}: isn't there" for name in NEEDED if not (PAGES / name).exists()]
    return missing + [
        f"docs/zh/{page.name}: {said}"
        for page in sorted(PAGES.glob("*.md"))
        for said in problems(page.read_text("utf-8"), (PAGES.parent / page.name).read_text("utf-8"))
    ]


def main() -> int:
    if sys.argv[1:] != ["check"]:
        print(__doc__)
        return 2
    found = check()
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
