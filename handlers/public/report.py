"""A report in conversation: about whom, what happened, evidence, check, confirm."""

from functools import partial
from html import escape

from telegram import (
    CopyTextButton,
    Document,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    PhotoSize,
)

from handlers.public import status_texts, texts
from handlers.public.desk import Draft
from handlers.public.states import ABOUT, END, EVIDENCE, SUMMARY, WHAT, WHOM
from handlers.public.talk import Talk
from services.attachments.errors import Unusable
from services.attachments.formats import LARGEST
from services.intake.intake import (
    LEAST_TEXT,
    LONGEST_NAME,
    LONGEST_TEXT,
    Filed,
    Repeated,
    ReportDraft,
)
from services.intake.invisible_characters import cut, visible
from services.intake.notices import RunningNotice
from services.intake.rate_limits import Busy

NOTICES_AT_ONCE = 6
SHOWN_UNITS = 3000


async def start(talk: Talk) -> int | None:
    """Honest words first; the link on a notice leads straight to it."""
    if await still_writing(talk):
        return None
    await talk.say(texts.welcome(talk.desk.door), menu())
    if talk.arguments:
        notice = await talk.desk.intake.notice(talk.arguments[0], talk.desk.today)
        if notice is not None:
            return await chosen(talk, notice)
    return END


def menu() -> list[list[tuple[str, str]]]:
    return [[(texts.to_report(), "report")], [(texts.to_status(), "status")],
            [(texts.to_privacy(), "privacy")]]  # fmt: skip


def stop() -> list[list[tuple[str, str]]]:
    """Below every question: whoever is afraid doesn't look for a command."""
    return [[(texts.cancel(), "cancel")]]


def done() -> list[list[tuple[str, str]]]:
    return [[(texts.written(), "written")], *stop()]


def no_more() -> list[list[tuple[str, str]]]:
    return [[(texts.no_more(), "checked")], *stop()]


async def still_writing(talk: Talk) -> bool:
    """Says so where a report is begun: nothing is left behind by a press on an old button."""
    draft = talk.desk.draft(talk.chat)
    if draft is None or not draft.about:
        return False
    await talk.say(texts.still_writing(), stop())
    return True


async def begin(talk: Talk) -> int | None:
    if await still_writing(talk):
        return None
    talk.desk.begin(talk.chat)
    notices = await talk.desk.intake.running(talk.desk.today)
    if not notices:
        await talk.say(texts.ask_whom(), stop())
        return WHOM
    await talk.say(texts.ask_about(len(notices)), notice_rows(notices, 0))
    return ABOUT


def notice_rows(notices: tuple[RunningNotice, ...], page: int) -> list[list[tuple[str, str]]]:
    first = page * NOTICES_AT_ONCE
    shown = notices[first : first + NOTICES_AT_ONCE]
    rows = [[(texts.notice_label(notice), f"about:{notice.id}")] for notice in shown]
    if notices[first + NOTICES_AT_ONCE :]:
        rows.append([(texts.next_page(), f"page:{page + 1}")])
    return [*rows, [(texts.other(), "other")], *stop()]


async def turn(talk: Talk) -> int:
    notices = await talk.desk.intake.running(talk.desk.today)
    page = int(talk.pressed.partition(":")[2])
    await talk.say(texts.ask_about(len(notices)), notice_rows(notices, page))
    return ABOUT


async def about(talk: Talk) -> int:
    found = await talk.desk.intake.notice(talk.pressed.partition(":")[2], talk.desk.today)
    if found is None:
        await talk.say(texts.old_button())
        return END
    return await chosen(talk, found)


async def chosen(talk: Talk, notice: RunningNotice) -> int:
    draft = talk.desk.begin(talk.chat)
    draft.notice, draft.about = notice.id, texts.notice_label(notice)
    await talk.say(texts.ask_what(escape(draft.about)), stop())
    return WHAT


async def other(talk: Talk) -> int:
    await talk.say(texts.ask_whom(), stop())
    return WHOM


async def whom(talk: Talk) -> int:
    draft, said = talk.desk.draft(talk.chat), text_of(talk.message)
    if draft is None:
        return await expired(talk)
    if not said or len(said) > LONGEST_NAME:
        wanted = texts.forwarded() if forwarded(talk.message) else texts.ask_whom()
        await talk.say(wanted, stop())
        return WHOM
    draft.about = said
    await talk.say(texts.ask_what(escape(said)), stop())
    return WHAT


async def what(talk: Talk) -> int:
    draft, said = talk.desk.draft(talk.chat), text_of(talk.message)
    if draft is None:
        return await expired(talk)
    if forwarded(talk.message):
        await talk.say(texts.forwarded(), done())
    elif not said:
        await talk.say(texts.text_wanted(), done())
    elif len(draft.text) + len(said) > LONGEST_TEXT:
        await talk.say(texts.too_long(), done())
    else:
        draft.texts.append(said)
        await talk.say(texts.heard(len(draft.text)), done())
    return WHAT


