"""Letters, visits and calls entered by the department, and notes while a report is checked."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.reports import ON_PAPER
from domain.rulebook.schema import Field
from handlers.staff.common.callbacks import GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.replies import close, fit
from handlers.staff.form import short_forms
from handlers.staff.form.buttons import Verb
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.reports import entering_texts as texts
from handlers.staff.reports.callbacks import NoteReportCallback
from handlers.staff.reports.reported_case import ABOUT, find
from handlers.staff.reports.router import rows as card_rows
from handlers.staff.reports.texts import card as card_lines
from handlers.staff.reports.texts import channel
from services.container import Services, services_of
from services.people.views import Actor
from services.reports.views import ReportCard

ENTERING, NOTING = "enter_report", "note_report"
CHANNEL, WHAT, NOTE = "channel", "what", "note"


async def letter(session: FormSession) -> tuple[Field, ...]:
    channels = short_forms.choice(CHANNEL, [(name, channel(name)) for name in ON_PAPER])
    return channels, short_forms.found(ABOUT), short_forms.text(WHAT)


def question(session: FormSession, field: Field) -> list[str]:
    asked = {CHANNEL: texts.ask_channel(), ABOUT: texts.ask_about()}
    return [asked.get(field.id) or texts.ask_what(_about(session))]


def labels(session: FormSession, field: Field | None) -> dict[Verb, str]:
    named = {Verb.CONFIRM: texts.confirm(), Verb.AGAIN: texts.again()}
    return {**named, Verb.SKIP: texts.nobody()}


def _about(session: FormSession) -> str:
    """Whom it concerns, "" where no case."""
    return session.draft.names().get(session.draft.text(ABOUT), "")


def summary(session: FormSession) -> list[str]:
    draft = session.draft
    return [texts.summary(draft.text(CHANNEL), _about(session), draft.text(WHAT))]


async def enter(event: Message | CallbackQuery, session: FormSession) -> None:
    draft, reports = session.draft, services_of(session.data).reports
    case = draft.text(ABOUT) or None
    report = await reports.register(
        session.act("register"), session.actor, draft.text(CHANNEL), draft.text(WHAT), case
    )
    card = await reports.card(session.actor, report)
    await _close(event, session, texts.entered(card.answer_by, card.practice), card)


async def note(session: FormSession) -> tuple[Field, ...]:
    return (short_forms.text(NOTE),)


async def add(event: Message | CallbackQuery, session: FormSession) -> None:
    draft = session.draft
    card = await services_of(session.data).reports.note(
        session.act("note"), session.actor, draft.of, draft.text(NOTE)
    )
    await _close(event, session, texts.noted(), card)


async def _close(
    event: Message | CallbackQuery, session: FormSession, said: str, card: ReportCard
) -> None:
    said = fit([said, "", *card_lines(card, session.today)])
    await close(event, session.manager, said, card_rows(card, session.actor))


READ = short_forms.between(texts.LEAST, texts.MOST)
SOURCES = {
    ENTERING: short_forms.source(
        letter, ShortForm(enter, question, READ, texts.words_wanted, summary, labels, find)
    ),
    NOTING: short_forms.source(note, ShortForm(add, read=READ, refuse=texts.words_wanted)),
}


async def begin(
    query: CallbackQuery, services: Services, actor: Actor, dialog_manager: DialogManager
) -> None:
    # Refuses whoever has no right to the register, before the first question is asked.
    await services.reports.register_of(actor)
    await short_forms.begin(query, dialog_manager, ENTERING, CHANNEL)


async def begin_note(
    query: CallbackQuery,
    callback_data: NoteReportCallback,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    card = await services.reports.card(actor, callback_data.report)
    said = [texts.ask_note()]
    await short_forms.begin(query, dialog_manager, NOTING, NOTE, of=card.report_id, said=said)


def build() -> Router:
    router = Router(name="entering reports")
    router.callback_query.register(begin, GoCallback.filter(F.place == Destination.ENTER_REPORT))
    router.callback_query.register(begin_note, NoteReportCallback.filter())
    return router
