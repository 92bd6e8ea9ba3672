"""What was done about a breach, and what came of it: written by who has the power."""

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager

from domain.catalogue import LONGEST_RESULT, SHORTEST_RESULT
from domain.rulebook.schema import Field
from handlers.staff.breaches import texts
from handlers.staff.breaches.callbacks import TreatCallback
from handlers.staff.breaches.router import back
from handlers.staff.common.replies import close, fit
from handlers.staff.form import short_forms
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.shared import texts as words
from services.casefile.views import BreachLine
from services.container import Services, services_of
from services.core.errors import NotAllowed
from services.people.views import Actor

TREATING, TREATMENT, RESULT = "treating", "treatment", "result"


def offered(line: BreachLine) -> list[tuple[str, str]]:
    treatments = line.situation.treatments if line.situation else ()
    return [(one.id, words.plain(one.text)) for one in treatments]


async def begin(
    query: CallbackQuery,
    callback_data: TreatCallback,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    line = await services.breaches.breach(actor, callback_data.breach)
    # Before anything is written: the power may have gone to another role with the situation.
    if not line.treats:
        raise NotAllowed(line.breach_id)
    first = TREATMENT if offered(line) else RESULT
    await short_forms.begin(query, dialog_manager, TREATING, first, of=line.breach_id)


async def _line(session: FormSession) -> BreachLine:
    return await services_of(session.data).breaches.breach(session.actor, session.draft.of)


async def fields(session: FormSession) -> tuple[Field, ...]:
    """The treatments of the catalogue, where it names any; the result in either case."""
    line = await _line(session)
    # In the draft, since the words of a question are made without asking a service.
    session.draft.data["said"] = [texts.ask_treatment(line), texts.ask_result(line)]
    session.draft.data["shown"] = dict(offered(line))
    treatments = offered(line)
    chosen = (short_forms.choice(TREATMENT, treatments),) if treatments else ()
    return (*chosen, short_forms.text(RESULT))


def question(session: FormSession, field: Field) -> list[str]:
    asked: list[list[str]] = session.draft.data["said"]
    return asked[0] if field.id == TREATMENT else asked[1]


def summary(session: FormSession) -> list[str]:
    draft = session.draft
    named = draft.data["shown"].get(draft.text(TREATMENT), "")
    return texts.summary(named, draft.text(RESULT))


async def treat(event: Message | CallbackQuery, session: FormSession) -> None:
    draft = session.draft
    found = await services_of(session.data).breaches.treat(
        session.act("treat"), session.actor, draft.of, draft.text(TREATMENT), draft.text(RESULT)
    )
    await close(event, session.manager, fit(texts.dealt_with(found)), back(found))


READ = short_forms.between(SHORTEST_RESULT, LONGEST_RESULT)
SOURCES = {
    TREATING: short_forms.source(
        fields, ShortForm(treat, question, READ, texts.result_wanted, summary)
    ),
}


def build() -> Router:
    router = Router(name="breach treatment")
    router.callback_query.register(begin, TreatCallback.filter())
    return router
