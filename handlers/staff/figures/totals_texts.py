"""What is said of totals: what goes to the level above, and what came from below."""

from collections.abc import Iterator, Sequence

from domain.figures.reading import ADMITTED, FULL, countable
from domain.figures.totals import Totals
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.totals.views import Gathered, Sending, ToSend

NAMED = 8
UNKNOWN = "—"
"""Instead of a number that every city kept back."""


def gathered() -> str:
    return _("下级汇总")


def upwards() -> str:
    return _("向上级报汇总数")


def send() -> str:
    return _("报出")


def send_again() -> str:
    return _("原样再报一次")


def back_to_gathered() -> str:
    return _("‹ 下级汇总")


def back_to_totals() -> str:
    return _("‹ 汇总数")


def caption(found: Gathered) -> str:
    """Under the picture, and instead of it where there is no font."""
    told = [
        _("{name}（{day}）").format(name=words.typed(one.name), day=words.day(one.as_of))
        for one in found.told
    ]
    lines = [
        words.bold(_("{name}：下级汇总").format(name=words.typed(found.organisation))),
        _("{year}年：接收预备党员{admitted}人，转正{full}人。").format(
            year=found.year,
            admitted=_number(found.totals, f"made.{ADMITTED}"),
            full=_number(found.totals, f"made.{FULL}"),
        ),
        _("已报{n}个：{names}。").format(n=len(told), names=_names(told))
        if told
        else _("还没有单位报来。"),
    ]
    if found.missing:
        lines.append(_missing(found.missing))
    if found.totals.missing > len(found.missing):
        deeper = found.totals.missing - len(found.missing)
        n = ngettext("再下一级还有{n}个未报。", "再下一级还有{n}个未报。", deeper)
        lines.append(n.format(n=deeper))
    lines.append(_("不足5人的数不报上来，实际不少于这里的数。"))
    return "\n".join(lines)


def _missing(names: Sequence[str]) -> str:
    typed = [words.typed(name) for name in names]
    return _("未报{n}个：{names}。").format(n=len(names), names=_names(typed))


def _names(names: Sequence[str]) -> str:
    """Under a picture there is room for a few; the sheet has all."""
    said = _("、").join(names[:NAMED])
    return said if len(names) <= NAMED else _("{names}等").format(names=said)


def sheet_sent() -> str:
    return _("总览里有图，后面几页有构成和各单位报了没有。")


def to_send(found: ToSend) -> list[str]:
    """What would go, before it does."""
    names = _("、").join(words.typed(name) for name in found.above)
    lines = [
        words.bold(_("{year}年汇总数，报给{names}").format(year=found.year, names=names)),
        _state(found),
    ]
    if found.waits:
        lines.append(_("本单位的数后来有改动，改动涉及不足5人，不再报；以报过的为准。"))
    if found.missing:
        lines.append(_missing(found.missing))
    lines += [
        "",
        *_rows(found),
        "",
        _("按月、按性别等的构成一并报出。没有姓名；不足5人的、能推算出来的不报，写作“—”。"),
        _("群众反映只报全年总件数，满5件才报，这里不显示。"),
    ]
    return (
        lines
        if found.state is Sending.SAME
        else [*lines, _("报出以后不能收回；以后的改动不足5人，也不能再报。")]
    )


def _state(found: ToSend) -> str:
    if found.sent_on is None:
        return _("还没有报过。请先核对，再按“报出”。")
    day = words.day(found.sent_on)
    if found.state is Sending.CHANGED:
        return _("{day}报过，之后有变化。请核对，再按“报出”。").format(day=day)
    return _("{day}报过，之后没有要报的变化。").format(day=day)


def _rows(found: ToSend) -> Iterator[str]:
    # Where people stand now isn't told.
    cells = [(cell, title) for cell, title in countable(found.book) if "stage." not in cell]
    for cell, title in cells:
        said = _("{title}：{n}").format(title=words.read(title), n=_number(found.totals, cell))
        kept = found.totals.kept_in(cell)
        if kept and cell in found.totals.numbers:
            more = ngettext("（另有{n}个单位不报）", "（另有{n}个单位不报）", kept)
            said += more.format(n=kept)
        yield said


def _number(totals: Totals, cell: str) -> str:
    number = totals.numbers.get(cell, 0)
    return UNKNOWN if not number and totals.kept_in(cell) else str(number)


def sent(found: ToSend) -> list[str]:
    names = _("、").join(words.typed(name) for name in found.above)
    return [
        words.bold(_("已经报出：{year}年汇总数").format(year=found.year)),
        _("报给{names}。连接不上时会自动重发，您不用再按。").format(names=names),
    ]


def told(found: Gathered, name: str) -> list[str]:
    """Somebody below has told theirs."""
    lines = [
        words.bold(_("{name}报来了{year}年汇总数").format(name=words.typed(name), year=found.year))
    ]
    if found.missing:
        return [*lines, _missing(found.missing)]
    return [*lines, _("下级都报齐了。")]
