"""Figures as blocks of a picture, a sheet and a report: in Chinese, as all papers are."""

from collections.abc import Iterable, Iterator

from domain.case.facts import DateKind
from domain.figures.counting import Cells
from domain.figures.reading import (
    ADMITTED,
    ENDED,
    ENDINGS,
    FULL,
    MONTHS,
    ages_now,
    by_month,
    by_part,
    called_stages,
    labels_of,
)
from domain.organisations import BRANCH, COMMITTEE, DEPARTMENT, GENERAL_BRANCH, LEADING_GROUP
from domain.rulebook.schema import Division
from papers.figures import OVERVIEW, VOTES, WORK, Block, Bundle, Listed
from papers.figures import PEOPLE as WHO
from papers.values import BLANK
from services.figures.views import YearFigures

PEOPLE = ("人数",)
ON_FIRST = 4
"""Divisions in the first picture of who was admitted."""
LEVELS = {
    DEPARTMENT: "组织部", COMMITTEE: "党（工）委", LEADING_GROUP: "党组",
    GENERAL_BRANCH: "党总支", BRANCH: "党支部",
}  # fmt: skip
KINDS = {DateKind.LEGAL: "法定期限", DateKind.LOCAL: "本地期限", DateKind.ADVISED: "建议期限"}
Rows = tuple[tuple[str, tuple[int, ...]], ...]
Lines = tuple[tuple[str | int, ...], ...]


def bundle_of(found: YearFigures) -> Bundle:
    blocks = tuple(block for block in _blocks(found) if block.rows)
    return Bundle(found.organisation, found.year, found.today, blocks, tuple(_lists(found)))


def _blocks(found: YearFigures) -> Iterator[Block]:
    yield Block("现在的人数", PEOPLE, standing(found), "bars", OVERVIEW)
    months = zip(by_month(found.cells, ADMITTED), by_month(found.cells, FULL), strict=True)
    rows = tuple((str(month), pair) for month, pair in zip(MONTHS, months, strict=True))
    yield Block("按月", ("接收预备党员", "转正"), rows, "columns", OVERVIEW)
    yield Block("当年人数", PEOPLE, became(found))
    for place, division in enumerate(found.book.divisions):
        title = f"接收的预备党员：{division.title.zh}"
        page = WHO if place < ON_FIRST else WORK
        yield Block(title, PEOPLE, of_division(found, division), "bars", page)
    years = (f"{found.year - 1}年", f"{found.year}年")
    yield Block("票决和处理", years, decided(found), page=VOTES)
    yield from _appraised(found)
    yield Block("年度计划", PEOPLE, planned(found), page=OVERVIEW)
    until = f"截至{found.today:%Y-%m-%d}"
    yield Block("已经过期的期限", ("件数",), overdue(found), page=VOTES, note=until)
    yield Block("党组织和党员", ("数量",), organisations(found))
    if found.reports is not None:
        said = "按登记簿上您看得到的统计"
        yield Block("群众反映", ("件数",), reports(found), page=VOTES, note=said)


def standing(found: YearFigures) -> Rows:
    stages = called_stages(found.book)
    rows = [(called.zh, found.now.get(f"stage.{stage}", 0)) for stage, called in stages]
    return _rows([*rows, ("其中暂缓", found.now.get("put_off", 0))])


def became(found: YearFigures) -> Rows:
    stages = called_stages(found.book)
    return _rows((called.zh, found.cells.get(f"made.{stage}", 0)) for stage, called in stages)


def of_division(found: YearFigures, division: Division) -> Rows:
    parts = by_part(found.cells, found.book, f"made.{ADMITTED}", division)
    labels = dict(labels_of(found.book, division))
    # A part without anybody tells nothing; without any part there is no block.
    return _rows((labels[part].zh, number) for part, number in parts.items() if number)


def decided(found: YearFigures) -> Rows:
    cells = [(f"figure.{figure.id}", figure.title.zh) for figure in found.book.figures]
    cells += [(f"ended.{ending}", ENDED[ending].zh) for ending in ENDINGS]
    cells.append(("visit.made", "回访"))
    rows = ((title, (found.before.get(c, 0), found.cells.get(c, 0))) for c, title in cells)
    return tuple(row for row in rows if any(row[1]))


def _appraised(found: YearFigures) -> Iterator[Block]:
    """Who isn't a member says yes or no; the share is of valid slips."""
    for stage, title in ((ADMITTED_AT, "民主测评（接收）"), (FULL, "民主测评（转正）")):
        held, yes, valid = (
            found.cells.get(f"appraisal.{stage}.{name}", 0) for name in ("held", "yes", "valid")
        )
        if held:
            rows = _rows([("次数", held), ("有效票", valid), ("赞成票", yes)])
            said = f"满意率{share(yes, valid)}（赞成票占有效票）"
            yield Block(title, ("数量",), rows, page=VOTES, note=said)


ADMITTED_AT = "admission"
"""The stage in which somebody is appraised before they are admitted."""


def share(part: int, whole: int) -> str:
    return f"{part / whole * 100:.1f}%" if whole else "—"


