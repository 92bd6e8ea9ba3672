"""Proposing names, and writing why one goes back."""

from datetime import date

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode

from domain.case.facts import ProblemCode
from domain.rulebook.schema import Field
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import ProposeCallback
from handlers.staff.common.replies import Row, close, fit, show
from handlers.staff.form import short_forms
from handlers.staff.form.buttons import Verb
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.plans import texts
from handlers.staff.plans.callbacks import PlanCallback, ReturnNameCallback
from handlers.staff.plans.router import next_name
from services.container import Services, services_of
from services.core.acts import Acts
from services.core.errors import StepNotOpen
from services.people.views import Actor

PROPOSING, RETURNING = "proposing", "returning"
NAMES, REASON = "names", "reason"


async def names(session: FormSession) -> tuple[Field, ...]:
    return (short_forms.people(NAMES),)


def labels(session: FormSession, field: Field | None) -> dict[Verb, str]:
    return {Verb.NEXT: texts.propose(len(session.draft.picked(NAMES)))}


def question(session: FormSession, field: Field) -> list[str]:
    # Whoever takes the tick away again isn't told that it is there.
    return texts.choose(int(session.draft.of), short_forms.single_ticked(session, NAMES))


async def propose(event: Message | CallbackQuery, session: FormSession) -> None:
    year, chosen = int(session.draft.of), tuple(session.draft.picked(NAMES))
    found = await services_of(session.data).plans.propose(
        session.act("propose"), session.actor, year, chosen
    )
    await close(event, session.manager, fit(texts.proposed(found)), [_back(year)])


async def reason(session: FormSession) -> tuple[Field, ...]:
    return (short_forms.text(REASON),)


async def send_back(event: Message | CallbackQuery, session: FormSession) -> None:
    plans, draft = services_of(session.data).plans, session.draft
    line = await plans.check(session.act("check"), session.actor, draft.of, draft.text(REASON))
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    told, actor, today = texts.returned(line), session.actor, session.today
    await next_name(event, services_of(session.data), actor, line.year, today, said=told)


def _back(year: int) -> Row:
    return [(texts.to_plan(), PlanCallback(year=year)), navigation.todo()]


SOURCES = {
    PROPOSING: short_forms.source(names, ShortForm(propose, question, labels=labels)),
    RETURNING: short_forms.source(
        reason,
        ShortForm(
            send_back, read=short_forms.between(texts.LEAST, texts.MOST), refuse=texts.reason_wanted
        ),
    ),
}


async def begin(
    query: CallbackQuery,
    callback_data: ProposeCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    today: date,
    dialog_manager: DialogManager,
) -> None:
    year = callback_data.year
    if callback_data.case:
        # Its button says all that the list's does, of a single name.
        chosen = (callback_data.case,)
        try:
            said = texts.proposed(await services.plans.propose(act("propose"), actor, year, chosen))
        except StepNotOpen as refusal:
            if [one.code for one in refusal.problems] != [ProblemCode.ALREADY_PROPOSED]:
                raise
            # Pressed twice, or somebody else of the branch was quicker: nothing was lost.
            said = texts.proposed_already(year)
        await show(query, fit(said), [_back(year)])
        return
    # Read anew: somebody else of the branch may have proposed them since the button was shown.
    view = await services.plans.view(actor, year, today)
    if not view.proposable:
        await show(query, texts.may_propose(0), [_back(view.year)])
        return
    offered = [(one.person_id, one.name) for one in view.proposable]
    # A single one is who is meant; nothing is proposed before the button below.
    only = [offered[0][0]] if len(offered) == 1 else []
    await short_forms.begin(
        query,
        dialog_manager,
        PROPOSING,
        NAMES,
        of=str(view.year),
        offered=offered,
        picked=only,
    )


async def begin_return(
    query: CallbackQuery,
    callback_data: ReturnNameCallback,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
) -> None:
    # Refused here, nobody writes a reason in vain.
    line = await services.plans.line(actor, callback_data.item)
    said = [texts.ask_reason(line)]
    await short_forms.begin(query, dialog_manager, RETURNING, REASON, of=line.item_id, said=said)


def build() -> Router:
    router = Router(name="plan forms")
    router.callback_query.register(begin, ProposeCallback.filter())
    router.callback_query.register(begin_return, ReturnNameCallback.filter())
    return router
