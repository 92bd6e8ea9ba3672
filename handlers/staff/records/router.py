"""Choosing an entry to read or to correct; reading and signing one; its proofs."""

from contextlib import suppress
from datetime import date

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import BufferedInputFile, CallbackQuery

from domain.case.answers import proofs_in
from handlers.staff.cases.callbacks import EntriesCallback, ReadCallback, RecordsCallback
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import (
    CardCallback,
    FixCallback,
    ForAllCallback,
    NoticeCodeCallback,
    OnPaperCallback,
    ToSignCallback,
)
from handlers.staff.common.destinations import View
from handlers.staff.common.replies import Row, fit, in_rows, settle, show, tell
from handlers.staff.form import outcome, outcome_texts
from handlers.staff.records.callbacks import ProofCallback, SignCallback
from handlers.staff.shared import record_texts as texts
from handlers.staff.shared import texts as words
from services.attachments.formats import ENDINGS, JPEG
from services.casefile.update_context import UpdateContext
from services.cases.views import CaseCard, EntryLine, Recorded
from services.container import Services
from services.core.acts import Acts
from services.people.views import Actor
from services.todo.views import TodoKind

SHOWN = 40
"""Entries to choose from; a case has about thirty steps."""


async def entries(
    query: CallbackQuery,
    callback_data: EntriesCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    card = await services.cases.card(actor, callback_data.case, today)
    current = [item for item in card.entries if not item.replaced]
    lines = texts.choose(card) if current else [texts.nothing_to_correct()]
    rows: list[Row] = [
        [(texts.entry_button(item, today), FixCallback(entry=item.entry_id))]
        for item in current[-SHOWN:]
    ]
    await show(
        query,
        fit(lines),
        [*rows, [(words.back(), CardCallback(case=card.case_id, view=View.DONE))]],
    )


async def records(
    query: CallbackQuery,
    callback_data: RecordsCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    card = await services.cases.card(actor, callback_data.case, today)
    case = card.case_id
    rows: list[Row] = [
        [(texts.entry_button(item, today), ReadCallback(case=case, entry=item.entry_id))]
        for item in card.entries[-SHOWN:]
    ]
    back: Row = [(words.back(), CardCallback(case=case, view=View.DONE))]
    await show(query, fit(texts.choose_to_read(card)), [*rows, back])


async def read(
    query: CallbackQuery, callback_data: ReadCallback, services: Services, actor: Actor, today: date
) -> None:
    card = await services.cases.card(actor, callback_data.case, today)
    back: Row = [(words.back(), RecordsCallback(case=card.case_id))]
    # Looked for in this case alone: an id in a button gives no right to another one's entry.
    found = [item for item in card.entries if item.entry_id == callback_data.entry]
    if not found:
        await show(query, words.button_expired(), [back])
        return
    item = found[0]
    correct: Row = [] if item.replaced else [(texts.correct(), FixCallback(entry=item.entry_id))]
    await show(query, fit(texts.read(card, item)), [*_signs(item), *proofs(item), correct, back])


async def to_sign(
    query: CallbackQuery,
    callback_data: ToSignCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    card = await services.cases.card(actor, callback_data.case, today)
    item = waiting(card, callback_data.entry)
    if item is None:
        await show(query, texts.nothing_to_sign(), [[navigation.case(card.case_id)]])
        return
    await show(query, fit(texts.to_sign(card, item)), _to_sign_rows(card, item))


def _to_sign_rows(card: CaseCard, item: EntryLine) -> list[Row]:
    return [*_signs(item), *proofs(item), [navigation.case(card.case_id)]]


def _signs(item: EntryLine) -> list[Row]:
    rows: list[Row] = []
    if item.mine:
        rows.append([(texts.sign(), SignCallback(entry=item.entry_id))])
    if item.confirms:
        rows.append([(texts.on_paper(item), OnPaperCallback(entry=item.entry_id))])
    return rows


def waiting(card: CaseCard, entry: str) -> EntryLine | None:
    """The entry that was meant, else the first that waits for the reader."""
    waits = [item for item in card.entries if item.for_reader]
    meant = [item for item in waits if item.entry_id == entry]
    return next(iter(meant or waits), None)


def proofs(item: EntryLine) -> list[Row]:
    buttons = [
        (label(number), ProofCallback(attachment=attachment))
        for recorded, label in ((False, texts.proof), (True, texts.recording))
        for number, attachment in enumerate(proofs_in(item.step, item.answers, recorded), 1)
    ]
    return in_rows(buttons, 3)


async def proof(
    query: CallbackQuery, callback_data: ProofCallback, services: Services, actor: Actor
) -> None:
    """Send a proof below what is there, not to be forwarded."""
    file = await services.steps.attachment(actor, callback_data.attachment)
    await settle(query)
    if query.bot is None:
        return
    chat, name = query.from_user.id, f"proof.{ENDINGS[file.media_type]}"
    shown = BufferedInputFile(file.content, name)
    if file.media_type == JPEG:
        # The messenger takes no very narrow picture as a photo; that goes as a file.
        with suppress(TelegramBadRequest):
            await query.bot.send_photo(chat, shown, protect_content=True)
            return
    await query.bot.send_document(chat, shown, protect_content=True)


async def notice_code(
    query: CallbackQuery,
    callback_data: NoticeCodeCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    """The QR code of a notice once more: the message that brought it may be gone."""
    card = await services.cases.card(actor, callback_data.case, today)
    entry = callback_data.entry
    # Of a case that the reader sees: the link is made for any entry, whoever asks.
    known = entry in {item.entry_id for item in card.entries}
    if known and await outcome.offer_link(query, services, entry):
        await settle(query)
    else:
        await tell(query, texts.no_notice_code())


async def sign(
    query: CallbackQuery,
    callback_data: SignCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    today: date,
    update_context: UpdateContext,
) -> None:
    result = await services.steps.sign(
        act("sign"), actor, callback_data.entry, update=update_context
    )
    await _signed(query, result, services, actor, today)


async def on_paper(
    query: CallbackQuery,
    callback_data: OnPaperCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    today: date,
    update_context: UpdateContext,
) -> None:
    result = await services.steps.sign(
        act("sign_paper"), actor, callback_data.entry, paper=True, update=update_context
    )
    await _signed(query, result, services, actor, today)


async def _signed(
    query: CallbackQuery, result: Recorded, services: Services, actor: Actor, today: date
) -> None:
    """What was signed; below it the next record that waits for the same person, to be read and
    signed with one press."""
    lines = outcome_texts.recorded(outcome_texts.signed(result), result, today)
    await show(query, fit(lines), outcome.follows(result, today))
    items = await services.todo.items(actor, today)
    left = [item for item in items if item.kind is TodoKind.SIGN]
    if not left:
        return
    card = await services.cases.card(actor, left[0].case_id, today)
    if (item := waiting(card, left[0].entry_id or "")) is not None:
        lines = [texts.next_to_sign(len(left)), "", *texts.to_sign(card, item)]
        await tell(query, fit(lines), _to_sign_rows(card, item))


async def for_all(
    query: CallbackQuery,
    callback_data: ForAllCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    today: date,
) -> None:
    """The names first; entered for all of them once they were seen."""
    found = await services.for_all.others(actor, callback_data.entry, today)
    back = navigation.onward(found.case_id)
    if callback_data.sure:
        # The maker of acts, not one act: each case is entered by an act of its own.
        result = await services.for_all.record(act, actor, callback_data.entry, today)
        await show(query, fit(texts.entered_for(result)), [back])
        return
    sure: Row = [
        (texts.enter_for(len(found.people)), ForAllCallback(entry=found.entry_id, sure=True))
    ]
    await show(query, fit(texts.for_whom(found)), [sure, back] if found.people else [back])


def build() -> Router:
    router = Router(name="records")
    router.callback_query.register(entries, EntriesCallback.filter())
    router.callback_query.register(records, RecordsCallback.filter())
    router.callback_query.register(read, ReadCallback.filter())
    router.callback_query.register(to_sign, ToSignCallback.filter())
    router.callback_query.register(proof, ProofCallback.filter())
    router.callback_query.register(notice_code, NoticeCodeCallback.filter())
    router.callback_query.register(sign, SignCallback.filter())
    router.callback_query.register(on_paper, OnPaperCallback.filter())
    router.callback_query.register(for_all, ForAllCallback.filter())
    return router
