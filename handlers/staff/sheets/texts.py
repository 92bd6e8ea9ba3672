"""表格."""

from collections.abc import Mapping
from datetime import date

from domain.figures.reading import countable
from domain.rulebook.schema import Rulebook
from domain.states import SheetKind
from handlers.staff.shared import problem_texts
from handlers.staff.shared import texts as words
from papers.sheets.cells import CellFault
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.sheets.selection import CaseSelection, HelperLine, Of
from services.sheets.views import (
    NoSheet,
    Previewed,
    RefusedCell,
    SheetClosed,
    SheetFile,
    TakenOver,
    Undone,
    WhyClosed,
)

SHOWN = 20
"""Refused cells that are listed; more can't be read on a phone."""


def title() -> str:
    return _("表格")


def about() -> list[str]:
    return [
        words.bold(_("表格导出和接入")),
        _("接入：把表格文件发到这里，xlsx、xls、xlsb、ods、csv、txt 都可以。"),
        _("先核对给您看，您确认以后才存。身份证号不读，也不存。"),
        _("先接入党员名册（党支部、姓名两列），再接入发展名册，培养联系人和介绍人才对得上。"),
    ]


def cases() -> str:
    return _("下载发展名册")


def members() -> str:
    return _("下载党员名册")


def choose(place: str) -> list[str]:
    """Ask of whom."""
    return [words.bold(_("要哪些人？")), *([words.typed(place)] if place else [])]


def of_which(year: int, place: str) -> list[str]:
    asked = _("{year}年新增的哪一类？").format(year=year)
    return [words.bold(asked), *([words.typed(place)] if place else [])]


def of(part: Of) -> str:
    return {
        Of.OVERDUE: lambda: _("已逾期的"),
        Of.SOON: lambda: _("30天内到期的"),
        Of.PUT_OFF: lambda: _("暂缓的"),
        Of.OVER: lambda: _("已结束的"),
        Of.ALL: lambda: _("全部"),
    }[part]()


def of_a_year() -> str:
    return _("某一年的")


def year(of_year: int) -> str:
    return _("{year}年").format(year=of_year)


def narrower() -> str:
    return _("只要某个单位")


def which_place() -> list[str]:
    return [words.bold(_("哪个单位？"))]


def part(wanted: CaseSelection, place: str, book: Rulebook) -> str:
    """What a part is called, also in the name of its file."""
    if wanted.of is Of.NUMBER:
        said = words.plain(countable(book)[wanted.number][1])
        said = f"{year(wanted.year)}{said}" if wanted.year else said
    else:
        said = "" if wanted.of is Of.ALL else of(wanted.of)
    return "_".join(one for one in (said, place) if one)


def helpers() -> str:
    return _("谁联系谁")


def helper_title() -> str:
    return _("联系人和介绍人名单")


def helper_heads() -> tuple[str, ...]:
    return _("党支部"), _("姓名"), _("担任"), _("对象"), _("从哪天起")


def helper_cells(line: HelperLine) -> tuple[str | date, ...]:
    """A row of the list, in the order of `helper_heads`."""
    return line.branch, line.person, words.role(line.role), line.case, line.since


def nobody(label: str) -> str:
    return _("没有这样的人：{label}。").format(label=label) if label else _("还没有人。")


def sent(file: SheetFile) -> str:
    count = words.rows_of(file.rows)
    return _("{count}。在表里补日期，再发回来，只接入有变化的。").format(count=count)


def sent_members(file: SheetFile) -> str:
    return ngettext("{n}名正式党员。", "{n}名正式党员。", file.rows).format(n=file.rows)


def read_so_far(done: int, of: int) -> str:
    return _("已读 {done} / {of}").format(done=f"{done:,}", of=f"{of:,}")


def entered_so_far(done: int, of: int) -> str:
    return _("已接入 {done} / {of}").format(done=f"{done:,}", of=f"{of:,}")


