"""What the pages name is there: links, files, modules, and the words of the glossary."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.test_house import ROOMS, ROOT

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
NOT_OURS = (".venv", ".synapse", ".lark", "var", "node_modules", ".git", "build")
CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
"""Taken out first: its marks would pair with those of the words around it."""
FOLDERS = (*ROOMS, "papers", "locales", "benchmarks", "tests", "docs")
FILE = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*")
MODULE = re.compile(rf"(?:python -m )?((?:{'|'.join(FOLDERS)})(?:\.[A-Za-z_]\w*)+)")
DATED = ("CHANGELOG.md",)
"""Pages that tell of the past name what was there then."""


def pages() -> list[Path]:
    found = sorted(ROOT.rglob("*.md"))
    return [page for page in found if not set(page.relative_to(ROOT).parts) & set(NOT_OURS)]


def links(page: Path) -> Iterator[tuple[str, str]]:
    """(file, heading) of each link that stays in the repository."""
    for target in LINK.findall(page.read_text("utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            file, _, heading = target.partition("#")
            yield file, heading


def anchors(page: Path) -> set[str]:
    """Headings as links name them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_link_leads_somewhere() -> None:
    broken, seen = [], 0
    for page in pages():
        for file, heading in links(page):
            target, seen = page.parent / file if file else page, seen + 1
            if not target.exists() or (heading and heading not in anchors(target)):
                broken.append(f"{page.relative_to(ROOT)}: {file}#{heading}")
    assert not broken
    assert seen > 0


def is_there(module: str) -> bool:
    """A room, package or module, or a name inside one: `domain.case.progress.assess`."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        path, rest = ROOT.joinpath(*parts[:length]), parts[length:]
        if path.is_dir():
            path = path / "__init__.py" if rest else path
        else:
            path = path.with_suffix(".py")
        if path.exists():
            return not rest or bool(re.search(rf"\b{rest[0]}\b", path.read_text("utf-8")))
    return False


def named_files(text: str) -> Iterator[tuple[str, bool]]:
    """Each file or module between backticks, and whether it is there."""
    for word in CODE.findall(text):
        if found := FILE.fullmatch(word):
            yield word, (ROOT / found.group()).exists()
        elif found := MODULE.fullmatch(word):
            yield word, (ROOT / word).exists() or is_there(found[1])


def test_every_file_and_module_a_page_names_is_there() -> None:
    missing, seen = [], 0
    for page in pages():
        if page.name in DATED:
            continue
        for word, there in named_files(BLOCK.sub("", page.read_text("utf-8"))):
            seen += 1
            if not there:
                missing.append(f"{page.relative_to(ROOT)}: {word}")
    assert not missing
    assert seen > 100


def test_every_file_and_module_that_code_names_is_there() -> None:
    found = [(path, *named) for path in sources() for named in named_files(path.read_text("utf-8"))]
    assert not [f"{path.relative_to(ROOT)}: {word}" for path, word, there in found if not there]
    assert len(found) > 50


def test_no_comment_refers_to_a_page_that_is_not_there() -> None:
    """Code names a section of a page as docs/procedure.md § 3."""
    reference = re.compile(r"docs/(\w+\.md) § ?(\w+)")
    texts = [path.read_text("utf-8") for room in FOLDERS for path in room_files(room, "py")]
    found = {pair for text in texts for pair in reference.findall(text)}
    headings = {name: (ROOT / "docs" / name).read_text("utf-8") for name, _ in found}
    assert [pair for pair in found if f"## § {pair[1]} " not in headings[pair[0]]] == []
    assert len(found) > 5


WORD = re.compile(r"[A-Za-z]+(?:_[A-Za-z0-9]+)+")
EXAMPLES = ("rules.md", "CONTRIBUTING.md", *DATED)
"""They name ids that no code knows: of a rulebook's items, of an example that ends in no file."""
FOREIGN = {"pg_dump", "server_reset_query", "max_client_conn"}
"""A command of PostgreSQL and settings of PgBouncer."""


def sources() -> Iterator[Path]:
    """Tests aren't among them: they may name what is gone."""
    for room in (*ROOMS, "papers", "benchmarks", "docs"):
        for ext in ("py", "toml", "html", "js"):
            yield from room_files(room, ext)


def as_in_code(word: str) -> set[str]:
    """What the code may write for it: what counts has an ending only where it is read, and
    settings, and some metrics, the program's name before them."""
    whole = word.lower()
    counted = whole.removesuffix("_total")
    return {whole, counted, counted.removeprefix("yinlu_")}


def test_every_setting_metric_and_event_a_page_names_is_in_the_code() -> None:
    paths = list(sources())
    known = set(re.findall(r"[a-z]\w*", "\n".join(p.read_text("utf-8") for p in paths).lower()))
    known |= FOREIGN | {path.stem for path in paths}
    missing, seen = [], 0
    for page in pages():
        if page.name not in EXAMPLES:
            words = set(
                filter(WORD.fullmatch, CODE.findall(BLOCK.sub("", page.read_text("utf-8"))))
            )
            gone = sorted(word for word in words if not as_in_code(word) & known)
            missing += [f"{page.relative_to(ROOT)}: {word}" for word in gone]
            seen += len(words)
    assert not missing
    assert seen > 50


def test_every_page_that_code_names_is_there() -> None:
    """A decision is named by its number alone."""
    reference = re.compile(r"\bdocs/(?:zh/)?(?:decisions/\d{4}|[\w-]+\.md)")
    named = {
        (path, page) for path in sources() for page in reference.findall(path.read_text("utf-8"))
    }
    gone = [(path.name, page) for path, page in named if not [*ROOT.glob(f"{page}*")]]
    assert not gone
    assert len(named) > 50


def glossary() -> list[str]:
    """The code words of the tables (their second column) and of the lines below them."""
    words = []
    for line in (ROOT / "GLOSSARY.md").read_text("utf-8").splitlines():
        cells = line.strip("|").split("|")
        words += CODE.findall(cells[1] if line.startswith("|") else line)
    return [word for word in words if "/" not in word]


@pytest.fixture(scope="module")
def names() -> set[str]:
    """Every name in code and rulebooks, whole and in its parts."""
    paths = [path for room in ROOMS for ext in ("py", "toml") for path in room_files(room, ext)]
    found = set(re.findall(r"[A-Za-z_]\w*", "\n".join(p.read_text("utf-8") for p in paths)))
    return found | {part for name in found for part in name.lower().split("_")}


def room_files(room: str, ext: str) -> list[Path]:
    return sorted((ROOT / room).rglob(f"*.{ext}"))


def test_every_word_of_the_glossary_is_a_word_of_the_code(names: set[str]) -> None:
    words = glossary()
    assert [word for word in words if word not in names] == []
    assert len(words) > 100
