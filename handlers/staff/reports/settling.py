"""Settling a report: the finding, the answer, a last look."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.reports import RegisterState
from domain.rulebook.schema import Field
from handlers.staff.common.replies import close
from handlers.staff.form import short_forms
from handlers.staff.form.buttons import Verb
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.reports import texts
from handlers.staff.reports.callbacks import DecideReportCallback
from handlers.staff.reports.router import rows as card_rows
from services.container import Services, services_of
from services.people.views import Actor

SETTLING = "settle_report"
FINDING, ANSWER = "finding", "answer"
SAME = "same"
"""In place of a finding: the one there is stays."""
SAID = "outcomes"
"""By question: of whom it asks, and by finding what that is called and what follows from it."""


async def fields(session: FormSession) -> tuple[Field, ...]:
    """A finding for each person whom it is about: what is true of one needn't be of another."""
    card = await services_of(session.data).reports.card(session.actor, session.draft.of)
    outcomes = await services_of(session.data).reports.outcomes(
        session.actor, session.draft.of, session.today
    )
    said, asked = {}, []
    for number, one in enumerate(outcomes):
        given = [(f.finding.id, texts.finding(f.finding)) for f in one.findings]
        follows = [texts.following(one.about, f) for f in one.findings]
        if card.state is RegisterState.AGAIN:
            # A reporter who wrote again has to get an answer, mostly to a finding that stays.
            given.insert(0, (SAME, texts.same_finding()))
            follows.insert(0, "")
        named = one.about.person if one.about and len(outcomes) > 1 else ""
        found = {name: [label, then] for (name, label), then in zip(given, follows, strict=True)}
        said[_asked(number)] = [named, one.about.case_id if one.about else "", found]
        asked.append(short_forms.choice(_asked(number), given))
    # In the draft, since the words of a question are made without asking a service.
    session.draft.data[SAID] = said
    return *asked, short_forms.text(ANSWER)


def _asked(number: int) -> str:
    """The question about the `number`-th person."""
    return f"{FINDING}{number or ''}"


def question(session: FormSession, field: Field) -> list[str]:
    if field.id == ANSWER:
        return [texts.ask_answer(picked(session))]
    named, _, found = session.draft.data[SAID][field.id]
    return [texts.ask_finding(found.values(), named)]


def picked(session: FormSession) -> list[texts.Concluded]:
    """Of whom, what was chosen, and what follows from it."""
    chosen = []
    for asked, (named, _, found) in session.draft.data[SAID].items():
        label, follows = found[session.draft.text(asked)]
        chosen.append((named, label, follows))
    return chosen


def labels(session: FormSession, field: Field | None) -> dict[Verb, str]:
    return {Verb.CONFIRM: texts.confirm(), Verb.AGAIN: texts.again()}


def summary(session: FormSession) -> list[str]:
    return [texts.summary(picked(session), session.draft.text(ANSWER))]


async def decide(event: Message | CallbackQuery, session: FormSession) -> None:
    draft, said = session.draft, texts.decided(picked(session))
    given = {}
    for asked, (_, case, _found) in draft.data[SAID].items():
        chosen = draft.text(asked)
        # The service keeps the finding that stands where none is given.
        given[case] = "" if chosen == SAME else chosen
    of_none = given.pop("", "")
    card = await services_of(session.data).reports.decide(
        session.act("decide"), session.actor, draft.of, of_none, draft.text(ANSWER), given
    )
    await close(event, session.manager, said, card_rows(card, session.actor))


SOURCES = {
    SETTLING: short_forms.source(
        fields,
        ShortForm(
            decide,
            question,
            short_forms.between(texts.LEAST, texts.MOST),
            texts.answer_wanted,
            summary,
            labels,
        ),
    )
}


async def begin(
    query: CallbackQuery,
    callback_data: DecideReportCallback,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    card = await services.reports.card(actor, callback_data.report)
    await short_forms.begin(query, dialog_manager, SETTLING, FINDING, of=card.report_id)


def build() -> Router:
    router = Router(name="settling reports")
    router.callback_query.register(begin, DecideReportCallback.filter())
    return router
