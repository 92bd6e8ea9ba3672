"""What was found in a branch, and what a branch put right: asked, looked at once more, stored."""

from datetime import date

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.rulebook.schema import Field
from handlers.staff.common.replies import close, fit
from handlers.staff.form import short_forms
from handlers.staff.form.buttons import Verb
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.inspections import texts
from handlers.staff.inspections.callbacks import AnswerCheckCallback, EnterCheckCallback
from handlers.staff.inspections.router import branch_rows
from handlers.staff.shared import texts as words
from services.container import Services, services_of
from services.people.views import Actor

CHECK, RIGHTING = "check", "righting"
DEFECTS, MERITS, NOTE, ANSWER = "defects", "merits", "note", "answer"


async def found(session: FormSession) -> tuple[Field, ...]:
    book = services_of(session.data).procedure.current
    # A list that the rules leave empty isn't asked: nobody could answer it.
    lists = {DEFECTS: book.defects, MERITS: book.merits}
    asked = [
        short_forms.choices(name, [(item.id, words.plain(item.text)) for item in known])
        for name, known in lists.items()
        if known
    ]
    return *asked, short_forms.text(NOTE, optional=True)


def question(session: FormSession, field: Field) -> list[str]:
    asked = {MERITS: texts.ask_merits, NOTE: texts.ask_note}
    return [asked[field.id]()] if field.id in asked else session.draft.said


def labels(session: FormSession, field: Field | None) -> dict[Verb, str]:
    said = {DEFECTS: texts.fine, MERITS: texts.no_merits}
    return {Verb.SKIP: said[field.id]()} if field and field.id in said else {}


def summary(session: FormSession) -> list[str]:
    book, draft = services_of(session.data).procedure.current, session.draft
    chosen = [item for item in book.defects if item.id in draft.picked(DEFECTS)]
    praised = [item for item in book.merits if item.id in draft.picked(MERITS)]
    return texts.summary(chosen, praised, draft.text(NOTE))


async def enter(event: Message | CallbackQuery, session: FormSession) -> None:
    draft = session.draft
    await services_of(session.data).inspections.enter(
        session.act("check"),
        session.actor,
        draft.of,
        draft.picked(DEFECTS),
        draft.text(NOTE),
        draft.picked(MERITS),
    )
    await _close(event, session, texts.entered())


async def put_right(session: FormSession) -> tuple[Field, ...]:
    return (short_forms.text(ANSWER),)


def righting_summary(session: FormSession) -> list[str]:
    return texts.answer_summary(session.draft.text(ANSWER))


async def answer(event: Message | CallbackQuery, session: FormSession) -> None:
    draft = session.draft
    await services_of(session.data).inspections.answer(
        session.act("righted"), session.actor, draft.of, draft.text(ANSWER)
    )
    await _close(event, session, texts.answered())


async def _close(event: Message | CallbackQuery, session: FormSession, said: str) -> None:
    actor, today = session.actor, session.today
    shown = await services_of(session.data).inspections.branch(actor, session.draft.of, today)
    said = fit([said, "", *texts.branch(shown, today)])
    await close(event, session.manager, said, branch_rows(shown, actor))


READ = short_forms.between(texts.LEAST, texts.MOST)
SOURCES = {
    CHECK: short_forms.source(
        found,
        ShortForm(enter, question, READ, texts.text_wanted, summary, labels),
        kept=True,
    ),
    RIGHTING: short_forms.source(
        put_right,
        ShortForm(answer, read=READ, refuse=texts.text_wanted, summary=righting_summary),
        kept=True,
    ),
}


async def begin(
    query: CallbackQuery,
    callback_data: EnterCheckCallback,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
) -> None:
    """Begin to enter a check. The service refuses who may not see the branch, here and at the
    end."""
    item = callback_data.item
    said = texts.ask_defects(await services.inspections.branch(actor, item, today))
    await short_forms.begin(query, dialog_manager, CHECK, DEFECTS, of=item, said=said)


async def begin_righting(
    query: CallbackQuery,
    callback_data: AnswerCheckCallback,
    services: Services,
    actor: Actor,
    today: date,
    dialog_manager: DialogManager,
) -> None:
    item = callback_data.item
    said = texts.ask_answer(await services.inspections.branch(actor, item, today), today)
    await short_forms.begin(query, dialog_manager, RIGHTING, ANSWER, of=item, said=said)


def build() -> Router:
    router = Router(name="inspection forms")
    router.callback_query.register(begin, EnterCheckCallback.filter())
    router.callback_query.register(begin_righting, AnswerCheckCallback.filter())
    return router
