"""Print the measures of the house: `python -m docs.structure`, a part of `make check`.

Nothing fails here: a limit on the length of a file dictates cuts that no reader wants. The goals
stand beside the figures, and a reviewer sees which way a change moves them.

An import of `a.b` counts from the module that says it to `a.b`, and to `a` as well when the
`__init__` of `a` holds code (importing `a.b` runs it). What a module imports inside functions and
for type checking counts too. Migrations and the tests are left out.
"""

import ast
import io
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from statistics import mean, median

from docs.rooms import ROOT, rooms

Imports = Mapping[str, set[str]]
Function = ast.FunctionDef | ast.AsyncFunctionDef
PRAGMA = ("# noqa", "# type:", "# pragma", "# ruff:", "#!")
"""Comments that speak to a tool."""
MODULES_P90, MODULES_MAX, DEPTH, COMMENTS = 12, 18, 20, 3


@dataclass(frozen=True)
class Module:
    name: str
    text: str = field(repr=False)
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def package(self) -> str:
        return self.name if self.is_package else self.name.rpartition(".")[0]

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def holds_code(self) -> bool:
        """More than a docstring."""
        return bool(self.tree.body[ast.get_docstring(self.tree) is not None :])

    @property
    def functions(self) -> list[Function]:
        return [n for n in ast.walk(self.tree) if isinstance(n, Function)]

    @cached_property
    def comments_and_code(self) -> tuple[int, int]:
        """Lines with a comment for readers, and lines with code; docstrings are neither."""
        comments, code = set(), set()
        strings = docstrings(self.tree)
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT and not token.string.startswith(PRAGMA):
                comments.add(token.start[0])
            elif token.string.strip() and token.type not in (tokenize.COMMENT, tokenize.ENDMARKER):
                code |= set(range(token.start[0], token.end[0] + 1))
        return len(comments), len(code - strings)


def docstrings(tree: ast.Module) -> set[int]:
    """Lines of strings that stand alone: docstrings, and those under a constant or a field."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def modules(names: Iterable[str], root: Path = ROOT) -> dict[str, Module]:
    found: dict[str, Module] = {}
    for room in names:
        for path in sorted((root / room.replace(".", "/")).rglob("*.py")):
            if any("versions" in part or "migrations" in part for part in path.parts):
                continue
            parts = path.relative_to(root).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            found[name] = Module(name, path.read_text("utf-8"), is_package)
    return found


def imports(known: Mapping[str, Module]) -> Imports:
    """Module → modules of ours that it imports, itself and its own packages left out."""
    return {name: set(imported(module, known)) - {name} for name, module in known.items()}


def imported(module: Module, known: Mapping[str, Module]) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            named = [f"{node.module}.{alias.name}" for alias in node.names]
            if any(one not in known for one in named):
                named.append(node.module)
        else:
            continue
        for one in named:
            yield from (target for target in run_by(one, known) if not ran(module, target))


def run_by(name: str, known: Mapping[str, Module]) -> Iterator[str]:
    """The module, and the packages around it whose `__init__` does something."""
    if name in known:
        yield name
    parts = name.split(".")
    for length in range(1, len(parts)):
        around = known.get(".".join(parts[:length]))
        if around and around.holds_code:
            yield around.name


def ran(module: Module, target: str) -> bool:
    """The own package has begun to run before the module does."""
    return module.name.startswith(f"{target}.")


def by_package(graph: Imports, known: Mapping[str, Module]) -> Imports:
    found: dict[str, set[str]] = defaultdict(set)
    for name, targets in graph.items():
        own = known[name].package
        found[own] |= {known[target].package for target in targets} - {own}
    return found


def cycles(graph: Imports) -> list[list[str]]:
    """Groups of names that reach each other (Tarjan's strongly connected components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in graph.get(name, ()):
            if target not in index:
                visit(target)
            if target in stack:
                low[name] = min(low[name], low[target])
        if low[name] == index[name]:
            cut = stack.index(name)
            found.append(sorted(stack[cut:]))
            del stack[cut:]

    for name in graph:
        if name not in index:
            visit(name)
    return sorted(group for group in found if len(group) > 1)


def chains(graph: Imports) -> dict[str, list[str]]:
    """Module → the longest way down from it, itself included; members of a cycle count as one."""
    group = {name: names[0] for names in cycles(graph) for name in names}
    joined: dict[str, set[str]] = defaultdict(set)
    for name, targets in graph.items():
        own = group.get(name, name)
        joined[own] |= {group.get(target, target) for target in targets} - {own}
    found: dict[str, list[str]] = {}
    for name in TopologicalSorter(joined).static_order():
        found[name] = [name, *max((found[t] for t in joined[name]), key=len, default=[])]
    return found


def spread(values: Iterable[int]) -> str:
    """median / 90th percentile / max"""
    ordered = sorted(values)
    return f"{median(ordered):.0f} / {percentile(ordered)} / {ordered[-1]}"


def percentile(values: Iterable[int], share: float = 0.9) -> int:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def parameters(function: Function) -> int:
    """Those a caller gives."""
    given = function.args
    named = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len(named) - (named[:1] in (["self"], ["cls"]))


def report(known: Mapping[str, Module], names: Iterable[str]) -> Iterator[str]:
    for room in names:
        files = [m for m in known.values() if f"{m.name}.".startswith(f"{room}.")]
        comments, code = map(sum, zip(*(m.comments_and_code for m in files), strict=True))
        lines = sum(m.lines for m in files)
        yield f"{room:16} {lines:6} lines {len(files):4} files {per_100(comments, code)}"
    functions = [f for module in known.values() for f in module.functions]
    in_package = Counter(m.package for m in known.values() if not m.is_package)
    graph = imports(known)
    ways = chains(graph)
    longest = max(ways.values(), key=len)
    comments, code = map(sum, zip(*(m.comments_and_code for m in known.values()), strict=True))
    yield f"{'all':16} {sum(m.lines for m in known.values()):6} lines {len(known):4} files"
    yield f"file length       {spread(m.lines for m in known.values() if m.lines)}"
    yield f"function length   {spread(map(length, functions))}"
    yield f"parameters        {mean(map(parameters, functions)):.2f} on average"
    yield f"comments          {per_100(comments, code)}, goal {COMMENTS}"
    most, packed = max((count, name) for name, count in in_package.items())
    yield (
        f"package           {percentile(in_package.values())} modules at p90, goal {MODULES_P90}; "
        f"{most} at most ({packed}), goal {MODULES_MAX}"
    )
    depths = [len(way) for way in ways.values()]
    yield f"import depth      {max(depths)} / {median(depths):.0f} (max / median), goal {DEPTH}"
    yield f"  {' → '.join(longest)}"
    for kind, found in (("file", cycles(graph)), ("package", cycles(by_package(graph, known)))):
        yield f"{kind} cycles".ljust(18) + f"{len(found)}, goal 0"
        yield from (f"  {' ↔ '.join(group)}" for group in found)


def per_100(comments: int, code: int) -> str:
    return f"{100 * comments / max(code, 1):4.1f} comments per 100 lines of code"


def main() -> int:
    names = [*rooms(), "locales"]
    print("Structure (median / p90 / max)")
    print("\n".join(report(modules(names), names)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
