"""A case as a message with its buttons."""

from collections.abc import Sequence
from datetime import date

from aiogram.filters.callback_data import CallbackData

from domain.case.elsewhere import way_out
from domain.case.facts import OpenStep
from handlers.staff.cases import follow_texts, glance_texts, texts
from handlers.staff.cases.callbacks import (
    AnytimeCallback,
    CasesCallback,
    CheckCallback,
    ChooseCallback,
    EntriesCallback,
    GuideCallback,
    PapersCallback,
    RecordsCallback,
    SheetCallback,
    StepPapersCallback,
    WayCallback,
)
from handlers.staff.city_moves import texts as city_texts
from handlers.staff.city_moves.callbacks import LeaveCallback
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import (
    CardCallback,
    FillCallback,
    NoticeCodeCallback,
    ToSignCallback,
)
from handlers.staff.common.destinations import View
from handlers.staff.common.navigation import entrance, ready
from handlers.staff.common.paging import turning
from handlers.staff.common.replies import Row, fit, in_rows
from handlers.staff.shared import guide_texts, record_texts
from handlers.staff.shared import texts as words
from services.cases.views import CaseCard, CaseLine, Page
from services.people.views import Actor

SEVERAL = 8
"""People with a button of their own."""
QUERY = 12
"""Characters of a searched name that a page button carries (Chinese: three bytes each)."""


def card_text(card: CaseCard, today: date, view: View, answer: Sequence[str] = ()) -> str:
    """`answer`: what was asked, above all else."""
    gone = city_texts.gone(card.gone) if card.gone else []
    lines = [*answer, *texts.head(card), *gone, *texts.holds(card), *texts.coming(card, today)]
    lines += follow_texts.waiting(card, today)
    lines += texts.also(others(card), today)
    lines += texts.deadlines(card.progress.deadlines, today, folded=view is not View.DATES)
    lines += texts.landmarks(card.progress.landmarks)
    lines += texts.helpers(card)
    if view is View.DONE:
        lines += texts.done(card.entries)
    return fit(lines)


def others(card: CaseCard) -> tuple[OpenStep, ...]:
    """Steps I may take now besides the next one and what is called for."""
    following = card.progress.next
    return tuple(i for i in card.mine if i != following and i.call is None and ready(i))


def card_rows(card: CaseCard, actor: Actor, view: View) -> list[Row]:
    following = card.progress.next
    rows: list[Row] = []
    for item in card.mine:
        if ready(item):
            label = texts.begin() if item == following else texts.begin(item.step)
            rows.append([(label, entrance(card.case_id, item.step))])
            if item == following and item.step.has_notice:
                # What is to hang comes before it is said that it hangs.
                printed = StepPapersCallback(case=card.case_id, step=item.step.id)
                rows.append([(texts.to_hang(), printed)])
    if any(item.for_reader for item in card.entries):
        rows.append([(texts.to_sign(), ToSignCallback(case=card.case_id))])
    more = _more(card, view)
    # In pairs: every row pushes the next step further up, out of a phone's sight.
    return [*rows, *in_rows(more, 2)]


def _more(card: CaseCard, view: View) -> list[tuple[str, CallbackData]]:
    """What else may be looked at or entered, and the way on."""
    following = card.progress.next
    row: list[tuple[str, CallbackData]] = []
    if following is not None:
        row.append((guide_texts.how(), GuideCallback(case=card.case_id, step=following.step.id)))
    if card.anytime:
        row.append((texts.anytime(), AnytimeCallback(case=card.case_id)))
    if card.entries:
        row.append((texts.check(card.breaches), CheckCallback(case=card.case_id)))
    row.append((glance_texts.way(), WayCallback(case=card.case_id)))
    row.append((texts.papers(), PapersCallback(case=card.case_id)))
    return [*row, *_folds(card, view), navigation.todo()]


def _folds(card: CaseCard, view: View) -> list[tuple[str, CallbackData]]:
    case = card.case_id
    row: list[tuple[str, CallbackData]] = []
    # Each fold offers only what isn't unfolded yet: the keyboard stays short.
    if card.entries and view is not View.DONE:
        row.append((texts.show_done(len(card.entries)), CardCallback(case=case, view=View.DONE)))
    if len(card.progress.deadlines) > texts.DEADLINES and view is not View.DATES:
        row.append((texts.show_dates(), CardCallback(case=case, view=View.DATES)))
    if view is not View.SHORT:
        row.append((texts.fold(), CardCallback(case=case)))
    if view is View.DONE:
        row.append((record_texts.to_records(), RecordsCallback(case=case)))
        row.append((texts.to_correct(), EntriesCallback(case=case)))
        notice = _last_notice(card)
        if notice is not None:
            row.append((texts.notice_code(), NoticeCodeCallback(case=case, entry=notice)))
    return row


def _last_notice(card: CaseCard) -> str | None:
    """The entry of the notice that was posted last: the QR code beside it may have been lost."""
    posted = [item for item in card.entries if item.step.notice_days and not item.replaced]
    return posted[-1].entry_id if posted else None


def anytime_rows(card: CaseCard, cities: bool = False) -> list[Row]:
    """A form for each thing that may happen at any time. `cities`: there are some to send to."""
    case = card.case_id
    rows: list[Row] = [
        [(words.plain(step.title), FillCallback(case=case, step=step.id))] for step in card.anytime
    ]
    if cities and any(map(way_out, card.anytime)):
        rows.append([(city_texts.to_leave(), LeaveCallback(case=case))])
    return [*rows, [(words.back(), CardCallback(case=case))]]


def guide_rows(card: CaseCard, step: str) -> list[Row]:
    case = card.case_id
    open_to_me = [item.step for item in card.mine if ready(item) and item.step.id == step]
    first = [(texts.begin(), entrance(case, found)) for found in open_to_me]
    return [first, [(words.back(), CardCallback(case=case))]]


def page_rows(page: Page, text: str, today: date) -> list[Row]:
    rows: list[Row] = [
        [(texts.line(item, today), CardCallback(case=item.case_id))] for item in page.lines
    ]
    rows.append(
        turning(page.number, page.pages, lambda number: CasesCallback(page=number, text=text))
    )
    if page.total:
        by_part = [] if text else [(texts.by_part(), ChooseCallback())]
        rows.append([(texts.sheet(), SheetCallback(text=text)), *by_part])
    return [*rows, [(texts.everything(), CasesCallback(page=0))]] if text else rows


def several_rows(lines: Sequence[CaseLine], today: date) -> list[Row]:
    """Several people whom one sentence names."""
    shown = [
        [(texts.line(item, today), CardCallback(case=item.case_id))] for item in lines[:SEVERAL]
    ]
    return [*shown, [navigation.todo()]]


def query(text: str) -> str:
    """Cut a typed name to what a page button can carry in 64 bytes; `:` would part its fields."""
    return text.replace(":", " ").strip()[:QUERY].strip()
