"""Totals as blocks of a picture and a sheet: in Chinese, as all papers are. The same blocks as a
city's own figures, as far as these are told."""

from collections.abc import Iterable, Iterator

from domain.figures.reading import (
    ADMITTED,
    ENDED,
    ENDINGS,
    FULL,
    MONTHS,
    called_stages,
    is_parted,
    labels_of,
)
from domain.figures.totals import VISITS, Totals
from domain.rulebook.schema import Division, Rulebook
from papers.figures import OVERVIEW, VOTES, WORK, Block, Bundle, Listed
from papers.figures import PEOPLE as WHO
from services.figures.block_texts import ON_FIRST, PEOPLE, Rows, share
from services.totals.views import Gathered

UNKNOWN = "—"
"""Instead of a number that every city kept back."""
NAMED = 4
"""Names in a note; of more, only how many."""
APPRAISALS = {"admission": "民主测评（接收）", FULL: "民主测评（转正）"}
Cells = Iterable[tuple[str, str]]
"""Names of rows, each with its cell."""


def bundle_of(found: Gathered) -> Bundle:
    blocks = tuple(block for block in _blocks(found) if block.rows or block.note)
    name = f"{found.organisation}（下级汇总）"
    return Bundle(name, found.year, found.today, blocks, tuple(_lists(found)))


def _blocks(found: Gathered) -> Iterator[Block]:
    totals, book = found.totals, found.book
    rows: Rows = (("已报", (len(found.told),)), ("未报", (len(found.missing),)))
    yield Block("下级单位", ("个数",), rows, page=OVERVIEW, note=_since(found))
    yield _block("当年人数", totals, _became(book), "bars", OVERVIEW)
    yield _months(totals)
    for place, division in enumerate(d for d in book.divisions if is_parted(book, d)):
        title = f"接收的预备党员：{division.title.zh}"
        page = WHO if place < ON_FIRST else WORK
        yield _block(title, totals, _parts(book, ADMITTED, division), "bars", page)
    yield _decided(found)
    yield from _appraised(totals)
    note = f"{totals.few_reports}个单位不足5件，不计入" if totals.few_reports else ""
    rows = (("受理", (totals.reports,)),) if totals.reports else ()
    yield Block("群众反映", ("件数",), rows, page=VOTES, note=note)


def _since(found: Gathered) -> str:
    """How far the numbers go, and that they may be too low."""
    said = "不足5人的、能推算出来的不报，实际不少于图上的数。"
    if not found.told:
        return "还没有单位报来。"
    if found.totals.missing > len(found.missing):
        said = f"连同再下一级，共{found.totals.missing}个单位未报。{said}"
    return f"截至{max(one.as_of for one in found.told):%Y-%m-%d}。{said}"


def _became(book: Rulebook) -> Cells:
    return [(called.zh, f"made.{stage}") for stage, called in called_stages(book)]


def _parts(book: Rulebook, stage: str, division: Division) -> Cells:
    stem = f"made.{stage}.{division.id}"
    return [(text.zh, f"{stem}.{part}") for part, text in labels_of(book, division)]


def _block(title: str, totals: Totals, cells: Cells, chart: str, page: int) -> Block:
    cells = list(cells)
    rows: Rows = tuple(
        (label, (number,)) for label, cell in cells if (number := totals.numbers.get(cell, 0))
    )
    return Block(title, PEOPLE, rows, chart, page, _kept(totals, cells))


def _months(totals: Totals) -> Block:
    """Every month has its column, also one of nobody."""
    cells = {s: [(f"{m}月", f"made.{s}.month.{m}") for m in MONTHS] for s in (ADMITTED, FULL)}
    pairs = zip(*cells.values(), strict=True)
    rows: Rows = tuple(
        (str(month), tuple(totals.numbers.get(cell, 0) for _, cell in pair))
        for month, pair in zip(MONTHS, pairs, strict=True)
    )
    few = sum(bool(totals.kept_in(cell)) for pairs in cells.values() for _, cell in pairs)
    note = f"有单位没有报的：{few}处。" if few else ""
    return Block("按月", ("接收预备党员", "转正"), rows, "columns", OVERVIEW, note)


