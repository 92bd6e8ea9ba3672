"""Where a value of a paper comes from, said in a few words that a form may hold.

`1.born_on`: an answer of a step. `here`: the step that the paper belongs to; `before`: the one it
follows. `7.day`: the day of an entry. `here.count.due`: a number of a ballot. `here.verdict`: each
rule of it. `8a.notice.last_day`: a day of a public notice. `case.branch`, `landmark.probation_end`,
`office.hotline`, `report.received`: of no step. `stage.candidate`: nothing to read, asked for in
steps of that stage only. Several are separated by `|`: the first that is known counts.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from domain.case.answers import judge, known_bases, totals_of
from domain.case.public_notice import notice_of
from domain.rulebook.schema import Field, Rulebook, Step
from papers import values
from papers.matter import CaseOnPaper, PaperEntry, RegisterLine

NOTICE = ("posted_on", "first_day", "last_day", "working_days")
CASE: Mapping[str, Callable[[CaseOnPaper], str | None]] = {
    "person": lambda matter: values.clean(matter.person),
    "branch": lambda matter: values.clean(matter.branch),
    "committee": lambda matter: values.clean(matter.committee) or None,
    "department": lambda matter: values.clean(matter.department) or None,
    "age": lambda matter: _age(matter),
    "today": lambda matter: values.day(matter.today),
}
OFFICE = ("hotline", "person")
REPORT: Mapping[str, Callable[[RegisterLine, CaseOnPaper], str | None]] = {
    "channel": lambda report, _: values.CHANNELS[report.channel],
    "received": lambda report, _: values.day(report.received_on),
    "answer_by": lambda report, _: values.day(report.answer_by),
    "organiser": lambda report, _: values.clean(report.organiser) or None,
    "closed": lambda report, _: values.day(report.closed_on) if report.closed_on else None,
    "classes": lambda _, matter: values.to_tick(item.text.zh for item in matter.book.findings),
}
"""What the register knows. Neither the content nor the finding: whoever checked writes it down and
signs (docs/decisions/0032)."""
INVALID = "invalid"
NEVER = frozenset({"opinion", "conclusion"})
"""Opinions and conclusions are written and signed by whoever has them, never by a program."""


def read(source: str, matter: CaseOnPaper, here: Step | None) -> str | None:
    """Return what is known; None for nothing."""
    found = (_read(part, matter, here) for part in source.split("|"))
    return next((said for said in found if said), None)


def asked(source: str, book: Rulebook, here: Step | None) -> bool:
    """Whether the rulebook ever asks for it."""
    return any(_asked(part, book, here) for part in source.split("|"))


def _asked(part: str, book: Rulebook, here: Step | None) -> bool:
    group, _, stage = part.partition(".")
    if group == "stage":
        return here is not None and here.stage == stage
    return not wrong(part, book, here)


def wrong(part: str, book: Rulebook, here: Step | None) -> str:
    """Return why a single source can't be read by this rulebook; "" where it can."""
    group, _, rest = part.partition(".")
    known = {
        "case": CASE,
        "office": OFFICE,
        "report": REPORT,
        "landmark": {mark.by.id for mark in book.landmarks},
        "stage": {stage.id for stage in book.stages},
    }
    if group in known:
        return "" if rest in known[group] else f"there is no {part}"
    steps = [book.by_id[name] for name in _named(group, here) if name in book.by_id]
    if not steps:
        return f"there is no step {group}"
    return "" if any(_has(step, rest) for step in steps) else f"step {group} has no {rest}"


def forbidden(part: str, book: Rulebook, here: Step | None) -> bool:
    """Whether it would write down what only a body or a person may say."""
    group, _, rest = part.partition(".")
    # Whatever the field is called in a rulebook: no program writes down what somebody thinks.
    if rest in NEVER:
        return True
    steps = [book.by_id[name] for name in _named(group, here) if name in book.by_id]
    return any(field.id == rest for step in steps for field in step.deciding)


def _named(group: str, here: Step | None) -> tuple[str, ...]:
    if group not in ("here", "before"):
        return (group,)
    if here is None:
        return ()
    return (here.id,) if group == "here" else here.after


def _has(step: Step, rest: str) -> bool:
    group, _, name = rest.partition(".")
    if group == "count":
        # Invalid slips are those returned that aren't valid.
        wanted = "valid" if name == INVALID else name
        return any(field.count == wanted for field in step.counted)
    if group == "notice":
        return step.has_notice and name in NOTICE
    return (
        rest == "day" or (rest == "verdict" and bool(step.ballot)) or _field(step, rest) is not None
    )


def _field(step: Step, name: str) -> Field | None:
    return next((field for field in step.fields if field.id == name), None)


def _read(part: str, matter: CaseOnPaper, here: Step | None) -> str | None:
    group, _, rest = part.partition(".")
    if group == "case":
        return CASE[rest](matter)
    if group == "office":
        return values.clean(getattr(matter.office, rest)) or None
    if group == "report":
        return REPORT[rest](matter.report, matter) if matter.report else None
    if group == "stage":
        return None
    if group == "landmark":
        day = matter.landmarks.get(rest)
        return values.day(day) if day else None
    found = (matter.last(name) for name in _named(group, here))
    entries = [entry for entry in found if entry is not None]
    # The notice alone is printed before it is posted: then its days count from today. What tells
    # of it afterwards would tell of one that never hung.
    if not entries and group == "here" and rest.startswith("notice."):
        return _notice(here, matter.today, rest, matter) if here else None
    return next((said for entry in entries if (said := _of(entry, rest, matter))), None)


def _of(entry: PaperEntry, rest: str, matter: CaseOnPaper) -> str | None:
    if rest == "day":
        return values.day(entry.done_on)
    if rest == "verdict":
        return "\n".join(_verdict(entry)) or None
    if rest.startswith("count."):
        return _count(rest.removeprefix("count."), totals_of(entry.step, entry.answers))
    if rest.startswith("notice."):
        return _notice(entry.step, entry.done_on, rest, matter)
    field = _field(entry.step, rest)
    if field is None or rest not in entry.answers:
        return None
    return values.answer(field, entry.answers[rest], entry.names) or None


def _count(name: str, totals: Mapping[str, int]) -> str | None:
    if name == INVALID and {"returned", "valid"} <= totals.keys():
        return str(totals["returned"] - totals["valid"])
    return str(totals[name]) if name in totals else None


def _verdict(entry: PaperEntry) -> Iterator[str]:
    totals = totals_of(entry.step, entry.answers)
    if known_bases(entry.step.ballot, totals):
        yield from map(values.share, judge(entry.step.ballot, totals).shares)


def _notice(step: Step, posted_on: date, rest: str, matter: CaseOnPaper) -> str | None:
    if not step.has_notice:
        return None
    name, period = rest.removeprefix("notice."), notice_of(step, posted_on, matter.calendar)
    if name == "working_days":
        return str(period.working_days)
    day: date = posted_on if name == "posted_on" else getattr(period, name)
    return values.day(day)


def _age(matter: CaseOnPaper) -> str | None:
    entry = matter.last("1")
    born = entry.answers.get("born_on") if entry else None
    return f"{values.age(born, matter.today)}" if isinstance(born, date) else None
