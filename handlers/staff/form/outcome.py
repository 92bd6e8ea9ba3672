"""The end of a conversation: stored, put aside, or dropped."""

from datetime import date

from aiogram.types import BufferedInputFile, CallbackQuery, Message
from aiogram_dialog import ShowMode

from domain.rulebook.schema import Role
from handlers.staff.common import navigation
from handlers.staff.common.callbacks import (
    DropCallback,
    FillCallback,
    ForAllCallback,
    OnPaperCallback,
    ProposeCallback,
    ToSignCallback,
)
from handlers.staff.common.navigation import entrance
from handlers.staff.common.replies import Row, fit, show
from handlers.staff.form import outcome_texts, texts
from handlers.staff.form.session import FieldSource, FormSession
from handlers.staff.shared import record_texts
from handlers.staff.shared import texts as words
from services.cases.views import Preview, Recorded
from services.container import Services, services_of
from services.core.errors import UnreadNotes
from services.intake.links import qr


async def confirm(event: CallbackQuery | Message, session: FormSession) -> None:
    """Store the entry, close the conversation, say what follows. A refusal leaves it open."""
    say = outcome_texts.corrected if session.draft.corrects else outcome_texts.saved
    try:
        result = await _store(session)
    except UnreadNotes:
        await session.look_again(outcome_texts.changed_meanwhile())
        return
    # The same answers to the same step may follow, as of a report that comes again.
    session.forget()
    # No update: the result takes the place of the question in the same message.
    await session.manager.done(show_mode=ShowMode.NO_UPDATE)
    lines = outcome_texts.recorded(say(result), result, session.today)
    more = [*await _for_others(session, result), *_proposes(session, result)]
    await show(event, fit(lines), [*more, *follows(result, session.today)])
    if result.notice is not None:
        # Below the result: that screen turns into the next one, and the code has to stay.
        await offer_link(event, services_of(session.data), result.entry_id)


async def _for_others(session: FormSession, result: Recorded) -> list[Row]:
    """Offer to enter for everybody what is taken once for all."""
    if not result.step.for_all:
        return []
    found = await services_of(session.data).for_all.others(
        session.actor, result.entry_id, session.today
    )
    number = len(found.people)
    return (
        [[(record_texts.to_others(number), ForAllCallback(entry=found.entry_id))]] if number else []
    )


def _proposes(session: FormSession, result: Recorded) -> list[Row]:
    """Offer to propose the name, where the plan of the year comes next."""
    # Of what is the reader's turn: a name that is on its way has been proposed already.
    planned = any(item.step.planned and item.possible for item in result.card.mine)
    if not planned or Role.SECRETARY not in session.actor.roles:
        return []
    year = session.today.year
    return [
        [(outcome_texts.to_propose(year), ProposeCallback(year=year, case=result.card.case_id))]
    ]


async def offer_link(event: CallbackQuery | Message, services: Services, entry_id: str) -> bool:
    """Send the link of a notice as a QR code to print; False while the public side has neither a
    bot nor a page that could be reached."""
    exchange = services.reports.exchange
    link = await exchange.link_of(entry_id) if exchange else None
    if link is None or event.bot is None or event.from_user is None:
        return False
    # A code leads to one place, first to the page: whoever scans it needs no account, and no
    # workplace's app learns more than an address. The words below it name the bot as well.
    picture = BufferedInputFile(qr(link.web or link.chat), "notice.png")
    said = outcome_texts.notice_link(link)
    await event.bot.send_photo(event.from_user.id, picture, caption=said)
    return True


async def _store(session: FormSession) -> Recorded:
    draft, steps = session.draft, services_of(session.data).steps
    if draft.corrects is not None:
        # Told apart by the draft alone: in all else a correction is filled in like any entry.
        return await steps.correct(
            session.act("correct"),
            session.actor,
            draft.corrects,
            draft.answers,
            draft.reason,
            session.update,
            draft.read,
        )
    return await steps.record(
        session.act("record"),
        session.actor,
        draft.case,
        draft.step,
        draft.answers,
        session.update,
        draft.read,
    )


def follows(result: Recorded, today: date) -> list[Row]:
    """Straight on to the next step where it is mine."""
    card = result.card
    rows: list[Row] = []
    if result.line.mine:
        waits = ToSignCallback(case=card.case_id, entry=result.entry_id)
        rows.append([(record_texts.to_read(), waits)])
    elif result.line.confirms:
        # Who has just read the record whole only says that the paper was signed.
        signed = OnPaperCallback(entry=result.entry_id)
        rows.append([(record_texts.on_paper(result.line), signed)])
    following = navigation.my_next(card, today)
    if following is not None:
        step = following.step
        rows.append([(outcome_texts.next_form(step), entrance(card.case_id, step))])
    return [
        *rows,
        navigation.onward(card.case_id),
    ]


async def left(session: FormSession) -> tuple[str, list[Row]]:
    draft = session.draft
    if draft.corrects is not None:
        step = words.step_name(draft.step, draft.title)
        return words.correction_dropped(draft.person, step), [navigation.onward(draft.case)]
    text = texts.kept(len(draft.given), draft.person, draft.step, draft.title)
    return text, [_again(session), navigation.onward(draft.case)]


async def given_up(session: FormSession) -> tuple[str, list[Row]]:
    draft = session.draft
    # Neither left a draft, so there is nothing to ask about before it is thrown away.
    if draft.corrects is not None or not draft.given:
        return await left(session)
    text = texts.give_up(len(draft.given), draft.person, draft.step, draft.title)
    drop: Row = [(texts.drop(), DropCallback(case=draft.case, step=draft.step))]
    return text, [drop, _again(session)]


def _again(session: FormSession) -> Row:
    draft = session.draft
    return [(texts.go_on(), FillCallback(case=draft.case, step=draft.step))]


async def preview(session: FormSession) -> Preview:
    draft = session.draft
    return await services_of(session.data).steps.preview(
        session.actor,
        draft.case,
        draft.step,
        draft.answers,
        session.today,
        draft.corrects,
        update=session.update,
    )


async def keep(session: FormSession) -> None:
    draft = session.draft
    await services_of(session.data).steps.keep_draft(
        session.act("draft"),
        session.actor,
        draft.case,
        draft.step,
        draft.given,
        session.update,
    )


STEP = FieldSource(preview, keep, confirm, left, given_up)
