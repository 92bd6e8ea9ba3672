"""From a call of the bot to the platform: what is about to be done is stored with a key, done with
that key, and what is seen is stored with the platform's ids before the bot is answered.

Killed in between, the call is done again with the same key when the gateway is back: once, on a
platform that knows keys. The bot, which heard nothing, asks the same again: it gets what was done.

    begun ─┬─► told     the platform answered, and the bot was there to hear it
           ├─► done     the platform answered, and the bot had hung up
           ├─► unsure   the platform didn't answer, or some parts only are there
           └─► no row   nothing was sent, the person has left, or it was refused

Asked again, a call that is begun (broken off by an error) or unsure is done again with its key, and
one that is done is answered with what stands there; where the person wrote since, it is shown again
below that, as a call that takes its place. One that is told was heard: said once more on purpose,
it is said once more. What changes a message ends every earlier call of it: done again, that would
undo the change.

Worked example: the bot sends «记下了», and the gateway is killed

- before `begun` is stored: nothing was done, and the bot asks again;
- before or after the platform has it: the row is begun. `redo` sends it with its key and leaves it
  done: seen once on Matrix, and on Feishu within the hour that its keys hold; seen once more and
  marked on WeCom, and on Feishu later. The bot asks again and is told of it;
- after `told` is stored, before the bot hears it: `doubt` makes done what was told in the last five
  seconds, and the bot asks again.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from math import ceil
from typing import Any

import structlog

from botapi.markup import Said, units
from gateway import gateway_texts as texts
from gateway.bodies import Body, choices, screen_of
from gateway.platform import (
    Abilities,
    Left,
    NotSent,
    NotYet,
    Part,
    Platform,
    Rate,
    Refused,
    TooLate,
    TooOften,
    Unreachable,
)
from gateway.screens import Fitted, fit, letters_before, letters_until
from gateway.store import BEGUN, DONE, TOLD, UNSURE, Doing, Known, Shown, Store, new_key

FORGET_BEYOND = 1000


class Limits:
    """How much a platform lets one account send. Some drop what is beyond it without a word, so it
    is counted here, and the bot is told to wait. `clock`: monotonic seconds."""

    def __init__(self, abilities: Abilities, clock: Callable[[], float]) -> None:
        self.abilities, self.clock = abilities, clock
        self._overall: deque[float] = deque()
        self._chats: dict[int, deque[float]] = {}

    def check(self, chat: int, messages: int = 1) -> None:
        """Raises NotYet where so many can't be sent now."""
        now = self.clock()
        if len(self._chats) > FORGET_BEYOND:
            self._chats = {key: sent for key, sent in self._chats.items() if sent}
        can = self.abilities
        for rates, times in ((can.overall, self._overall), (can.chat, self._sent(chat))):
            _forget(rates, times, now)
            wait = max((_wait(rate, times, now, messages) for rate in rates), default=0.0)
            if wait > 0:
                raise NotYet(max(1, ceil(wait)))

    def take(self, chat: int, messages: int = 1) -> None:
        """Counts what is about to be sent. Raises NotYet, and counts nothing then."""
        self.check(chat, messages)
        now = self.clock()
        for times in (self._overall, self._sent(chat)):
            times.extend([now] * messages)

    def _sent(self, chat: int) -> deque[float]:
        return self._chats.setdefault(chat, deque())


def _forget(rates: Iterable[Rate], times: deque[float], now: float) -> None:
    longest = max((rate.seconds for rate in rates), default=0.0)
    while times and times[0] <= now - longest:
        times.popleft()


def _wait(rate: Rate, times: deque[float], now: float, messages: int) -> float:
    recent = [at for at in times if at > now - rate.seconds]
    # More parts than the limit at once would never be let through: they count as many as fit.
    too_many = len(recent) + min(messages, rate.most) - rate.most
    return recent[too_many - 1] + rate.seconds - now if too_many > 0 else 0.0


HOUR = 3600.0
FURTHEST = 400
"""Letters skipped; there are 702, and no menu has 300."""
READY_WITHIN = 5.0
"""Seconds in which a call waits for a gateway that has just begun."""

Heard = Callable[[], bool]
"""Whether whoever asked is still there to be answered. Asked while the chat is locked: the same
call, asked again, may already wait for it."""

log = structlog.get_logger()


def always() -> bool:
    return True


def never() -> bool:
    return False