def taken_back_so_far(done: int, of: int) -> str:
    return _("已撤销 {done} / {of}").format(done=f"{done:,}", of=f"{of:,}")


def not_for_you() -> str:
    return _("表格由支部书记、党委或者组织部接入。什么都没有存。")


def refused(error: NoSheet) -> str:
    said = {
        "too_big": _("文件太大，最多 20 MB。请分成几个文件。什么都没有存。"),
        "away": _("文件取不到，可能已经过期。请再发一次。什么都没有存。"),
        "encrypted": _("文件加了密码。请去掉密码再发。什么都没有存。"),
        "macros": _("文件里有宏。请另存为不带宏的 xlsx 再发。什么都没有存。"),
        "bomb": _("文件解开后太大。请另存为新的 xlsx 再发。什么都没有存。"),
        "too_long": _("表格太长，最多 20 张表、50,000 行、200 列。请分开再发。什么都没有存。"),
        "unknown": _("这不是表格。请发 xlsx、xls、xlsb、ods、csv 或者 txt 文件。什么都没有存。"),
        "no_head": _("没有找到表头。前 20 行里要有“姓名”和别的列名。什么都没有存。"),
        "no_days": _(
            "像是发展名册，但是没有认出日期列。请把列名写成“申请”“谈话”“积极分子”这样再发。"
            "什么都没有存。"
        ),
        "no_full": _(
            "有入党日期，没有转正日期，分不清谁是正式党员。请加“转正”一列，"
            "或者只留党支部、姓名两列。什么都没有存。"
        ),
        "no_rows": _("表头下面没有人。请每人填一行再发。什么都没有存。"),
    }
    return said.get(error.reason, _("文件打不开，可能坏了。请另存为 xlsx 再发。什么都没有存。"))


def previewed(found: Previewed) -> list[str]:
    if not (found.new or found.changed or found.refused):
        return [words.bold(_("和这里登记的一样，没有要接入的。")), *_passed(found)]
    counts = _("新{new}，变{changed}，同{same}，退{refused}").format(
        new=found.new, changed=found.changed, same=found.same, refused=_rows(found)
    )
    kind = _("党员名册") if found.kind is SheetKind.MEMBERS else _("发展名册")
    lines = [words.bold(_("{kind}：{counts}").format(kind=kind, counts=counts))]
    lines.append(_("还没有存。按“确认接入”才算。") if found.sheet_id else _("什么都没有存。"))
    lines += [_cell(one) for one in found.refused[:SHOWN]]
    if len(found.refused) > SHOWN:
        more = len(found.refused) - SHOWN
        lines.append(ngettext("还有{n}处没有列出。", "还有{n}处没有列出。", more).format(n=more))
    if found.months:
        months = ngettext(
            "{n}人的出生日期只有年月，按当月1日登记。",
            "{n}人的出生日期只有年月，按当月1日登记。",
            found.months,
        )
        lines.append(months.format(n=found.months))
    return [*lines, *_passed(found), *_read(found)]


def _passed(found: Previewed) -> list[str]:
    """What of the file isn't read at all."""
    lines = []
    if found.passed:
        numbers = "、".join(str(number) for number in found.passed[:SHOWN])
        lines.append(
            _("第{rows}行写的不是人（合计、备注、填表人等），没有读。").format(rows=numbers)
        )
    if found.others:
        lines.append(
            _("文件里有几张表，只读了“{sheet}”。没有读的：{others}。请分开各发一次。").format(
                sheet=words.typed(found.sheet), others=words.typed("、".join(found.others))
            )
        )
    return lines


def _rows(found: Previewed) -> int:
    return len({one.row for one in found.refused})


def _read(found: Previewed) -> list[str]:
    lines = []
    renamed = [f"{theirs}→{ours}" for theirs, ours in found.renamed]
    if renamed:
        lines.append(_("对应：{pairs}").format(pairs=words.typed("，".join(renamed))))
    if found.unread:
        lines.append(_("没有读的列：{titles}").format(titles=words.typed("、".join(found.unread))))
    if found.identity:
        titles = words.typed("、".join(found.identity))
        lines.append(_("有身份证号的列没有读，也没有存：{titles}").format(titles=titles))
    return lines


