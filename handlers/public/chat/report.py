"""A report in conversation: about whom, what happened, evidence, check, confirm."""

from collections.abc import Callable, Sequence
from contextlib import suppress
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
from telegram.error import TelegramError

from handlers.attachment_texts import recording_in
from handlers.public import status_texts, texts
from handlers.public.chat.chat_update import (
    ChatUpdate,
    Row,
    expired,
    still_writing,
    stop,
    to_status,
)
from handlers.public.chat.incoming import bare, brings_file, forwarded, text_of
from handlers.public.chat.sessions import (
    ABOUT,
    END,
    EVIDENCE,
    SUMMARY,
    WHAT,
    WHOM,
    PendingCode,
    ReportDraft,
)
from services.attachments.errors import Unusable
from services.attachments.formats import LARGEST, CleanFile
from services.intake.intake import (
    LEAST_TEXT,
    LONGEST_NAME,
    LONGEST_TEXT,
    ConfirmedReport,
    Filed,
    RepeatedReport,
)
from services.intake.invisible_characters import cut, visible
from services.intake.notices import RunningNotice
from services.intake.rate_limits import Busy

NOTICES_AT_ONCE = 6
SHOWN_UNITS = 3000


async def start(update: ChatUpdate) -> int | None:
    """Say first what the bot does and keeps; the link on a notice leads straight to its report."""
    if await still_writing(update):
        return None
    await update.say(texts.welcome(update.sessions.page_address), menu())
    if update.arguments:
        notice = await update.sessions.intake.notice(update.arguments[0], update.sessions.today)
        if notice is not None:
            return await chosen(update, notice)
    return END


def menu() -> list[Row]:
    return [[(texts.to_report(), "report")], *to_status(),
            [(texts.to_guidance(), "guidance")], [(texts.to_privacy(), "privacy")]]  # fmt: skip


def done() -> list[Row]:
    return [[(texts.written(), "written")], *stop()]


def no_more() -> list[Row]:
    return [[(texts.no_more(), "checked")], *stop()]


async def begin(update: ChatUpdate) -> int | None:
    if await still_writing(update):
        return None
    update.sessions.begin(update.chat)
    notices = await update.sessions.intake.running(update.sessions.today)
    if not notices:
        await update.say(texts.ask_whom(), stop())
        return WHOM
    await update.say(texts.ask_about(len(notices)), notice_rows(notices, 0))
    return ABOUT


def notice_rows(notices: tuple[RunningNotice, ...], page: int) -> list[Row]:
    first = page * NOTICES_AT_ONCE
    shown = notices[first : first + NOTICES_AT_ONCE]
    rows = [[(texts.notice_label(notice), f"about:{notice.id}")] for notice in shown]
    if notices[first + NOTICES_AT_ONCE :]:
        rows.append([(texts.next_page(), f"page:{page + 1}")])
    return [*rows, [(texts.other(), "other")], *stop()]


async def turn(update: ChatUpdate) -> int:
    # Read anew: a notice may have ended since the page was shown.
    notices = await update.sessions.intake.running(update.sessions.today)
    page = int(update.pressed.partition(":")[2])
    await update.say(texts.ask_about(len(notices)), notice_rows(notices, page))
    return ABOUT


async def about(update: ChatUpdate) -> int:
    found = await update.sessions.intake.notice(
        update.pressed.partition(":")[2], update.sessions.today
    )
    if found is None:
        await update.say(texts.old_button())
        return END
    return await chosen(update, found)


async def chosen(update: ChatUpdate, notice: RunningNotice) -> int:
    draft = update.sessions.begin(update.chat)
    label = texts.notice_label(notice)
    said = [texts.ask_what(escape(label)), escape(texts.hotline(notice))]
    await update.say_content("\n\n".join(said), stop())
    # After the question: where that failed, nothing was chosen, and the list can be pressed again.
    draft.notice, draft.about = notice.id, label
    return WHAT


async def named(update: ChatUpdate) -> int:
    """Whom it is about, written where the running notices are offered: the words of a notice are
    its button, anybody else is whom `other` would have asked for. Nothing that was written has to
    be written again only because the buttons are out of sight."""
    said = text_of(update.message)
    notices = await update.sessions.intake.running(update.sessions.today)
    for notice in notices:
        if bare(said) == bare(texts.notice_label(notice)):
            return await chosen(update, notice)
    if update.sessions.draft(update.chat) is not None and not _is_name(said):
        wanted = _no_name(update, texts.ask_about(len(notices)))
        await update.say(wanted, notice_rows(notices, 0))
        return ABOUT
    return await whom(update)


async def other(update: ChatUpdate) -> int:
    await update.say(texts.ask_whom(), stop())
    return WHOM


async def whom(update: ChatUpdate) -> int:
    draft, said = update.sessions.draft(update.chat), text_of(update.message)
    if draft is None:
        return await expired(update)
    if not _is_name(said):
        await update.say(_no_name(update, texts.ask_whom()), stop())
        return WHOM
    await update.say_content(texts.ask_what(escape(said)), stop())
    draft.about = said
    return WHAT


