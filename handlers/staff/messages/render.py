"""A message of the core as text and buttons, from how things stand when it goes out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from handlers.staff.breaches import texts as breach_texts
from handlers.staff.breaches.callbacks import BreachCallback
from handlers.staff.cases import texts as case_texts
from handlers.staff.city_moves import texts as city_texts
from handlers.staff.city_moves.callbacks import ArrivalCallback
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import CardCallback, ToSignCallback
from handlers.staff.common.navigation import entrance, ready
from handlers.staff.common.replies import Row, fit
from handlers.staff.duties import texts as duty_texts
from handlers.staff.duties.callbacks import YearlyDutyCallback
from handlers.staff.figures import totals_texts
from handlers.staff.figures.callbacks import GatheredCallback
from handlers.staff.inspections import texts as check_texts
from handlers.staff.inspections.callbacks import CheckBranchCallback
from handlers.staff.messages import texts
from handlers.staff.people import posts_texts
from handlers.staff.people.callbacks import RenewCallback
from handlers.staff.plans import guidance_texts
from handlers.staff.plans import texts as plan_texts
from handlers.staff.plans.callbacks import GuidanceCallback, PlanCallback
from handlers.staff.plans.router import judging
from handlers.staff.preferences.callbacks import LaterCallback, WeekOffCallback
from handlers.staff.reports.callbacks import ReportCallback
from handlers.staff.shared import record_texts
from services.casefile.views import BreachLine
from services.cases.transfers import MOVED
from services.cases.views import CaseCard, EntryLine
from services.city_moves.views import Arrival
from services.duties.views import DutyLine
from services.inspections.views import CheckedBranch, Circular
from services.messages.update_gaps import GAP
from services.papers.views import BranchWeek
from services.people.handovers import HANDED_OVER, LINK_DECLINED
from services.people.views import Actor
from services.plans.plans import PlanLine
from services.reminders.views import ReminderLine
from services.reports.views import ReportCard
from services.totals.views import Gathered


@dataclass(frozen=True)
class Notice:
    """`picture`: a PNG above the text, which is its caption then. `person`: whose case it is about,
    where it is about one."""

    text: str
    rows: tuple[Row, ...]
    picture: bytes = b""
    person: str = ""


@dataclass(frozen=True)
class MessageSubject:
    """What a message is about: whose case, which step, which entry, for whom, on which day."""

    card: CaseCard
    actor: Actor
    step: str
    entry: str
    today: date

    @property
    def line(self) -> EntryLine | None:
        return next((item for item in self.card.entries if item.entry_id == self.entry), None)


def your_turn(about: MessageSubject) -> Notice:
    """Falls back to what was recorded once somebody else has taken the step."""
    for item in about.card.mine:
        # As the case stands now: between queueing and sending, somebody else may have entered it.
        if item.step.id == about.step and ready(item):
            fill: Row = [(case_texts.begin(), entrance(about.card.case_id, item.step))]
            lines = texts.your_turn(about.card, item, about.line, about.today)
            return Notice(fit(lines), (fill, *_onward(about.card)))
    for line in about.card.entries:
        if line.step.id == about.step and line.for_reader:
            # Entered meanwhile, and theirs to sign: that must not be covered by what was before.
            return sign(replace(about, entry=line.entry_id))
    return recorded(about)


def sign(about: MessageSubject) -> Notice:
    line = about.line
    if line is None or not line.for_reader:
        return recorded(about)
    row: Row = [
        (record_texts.to_read(), ToSignCallback(case=about.card.case_id, entry=line.entry_id))
    ]
    return Notice(fit(texts.sign(about.card, line)), (row, *_onward(about.card)))


def recorded(about: MessageSubject) -> Notice:
    line = about.line
    if line is None:
        return changed(about)
    if line.for_reader:
        # It takes the place of the wish to sign, which still stands.
        return sign(about)
    return Notice(fit(texts.recorded(about.card, line, about.today)), _begins(about.card))


def _begins(card: CaseCard) -> tuple[Row, ...]:
    """Straight on to the next step where it is the reader's."""
    following = card.progress.next
    if following is None or following not in card.mine or not ready(following):
        return _onward(card)
    return ([(case_texts.begin(), entrance(card.case_id, following.step))], *_onward(card))


