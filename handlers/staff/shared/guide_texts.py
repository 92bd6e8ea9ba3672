"""How a step is taken: its purpose, its acts, its limits, each with its source."""

from domain.rulebook.listing.texts import calendar_days, working_days
from domain.rulebook.schema import Step, StepGuide, Text, Unit
from domain.rulebook.validation.conflicts import Conflict, conflicts_of
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _


def prepare(guide: StepGuide | None) -> list[str]:
    if guide is None or not guide.prepare:
        return []
    return ["", _("先准备好："), *bullets(guide.prepare)]


def bullets(items: tuple[Text, ...]) -> list[str]:
    return [f"· {words.read(item)}" for item in items]


def guide(step: Step) -> list[str]:
    lines = [words.bold(words.step_name(step.id, step.title))]
    if step.guide is not None:
        lines += [words.read(step.guide.purpose)]
        lines += prepare(step.guide)
        lines += block(_("按顺序办："), numbered(step.guide.acts))
        lines += block(_("期限和票数："), rules(step))
        lines += block(differ(), differences(step))
        lines += block(_("容易出错："), bullets(step.guide.faults))
    lines += block(_("要留的材料："), [f"· {words.read(paper.title)}" for paper in step.papers])
    lines += ["", _("由{roles}办").format(roles=words.roles(step.actors))] if step.actors else []
    return [*lines, _("依据：{source}").format(source=words.source(step.source))]


def rules(step: Step) -> list[str]:
    """Every time and every share of a step, with its article."""
    said = [(item.text, item.source) for item in step.limits]
    said += [(item.text, item.source) for item in step.ballot]
    for length in step.notice_lengths:
        in_words = working_days if length.unit is Unit.WORKING_DAYS else calendar_days
        said.append((in_words(length.value), length.source))
    return [_sourced(text, source) for text, source in said]


def _sourced(text: Text, source: str) -> str:
    return _("· {text}（{source}）").format(text=words.read(text), source=words.source(source))


def differ() -> str:
    return _("国家和{place}规定不一样：").format(place=words.place())


def differences(step: Step) -> list[str]:
    """Both layers with their sources, and which of them decides."""
    return [f"· {difference(found)}" for found in conflicts_of(step)]


def difference(found: Conflict) -> str:
    decides = _("按国家的办") if found.follows else _("两样都算，按更严的办")
    return _("国家：{national}（{article}）；{place}：{local}（{source}）。{decides}。").format(
        place=words.place(),
        national=words.read(found.national.text),
        article=words.source(found.national.source),
        local=words.read(found.local.text),
        source=words.source(found.local.source),
        decides=decides,
    )


def numbered(items: tuple[Text, ...]) -> list[str]:
    return [f"{number}. {words.read(item)}" for number, item in enumerate(items, 1)]


def block(title: str, lines: list[str]) -> list[str]:
    return ["", title, *lines] if lines else []


def how() -> str:
    return _("这一步怎么办")