def _is_name(said: str) -> bool:
    return 0 < len(said) <= LONGEST_NAME


def _no_name(update: ChatUpdate, asked: str) -> str:
    """What to say to what names nobody. `asked`: the question once more."""
    if text_of(update.message):
        # Somebody tells all at once: they must know that it has to be written again.
        return texts.name_too_long()
    wanted = texts.forwarded() if forwarded(update.message) else asked
    # Refused at this question only: the next one takes files, and the words under them.
    return (texts.file_too_early() if brings_file(update.message) else "") + wanted


async def what(update: ChatUpdate) -> int:
    draft, said = update.sessions.draft(update.chat), text_of(update.message)
    if draft is None:
        return await expired(update)
    if brings_file(update.message):
        # Kept now, not asked for again: who shows first and tells then has lost nothing.
        await receive(update, draft, texts.file_taken_early, done())
    elif forwarded(update.message):
        await update.say(texts.forwarded(), done())
    elif not said:
        await update.say(texts.text_wanted(), done())
    elif len(draft.text) + len(said) > LONGEST_TEXT:
        await update.say(texts.too_long(), done())
    else:
        draft.texts.append(said)
        await update.conclude(texts.heard(len(draft.text)), done())
    return WHAT


async def written(update: ChatUpdate) -> int:
    draft = update.sessions.draft(update.chat)
    if draft is None:
        return await expired(update)
    # Without spaces and line ends, which say nothing that could be checked.
    if len("".join(draft.text.split())) < LEAST_TEXT:
        await update.say(texts.too_short(), done())
        return WHAT
    await update.say(texts.ask_evidence(), no_more())
    return EVIDENCE


async def evidence(update: ChatUpdate) -> int:
    draft, said = update.sessions.draft(update.chat), text_of(update.message)
    if draft is None:
        return await expired(update)
    if brings_file(update.message):
        await receive(update, draft, texts.file_taken, no_more())
    elif said:
        await update.conclude(take_words(said, draft) + texts.more_files(), no_more())
    elif forwarded(update.message):
        await update.say(texts.forwarded(), no_more())
    else:
        await update.say(texts.file_wanted(), no_more())
    return EVIDENCE


async def late(update: ChatUpdate) -> int:
    """What is sent once the report is read back: a file is taken, for all else there are
    buttons."""
    draft = update.sessions.draft(update.chat)
    if draft is None:
        return await expired(update)
    if not brings_file(update.message):
        await update.say(texts.check_wanted(), checking())
        return SUMMARY
    if await receive(update, draft, texts.file_taken_late, []):
        return await check(update)
    return SUMMARY


async def receive(
    update: ChatUpdate, draft: ReportDraft, taken: Callable[[int, bool], str], rows: Sequence[Row]
) -> bool:
    """Clean the file of a message, keep it, and show what was kept; its words become part of the
    report. `taken`: what is said of so many files, and whether one is shown. Returns
    whether the report holds more now."""
    assert update.message is not None
    sent = update.message.photo[-1] if update.message.photo else update.message.document
    refused = _refused_at_once(update.message, sent, draft)
    if sent is None or refused:
        words = take_caption(update.message, draft)
        await update.conclude(refused + words, rows)
        return words != ""
    place = await _placeholder(update)
    try:
        file, said = await _cleaned(update, draft, sent)
    except Exception:
        # "Being cleaned" would go on standing there, and nothing is.
        if place is not None:
            await update.deleter.delete(update.chat, place)
        raise
    count, words = len(draft.files), take_caption(update.message, draft)
    said = (said or taken(count, False)) + words
    if place is None:
        await update.conclude(said, rows)
    else:
        preview = (file, taken(count, True) + words) if file is not None else None
        await update.fill(place, said, rows, preview)
    return file is not None or words != ""


async def _placeholder(update: ChatUpdate) -> int | None:
    """Where the preview goes; None where the messenger didn't take it. The file is taken all the
    same: its sender has sent it and can't know of our message."""
    try:
        return await update.show(texts.cleaning(), None)
    except TelegramError:
        return None


def _refused_at_once(
    message: Message, sent: PhotoSize | Document | None, draft: ReportDraft
) -> str:
    """Why it isn't taken, where that is known without downloading it."""
    if forwarded(message):
        return texts.forwarded()
    if recording := recording_in(message):
        return texts.unusable(recording)
    if draft.full:
        return texts.too_many_files()
    too_big = sent is not None and (sent.file_size or 0) > LARGEST
    return texts.unusable("too_big") if too_big else ""


async def _cleaned(
    update: ChatUpdate, draft: ReportDraft, sent: PhotoSize | Document
) -> tuple[CleanFile | None, str]:
    """Clean a file and keep it with the draft; or give what to say where that can't be."""
    sessions = update.sessions
    try:
        file = await sessions.intake.attachments.clean(partial(content_of, sent))
        sessions.keep(draft, file)
    except Unusable as problem:
        return None, texts.unusable(problem.reason)
    except Busy:
        return None, status_texts.busy()
    return file, ""


def take_caption(message: Message, draft: ReportDraft) -> str:
    """Add the words under a picture to the report, of which they are part; give what to say."""
    words = "" if forwarded(message) else visible(message.caption or "")
    return take_words(words, draft) if words else ""


