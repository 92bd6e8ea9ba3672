"""services.core.ports.Messenger over a Telegram bot."""

from contextlib import suppress
from dataclasses import replace
from datetime import date

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import BufferedInputFile, InlineKeyboardMarkup
from aiohttp import ClientConnectorError

from domain.calendar.office_hours import day_of
from domain.reports import RegisterState
from domain.states import PlanState, Status
from handlers.staff.common.middleware import Now
from handlers.staff.common.replies import keyboard
from handlers.staff.messages import render, texts
from handlers.staff.plans.router import mine, to_check
from services.cases.announcements import SIGN, YOUR_TURN
from services.city_moves.arrivals import ARRIVED
from services.city_moves.departures import CITY_ANSWERED
from services.container import Services
from services.core.errors import Refusal
from services.core.i18n import speak
from services.core.ports import Ambiguous, Moot, Outgoing, RetryLater, Unreachable
from services.duties.duties import DUTY
from services.inspections.findings import CHECK, CIRCULAR
from services.messages.queue import DIGEST, TAKE_OFF, WEEK
from services.messages.update_gaps import GAP
from services.plans.guidance import GUIDANCE_TOLD
from services.plans.items import PLAN
from services.reminders.assigned import ASSIGNED
from services.reminders.escalation import UNREACHED
from services.reports.register import REPORT
from services.totals.totals import TOTALS_TOLD

ASKING = (YOUR_TURN, SIGN)
"""What is asked of somebody; nothing is, once a case has ended."""
HEARD = (ARRIVED, ASSIGNED, CHECK, DIGEST, DUTY, GAP, REPORT, SIGN, TOTALS_TOLD)
"""What is sent anew where an earlier message stands: an edit makes no sound."""
PICTURE = "1.png"
SERVER_ERROR_WAIT = 5.0
"""Seconds after a definite 5xx or a connection that never came about."""