def changed(about: MessageSubject) -> Notice:
    return Notice(fit(texts.changed(about.card, about.today)), _begins(about.card))


def digest(lines: Sequence[ReminderLine], today: date) -> Notice:
    """One message a morning, each line one date; each case has its buttons, in the same order."""
    lines = texts.told(lines)
    # One button a case: several dates of a case would fill the keyboard with the same person.
    firsts: dict[str, ReminderLine] = {}
    for line in lines:
        firsts.setdefault(line.case_id, line)
    rows: list[Row] = [
        [
            _to_line(line),
            (
                texts.later(line.person if len(firsts) > 1 else ""),
                LaterCallback(case=line.case_id, step=line.step.id),
            ),
        ]
        for line in list(firsts.values())[: texts.SHOWN]
    ]
    to_todo: Row = [navigation.todo()]
    return Notice(fit(texts.digest(lines, today)), (*_told_apart(rows), to_todo))


def _to_line(line: ReminderLine) -> navigation.Link:
    """Into the form where the reader can enter it now, else to the case."""
    if line.mine and line.ready:
        return texts.fill_button(line), entrance(line.case_id, line.step)
    return texts.line_button(line), CardCallback(case=line.case_id)


def week(found: BranchWeek, lines: Sequence[ReminderLine], today: date) -> Notice:
    """How a branch stands, with the reminders of this morning below."""
    off: Row = [(texts.no_more_weeks(), WeekOffCallback())]
    if not lines:
        return Notice(fit(texts.week(found)), ([navigation.todo()], off), found.picture.content)
    below = digest(lines, today)
    said = fit([*texts.week(found), "", *below.text.split("\n")])
    return Notice(said, (*below.rows, off), found.picture.content)


def report(card: ReportCard, today: date, letter: bool = False) -> Notice:
    """That there is one, or a letter that was added, and by when; never what it says."""
    row: Row = [(texts.to_report(), ReportCallback(report=card.report_id))]
    return Notice(fit(texts.report(card, today, letter)), (row,))


def check(shown: CheckedBranch, today: date) -> Notice:
    """A branch's own list of what a random check found wanting."""
    row: Row = [(texts.to_report(), CheckBranchCallback(item=shown.item_id))]
    return Notice(fit(check_texts.told(shown, today)), (row,))


def circular(found: Circular) -> Notice:
    """What a check found, without names."""
    return Notice(fit(check_texts.circular(found)), ([navigation.todo()],))


def duty(item: DutyLine, today: date) -> Notice:
    """What comes once a year and isn't ticked."""
    to_tick = YearlyDutyCallback(duty=item.duty_id, organisation=item.organisation_id)
    row: Row = [(duty_texts.to_duty(), to_tick)]
    return Notice(fit(duty_texts.duty(item, today)), (row, [navigation.todo()]))


def assigned(item: BreachLine, due_on: date, today: date) -> Notice:
    """What was assigned a situation and isn't dealt with; those above only see it."""
    row: Row = [(breach_texts.to_breach(), BreachCallback(breach=item.breach_id))]
    return Notice(fit(breach_texts.reminded(item, due_on, today)), (row, [navigation.todo()]))


def unreached(about: MessageSubject, who: str) -> Notice:
    """To the next level up: somebody there has blocked the bot, and doesn't know what is due."""
    for item in about.card.progress.open:
        if item.step.id == about.step:
            lines = texts.unreached(about.card, item, who, about.today)
            return Notice(fit(lines), _onward(about.card))
    return recorded(about)


def gap(payload: Mapping[str, Any]) -> Notice:
    return Notice(fit(texts.gap(int(payload["hours"]))), ([navigation.todo()],))


def handed_over(payload: Mapping[str, Any]) -> Notice:
    """To the successor: what came with the post, by number."""
    return Notice(fit(texts.handed_over(payload)), ([navigation.todo()],))


def link_declined(payload: Mapping[str, Any]) -> Notice:
    """To the inviter: somebody else opened the link."""
    row: Row = [(posts_texts.to_renew(), RenewCallback(link=str(payload["link"])))]
    return Notice(fit(texts.link_declined(str(payload["person"]))), (row,))


