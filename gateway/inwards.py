"""From what a person did to an update of the bot: one commit, and only then is the platform told
that it was taken.

Worked example: Matrix hands over event $e in a sync answer. `receive` stores «seen $e» and update 7
together, and returns; the platform stores its place in the stream. Killed before the commit, $e
comes again and is stored; killed after it, $e comes again and is known. Update 7 stays until the
bot asks for what comes after 7.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

import structlog

from botapi import markup, wire
from gateway import gateway_texts as texts
from gateway.bodies import GatewayBot, body_of, label_of, person_of, rewritten, screen_of, told
from gateway.outwards import Outwards
from gateway.platform import (
    Entered,
    Event,
    Gone,
    Left,
    Part,
    Pressed,
    Refused,
    Rewritten,
    TooOften,
    Unreachable,
    Written,
)
from gateway.screens import has_grid, letter_of, token_of
from gateway.store import Doubled, GatewayQueue, Known, Shown, Store, new_key

MOST_TRIES, TRIES_WITHIN = 5, 3600.0
STORED_WITHIN = 2.0
"""Seconds that a letter or a press waits for a message being sent; a platform that hangs holds up
no other."""
START = "/start"
AWAKE = {"blocked": False}

log = structlog.get_logger()


@dataclass
class Besides:
    """What follows from somebody's writing beside the message: updates that the bot is told before
    it, and what changes of the account."""

    before: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    account: dict[str, Any] = field(default_factory=dict)


class Inwards:
    def __init__(
        self, store: Store, queue: GatewayQueue, bot: GatewayBot, outwards: Outwards
    ) -> None:
        self.store, self.queue, self.bot, self.outwards = store, queue, bot, outwards
        self.taken = 0

    async def receive(self, event: Event) -> None:
        """Store an event with the updates that follow from it; nothing for one that was stored
        before."""
        event = whole(event)
        known = await self.store.account_of(event.account, moves=not isinstance(event, Gone))
        try:
            if isinstance(event, Written) and event.unread:
                await self._unread(known, event)
            elif isinstance(event, Written):
                await self._written(known, event)
            elif isinstance(event, Pressed):
                await self._pressed(known, event)
            elif isinstance(event, Rewritten):
                await self._rewritten(known, event)
            elif isinstance(event, Entered):
                await self._entered(known, event)
            elif isinstance(event, Gone):
                await self._gone(known, event)
            self.taken += 1
        except Doubled:
            log.info("event_doubled")

    async def _take(
        self, known: Known, event: Event, *updates: tuple[str, Mapping[str, Any]], **more: Any
    ) -> None:
        numbered = []
        for kind, body in updates:
            if self.queue.wants(kind):
                number = self.store.next_id()
                numbered.append((number, {"update_id": number, kind: body}))
        await self.store.take(event.id, known.chat, numbered, **more)
        for number, body in numbered:
            self.queue.add(number, known.chat, body)

    async def _written(self, known: Known, event: Written) -> None:
        besides, text = Besides(), event.text
        if known.blocked:
            besides.before.append(("my_chat_member", self._membership(known, blocked=False)))
            besides.account["blocked"] = False
        if not known.started:
            besides.account["started"] = True
        if token := self._token(text):
            if texts.INVITATION.fullmatch(token):
                tries, since = self._tries(known)
                besides.account |= {"tries": tries, "tries_since": since}
                if tries > MOST_TRIES:
                    await self._too_many(known, event, tries, besides)
                    return
            text = f"{START} {token}"
        elif not known.started:
            # A first message opens the chat, whatever it says; a file would be one that nobody
            # asked for.
            text, event = START, replace(event, content=None)
        elif not event.content and await self._chosen(known, event, besides):
            return
        await self._message(known, replace(event, text=text), besides)

    async def _too_many(self, known: Known, event: Event, tries: int, besides: Besides) -> None:
        """Say once how long to wait, since an honest person would wait for an answer; then silence.
        Whether a token is right is told to nobody."""
        log.warning("too_many_tokens")
        await self._take(known, event, *besides.before, account=besides.account)
        if tries == MOST_TRIES + 1:
            await self._say(known, event, "too_many")

    def _token(self, text: str) -> str:
        stripped = text.strip()
        return token_of(stripped) or (stripped if texts.INVITATION.fullmatch(stripped) else "")

    def _tries(self, known: Known) -> tuple[int, float]:
        """Counted with this one, and since when."""
        now = self.store.now
        # A clock that went back begins the hour anew instead of never ending it.
        if not 0 <= now - known.tries_since < TRIES_WITHIN:
            return 1, now
        return known.tries + 1, known.tries_since

    async def _chosen(self, known: Known, event: Written, besides: Besides) -> bool:
        """Whether the text is a letter of the newest menu, or of the one it replies to; it is
        stored then."""
        letter = letter_of(event.text)
        if not letter:
            return False
        await self._stored(known)
        menu = await self._menu(known.chat, letter, event.answers)
        if menu is None:
            return False
        kind, value = menu.menu[letter]
        if kind == "say":
            await self._message(known, replace(event, text=value), besides)
            return True
        query = new_key()
        update = self._callback(known, menu, value, query)
        await self._take(
            known, event, *besides.before, ("callback_query", update),
            written=self._row(known, event), press=(query, {}), account=besides.account,
        )  # fmt: skip
        return True

    async def _stored(self, known: Known) -> None:
        """A message being sent may be seen before it is stored, and be the one they answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STORED_WITHIN), self.outwards.lock(known.chat):
                pass

    async def _menu(self, chat: int, letter: str, answers: str) -> Shown | None:
        """The menu that a letter is of: the one replied to; one shown since they wrote last; or the
        newest."""
        looked = [await self.store.by_platform_id(chat, answers)] if answers else []
        looked += [*await self.store.live_menus(chat), await self.store.newest_menu(chat)]
        return next((one for one in looked if one is not None and letter in one.menu), None)

    async def _message(self, known: Known, event: Written, besides: Besides) -> None:
        file_id = new_key() if event.content else ""
        row = self._row(known, event, file_id)
        content = (file_id, event.content) if event.content else None
        update = ("message", told(self.bot, known, row))
        # Not kept: what a person wrote is the bot's matter from here on.
        kept = replace(row, body=body_of(markup.Said()))
        await self._take(
            known, event, *besides.before, update,
            written=kept, content=content, account=besides.account,
        )  # fmt: skip

    def _row(self, known: Known, event: Written, file_id: str = "") -> Shown:
        number, now = self.store.next_id(), self.store.now
        said = markup.from_person(event.text)
        body = body_of(said, content=event.content, file_id=file_id, forwarded=event.forwarded)
        ids = (event.id,)
        return Shown(known.chat, number, number, now, now, mine=False, ids=ids, body=body)

    async def _pressed(self, known: Known, event: Pressed) -> None:
        await self._stored(known)
        shown = await self.store.by_platform_id(known.chat, event.target)
        label = _label(shown, event) if shown is not None else ""
        once = self.outwards.platform.abilities.press_once
        if shown is None or not label:
            # A card of before our time, of a message that was deleted or that stands further down
            # by now, or with buttons that were taken away.
            await self._take(known, event)
            if once:
                await self.outwards.draw(known, event.token, None)
            else:
                await self.outwards.platform.answer(known.account, event.token, "")
            return
        if said := event.says or event.day:
            written = Written(event.id, event.account, said)
            await self._message(known, written, Besides())
        else:
            query = new_key()
            update = self._callback(known, shown, event.data, query)
            token = {} if once else event.token
            await self._take(known, event, ("callback_query", update), press=(query, token))
        if once:
            await self.outwards.draw(known, event.token, shown, label)

    async def _entered(self, known: Known, event: Event) -> None:
        """Whoever opens the chat for the first time is greeted; everybody else has written."""
        if not known.started:
            await self._written(known, Written(event.id, event.account))
            return
        back = ("my_chat_member", self._membership(known, blocked=False))
        await self._take(known, event, *([back] if known.blocked else []), account=AWAKE)

    def _callback(self, known: Known, shown: Shown, data: str, query: str) -> dict[str, Any]:
        message = told(self.bot, known, shown)
        return wire.callback(self.bot, person_of(known), message, data, query)

    async def _rewritten(self, known: Known, event: Rewritten) -> None:
        shown = await self.store.by_platform_id(known.chat, event.target)
        if shown is None or shown.mine:
            await self._take(known, event)
            return
        changed = rewritten(shown, markup.from_person(event.text), self.store.now)
        await self._take(known, event, ("edited_message", told(self.bot, known, changed)))

    async def _gone(self, known: Known, event: Gone) -> None:
        if known.account.address != event.account.address:
            # An older chat, left behind: they are written to in another one.
            await self._take(known, event)
            return
        update = ("my_chat_member", self._membership(known, blocked=True))
        await self._take(known, event, update, account={"blocked": True})

    def _membership(self, known: Known, blocked: bool) -> dict[str, Any]:
        return wire.membership(self.bot, person_of(known), blocked, self.queue.now())

    async def _unread(self, known: Known, event: Event) -> None:
        """Say so, once, or the person would wait for an answer."""
        await self._take(known, event)
        await self._say(known, event, "unread")

    async def _say(self, known: Known, event: Event, name: str) -> None:
        with suppress(Unreachable, TooOften, Left, Refused):
            part = Part(markup.Said(texts.said(name)))
            self.outwards.limits.take(known.chat)
            await self.outwards.platform.send(known.account, part, f"{name} {event.id}")


def whole(told: Any) -> Any:
    """What a person sent, with a sign in place of each half of one: of an emoji cut in two no
    encoding writes half, and it would come again and again."""
    if isinstance(told, str):
        return told.encode(errors="replace").decode()
    if isinstance(told, Mapping):
        return {name: whole(value) for name, value in told.items()}
    if is_dataclass(told) and not isinstance(told, type):
        return replace(told, **{one.name: whole(getattr(told, one.name)) for one in fields(told)})
    return told


def _label(shown: Shown, event: Pressed) -> str:
    """What was chosen, as it stands there; "" where it doesn't (any more)."""
    if event.day:
        return event.day if has_grid(screen_of(shown.body).rows) else ""
    return label_of(shown.body, event.data or event.says)
