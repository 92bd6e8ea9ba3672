"""材料: from a case to the file."""

import re
from collections.abc import Sequence
from datetime import date
from html import unescape

from aiogram import Router
from aiogram.exceptions import TelegramEntityTooLarge
from aiogram.types import CallbackQuery

from handlers.staff.breaches import texts as breach_texts
from handlers.staff.cases.callbacks import PapersCallback, StepPapersCallback
from handlers.staff.common import navigation
from handlers.staff.common.progress import counted
from handlers.staff.common.replies import (
    Row,
    deliver,
    fit,
    in_rows,
    keyboard,
    send_file,
    settle,
    show,
    tell,
)
from handlers.staff.papers import texts
from handlers.staff.papers.callbacks import (
    AllPapersCallback,
    ArchiveCallback,
    NoticeSheetCallback,
    PaperCallback,
    SlipsCallback,
    WholeCaseCallback,
)
from services.container import Services
from services.core.i18n import SOURCE, use
from services.papers import views
from services.people.views import Actor

TAG = re.compile(r"<[^>]*>")


async def of_case(
    query: CallbackQuery,
    callback_data: PapersCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    found = await services.papers.of_case(actor, callback_data.case, today)
    await show(query, fit(texts.listed(found)), case_rows(found))


def case_rows(found: views.CasePapers) -> list[Row]:
    case = found.case_id
    steps = [
        (texts.label(item), StepPapersCallback(case=case, step=item.step.id))
        for item in found.steps
    ]
    both = [
        (texts.whole(), WholeCaseCallback(case=case)),
        (texts.archive(), ArchiveCallback(case=case)),
    ]
    return [*in_rows(steps, 2), both, [navigation.case(case)]]


async def of_step(
    query: CallbackQuery,
    callback_data: StepPapersCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    """A paper that is the only one of its step is sent at once."""
    case, name = callback_data.case, callback_data.step
    found = await services.papers.of_case(actor, case, today)
    step = next((item for item in found.steps if item.step.id == name), None)
    if step is None:
        # A button of an earlier list: what is called for may be called for no more.
        await show(query, texts.nothing(), case_rows(found))
    # A notice comes in two sizes, and slips need a number: both have to be asked for.
    elif len(step.papers) == 1 and not step.step.has_notice and not step.papers[0].slip:
        number = step.papers[0].number
        await send(query, await services.papers.one(actor, case, name, number, today))
    else:
        await show(query, fit(texts.of_step(found, step)), step_rows(case, step))


def step_rows(case: str, step: views.StepPapers) -> list[Row]:
    name = step.step.id
    rows: list[Row] = [
        [(texts.slips(line.title), SlipsCallback(case=case, step=name, number=line.number))]
        if line.slip
        else [(line.title, PaperCallback(case=case, step=name, number=line.number))]
        for line in step.papers
    ]
    if step.step.has_notice:
        sheets = ((texts.sheet(), False), (texts.poster(), True))
        rows.append(
            [(say, NoticeSheetCallback(case=case, step=name, poster=big)) for say, big in sheets]
        )
    # Slips aren't among them: they are printed for everybody who votes, once it is known how many.
    if sum(not line.slip for line in step.papers) > 1:
        rows.append([(texts.everything(), AllPapersCallback(case=case, step=name))])
    return [*rows, [_back(case)]]


def _back(case: str) -> navigation.Link:
    return texts.back(), PapersCallback(case=case)


async def one(
    query: CallbackQuery,
    callback_data: PaperCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    case, step, number = callback_data.case, callback_data.step, callback_data.number
    await send(query, await services.papers.one(actor, case, step, number, today))


async def all_of(
    query: CallbackQuery,
    callback_data: AllPapersCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    case, step = callback_data.case, callback_data.step
    async with counted(query, texts.making) as told:
        made = await services.papers.all_of(actor, case, step, today, told)
    # Outside the block: the message that counts is gone before the file comes.
    await send(query, made)


async def whole(
    query: CallbackQuery,
    callback_data: WholeCaseCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    await send(query, await services.papers.whole(actor, callback_data.case, today))


async def notice(
    query: CallbackQuery,
    callback_data: NoticeSheetCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    case, step, poster = callback_data.case, callback_data.step, callback_data.poster
    try:
        made = await services.papers.notice(actor, case, step, today, poster=poster)
    except views.CannotPrint as refused:
        await tell(query, texts.cannot_print(refused))
        return
    await send(query, made)


async def archive(
    query: CallbackQuery,
    callback_data: ArchiveCallback,
    services: Services,
    actor: Actor,
    today: date,
) -> None:
    """Each part is sent as soon as it is packed, so that no more than one is in memory. Where the
    messenger doesn't take one, the others come all the same."""
    assert query.bot is not None  # every press of the dispatcher is bound
    bot, case = query.bot, callback_data.case
    found = await services.breaches.check(actor, case, today)
    # In the language of papers, whatever the reader's is: the archive outlasts the reader.
    with use(SOURCE):
        dates = plain(breach_texts.checked(found))
    await settle(query)

    refused = list[str]()

    async def part(file: views.PaperFile) -> None:
        # aiogram counts this among what is tried again; tried again it would be refused for ever.
        try:
            await deliver(bot, query.from_user.id, file, texts.part(file))
        except TelegramEntityTooLarge:
            refused.append(file.title)

    async with counted(query, texts.packing) as told:
        packed = await services.archive.pack(actor, case, today, dates, part, told)
    await bot.send_message(
        query.from_user.id,
        fit(texts.packed(packed, refused)),
        parse_mode="HTML",
        reply_markup=keyboard([[_back(case), navigation.case(case)]]),
    )


def plain(lines: Sequence[str]) -> str:
    """Lines of a message as they stand in a text file."""
    return unescape(TAG.sub("", "\n".join(lines)))


async def send(query: CallbackQuery, file: views.PaperFile) -> None:
    """A new message: the list stays above, for the next paper."""
    await send_file(query, file, texts.sent(file), ways(file))


def ways(file: views.PaperFile) -> list[Row]:
    return [[_back(file.case_id), navigation.case(file.case_id)]]


def build() -> Router:
    router = Router(name="papers")
    router.callback_query.register(of_case, PapersCallback.filter())
    router.callback_query.register(of_step, StepPapersCallback.filter())
    router.callback_query.register(one, PaperCallback.filter())
    router.callback_query.register(all_of, AllPapersCallback.filter())
    router.callback_query.register(notice, NoticeSheetCallback.filter())
    router.callback_query.register(whole, WholeCaseCallback.filter())
    router.callback_query.register(archive, ArchiveCallback.filter())
    return router