def planned(found: YearFigures) -> Rows:
    plan = found.plan
    rows = [
        ("申报", plan.proposed), ("票决上报", plan.forwarded), ("初审通过", plan.checked),
        ("列入计划", plan.accepted), ("取消", plan.struck_out), ("下一年再报", plan.later),
        ("退回", plan.returned), ("还没有定", plan.undecided),
    ]  # fmt: skip
    return tuple(row for row in _rows(rows) if row[1] != (0,))


def overdue(found: YearFigures) -> Rows:
    return _rows((title, found.overdue.get(kind.value, 0)) for kind, title in KINDS.items())


def organisations(found: YearFigures) -> Rows:
    levels = ((title, found.levels.get(level, 0)) for level, title in LEVELS.items())
    rows = [(title, number) for title, number in levels if number]
    return _rows([*rows, ("登记的正式党员", found.members)])


def reports(found: YearFigures) -> Rows:
    if found.reports is None:
        return ()
    return _rows([("受理", found.reports.received), ("落实", found.reports.settled)])


def _lists(found: YearFigures) -> Iterator[Listed]:
    """The tables of the yearly statistics as far as these cases go, ages, and those below."""
    yield _full(found)
    yield _table(found, ADMITTED, "表14、15 发展党员")
    yield _table(found, FULL, "转正人员构成")
    if ages := [division for division in found.book.divisions if division.of_age]:
        yield _ages(found, ages[0])
    stages = called_stages(found.book)
    heads = ("党组织", *(called.zh for _, called in stages), "当年接收", "当年转正")
    rows: Lines = tuple(
        (
            item.organisation,
            *(item.now.get(f"stage.{stage}", 0) for stage, _ in stages),
            item.cells.get(f"made.{ADMITTED}", 0),
            item.cells.get(f"made.{FULL}", 0),
        )
        for item in found.below
    )
    if rows:
        yield Listed("下级（按名称）", heads, rows)


def _full(found: YearFigures) -> Listed:
    cells = found.cells
    rows = (
        ("转为正式党员", cells.get(f"made.{FULL}", 0)),
        ("延长预备期", cells.get("figure.extended", 0)),
        ("取消预备党员资格", cells.get("ended.cancelled", 0)),
    )
    return Listed("表13 预备党员转正", ("项目", "人数"), rows)


def _table(found: YearFigures, stage: str, title: str) -> Listed:
    """A row for each occupation, a column for each part of everything else."""
    book, stem = found.book, f"made.{stage}"
    columns = [
        (f"{division.id}.{part}", text.zh)
        for division in book.divisions
        if not division.rows
        for part, text in labels_of(book, division)
    ]
    heads = ("职业", "合计", *(label for _, label in columns))
    rows: list[tuple[str | int, ...]] = [("合计", *_line(found.cells, stem, stem, columns))]
    for division in book.divisions:
        if division.rows:
            for part, text in labels_of(book, division):
                here = f"{stem}.{division.id}.{part}"
                rows.append((text.zh, *_line(found.cells, here, here, columns)))
    return Listed(title, heads, tuple(rows))


def _line(
    cells: Cells, total: str, stem: str, columns: Iterable[tuple[str, str]]
) -> tuple[int, ...]:
    return cells.get(total, 0), *(cells.get(f"{stem}.{name}", 0) for name, _ in columns)


def _ages(found: YearFigures, division: Division) -> Listed:
    stages = called_stages(found.book)
    ages = [ages_now(found.now, stage, division, found.today.year) for stage, _ in stages]
    rows: Lines = tuple(
        (text.zh, *(age[part] for age in ages)) for part, text in labels_of(found.book, division)
    )
    heads = ("年龄（按年末算）", *(called.zh for _, called in stages))
    return Listed("现有人员年龄", heads, rows)


def _rows(pairs: Iterable[tuple[str, int]]) -> Rows:
    return tuple((label, (number,)) for label, number in pairs)


def report_rows(found: YearFigures) -> dict[str, tuple[dict[str, str], ...]]:
    """The lists of the yearly report. Who doesn't see the reports leaves their line open."""
    blocks = {
        "organisations": organisations(found),
        "made": became(found),
        "parts": tuple(row for d in found.book.divisions for row in of_division(found, d)),
        # Of this year alone: the one before stands beside it in the picture, not in the report
        # (N38).
        "decided": tuple((t, numbers[-1:]) for t, numbers in decided(found)) + _voted(found),
        "plan": planned(found),
        "reports": reports(found),
    }
    said = {
        name: tuple({"title": title, "number": str(numbers[0])} for title, numbers in rows)
        for name, rows in blocks.items()
    }
    # A line to write on: a table without a row would look as if it had been forgotten.
    nothing = ({"title": BLANK, "number": BLANK},)
    return {name: rows or nothing for name, rows in said.items()}


def _voted(found: YearFigures) -> Rows:
    names = ("赞成票", "yes"), ("有效票", "valid")
    return _rows(
        (
            f"民主测评{title}",
            sum(found.cells.get(f"appraisal.{s}.{name}", 0) for s in (ADMITTED_AT, FULL)),
        )
        for title, name in names
    )


PICTURE, SHEET = "数字", "统计表"
"""In the names of files."""
