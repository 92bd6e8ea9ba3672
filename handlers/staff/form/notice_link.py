"""The link by which a notice that was posted can be reported on, to hang beside it."""

from aiogram.types import BufferedInputFile, CallbackQuery

from handlers.staff.form import outcome_texts
from handlers.staff.form.session import Session
from services.intake.links import qr


async def offer_link(query: CallbackQuery, session: Session, entry_id: str) -> None:
    """As a picture to print; nothing where the public side isn't reached by anything yet."""
    exchange = session.services.reports.exchange
    link = await exchange.link_of(entry_id) if exchange else None
    if link is None or query.message is None:
        return
    picture = BufferedInputFile(qr(link.chat or link.web), "notice.png")
    said = outcome_texts.notice_link(link)
    await query.message.answer_photo(picture, caption=said)
