"""What is said of figures."""

from domain.figures.reading import ADMITTED, FULL, called_stages
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.figures.views import (
    FigureWithPeople,
    PeopleBehind,
    Published,
    ShownBlock,
    YearFigures,
)


def caption(found: YearFigures) -> str:
    """Under the picture, and instead of it where there is no font."""
    standing = _("、").join(
        f"{words.read(called)}{found.now.get(f'stage.{stage}', 0)}"
        for stage, called in called_stages(found.book)
    )
    lines = [
        words.bold(words.typed(found.organisation)),
        _("现在：{standing}。").format(standing=standing),
        _("{year}年：接收预备党员{admitted}人，转正{full}人。").format(
            year=found.year,
            admitted=found.cells.get(f"made.{ADMITTED}", 0),
            full=found.cells.get(f"made.{FULL}", 0),
        ),
        _("年度计划：申报{proposed}人，列入{accepted}人，取消{struck_out}人。").format(
            proposed=found.plan.proposed,
            accepted=found.plan.accepted,
            struck_out=found.plan.struck_out,
        ),
        _("已经过期的期限：{n}件。").format(n=sum(found.overdue.values())),
    ]
    return "\n".join(lines)


def no_fonts() -> str:
    return _("这台服务器没有中文字体，画不了图。请用表格或者Word；装字体请找管理员。")


def not_drawn() -> str:
    return _("图没有画成。请再按一次，或者用表格。")


def choose_place() -> str:
    return _("看哪个党组织的数字？")


def pages() -> tuple[str, ...]:
    return _("概况"), _("构成"), _("职业"), _("票决")


def sheet() -> str:
    return _("表格")


def report() -> str:
    return _("年度报告（Word）")


def names() -> str:
    return _("名单")


def year(number: int) -> str:
    return _("{year}年").format(year=number)


def whole(number: int) -> str:
    return _("组织部{year}年总数").format(year=number)


def back() -> str:
    return _("‹ 数字")


def to_numbers() -> str:
    return _("‹ 名单")


def sheet_sent() -> str:
    return _("总览里有图。表13到15按登记的内容统计，上报前请核对。")


def report_sent() -> str:
    return _("数字已经填好。做法、问题、计划请自己写，盖章后上报。")


def working() -> str:
    return _("正在统计，请稍等。")


def numbers(found: tuple[FigureWithPeople, ...], year_: int) -> list[str]:
    if not found:
        return [_("这里还没有人。")]
    return [
        words.bold(_("看哪个数字后面的人？")),
        _("先是现在的人数，然后是{year}年的。").format(year=year_),
    ]


def number(item: FigureWithPeople, year_: int) -> str:
    when = _("现在") if item.cell.startswith("stage.") else year(year_)
    return _("{title}，{when}：{n}").format(title=words.read(item.title), when=when, n=item.people)


def people(found: PeopleBehind) -> list[str]:
    lines = [words.bold(number(found.behind, found.year))]
    if found.elsewhere:
        gone = ngettext("另有{n}人已经转出。", "另有{n}人已经转出。", found.elsewhere)
        lines.append(gone.format(n=found.elsewhere))
    return lines


def published(found: Published) -> list[str]:
    lines = [
        words.bold(
            _("{name}，{year}年").format(name=words.typed(found.organisation), year=found.year)
        ),
        _("只有总数。不足5人的、能推算出来的不显示，写作“—”。"),
    ]
    for block in found.blocks:
        lines += ["", words.bold(words.read(block.title)), *_rows(block)]
    return lines


def _rows(block: ShownBlock) -> list[str]:
    return [
        _("{title}：{n}").format(title=words.read(title), n="—" if n is None else n)
        for title, n in block.rows
    ]