async def written(talk: Talk) -> int:
    draft = talk.desk.draft(talk.chat)
    if draft is None:
        return await expired(talk)
    if len("".join(draft.text.split())) < LEAST_TEXT:
        await talk.say(texts.too_short(), done())
        return WHAT
    await talk.say(texts.ask_evidence(), no_more())
    return EVIDENCE


async def evidence(talk: Talk) -> int:
    draft = talk.desk.draft(talk.chat)
    if draft is None:
        return await expired(talk)
    await talk.say(await take(talk, draft), no_more())
    return EVIDENCE


async def take(talk: Talk, draft: Draft) -> str:
    """Cleans what was sent and keeps it; gives what to say. A caption is a text like any other."""
    message = talk.message
    sent = message and (message.photo[-1] if message.photo else message.document)
    if not sent:
        return texts.file_wanted()
    if forwarded(message):
        return texts.forwarded()
    if draft.full:
        return texts.too_many_files()
    if (sent.file_size or 0) > LARGEST:
        return texts.unusable("too_big")
    try:
        talk.desk.keep(draft, await talk.desk.intake.workbench.clean(partial(content_of, sent)))
    except Unusable as problem:
        return texts.unusable(problem.reason)
    except Busy:
        return status_texts.busy()
    return texts.file_taken(len(draft.files))


async def content_of(sent: PhotoSize | Document) -> bytearray:
    return await (await sent.get_file()).download_as_bytearray()


async def check(talk: Talk) -> int:
    draft = talk.desk.draft(talk.chat)
    if draft is None:
        return await expired(talk)
    rows = [[(texts.confirm(), "confirm")],
            [(texts.rewrite(), "rewrite"), (texts.cancel(), "cancel")]]  # fmt: skip
    shown = escape(cut(draft.text, SHOWN_UNITS))
    await talk.say(texts.summary(escape(draft.about), shown, len(draft.files)), rows)
    return SUMMARY


async def rewrite(talk: Talk) -> int:
    draft = talk.desk.draft(talk.chat)
    if draft is None:
        return await expired(talk)
    draft.texts.clear()
    await talk.say(texts.ask_what(escape(draft.about)), stop())
    return WHAT


async def confirm(talk: Talk) -> int:
    """Seals and keeps the report, shows the code once, and cleans the chat."""
    desk, draft = talk.desk, talk.desk.draft(talk.chat)
    if draft is None:
        return await expired(talk)
    sealed = ReportDraft(draft.notice, draft.about, draft.text, tuple(draft.files))
    try:
        filed = await desk.intake.file(
            sealed, desk.today, desk.now(), desk.writing.caller(talk.chat)
        )
    except Repeated:
        del desk.drafts[talk.chat]
        await talk.clean()
        await talk.say(texts.repeated())
        return END
    except Busy:
        await talk.say(status_texts.busy())
        return SUMMARY
    del desk.drafts[talk.chat]
    desk.writing.failed(talk.chat, desk.now())
    shown = await show_code(talk, filed)
    await talk.clean(keep=shown)
    desk.note(talk.chat, shown)
    return END


async def show_code(talk: Talk, filed: Filed) -> int:
    rows = InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(texts.copy(), copy_text=CopyTextButton(filed.code))],
            [InlineKeyboardButton(texts.copy_receipt(), copy_text=CopyTextButton(filed.receipt))],
            [InlineKeyboardButton(texts.copied(), callback_data="copied")],
        ]
    )
    by = talk.desk.intake.answer_by(talk.desk.today)
    return await talk.show(texts.code(filed.code, by), rows, protect=True)


async def copied(talk: Talk) -> int:
    """The code goes from the screen; what is said of it stays until the next cleaning. Pressed
    after a restart nothing is noted: then the message itself is all there is to delete."""
    query = talk.update.callback_query
    if query is not None and query.message is not None:
        talk.desk.note(talk.chat, query.message.message_id)
    await talk.clean()
    await talk.say(texts.gone())
    return END


async def cancel(talk: Talk) -> int:
    """Whoever wrote nothing hears that what was handed in before is still there."""
    draft = talk.desk.drafts.pop(talk.chat, None)
    talk.desk.asking.pop(talk.chat, None)
    await talk.clean()
    await talk.say(texts.cancelled() if draft else status_texts.stopped())
    return END


async def expired(talk: Talk) -> int:
    await talk.clean()
    await talk.say(texts.expired())
    return END


def text_of(message: Message | None) -> str:
    if message is None or message.forward_origin is not None:
        return ""
    return visible(message.text or "")


def forwarded(message: Message | None) -> bool:
    return message is not None and message.forward_origin is not None