def take_words(words: str, draft: ReportDraft) -> str:
    if len(draft.text) + len(words) > LONGEST_TEXT:
        return texts.words_not_taken()
    draft.texts.append(words)
    return texts.words_taken()


async def content_of(sent: PhotoSize | Document) -> bytearray:
    return await (await sent.get_file()).download_as_bytearray()


async def check(update: ChatUpdate) -> int:
    draft = update.sessions.draft(update.chat)
    if draft is None:
        return await expired(update)
    shown = escape(cut(draft.text, SHOWN_UNITS))
    await update.say_content(
        texts.summary(escape(draft.about), shown, len(draft.files)), checking()
    )
    return SUMMARY


def checking() -> list[Row]:
    return [[(texts.confirm(), "confirm")],
            [(texts.rewrite(), "rewrite"), (texts.cancel(), "cancel")]]  # fmt: skip


async def rewrite(update: ChatUpdate) -> int:
    draft = update.sessions.draft(update.chat)
    if draft is None:
        return await expired(update)
    await update.say_content(texts.ask_what(escape(draft.about)), stop())
    # After the question: where that failed, what was written is still there to be confirmed.
    draft.texts.clear()
    return WHAT


async def confirm(update: ChatUpdate) -> int:
    """Store the report as pending and get its code to its writer. The placeholder goes first, so
    that the message to be deleted is known whatever is lost afterwards."""
    sessions, draft = update.sessions, update.sessions.draft(update.chat)
    if draft is None:
        return await expired(update)
    placeholder = await update.show(texts.filing(), None, protect=True)
    try:
        filed = await _prepare(update, draft)
    except RepeatedReport:
        del sessions.drafts[update.chat]
        # The placeholder goes with them: it was noted when it was sent.
        await update.delete_noted()
        await update.conclude(texts.repeated(), to_status())
        return END
    except Busy:
        await update.deleter.delete(update.chat, placeholder)
        await update.say(status_texts.busy())
        return SUMMARY
    except Exception:
        # "Being filed" would go on standing there, and nothing is.
        await update.deleter.delete(update.chat, placeholder)
        raise
    del sessions.drafts[update.chat]
    # Counted as a failed try is: in a flood those come first who haven't filed (`Caller.rank`).
    sessions.filing.failed(update.chat, sessions.now())
    sessions.pending[update.chat] = pending_code(update, filed, placeholder)
    if not await update.delivery.deliver(update.chat):
        with suppress(TelegramError):
            # Words alone: the sweep tries again, whether they arrive or not.
            await update.say(texts.code_delayed())
    return END


async def _prepare(update: ChatUpdate, draft: ReportDraft) -> Filed:
    """Raises RepeatedReport, Busy."""
    sessions = update.sessions
    confirmed = ConfirmedReport(draft.notice, draft.about, draft.text, tuple(draft.files))
    who = sessions.filing.caller(update.chat)
    return await sessions.intake.prepare(confirmed, sessions.today, sessions.now(), who)


def pending_code(update: ChatUpdate, filed: Filed, placeholder: int) -> PendingCode:
    rows = InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(texts.copy(), copy_text=CopyTextButton(filed.code))],
            [InlineKeyboardButton(texts.to_receipt(), callback_data="receipt")],
            [InlineKeyboardButton(texts.copied(), callback_data="copied")],
        ]
    )
    by = update.sessions.intake.answer_by(update.sessions.today)
    return PendingCode(
        filed,
        code_text=texts.code(filed.code, by),
        keys=rows,
        not_filed_text=texts.not_filed(),
        placeholder_text=texts.filing(),
        message=placeholder,
        since=update.sessions.now(),
    )


async def receipt(update: ChatUpdate) -> None:
    """Send the receipt as a file to be kept, in the place of a message whose number is known."""
    line = update.sessions.receipt(update.chat)
    if line is None:
        await update.say(texts.no_receipt(), to_status())
        return
    message = await update.say(texts.one_moment())
    # Without a button to delete it: that of the code would take the code as well.
    if not await update.speaker.show_receipt(update.chat, message, texts.receipt(), line):
        await update.deleter.delete(update.chat, message)
        await update.say(texts.receipt_not_sent())


async def copied(update: ChatUpdate) -> int:
    """Take the code off the screen; what is said of it stays until the next cleaning. Pressed
    after a restart nothing is noted: then the message itself is all there is to delete."""
    query = update.raw.callback_query
    if query is not None and query.message is not None:
        update.sessions.note(update.chat, query.message.message_id)
    update.sessions.receipts.pop(update.chat, None)
    await update.delete_noted()
    await update.conclude(texts.gone(), to_status())
    return END


async def cancel(update: ChatUpdate) -> int:
    """Drop what was begun. Whoever wrote nothing hears that an earlier report is still there."""
    draft = update.sessions.drafts.pop(update.chat, None)
    update.sessions.opened.pop(update.chat, None)
    await update.delete_noted()
    await update.conclude(texts.cancelled() if draft else status_texts.stopped())
    return END
