"""The page `docs/rules.md`: `python -m docs.rules write | check`.

`check` fails when a rule of a rulebook has no test that names it, when a test names a rule that
isn't there, or when the page isn't what the rulebooks say now.
"""

import importlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from docs.articles import articles, cited
from domain.rulebook.kinds import Text
from domain.rulebook.listing.rules import Rule, rules_of
from domain.rulebook.reading.reader import load, written
from domain.rulebook.validation.conflicts import Conflict, conflicts

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "rules.md"
TESTS = ROOT / "tests"
BOOKS = ("yakeshi",)
HEAD = """# Rules

Made by `python -m docs.rules write` from `domain/rulebook/`; `make check` fails when it is stale,
or when a rule has no test. `N n`: article of the national text in force since 2026-05-11; `O`: the
text of 2014; `G`: the city's report, by its part; `P`: common practice, advised and never refused;
`-`: nobody's rule, a sum or a day that can't be.
"""


def tested() -> dict[str, list[str]]:
    """Rule id → the tests that name it by `@pytest.mark.rule`."""
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        if "mark.rule(" not in path.read_text("utf-8"):
            continue
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for test, ids in _marked(name):
            for rule in ids:
                found.setdefault(rule, []).append(f"{path.name}::{test}")
    return found


def _marked(module: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, value in vars(importlib.import_module(module)).items():
        for mark in getattr(value, "pytestmark", ()):
            if mark.name == "rule":
                yield name, mark.args


def listed() -> tuple[Rule, ...]:
    """The rules of every rulebook, each once, with those that only a setting brings."""
    rules = {rule.id: rule for name in BOOKS for rule in rules_of(written(name))}
    return tuple(rules.values())


def problems(rules: Iterable[Rule], tests: dict[str, list[str]]) -> list[str]:
    known = {rule.id for rule in rules}
    found = [f"{rule}: no test names this rule" for rule in sorted(known - tests.keys())]
    for rule in sorted(tests.keys() - known):
        found.append(f"{', '.join(tests[rule])}: there is no rule {rule}")
    return found


def page() -> str:
    tests, rules = tested(), listed()
    differing = [found for name in BOOKS for found in conflicts(load(name))]
    lines = [HEAD, f"{len(rules)} rules, {len(differing)} conflicts between the layers.", ""]
    lines += ["## Conflicts", "", *table(CONFLICT_HEAD, map(conflict_row, differing))]
    lines += ["", "## Articles", "", *table(ARTICLE_HEAD, article_rows(rules))]
    lines += ["", "## All rules", "", *table(RULE_HEAD, (rule_row(r, tests) for r in rules))]
    return "\n".join(lines) + "\n"


ARTICLE_HEAD = ("article", "subject", "rules")
CONFLICT_HEAD = ("step", "matter", "national", "city", "decides")
RULE_HEAD = ("rule", "step", "text", "value", "unit", "base", "strength", "source", "test")


def article_rows(rules: Iterable[Rule]) -> Iterator[tuple[str, ...]]:
    """Every article with its subject and the rules that cite it."""
    citing: dict[int, list[str]] = {}
    for rule in rules:
        for number in cited(rule.source):
            citing.setdefault(number, []).append(f"`{rule.id}`")
    for number, item in articles().items():
        yield f"N{number}", _both(item.subject), ", ".join(citing.get(number, ()))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(head)
    yield _line(names)
    yield _line("---" for _ in names)
    yield from map(_line, rows)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", " or ") for cell in cells) + " |"


def conflict_row(found: Conflict) -> tuple[str, ...]:
    sides = (found.national, found.local)
    said = [f"{_both(side.text)} (`{side.rule}`, {side.source})" for side in sides]
    decides = "national" if found.follows else "the stricter, by the numbers"
    return (found.step, found.matter, *said, decides)


def rule_row(rule: Rule, tests: dict[str, list[str]]) -> tuple[str, ...]:
    value = f"`{rule.value}`" if rule.value else ""
    names = "<br>".join(tests.get(rule.id, ()))
    strength = rule.strength.value
    return (
        f"`{rule.id}`", rule.step, _both(rule.text), value, rule.unit, rule.base, strength,
        rule.source, names,
    )  # fmt: skip


def _both(text: Text) -> str:
    return f"{text.zh}<br>{text.en}"


def main(argv: list[str]) -> int:
    if argv == ["write"]:
        PAGE.write_text(page(), "utf-8")
        return 0
    if argv != ["check"]:
        print("usage: python -m docs.rules write | check", file=sys.stderr)
        return 2
    found = problems(listed(), tested())
    if not PAGE.exists() or PAGE.read_text("utf-8") != page():
        found.append("docs/rules.md: stale; run python -m docs.rules write")
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
