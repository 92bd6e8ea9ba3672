"""Settling a report: the finding, the answer, a last look."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.reports import RegisterState
from domain.rulebook.schema import Field
from handlers.staff.common.replies import close
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
SAID = "outcomes"
"""By finding: what it is called, and what follows from it as the case stands."""


async def fields(session: Session) -> tuple[Field, ...]:
    card = await session.services.reports.card(session.actor, session.draft.of)
    outcomes = await session.services.reports.outcomes(
        session.actor, session.draft.of, session.today
    )
    findings = [(item.finding.id, texts.finding(item.finding)) for item in outcomes]
    follows = [texts.following(card, item) for item in outcomes]
    if card.state is RegisterState.AGAIN:
        # A reporter who wrote again has to get an answer, mostly to a finding that stays.
        findings.insert(0, (SAME, texts.same_finding()))
        follows.insert(0, "")
    # In the draft, since the words of a question are made without asking a service.
    session.draft.data[SAID] = {
        name: [label, said] for (name, label), said in zip(findings, follows, strict=True)
    }
    return short.choice(FINDING, findings), short.text(ANSWER)


def question(session: Session, field: Field) -> list[str]:
    if field.id == FINDING:
        return [texts.ask_finding(session.draft.data[SAID].values())]
    return [texts.ask_answer(*picked(session))]


def picked(session: Session) -> tuple[str, str]:
    """What was chosen, and what follows from it."""
    label, follows = session.draft.data[SAID][session.draft.text(FINDING)]
    return label, follows


def labels(session: Session, field: Field | None) -> dict[Verb, str]:
    return {Verb.CONFIRM: texts.confirm(), Verb.AGAIN: texts.again()}


def summary(session: Session) -> list[str]:
    return [texts.summary(*picked(session), session.draft.text(ANSWER))]


async def decide(event: Message | CallbackQuery, session: Session) -> None:
    draft, said = session.draft, texts.decided(*picked(session))
    chosen, answer = draft.text(FINDING), draft.text(ANSWER)
    # The service keeps the finding that stands where none is given.
    finding = "" if chosen == SAME else chosen
    card = await session.services.reports.decide(
        session.act("decide"), session.actor, draft.of, finding, answer
    )
    await close(event, session.manager, said, card_rows(card, session.actor))


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
    await short.begin(query, dialog_manager, SETTLING, FINDING, of=card.report_id)


def build() -> Router:
    router = Router(name="settling reports")
    router.callback_query.register(begin, DecideReport.filter())
    return router
