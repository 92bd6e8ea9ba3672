"""The figures `make check` prints are counted as docs/structure.py says."""

from pathlib import Path

from docs.structure import (
    Module,
    by_package,
    chains,
    cycles,
    imports,
    modules,
    parameters,
    report,
    spread,
)


def written(root: Path, **files: str) -> dict[str, Module]:
    """Modules by dotted name; `a__init` is the `__init__` of package `a`."""
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return modules(["room"], root)


def test_a_cycle_of_files_is_found_and_counts_once_in_the_depth(tmp_path: Path) -> None:
    known = written(
        tmp_path,
        room__top="from room.a import x",
        room__a="import room.b",
        room__b="from room import a, c",
        room__c="",
    )
    graph = imports(known)
    assert graph["room.b"] == {"room.a", "room.c"}
    assert cycles(graph) == [["room.a", "room.b"]]
    assert chains(graph)["room.top"] == ["room.top", "room.a", "room.c"]


def test_a_cycle_of_packages_is_found_where_no_file_is_in_one(tmp_path: Path) -> None:
    known = written(
        tmp_path,
        room__one__high="from room.two.middle import x",
        room__two__middle="from room.one.low import x",
        room__one__low="",
    )
    graph = imports(known)
    assert cycles(graph) == []
    assert cycles(by_package(graph, known)) == [["room.one", "room.two"]]


def test_a_package_counts_where_its_init_holds_code_and_for_others_than_its_own(
    tmp_path: Path,
) -> None:
    (tmp_path / "room" / "full").mkdir(parents=True)
    (tmp_path / "room" / "bare").mkdir()
    (tmp_path / "room" / "full" / "__init__.py").write_text('"""Full."""\nx = 1\n')
    (tmp_path / "room" / "bare" / "__init__.py").write_text('"""Bare."""\n')
    known = written(
        tmp_path,
        room__full__part="from room.full import x",
        room__bare__part="",
        room__user="import room.full.part\nimport room.bare.part",
    )
    graph = imports(known)
    assert graph["room.user"] == {"room.full", "room.full.part", "room.bare.part"}
    assert graph["room.full.part"] == set()


def test_comments_are_counted_without_those_for_tools_and_docstrings_are_no_code() -> None:
    module = Module("m", '"""Says."""\n# Why.\nx = 1  # noqa\ny = """\n"""\n')
    assert module.comments_and_code == (1, 3)
    [method] = Module("m", "class A:\n    def f(self, a, *, b): ...\n").functions
    assert parameters(method) == 2


def test_the_report_has_a_line_for_each_measure(tmp_path: Path) -> None:
    known = written(tmp_path, room__a="def f(x):\n    return x\n", room__b="from room.a import f\n")
    said = "\n".join(report(known, ["room"]))
    assert "room                  3 lines    2 files" in said
    assert "import depth      2 / 2 (max / median), goal 20\n  room.b → room.a" in said
    assert spread([1, 2, 30]) == "2 / 30 / 30"
