"""Settling a report: the finding, the answer, a last look."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode

from domain.reports import RegisterState
from domain.rulebook.schema import Field, ReportFinding
from handlers.staff.common.replies import show
from handlers.staff.form import short
from handlers.staff.form.buttons import Verb
from handlers.staff.form.session import Session, ShortForm
from handlers.staff.reports import texts
from handlers.staff.reports.callbacks import DecideReport
from handlers.staff.reports.router import rows as card_rows
from services.container import Services
from services.people.views import Actor

SETTLING = "settle_report"
FINDING, ANSWER = "finding", "answer"
SAME = "same"
"""In place of a finding: the one there is stays."""


async def fields(session: Session) -> tuple[Field, ...]:
    return short.choice(FINDING, session.draft.names().items()), short.text(ANSWER)


def question(session: Session, field: Field) -> list[str]:
    return [texts.ask_finding() if field.id == FINDING else texts.ask_answer(picked(session))]


def picked(session: Session) -> ReportFinding | None:
    """None: the finding there is stays."""
    chosen = session.draft.text(FINDING)
    return None if chosen == SAME else session.services.procedure.current.finding(chosen)


def labels(session: Session, field: Field | None) -> dict[Verb, str]:
    return {Verb.CONFIRM: texts.confirm(), Verb.AGAIN: texts.again()}


def summary(session: Session) -> list[str]:
    return [texts.summary(picked(session), session.draft.text(ANSWER))]


async def decide(event: Message | CallbackQuery, session: Session) -> None:
    draft, chosen = session.draft, picked(session)
    finding, answer = chosen.id if chosen else "", draft.text(ANSWER)
    card = await session.services.reports.decide(
        session.act("decide"), session.actor, draft.of, finding, answer
    )
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    await show(event, texts.decided(chosen), card_rows(card, session.actor))


SOURCES = {
    SETTLING: short.source(
        fields,
        ShortForm(
            decide,
            question,
            short.between(texts.LEAST, texts.MOST),
            texts.answer_wanted,
            summary,
            labels,
        ),
    )
}


async def begin(
    query: CallbackQuery,
    callback_data: DecideReport,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    card = await services.reports.card(actor, callback_data.report)
    known = services.procedure.current.findings
    findings = [(item.id, texts.finding(item)) for item in known]
    if card.state is RegisterState.AGAIN:
        findings.insert(0, (SAME, texts.same_finding()))
    of = card.report_id
    await short.begin(query, dialog_manager, SETTLING, FINDING, of=of, offered=findings)


def build() -> Router:
    router = Router(name="settling reports")
    router.callback_query.register(begin, DecideReport.filter())
    return router
