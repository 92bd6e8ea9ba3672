"""`yinlu rules`: what is wrong with a rulebook file (`check`), what differs between two of them and
which running cases that concerns (`diff`), and what finished steps are judged by (`accept`)."""

from pathlib import Path

from bot.app.clock import SystemClock
from bot.app.database import open_database
from bot.app.settings import Settings
from domain.calendar.files import calendar_of
from domain.calendar.office_hours import day_of
from domain.rulebook.listing.diff import changes
from domain.rulebook.listing.rules import Rule, rules_of
from domain.rulebook.reading.check import check as check_file
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Rulebook
from services.container import procedure_of
from services.core.acts import Act
from services.rulebooks.fingerprints import RuleMarks
from services.rulebooks.fingerprints import said as lines
from services.rulebooks.impact import Touched, Versions


async def diff(settings: Settings, old_name: str, new_name: str) -> str:
    """Rules added (+), removed (-) and changed (~), then the cases led by the first one that the
    second would lead otherwise. Raises domain.rulebook.reading.reader.FileError."""
    old, new = load(old_name, settings.profiles), load(new_name, settings.profiles)
    lines = [f"{old.id} ({old.version}) -> {new.id} ({new.version})", *differences(old, new)]
    database = await open_database(settings.staff_database, settings.ring())
    try:
        calendar = calendar_of(settings.calendar_file)
        procedure = procedure_of(settings.profile, calendar, settings.profiles)
        versions = Versions(database, procedure)
        cases = await versions.touched(old, new, day_of(SystemClock().now()))
    finally:
        await database.close()
    return "\n".join([*lines, *said(cases)])


async def accept(settings: Settings) -> str:
    """What the files say now is what finished steps are judged by. Raises as `diff`."""
    procedure = procedure_of(
        settings.profile, calendar_of(settings.calendar_file), settings.profiles
    )
    now = SystemClock().now()
    database = await open_database(settings.staff_database, settings.ring())
    try:
        marks = RuleMarks(database, procedure)
        accepted = await marks.accept(Act(f"rules:{now.isoformat()}", now))
    finally:
        await database.close()
    return "\n".join(("accepted:", *lines(accepted)) if accepted else ("nothing was changed",))


def check(file: Path) -> tuple[str, int]:
    """What is wrong with a rulebook file, a line each, and the exit code."""
    checked = check_file(file)
    if checked.findings or checked.book is None:
        return "\n".join(f"{file.name}: {key}: {why}" for key, why in checked.findings), 1
    book = checked.book
    over = f", laid over {book.extends}" if book.extends else ""
    rules = len(rules_of(book))
    return f"{file.name}: nothing is wrong: {len(book.steps)} steps, {rules} rules{over}.", 0


def differences(old: Rulebook, new: Rulebook) -> list[str]:
    """One line a rule."""
    found = changes(old, new)
    before = {rule.id: rule for rule in rules_of(old)}
    after = {rule.id: rule for rule in rules_of(new)}
    lines = [f"+ {_rule(after[name])}" for name in after if name in found.added]
    lines += [f"- {_rule(before[name])}" for name in before if name in found.removed]
    for name in after:
        if name in found.changed:
            lines.append(f"~ {_rule(before[name])}  ->  {after[name].value} {after[name].base}")
    steps = [step.id for step in new.steps if step.id in found.steps]
    return [*lines, f"steps taken otherwise: {', '.join(steps) or 'none'}"]


def _rule(rule: Rule) -> str:
    parts = (rule.id, rule.value, rule.unit, rule.base, rule.source)
    return " ".join(part for part in parts if part)


def said(cases: tuple[Touched, ...]) -> list[str]:
    head = f"running cases concerned: {len(cases)}; none is changed, finished steps stay"
    return [head, *(f"  {case.case_id}: {', '.join(case.steps)}" for case in cases)]