def together(notices: Sequence[Notice]) -> Notice:
    """Several messages as one: each with its own first button, and one way to all of them."""
    if len(notices) == 1:
        return notices[0]
    lines = [line for notice in notices for line in (*notice.text.split("\n"), "")]
    to_todo: Row = [navigation.todo()]
    # By what the button carries: two messages about one matter share their button.
    # 待办 stands once, below all of them.
    ways: dict[str, Row] = {}
    for notice in notices:
        for label, data in notice.rows[0] if notice.rows else ():
            if (label, data) not in to_todo:
                ways.setdefault(data.pack(), [(texts.of_one(label, notice.person), data)])
    shown = list(ways.values())[: texts.SHOWN]
    return Notice(fit(lines), (*_told_apart(shown), to_todo))


def _told_apart(rows: Sequence[Row]) -> Iterator[Row]:
    """No two buttons with the same words: two people may have one name."""
    said: Counter[str] = Counter()
    for row in rows:
        said.update(label for label, _ in row)
        yield [(texts.numbered(label, said[label]), data) for label, data in row]


def totals(found: Gathered, name: str) -> Notice:
    """Somebody below has told theirs."""
    row: Row = [(totals_texts.gathered(), GatheredCallback(year=found.year))]
    return Notice(fit(totals_texts.told(found, name)), (row, [navigation.todo()]))


def guidance(year: int) -> Notice:
    row: Row = [(guidance_texts.to_list(), GuidanceCallback())]
    return Notice(fit(guidance_texts.told(year)), (row, [navigation.todo()]))


def plan(
    level: str,
    year: int,
    line: PlanLine | None,
    begins: Sequence[Row] = (),
    judged: PlanLine | None = None,
) -> Notice:
    """That names wait at the reader's level, with what `begins` there, or what became of one.
    `judged`: the only one that waits for the reader's first check."""
    said = plan_texts.became(line) if line else plan_texts.told(level, year)
    row: Row = [(plan_texts.to_plan(), PlanCallback(year=year)), navigation.todo()]
    if judged is not None:
        said = [*said, "", *plan_texts.name(judged, 1, 1)]
        return Notice(fit(said), (*judging(judged), row))
    return Notice(fit(said), (*begins, row))


def moved(payload: Mapping[str, Any]) -> Notice:
    """To the branch that somebody came from; the case is no longer theirs to open."""
    said = texts.moved(str(payload["person"]), str(payload["organisation"]))
    return Notice(fit(said), ([navigation.todo()],))


def arrival(found: Arrival) -> Notice:
    """To whoever has to act on somebody who has come from another city."""
    said = city_texts.told_department if found.places else city_texts.told_branch
    row: Row = [(city_texts.to_look(), ArrivalCallback(arrival=found.arrival_id))]
    return Notice(fit(said(found.person)), (row, [navigation.todo()]), person=found.person)


def city_answered(payload: Mapping[str, Any]) -> Notice:
    """To the branch that somebody has left: whether they were taken in."""
    person, city, said = (str(payload[name]) for name in ("person", "peer", "said"))
    lines = city_texts.answered(person, city, said, bool(payload["taken"]))
    return Notice(fit(lines), _onward_to(str(payload["case"])), person=person)


def something() -> Notice:
    return Notice(fit(texts.something()), ([navigation.todo()],))


def _onward(card: CaseCard) -> tuple[Row, ...]:
    return _onward_to(card.case_id)


def _onward_to(case_id: str) -> tuple[Row, ...]:
    return (navigation.onward(case_id),)


STATEMENTS: Mapping[str, Callable[[Mapping[str, Any]], Notice]] = {
    GAP: gap,
    MOVED: moved,
    HANDED_OVER: handed_over,
    LINK_DECLINED: link_declined,
}
"""What says all there is to say by its payload alone."""
KINDS: Mapping[str, Callable[[MessageSubject], Notice]] = {
    "your_turn": your_turn,
    "sign": sign,
    "recorded": recorded,
    "changed": changed,
}