def _cell(one: RefusedCell) -> str:
    why = WHY[one.why]() if isinstance(one.why, CellFault) else problem_texts.problem(one.why, {})
    column = words.typed(one.column)
    said = _("第{row}行 {column}：{why}").format(row=one.row, column=column, why=why)
    return f"{said} “{words.typed(one.said)}”" if one.said else said


WHY = {
    CellFault.NO_NAME: lambda: _("没有姓名。"),
    CellFault.LONG: lambda: _("字太多。"),
    CellFault.NO_BRANCH: lambda: _("没有这个党支部，或者不归您管。"),
    CellFault.NO_APPLICATION: lambda: _("没有收到入党申请书的日期。"),
    CellFault.NOT_A_DAY: lambda: _("不是日期。"),
    CellFault.LOST_ZERO: lambda: _("1月还是10月，分不清。请写成“1月”或者“10月”。"),
    CellFault.MONTH_ONLY: lambda: _("只有年月，要写到日。"),
    CellFault.NOT_OFFERED: lambda: _("没有这个选项。"),
    CellFault.NO_MEMBER: lambda: _("党员名册里没有这个人。请先接入名册。"),
    CellFault.SEVERAL: lambda: _("有几个同名，分不清是哪一个。"),
    CellFault.NOT_FULL: lambda: _("没有转正日期，还不是正式党员。"),
    CellFault.TWICE: lambda: _("这个人在表里出现了两次。"),
    CellFault.TWO_ALIKE: lambda: _("这里有两个同名的人。请填出生日期。"),
    CellFault.NAME_STAYS: lambda: _("姓名和这里登记的不一样。"),
    CellFault.ENTERED_HERE: lambda: _("这一项是在对话里登记的，请在办理记录里更正。"),
    CellFault.AFTER_TAKING_OVER: lambda: _("接入以后办的，请在对话里登记。"),
}


def confirm() -> str:
    return _("确认接入")


def undo() -> str:
    return _("撤销接入")


def gone() -> str:
    return _("这份表格不能接入：不是您发的，或者您又发过别的。请再发一次文件。")


def closed(error: SheetClosed) -> str:
    return {
        WhyClosed.ENTERED: lambda: _(
            "这份表格早已接入，也过了撤销的时间。单个的请在办理记录里更正。"
        ),
        WhyClosed.UNDONE: lambda: _("这次接入已经撤销。要接入，请再发一次文件。"),
        WhyClosed.LATE: lambda: _("接入超过一天，不能撤销了。单个的请在办理记录里更正。"),
    }[error.closed]()


def taken_over(done: TakenOver) -> list[str]:
    lines = [
        words.bold(ngettext("接入了{n}人。", "接入了{n}人。", done.entered).format(n=done.entered))
    ]
    lines += _next(done.steps)
    if done.left:
        rows = "、".join(str(row) for row in done.left)
        lines.append(
            _("第{rows}行没有接入：核对以后这里又改过，或者不再归您管。").format(rows=rows)
        )
    return [*lines, _("一天之内可以撤销；已经有人办过的除外。")] if done.entered else lines


def _next(steps: Mapping[str, int]) -> list[str]:
    if not steps:
        return []
    parts = (f"{title}{number}" for title, number in steps.items())
    return [_("下一步：{steps}").format(steps=words.typed("，".join(parts)))]


def undone(done: Undone) -> list[str]:
    lines = [
        words.bold(ngettext("撤销了{n}人。", "撤销了{n}人。", done.undone).format(n=done.undone))
    ]
    if done.left:
        kept = ngettext(
            "{n}人保留：已经有人办过，或者不再归您管。",
            "{n}人保留：已经有人办过，或者不再归您管。",
            done.left,
        )
        lines.append(kept.format(n=done.left))
    return lines