def _kept(totals: Totals, cells: Cells) -> str:
    """Of what the numbers are too low."""
    few = [(label, kept) for label, cell in cells if (kept := totals.kept_in(cell))]
    if not few:
        return ""
    if len(few) > NAMED:
        return f"有单位没有报的：{len(few)}项。"
    return f"有单位没有报的：{'、'.join(f'{label}（{n}个单位）' for label, n in few)}。"


def _of_decisions(book: Rulebook) -> Cells:
    cells = [(figure.title.zh, f"figure.{figure.id}") for figure in book.figures]
    cells += [(ENDED[ending].zh, f"ended.{ending}") for ending in ENDINGS]
    return [*cells, ("回访", VISITS)]


def _decided(found: Gathered) -> Block:
    cells, years = list(_of_decisions(found.book)), (found.before, found.totals)
    pairs = ((label, tuple(one.numbers.get(cell, 0) for one in years)) for label, cell in cells)
    rows: Rows = tuple(row for row in pairs if any(row[1]))
    heads = (f"{found.year - 1}年", f"{found.year}年")
    notes = zip(heads, (_kept(one, cells) for one in years), strict=True)
    note = "".join(f"{year}{said}" for year, said in notes if said)
    return Block("票决和处理", heads, rows, page=VOTES, note=note)


def _appraised(totals: Totals) -> Iterator[Block]:
    for stage, title in APPRAISALS.items():
        stem = f"appraisal.{stage}"
        cells = (("次数", f"{stem}.held"), ("有效票", f"{stem}.valid"), ("赞成票", f"{stem}.yes"))
        block = _block(title, totals, cells, "table", VOTES)
        valid, yes = (totals.numbers.get(f"{stem}.{name}", 0) for name in ("valid", "yes"))
        note = block.note
        if not note and valid:
            # Of some cities one number without the other: no share of them.
            note = f"满意率{share(yes, valid)}（赞成票占有效票）"
        yield Block(title, ("数量",), block.rows, page=VOTES, note=note)


def _lists(found: Gathered) -> Iterator[Listed]:
    totals, book = found.totals, found.book
    cells = (("转为正式党员", f"made.{FULL}"), ("延长预备期", "figure.extended"),
             ("取消预备党员资格", "ended.cancelled"))  # fmt: skip
    yield _listed("表13 预备党员转正", totals, cells)
    for stage, title in ((ADMITTED, "发展党员构成"), (FULL, "转正人员构成")):
        parted = [division for division in book.divisions if is_parted(book, division)]
        rows = [
            (f"{division.title.zh}：{label}", cell)
            for division in parted
            for label, cell in _parts(book, stage, division)
        ]
        yield _listed(title, totals, [("合计", f"made.{stage}"), *rows])
    yield _below(found)


def _listed(title: str, totals: Totals, cells: Cells) -> Listed:
    rows = tuple((label, _number(totals, cell), totals.kept_in(cell)) for label, cell in cells)
    return Listed(title, ("项目", "人数", "没有报的单位"), rows)


def _number(totals: Totals, cell: str) -> int | str:
    number = totals.numbers.get(cell, 0)
    return UNKNOWN if not number and totals.kept_in(cell) else number


def _below(found: Gathered) -> Listed:
    """By name: nobody is ranked."""
    heads = ("单位", "截至", "第几次报", "其中单位数", "其中未报", "当年接收", "当年转正")
    told = [
        (
            one.name, f"{one.as_of:%Y-%m-%d}", one.version, one.totals.units, one.totals.missing,
            _number(one.totals, f"made.{ADMITTED}"), _number(one.totals, f"made.{FULL}"),
        )
        for one in found.told
    ]  # fmt: skip
    missing = [(name, "未报", "", "", "", "", "") for name in found.missing]
    return Listed(
        "下级（按名称）", heads, tuple(sorted([*told, *missing], key=lambda row: str(row[0])))
    )


PICTURE, SHEET = "下级汇总", "下级汇总表"
"""In the names of files."""
