"""The register of reports, a report, its content, the instruction."""

from datetime import date, timedelta

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from domain.reports import HOLDING, RegisterState
from domain.rulebook.schema import Role
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import CardCallback, GoCallback
from handlers.staff.common.destinations import Destination
from handlers.staff.common.replies import LONGEST, Row, fit, in_rows, settle, show, tell
from handlers.staff.reports import entering_texts, linking_texts, texts
from handlers.staff.reports.callbacks import (
    DecideReportCallback,
    InstructCallback,
    LinkReportCallback,
    NoteReportCallback,
    OpenReportCallback,
    ReportCallback,
    ReportPapersCallback,
)
from handlers.staff.shared import texts as words
from services.attachments.formats import ENDINGS
from services.container import Services
from services.core.acts import Acts
from services.intake.invisible_characters import pieces
from services.people.views import Actor
from services.reports.exchange import NoKey
from services.reports.views import ReportCard

SHOWN_FOR = timedelta(minutes=5)


async def register(
    event: Message | CallbackQuery, services: Services, actor: Actor, today: date
) -> None:
    cards = await services.reports.register_of(actor)
    buttons = [
        (texts.button(number), ReportCallback(report=card.report_id))
        for number, card in enumerate(cards[:20], 1)
    ]
    rows = in_rows(buttons, 4)
    enter: Row = [(entering_texts.enter(), GoCallback(place=Destination.ENTER_REPORT))]
    await show(event, fit(texts.register(cards, today)), [*rows, enter, to_todo()])


async def report(
    event: CallbackQuery,
    callback_data: ReportCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    card = await services.reports.card(actor, callback_data.report)
    await show(event, fit(texts.card(card, today)), rows(card, actor))


def rows(card: ReportCard, actor: Actor) -> list[Row]:
    """What this person may do with it; the service decides again."""
    directs = Role.DIRECTOR in actor.roles
    mine = directs or card.organiser_id == actor.person_id
    found: list[Row] = []
    if card.state in HOLDING and directs:
        found += _instruction(card)
    if mine:
        found.append([(texts.to_open(), OpenReportCallback(report=card.report_id))])
        found.append([(texts.to_papers(), ReportPapersCallback(report=card.report_id))])
    # Until the check is instructed there is nothing to note or to decide.
    if card.state in (RegisterState.CHECKING, RegisterState.AGAIN) and mine:
        decide = texts.to_reply() if card.state is RegisterState.AGAIN else texts.to_decide()
        found.append([(texts.to_note(), NoteReportCallback(report=card.report_id))])
        found.append([(decide, DecideReportCallback(report=card.report_id))])
    if len(card.about) == 1:
        found.append([navigation.case(card.about[0].case_id)])
    else:
        found += in_rows(
            [(texts.to_person(one), CardCallback(case=one.case_id)) for one in card.about], 2
        )
    return [*found, [to_register(), *to_todo()]]


def _instruction(card: ReportCard) -> list[Row]:
    """Whose case it is about comes first: until it is known, no case is held."""
    link = LinkReportCallback(report=card.report_id)
    name: Row = [(texts.to_instruct(), InstructCallback(report=card.report_id))]
    if not card.about and card.organiser_id is None:
        return [[(linking_texts.to_link(), link)], name]
    again: Row = [(linking_texts.to_link_again(), link)]
    return [again] if card.organiser_id else [name, again]


def to_todo() -> Row:
    return [navigation.todo()]


def to_register() -> tuple[str, GoCallback]:
    return texts.to_register(), GoCallback(place=Destination.REPORTS)


async def content(
    query: CallbackQuery,
    callback_data: OpenReportCallback,
    services: Services,
    actor: Actor,
    act: Acts,
) -> None:
    """Send what a report says below its card: protected, and taken off the chat after
    `SHOWN_FOR`, so that a phone that is found holds no more (docs/threat-model.md)."""
    try:
        found = await services.reports.open(act("look"), actor, callback_data.report)
    except NoKey:
        await tell(query, texts.no_key())
        return
    await settle(query)
    if query.bot is None:
        return
    chat = query.from_user.id

    async def taken_off(message: Message) -> None:
        # At once after each, so that a later one that can't be sent leaves none in the chat. A name
        # for each: acts of one update are told apart by their names.
        off = act(f"off:{message.message_id}")
        await services.outgoing.take_off(off, actor, message.message_id, act.at + SHOWN_FOR)

    # In pieces: a report may be longer than the messenger lets a message be.
    for part in pieces(texts.opened(found), LONGEST):
        await taken_off(await query.bot.send_message(chat, part, protect_content=True))
    for number, file in enumerate(found.files, 1):
        # The reporter's own file names were never stored: they may tell who reported.
        name = f"{number}.{ENDINGS[file.media_type]}"
        await taken_off(await query.bot.send_document(
            chat, BufferedInputFile(file.content, name), protect_content=True))  # fmt: skip


async def instruct(
    query: CallbackQuery,
    callback_data: InstructCallback,
    services: Services,
    actor: Actor,
    act: Acts,
    today: date,
) -> None:
    """Give the instruction: ask which organiser checks the report, then name them."""
    number = callback_data.report
    if not callback_data.organiser:
        await ask_organiser(query, services, actor, number)
        return
    card = await services.reports.instruct(act("name"), actor, number, callback_data.organiser)
    await show(query, fit([texts.named(card), "", *texts.card(card, today)]), rows(card, actor))


async def ask_organiser(
    event: Message | CallbackQuery, services: Services, actor: Actor, report: str, said: str = ""
) -> None:
    """Ask which organiser checks a report, below what was `said` of whom it is about."""
    people = await services.reports.organisers(actor, report)
    choices: list[Row] = [
        [(person.name, InstructCallback(report=report, organiser=person.person_id))]
        for person in people
    ]
    back: Row = [(words.back(), ReportCallback(report=report))]
    asked = texts.ask_whom(len(people))
    if said:
        choices.append([(linking_texts.to_link_more(), LinkReportCallback(report=report))])
    await show(event, f"{said}\n\n{asked}" if said else asked, [*choices, back])


def build() -> Router:
    router = Router(name="reports")
    router.message.register(register, Command("reports"))
    router.callback_query.register(register, GoCallback.filter(F.place == Destination.REPORTS))
    router.callback_query.register(report, ReportCallback.filter())
    router.callback_query.register(content, OpenReportCallback.filter())
    router.callback_query.register(instruct, InstructCallback.filter())
    return router
