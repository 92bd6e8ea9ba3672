"""Whose case a report is about, asked at the instruction: until then the case goes on unheld."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from aiogram import Router
from aiogram.types import CallbackQuery, Message
from aiogram_dialog import DialogManager, ShowMode

from domain.reports import HOLDING
from domain.rulebook.schema import Field
from handlers.staff.common.replies import fit, show
from handlers.staff.form import short_forms
from handlers.staff.form.buttons import Verb
from handlers.staff.form.session import FormSession, ShortForm
from handlers.staff.reports import linking_texts as texts
from handlers.staff.reports.callbacks import LinkReportCallback
from handlers.staff.reports.reported_case import ABOUT, find, line_of
from handlers.staff.reports.router import ask_organiser, to_register
from handlers.staff.reports.router import rows as card_rows
from handlers.staff.reports.texts import card as card_lines
from services.container import Services, services_of
from services.core.acts import Acts
from services.people.views import Actor
from services.reports.exchange import NoKey
from services.reports.handling import Meanwhile
from services.reports.views import ReportCard

LINKING = "link_report"
MOST_OFFERED = 8
OFF = "-"
"""Before the id of a case that was named by mistake."""


async def begin(
    query: CallbackQuery,
    callback_data: LinkReportCallback,
    services: Services,
    actor: Actor,
    dialog_manager: DialogManager,
    act: Acts,
    today: date,
) -> None:
    """Offer the running cases of people whom the report names. Opening it for that leaves its line
    like any other look; its letters stay unread, since nobody was shown them."""
    report = callback_data.report
    card = await services.reports.card(actor, report)
    if card.state not in HOLDING:
        await _now(query, texts.settled_already(), card, actor, today)
        return
    offered: list[tuple[str, str]] | None = None
    # Without a holder's key nothing can be read here, so nobody is offered and a name is asked for.
    with suppress(NoKey):
        opened = await services.reports.open(act("look"), actor, report, read=False)
        written = "\n".join([opened.about, opened.text, *(text for _, text in opened.letters)])
        lines = await services.cases.named_in(actor, written, today)
        lines = tuple(line for line in lines if line.case_id not in card.cases)
        offered = [line_of(line) for line in lines[:MOST_OFFERED]]
    said = [texts.ask(None if offered is None else len(offered), card)]
    off = [(f"{OFF}{one.case_id}", texts.take_off(one)) for one in card.about]
    # With what is linked now: whoever linked it otherwise meanwhile isn't overruled unseen.
    of = f"{report}:{','.join(card.cases)}"
    await short_forms.begin(
        query, dialog_manager, LINKING, ABOUT, of=of, said=said, offered=[*(offered or ()), *off]
    )


async def fields(session: FormSession) -> tuple[Field, ...]:
    return (short_forms.found(ABOUT),)


def labels(session: FormSession, field: Field | None) -> dict[Verb, str]:
    seen = session.draft.of.partition(":")[2]
    return {Verb.SKIP: texts.nobody_else() if seen else texts.nobody()}


async def link(event: Message | CallbackQuery, session: FormSession) -> None:
    draft, services, actor = (
        session.draft,
        services_of(session.data),
        session.actor,
    )
    report, _, named = draft.of.partition(":")
    seen = [case for case in named.split(",") if case]
    about = _after(seen, draft.text(ABOUT))
    try:
        card = await services.reports.link(session.act("link"), actor, report, about, seen)
    except Meanwhile:
        card = await services.reports.card(actor, report)
        await session.manager.done(show_mode=ShowMode.NO_UPDATE)
        await _now(event, texts.changed_meanwhile(), card, actor, session.today)
        return
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    if card is None:
        await show(event, texts.has_a_part(), [[to_register()]])
        return
    said = texts.linked(card)
    if card.organiser_id is None:
        await ask_organiser(event, services, actor, card.report_id, said)
        return
    await _now(event, said, card, actor, session.today)


def _after(seen: Sequence[str], chosen: str) -> list[str]:
    """The cases it is about once one of them was chosen, or taken off; "" chooses none."""
    if chosen.startswith(OFF):
        return [case for case in seen if case != chosen.removeprefix(OFF)]
    return [*seen, *([chosen] if chosen and chosen not in seen else [])]


async def _now(
    event: Message | CallbackQuery, said: str, card: ReportCard, actor: Actor, today: date
) -> None:
    """What was `said`, above the report as it stands."""
    await show(event, fit([said, "", *card_lines(card, today)]), card_rows(card, actor))


SOURCES = {LINKING: short_forms.source(fields, ShortForm(link, labels=labels, find=find))}


def build() -> Router:
    router = Router(name="linking reports")
    router.callback_query.register(begin, LinkReportCallback.filter())
    return router
