"""What was found wrong in a case, a line each."""

from datetime import date

from domain.case.facts import Finding, WholeCase
from domain.rulebook.schema import Rulebook
from handlers.staff.shared import problem_texts
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.core.i18n import ngettext

SHOWN = 20


def finding(book: Rulebook, item: Finding) -> str:
    step = book.step(item.step)
    fields = {field.id: field for field in step.fields}
    said = problem_texts.problem(item.problem, fields)
    return _("· {step}（{day}）：{problem}").format(
        step=words.step_name(step.id, step.title), day=words.day(item.day), problem=said
    )


def whole(found: WholeCase | None, today: date) -> list[str]:
    """All that isn't in order, before somebody confirms the whole case."""
    if found is None:
        return []
    if found.clear:
        return ["", _("全过程核对过，没有查出问题。")]
    lines = [finding(found.book, item) for item in found.findings]
    lines += [f"· {words.step_due(item, today)}" for item in found.open]
    more = len(lines) - SHOWN
    rest = ngettext("还有{n}处，按“核对日期”看。", "还有{n}处，按“核对日期”看。", more).format(
        n=more
    )
    head = words.bold(_("全过程核对，逐项说明："))
    return ["", head, *lines[:SHOWN], *([rest] if more > 0 else [])]