class Outwards:
    """`refuse`: contents that must not be passed on are told of, and not sent, where the platform
    can't protect them. `username`: of the bot, whose start links are told as what to send."""

    def __init__(
        self, store: Store, platform: Platform, refuse: bool = True, username: str = ""
    ) -> None:
        self.store, self.platform, self.refuse = store, platform, refuse
        self.username = username
        self.limits = Limits(platform.abilities, time.monotonic)
        self._chats: dict[int, asyncio.Lock] = {}
        self._redone = asyncio.Event()
        self.counted: dict[str, int] = dict.fromkeys(
            ("sent", "changed", "moved", "removed", "again", "protected", "failed"), 0
        )

    def lock(self, chat: int) -> asyncio.Lock:
        """One call of a chat at a time: they are seen in the order they were asked in."""
        return self._chats.setdefault(chat, asyncio.Lock())

    def protected(self, body: Body) -> bool:
        return bool(body["protected"]) and self.refuse and not self.platform.abilities.protects

    def allowed(self, body: Body) -> Body:
        """The body, or where to read it instead."""
        if not self.protected(body):
            return body
        self.counted["protected"] += 1
        sentence = texts.said("protected", body["plain"])
        return {**body, "plain": sentence, "entities": [], "content": None, "file_id": ""}

    async def send(
        self, known: Known, body: Body, asked: Mapping[str, Any], heard: Heard = always
    ) -> Shown:
        """`asked`: the call, by which it is known when it comes again. `heard`: whether the bot
        still waits for the answer. Raises what the platform raises."""
        await self._after_redoing()
        async with self.lock(known.chat):
            digest = self.store.digest({"chat": known.chat, **asked})
            before = await self.store.asked_before(known.chat, digest)
            if before is not None and (done := await self._as_before(known, before, heard)):
                return done
            # Before anything is stored: told to wait, a bot asks the same again and again.
            self.limits.check(known.chat)
            number = self.store.next_id()
            skip = await self._letters_taken(known.chat, number)
            call = {"body": body, "skip": skip}
            doing = Doing(new_key(), known.chat, number, digest, BEGUN, self.store.now, call)
            await self.store.begin(doing)
            return await self._do(known, doing, heard)

    async def change(self, known: Known, shown: Shown, body: Body, heard: Heard = always) -> Shown:
        """As `send`. Raises what the platform raises."""
        await self._after_redoing()
        async with self.lock(known.chat):
            # As it is now: a call that was waited for may have changed it.
            shown = await self.store.shown(known.chat, shown.message) or shown
            digest = self.store.digest({"message": shown.message, "body": body})
            before = await self.store.asked_before(known.chat, digest)
            if before is not None and (done := await self._as_before(known, before, heard)):
                return done
            skip = await self._letters_for(known, shown, body)
            edited = {**body, "edited": self.store.now}
            call = {"body": edited, "skip": skip, "changes": True}
            doing = Doing(new_key(), known.chat, shown.message, digest, BEGUN, self.store.now, call)
            await self.store.begin(doing)
            return await self._do(known, doing, heard)

    async def remove(self, known: Known, shown: Shown) -> None:
        """Raises what the platform raises. What was said is forgotten."""
        async with self.lock(known.chat):
            shown = await self.store.shown(known.chat, shown.message) or shown
            self._in_time(self.platform.abilities.delete_hours, shown)
            for message in shown.ids:
                await self.platform.remove(known.account, message)
            await self.store.write(replace(shown, gone=True, body={}, menu={}))
            self.counted["removed"] += 1

    async def answer(self, known: Known, query: str, token: Mapping[str, Any], text: str) -> None:
        """Answers a press; a letter is answered by a message of its own where there is something to
        say. Raises what the platform raises."""
        if token:
            await self.platform.answer(known.account, token, text)
        elif text:
            async with self.lock(known.chat):
                self.limits.take(known.chat)
                await self.platform.send(known.account, Part(Said(text)), f"press {query}")

    async def draw(
        self, known: Known, token: Mapping[str, Any], shown: Shown | None, label: str = ""
    ) -> None:
        """Show on a card that its press was taken, or that it is out of date."""
        part, beside = None, ""
        if shown is not None:
            part = self._fitted(shown.body, letters_before(shown.menu)).parts[-1]
            beside = shown.body["plain"]
        note = texts.said("pressed" if label else "stale", beside, label=label)
        with suppress(Unreachable, TooOften, Left, Refused, TooLate):
            await self.platform.drawn(known.account, token, note, part if label else None)

    async def _after_redoing(self) -> None:
        """A call that comes again must not overtake what is done again: it would be done twice."""
        try:
            async with asyncio.timeout(READY_WITHIN):
                await self._redone.wait()
        except TimeoutError:
            raise Unreachable from None

    async def redo(self) -> None:
        """Do again what a process before this one was at when it died."""
        await self.store.doubt()
        for doing in await self.store.begun():
            known = await self.store.account_of_chat(doing.chat)
            if known is None:
                await self.store.forget(doing.key)
                continue
            self.counted["again"] += 1
            with suppress(Unreachable, TooOften, Left, Refused):
                async with self.lock(known.chat):
                    await self._again(known, doing, never)
        self._redone.set()

    async def _again(self, known: Known, doing: Doing, heard: Heard) -> Shown:
        """Do what may have been done before."""
        return await self._do(known, replace(doing, state=UNSURE), heard)

    def _body(self, doing: Doing) -> Body:
        """What is sent for a call. Where it may have been seen before, and its key holds no longer,
        it says so."""
        body: Body = doing.call["body"]
        mark = texts.said("repeated", body["plain"])
        holds = abs(self.store.now - doing.at) < self.platform.abilities.keys_hold
        again = doing.state != BEGUN and not holds
        if not again or body["plain"].startswith(mark):
            return body
        entities = [{**one, "offset": one["offset"] + units(mark)} for one in body["entities"]]
        return {**body, "plain": f"{mark}{body['plain']}", "entities": entities}

    async def _as_before(self, known: Known, before: Doing, heard: Heard) -> Shown | None:
        """What came of the same call, which the bot asks for again; None where it has to be done
        anew."""
        if before.state != DONE:
            return await self._again(known, before, heard)
        shown = await self.store.shown(known.chat, before.message)
        if shown is None or shown.gone:
            await self.store.forget(before.key)
            return None
        if await self.store.newest_written(known.chat) > shown.place:
            # They wrote since: shown above that, nobody would see that it was answered.
            return await self._move(known, before, shown, heard)
        if heard():
            await self.store.mark(before.key, TOLD)
        return shown

    async def _move(self, known: Known, before: Doing, shown: Shown, heard: Heard) -> Shown:
        skip = await self._letters_taken(known.chat, shown.message)
        call = {"body": shown.body, "skip": skip, "changes": True, "anew": True}
        moved = replace(before, key=new_key(), state=BEGUN, at=self.store.now, call=call)
        # In one commit: killed between two, the call would be unknown when it is asked again.
        await self.store.begin(moved, instead=before.key)
        # Not forgotten where it can't be sent: it was said before, and would be said as if new.
        return await self._again(known, moved, heard)

    async def _letters_for(self, known: Known, shown: Shown, body: Body) -> int:
        """As `_letters_taken`, of a message that is changed: a letter that answers what stood there
        before may be on its way."""
        if not await self._below(known, shown):
            return await self._letters_taken(known.chat, shown.message)
        if shown.menu and all(shown.body[name] == body[name] for name in ("buttons", "keys")):
            return letters_before(shown.menu)
        return await self._letters_taken(known.chat, shown.message, shown.menu)

    async def _letters_taken(self, chat: int, message: int, before: Iterable[str] = ()) -> int:
        """A notice may come between a menu and the letter that answers it: it goes on with other
        letters, so that nobody presses what they haven't read. `before`: the letters that the
        message itself had."""
        others = [one for one in await self.store.live_menus(chat) if one.message != message]
        taken = max((letters_until(one.menu) for one in others), default=0)
        # Whoever was away for long has many menus: they begin again before the letters end.
        skips = (max(taken, letters_until(before)), taken, 0)
        return next(skip for skip in skips if skip <= FURTHEST)

    def _fitted(self, body: Body, skip: int) -> Fitted:
        platform = self.platform
        return fit(screen_of(body), platform.abilities, platform.link, skip, self.username)

    async def _do(self, known: Known, doing: Doing, heard: Heard) -> Shown:
        try:
            if doing.call.get("changes"):
                shown = await self._changed(known, doing)
            else:
                shown = await self._sent(known, doing)
        except (Unreachable, TooOften) as problem:
            self.counted["failed"] += 1
            if doing.state == BEGUN and isinstance(problem, NotSent | NotYet):
                await self.store.forget(doing.key)
            else:
                # Some of its parts may be there: asked again, it is done with the same key.
                await self.store.mark(doing.key, UNSURE)
            raise
        except (Left, Refused):
            self.counted["failed"] += 1
            await self.store.forget(doing.key)
            raise
        await self.store.end(doing.key, shown, heard())
        return shown

    async def _sent(self, known: Known, doing: Doing) -> Shown:
        body = self._body(doing)
        fitted = self._fitted(body, doing.call["skip"])
        ids = await self._send_parts(known, fitted.parts, doing.key)
        self.counted["sent"] += 1
        return Shown(
            known.chat, doing.message, doing.message, doing.at, doing.at,
            ids=ids, body=body, menu=choices(fitted.menu),
        )  # fmt: skip

    async def _send_parts(self, known: Known, parts: Sequence[Part], key: str) -> tuple[str, ...]:
        self.limits.take(known.chat, len(parts))
        ids = []
        for place, part in enumerate(parts):
            try:
                ids.append(await self.platform.send(known.account, part, f"{key}.{place}"))
            except NotSent:
                if ids:
                    raise Unreachable from None
                raise
            except TooOften as wait:
                if ids:
                    raise
                raise NotYet(wait.seconds) from None
        return tuple(ids)

    async def _changed(self, known: Known, doing: Doing) -> Shown:
        shown = await self.store.shown(known.chat, doing.message)
        if shown is None or shown.gone:
            raise Refused("the message is gone")
        body = doing.call["body"]
        fitted = self._fitted(body, doing.call["skip"])
        after = replace(shown, revision=shown.revision + 1, body=body, menu=choices(fitted.menu))
        takes_away = _only_takes_away(shown.body, body)
        below = takes_away or await self._below(known, shown)
        above = None if below else await self._gave_way(known, shown)
        if not doing.call.get("anew") and (below or above):
            with suppress(TooLate):
                await self._in_place(known, shown, fitted, doing.key)
                self.counted["changed"] += 1
                return after if above is None else replace(after, place=above)
            if takes_away:
                # What can't be taken away any more isn't said twice for it: pressed, it is told to
                # be out of date.
                return after
        return await self._shown_anew(known, doing, after)

    async def _shown_anew(self, known: Known, doing: Doing, after: Shown) -> Shown:
        body = self._body(doing)
        fitted = self._fitted(body, doing.call["skip"])
        ids = await self._send_parts(known, fitted.parts, f"{doing.key}.new")
        for old in after.ids:
            # The new one stands: an old one that can't be taken away does no harm.
            with suppress(TooLate, Refused):
                await self.platform.remove(known.account, old)
        self.counted["moved"] += 1
        place, now = self.store.next_id(), self.store.now
        return replace(after, body=body, ids=ids, place=place, sent=now)

    async def _below(self, known: Known, shown: Shown) -> bool:
        """Whether nothing of the person stands below it. An answer has to come after the question:
        changed further up, it would be heard by nobody."""
        return await self.store.newest_written(known.chat) < shown.place

    async def _gave_way(self, known: Known, shown: Shown) -> int | None:
        """The place of one whose buttons were taken away since they wrote, for a screen that was
        sent below it: there it stays, above that, and can be answered as well. None for any other.

        Worked example: a meeting is pressed; its buttons go, its form is sent, and the meeting
        changes. Sent anew, it would stand below the form that is asked now."""
        written = await self.store.written_last(known.chat)
        if written is None or shown.body["buttons"] or shown.body["keys"]:
            return None
        if shown.body.get("edited", 0) < written.at or not await self.store.live_menus(known.chat):
            return None
        return written.place + 1

    async def _in_place(self, known: Known, shown: Shown, fitted: Fitted, key: str) -> None:
        self._in_time(self.platform.abilities.edit_hours, shown)
        before = self._fitted(shown.body, letters_before(shown.menu)).parts
        parts = fitted.parts
        same_files = [part.content for part in before] == [part.content for part in parts]
        if len(parts) != len(shown.ids) or not same_files:
            raise TooLate
        for place, (message, was, part) in enumerate(zip(shown.ids, before, parts, strict=True)):
            if part != was:
                await self.platform.change(known.account, message, part, f"{key}.{place}")

    def _in_time(self, hours: float | None, shown: Shown) -> None:
        if hours is not None and self.store.now - shown.sent > hours * HOUR:
            raise TooLate


def _only_takes_away(before: Body, after: Body) -> bool:
    """Whether nothing is new that anybody would have to see."""
    return before["plain"] == after["plain"] and not after["buttons"] and not after["keys"]
