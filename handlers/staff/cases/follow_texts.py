"""What was called for, and what came of it."""

from datetime import date

from domain.case.replay import picked
from domain.case.urgency import nearest
from domain.rulebook.schema import FieldType, Role
from handlers.staff.shared import texts as words
from services.cases.views import CaseCard, EntryLine
from services.core.i18n import gettext as _


def waiting(card: CaseCard, today: date) -> list[str]:
    """Each matter with its owner and its day, but for the next step: the card begins with that."""
    lines = []
    for item in card.progress.called:
        if item == card.progress.next:
            continue
        said = _("{step}（{owner}）").format(
            step=words.step_name(item.step.id, item.step.title),
            owner=_owner(card, item.step.actors),
        )
        limit = nearest(item.deadlines)
        due = [words.due(limit, today)] if limit else []
        lines.append(f"· {_('，').join([said, *due])}")
    return ["", words.bold(_("要跟进的")), *lines] if lines else []


def _owner(card: CaseCard, roles: tuple[Role, ...]) -> str:
    """By name who was named in the case, else by post."""
    names = [words.typed(name) for role, name in card.helpers if role in roles]
    return _("、").join(names) if names else words.role(roles[-1])


def result(item: EntryLine) -> str:
    """What somebody answered who followed a matter up; "" for any other entry."""
    if not item.step.called_by:
        return ""
    fields = (field for field in item.step.fields if field.type is FieldType.CHOICE)
    said = [words.read(o.text) for field in fields for o in picked(field, item.answers)]
    return said[0] if said else ""