class Notifier:
    """Says what services have to say, in the recipient's language.

    A message that takes the place of an earlier one edits it, where the messenger still allows
    that; a morning's reminder is sent anew, and the last one goes. The text is made when it goes
    out: what was done meanwhile isn't asked for again.
    """

    def __init__(self, bot: Bot, services: Services, now: Now) -> None:
        self.bot = bot
        self.services = services
        self.now = now

    async def deliver(self, message: Outgoing) -> int:
        """Raises Unreachable, RetryLater, Ambiguous or Moot."""
        if message.kind == TAKE_OFF:
            await self._take_off(message.chat_id, int(message.payload["message"]))
            # Nothing was sent, so there is no message whose id could be kept.
            raise Moot
        with speak(message.language, self.services.procedure.current.city):
            notice = await self._everything(message)
            try:
                if notice.picture:
                    return await self._show(message, notice)
                return await self._put(message, notice.text, keyboard(notice.rows))
            except TelegramForbiddenError as refused:
                raise Unreachable(str(message.person_id)) from refused
            except TelegramRetryAfter as wait:
                raise RetryLater(float(wait.retry_after)) from wait
            # A definite answer of the server: nothing was sent.
            except TelegramServerError as error:
                raise RetryLater(SERVER_ERROR_WAIT) from error
            except TelegramNetworkError as error:
                raise _unsure(error) from error
            # An answer that nobody can read: the message may have been sent all the same.
            except ClientDecodeError as error:
                raise Ambiguous from error

    async def _everything(self, message: Outgoing) -> render.Notice:
        """Render one message for everything held back for this person; leave out what was settled
        meanwhile. Raises Moot where nothing is left."""
        notices = []
        for part in (message, *message.others):
            # A post may have ended since it was written: what its holder may not see stays unsaid.
            with suppress(Moot, Refusal):
                notices.append(await self._notice(part))
        if not notices:
            raise Moot
        return render.together(notices)

    async def _notice(self, message: Outgoing) -> render.Notice:
        """Render one message as things stand now; only that there is something, where its recipient
        may not see it any more. Raises Moot for what nobody needs to hear now."""
        payload = message.payload
        today = day_of(self.now())
        matters = {
            DIGEST: self._digest,
            REPORT: self._report,
            CHECK: self._check,
            CIRCULAR: self._circular,
            DUTY: self._duty,
            ASSIGNED: self._assigned,
            PLAN: self._plan,
            GUIDANCE_TOLD: self._guidance,
            TOTALS_TOLD: self._totals,
            WEEK: self._week,
            ARRIVED: self._arrival,
            CITY_ANSWERED: self._city_answered,
        }
        if message.kind in matters:
            return await matters[message.kind](message, today)
        if message.kind in render.STATEMENTS:
            return render.STATEMENTS[message.kind](payload)
        # A row that a newer version wrote, met by an older process: say that there is something.
        if message.kind not in (*render.KINDS, UNREACHED) or "case" not in payload:
            return render.something()
        try:
            actor = await self.services.people.actor(message.person_id)
            card = await self.services.cases.card(actor, str(payload["case"]), today)
        except Refusal:
            return render.something()
        ended = card.progress.status is Status.ENDED and not card.progress.open
        if ended and message.kind in ASKING:
            raise Moot
        step, entry = str(payload.get("step", "")), str(payload.get("entry", ""))
        about = render.MessageSubject(card, actor, step, entry, today)
        if message.kind == UNREACHED:
            who = await self.services.people.actor(str(payload["person"]))
            return replace(render.unreached(about, who.name), person=card.person)
        return replace(render.KINDS[message.kind](about), person=card.person)

    async def _digest(self, message: Outgoing, today: date) -> render.Notice:
        actor = await self.services.people.actor(message.person_id)
        lines = await self.services.reminders.lines(actor, message.payload, today)
        if not lines:
            raise Moot
        return render.digest(lines, today)

    async def _report(self, message: Outgoing, today: date) -> render.Notice:
        try:
            actor = await self.services.people.actor(message.person_id)
            card = await self.services.reports.card(actor, str(message.payload["report"]))
        except Refusal:
            # Not even that there is something: who lost the register isn't told of a report.
            raise Moot from None
        if card.state is RegisterState.CLOSED:
            raise Moot
        return render.report(card, today, bool(message.payload.get("letter")))

    async def _check(self, message: Outgoing, today: date) -> render.Notice:
        actor = await self.services.people.actor(message.person_id)
        item = str(message.payload["check"])
        shown = await self.services.inspections.branch(actor, item, today)
        if shown.righted_on is not None:
            raise Moot
        return render.check(shown, today)

    async def _circular(self, message: Outgoing, today: date) -> render.Notice:
        actor = await self.services.people.actor(message.person_id)
        number = str(message.payload["inspection"])
        return render.circular(await self.services.inspections.circular(actor, number))

    async def _duty(self, message: Outgoing, today: date) -> render.Notice:
        actor = await self.services.people.actor(message.person_id)
        duty, place = str(message.payload["duty"]), str(message.payload["organisation"])
        item = await self.services.duties.line(actor, duty, place, today)
        if item.done_on is not None:
            raise Moot
        return render.duty(item, today)

    async def _assigned(self, message: Outgoing, today: date) -> render.Notice:
        actor = await self.services.people.actor(message.person_id)
        item = await self.services.breaches.breach(actor, str(message.payload["breach"]))
        if item.treated_on is not None or item.due_on is None:
            raise Moot
        return render.assigned(item, item.due_on, today)

    async def _plan(self, message: Outgoing, today: date) -> render.Notice:
        actor = await self.services.people.actor(message.person_id)
        year, item = int(message.payload["year"]), str(message.payload.get("item", ""))
        level, plans = str(message.payload["level"]), self.services.plans
        try:
            line = await plans.line(actor, item) if item else None
            view = None if line else await plans.view(actor, year, today)
            waiting = view.at(PlanState(level)) if view else ()
        except Refusal:
            return render.something()
        if line is None and not waiting:
            raise Moot
        # While nobody is responsible for a committee, its names wait for whoever gives it to
        # somebody.
        named = line is not None or any(name.checker for name in waiting)
        names = to_check(view, actor) if view and level == PlanState.FORWARDED else ()
        begins = mine(view, actor)[1] if view else []
        # A single name is judged below the message itself.
        judged = names[0] if len(names) == 1 else None
        return render.plan(level if named else "unassigned", year, line, begins, judged)

    async def _arrival(self, message: Outgoing, today: date) -> render.Notice:
        actor = await self.services.people.actor(message.person_id)
        found = await self.services.arrivals.one(actor, str(message.payload["arrival"]))
        if not found.places and not found.answers:
            raise Moot
        return render.arrival(found)

    async def _city_answered(self, message: Outgoing, today: date) -> render.Notice:
        actor = await self.services.people.actor(message.person_id)
        # Raises a Refusal for who leads that branch no more.
        await self.services.cases.card(actor, str(message.payload["case"]), today)
        return render.city_answered(message.payload)

    async def _week(self, message: Outgoing, today: date) -> render.Notice:
        actor = await self.services.people.actor(message.person_id)
        place = str(message.payload["organisation"])
        wishes, found = await self.services.preferences.wishes(actor), None
        # It may have been switched off since it was queued.
        if wishes.weekly:
            # Who leads the branch no more still gets the reminders that went into it.
            with suppress(Refusal):
                found = await self.services.glances.week(actor, place, today)
        lines = await self.services.reminders.lines(actor, message.payload, today)
        if found is not None and found.people:
            return render.week(found, lines, today)
        if not lines:
            raise Moot
        return render.digest(lines, today)

    async def _guidance(self, message: Outgoing, today: date) -> render.Notice:
        return render.guidance(int(message.payload["year"]))

    async def _totals(self, message: Outgoing, today: date) -> render.Notice:
        """Raises NotAllowed for who isn't of the department any more."""
        actor = await self.services.people.actor(message.person_id)
        year, name = int(message.payload["year"]), str(message.payload["name"])
        return render.totals(await self.services.totals.gathered(actor, year, today), name)

    async def _put(self, message: Outgoing, text: str, markup: InlineKeyboardMarkup) -> int:
        if message.kind in HEARD and message.edits is not None:
            await self._make_room(message.chat_id, message.edits)
        elif message.edits is not None and await self._edited(message, text, markup):
            return message.edits
        try:
            sent = await self.bot.send_message(
                message.chat_id, text, reply_markup=markup, parse_mode="HTML"
            )
        except TelegramBadRequest as refused:
            # The account was deleted or never wrote to this bot: nothing will reach it until it
            # does.
            if "chat not found" in refused.message:
                raise Unreachable(message.person_id) from refused
            raise
        return sent.message_id

    async def _show(self, message: Outgoing, notice: render.Notice) -> int:
        """Send a picture with what is said of it below; the words alone where the messenger
        refuses the picture, since the morning's reminders stand in them."""
        try:
            sent = await self.bot.send_photo(
                message.chat_id,
                BufferedInputFile(notice.picture, PICTURE),
                caption=notice.text,
                reply_markup=keyboard(notice.rows),
                parse_mode="HTML",
            )
        except TelegramBadRequest:
            return await self._put(message, notice.text, keyboard(notice.rows))
        return sent.message_id

    async def _take_off(self, chat_id: int, message_id: int) -> None:
        with suppress(TelegramBadRequest):
            await self.bot.delete_message(chat_id, message_id)

    async def _make_room(self, chat_id: int, message_id: int) -> None:
        """The last reminder goes before today's comes: an edited message would wake nobody. After
        two days the messenger deletes nothing any more; then it says where to look instead."""
        try:
            await self.bot.delete_message(chat_id, message_id)
        except TelegramBadRequest:
            with suppress(TelegramBadRequest):
                await self.bot.edit_message_text(
                    texts.replaced(), chat_id=chat_id, message_id=message_id
                )

    async def _edited(self, message: Outgoing, text: str, markup: InlineKeyboardMarkup) -> bool:
        """False where the earlier message is gone or too old."""
        try:
            await self.bot.edit_message_text(
                text,
                chat_id=message.chat_id,
                message_id=message.edits,
                reply_markup=markup,
                parse_mode="HTML",
            )
        except TelegramBadRequest as refused:
            return "message is not modified" in refused.message
        return True


def _unsure(error: TelegramNetworkError) -> Exception:
    """A connection that never came about has sent nothing; any other failure may have."""
    if isinstance(error.__cause__, ClientConnectorError):
        # Nobody can be reached then: all sends wait, not this chat alone.
        return RetryLater(SERVER_ERROR_WAIT, everything=True)
    return Ambiguous()
