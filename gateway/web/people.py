"""What people do: join, sign in, write, press. Stored first, then told to the gateway, and only
then answered.

Worked example: somebody writes «待办» with the key k1. One commit stores the message and the event
that follows from it; then the gateway takes the event (its own commit), and the event goes. Killed
in between, the event is told again when the gateway is back, or when the page, which heard nothing,
sends k1 again: the message is known by its key, the event by the message.
"""

import asyncio
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hmac import compare_digest
from re import compile as pattern
from secrets import token_hex
from typing import Any

import structlog

from botapi.reading import LONGEST_DATA, LONGEST_TEXT
from gateway.gateway_texts import INVITATION
from gateway.platform import Account, Content, Event, Pressed, Receive, Rewritten, Written
from gateway.web.hub import Hub
from gateway.web.passphrases import Cost, Passphrases, check_new
from gateway.web.records import Line, Records, Session, Taken, WebAccount, plain_name
from gateway.web.showing import content_of, content_told, told_of, written_body
from gateway.web.tries import Limit, Tries
from gateway.web.web_texts import Problem, said

NAME = pattern(r"[\w.-]{2,32}")
LOOK_ALIKE = {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"}
KEY = pattern(r"[\w-]{8,64}")
JOINS_FROM, JOINS = 5, 60
"""Tokens that turned out to be no invitation, an hour: from one address, from all."""
WRONG_HERE, WRONG_OF_NAME, WRONG_FROM = 5, 30, 50
"""Wrong passphrases an hour: of a name from one address, of a name from everywhere, of all names
from one address."""
A_MINUTE = 60
"""Messages and presses of an account."""
BEFORE_JOINING = 30
"""Messages and presses, an hour, of an account that the bot hasn't taken in."""
MOST_FILES = 10
DAILY_BYTES = 500 * 1024 * 1024

log = structlog.get_logger()


@dataclass(frozen=True)
class Here:
    """Somebody who is signed in."""

    session: Session
    account: WebAccount

    @property
    def key(self) -> str:
        return self.account.key


class People:
    """`clock`: seconds that only grow."""

    def __init__(self, records: Records, hub: Hub, cost: Cost, clock: Callable[[], float]) -> None:
        self.records, self.hub = records, hub
        self.passphrases = Passphrases(cost)
        self.tries, self.pace = Tries(clock), Tries(clock, 60.0)
        self.receive: Receive | None = None
        self._locks: dict[str, asyncio.Lock] = {}
        self._joining: dict[str, str] = {}

    def lock(self, account: str) -> asyncio.Lock:
        return self._locks.setdefault(account, asyncio.Lock())

    # Coming in

    async def join(
        self, token: str, name: str, passphrase: str, address: str, device: str
    ) -> tuple[WebAccount, str]:
        """A new account, signed in, whose first words are its invitation; with the session's token.
        Raises Problem."""
        limits = ((("join", address), JOINS_FROM), ("join", JOINS))
        self.tries.check(*limits)
        name = plain_name(name)
        if not is_name(name):
            raise Problem("name_form")
        check_new(passphrase, name)
        # From here on counted: it tells whether a name is taken, and takes one.
        self.tries.count(*limits)
        if not INVITATION.fullmatch(token):
            raise Problem("bad_token")
        hashed = await self.passphrases.hashed(passphrase)

        def joins(_: int, line: Line) -> Mapping[str, Any]:
            return {"kind": "written", "id": str(line.id), "text": token}

        body = written_body(said("joined"))
        try:
            account, session, _ = await self.records.add_account(name, hashed, device, body, joins)
        except Taken:
            raise Problem("name_taken", 409) from None
        self._joining[account.key] = address
        await self._deliver_now_or_later(account.key)
        return account, session

    def token_was_right(self, account: str) -> None:
        """The bot asks whether the invitation is theirs."""
        address = self._joining.pop(account, None)
        if address is not None:
            self.tries.give_back((("join", address), JOINS_FROM), ("join", JOINS))

    async def sign_in(
        self, name: str, passphrase: str, address: str, device: str, mark: str = ""
    ) -> tuple[WebAccount, str]:
        """Who it is, and the session's token. `mark`: what the browser was given when they last
        signed in there. Raises Problem: the same, after as long, for a wrong passphrase and for a
        name that nobody has."""
        name = plain_name(name)[:64]
        account = await self.records.account_named(name)
        limits = self._limits(name, address, account, mark)
        hashed = account.hashed if account else ""
        if not await self._is_right(passphrase, hashed, limits) or account is None:
            raise Problem("wrong_sign_in", 401)
        token = await self.records.add_session(account, device)
        if token is None:
            # A new one was set while this one was looked at.
            raise Problem("wrong_sign_in", 401)
        return account, token

    def mark(self, account: WebAccount, number: str = "") -> str:
        """What a browser keeps of somebody who has signed in there, until they sign out; also when
        the session has ended by itself. A new passphrase makes it worthless. `number`: of the
        browser; a new one without it."""
        number = number or token_hex(8)
        whose = f"{account.key} {number} {account.hashed}"
        return f"{number}.{self.records.blind(whose, 'known browser')}"

    def _limits(
        self, name: str, address: str, account: WebAccount | None, mark: str
    ) -> Sequence[Limit]:
        """Of wrong passphrases. A browser where this person has signed in before has a limit of
        its own: strangers who go on trying the name keep nobody out who works there."""
        number = mark.partition(".")[0]
        if account and compare_digest(self.mark(account, number).encode(), mark.encode()):
            return [(("known", account.key, number), WRONG_HERE)]
        name = name.casefold()
        return [
            (("sign in", name, address), WRONG_HERE),
            (("sign in", name), WRONG_OF_NAME),
            (("from", address), WRONG_FROM),
        ]

    async def _is_right(self, passphrase: str, hashed: str, limits: Sequence[Limit]) -> bool:
        """Whether a passphrase is; wrong ones are counted. Raises Problem where there were too
        many."""
        self.tries.check(*limits)
        # Before it is looked at, so that many at once are counted too.
        self.tries.count(*limits)
        try:
            right = await self.passphrases.right(passphrase, hashed)
        except Problem:
            self.tries.give_back(*limits)
            raise
        if right:
            self.tries.give_back(*limits)
        return right

    async def here(self, token: str) -> Here | None:
        session = await self.records.session_of(token) if token else None
        account = await self.records.account(session.account) if session else None
        return Here(session, account) if session and account else None

    async def change_passphrase(
        self, here: Here, old: str, new: str, address: str, mark: str = ""
    ) -> WebAccount:
        """Every other session ends. Gives the account as it is now. Raises Problem."""
        account = here.account
        limits = self._limits(account.name, address, account, mark)
        if not await self._is_right(old, account.hashed, limits):
            raise Problem("wrong_passphrase", 403)
        check_new(new, here.account.name)
        hashed = await self.passphrases.hashed(new)
        ended = await self.records.change_passphrase(here.account, hashed, here.session.id)
        self.hub.signed_out(*ended)
        return replace(account, hashed=hashed)

    async def end(self, here: Here, number: str) -> None:
        """Raises Problem for a session that isn't theirs."""
        if not await self.records.end_session(here.key, number):
            raise Problem("not_found", 404)
        self.hub.signed_out(number)

    async def end_others(self, here: Here) -> None:
        self.hub.signed_out(*await self.records.end_others(here.key, here.session.id))

    # Writing

    def hurries(self, here: Here) -> None:
        """Raises Problem for too many in a minute, and for more than an answer or two of somebody
        whom the bot hasn't taken in: anybody can make such an account."""
        limit, first = (here.key, A_MINUTE), (("before", here.key), BEFORE_JOINING)
        self.pace.check(limit, code="too_often")
        self.pace.count(limit)
        if not here.account.joined:
            self.tries.check(first, code="not_joined")
            self.tries.count(first)

    async def sent_before(self, here: Here, key: str) -> list[Line]:
        """What was stored with this key. Raises Problem for one that is none."""
        if not KEY.fullmatch(key):
            raise Problem("bad_request")
        return await self.records.by_key(*_keys(here.key, key))

    async def write(
        self, here: Here, key: str, text: str, files: Sequence[Content], reply_to: int | None
    ) -> list[Line]:
        """A message for each file, with the text under the first. The same key again is answered
        with what it gave. Raises Problem."""
        if not text.strip() and not files:
            raise Problem("empty")
        if len(text) > LONGEST_TEXT:
            raise Problem("long_text")
        async with self.lock(here.key):
            done = await self.sent_before(here, key)
            if not done:
                done = await self._write(here, key, text, files, reply_to)
        await self.deliver(here.key)
        return done

    async def _write(
        self, here: Here, key: str, text: str, files: Sequence[Content], reply_to: int | None
    ) -> list[Line]:
        answers = await self.records.line(here.key, reply_to) if reply_to else None
        parts = [("" if place else text, file) for place, file in enumerate(files or [None])]
        keys = _keys(here.key, key)
        written = [
            (keys[place], written_body(words, file, answers.id if answers else None), _id(file))
            for place, (words, file) in enumerate(parts)
        ]

        def event_of(place: int, line: Line) -> Mapping[str, Any]:
            words, file = parts[place]
            return {
                "kind": "written",
                "id": str(line.id),
                "text": words,
                "content": content_told(file),
                "answers": str(answers.id) if answers else "",
            }

        done = await self.records.write(here.key, written, event_of)
        for line in done:
            self.hub.tell(here.key, told_of(line))
        return done

    async def rewrite(self, here: Here, number: int, text: str) -> Line:
        """Raises Problem."""
        if not text.strip():
            raise Problem("empty")
        if len(text) > LONGEST_TEXT:
            raise Problem("long_text")
        async with self.lock(here.key):
            line = await self.records.line(here.key, number)
            if line is None:
                raise Problem("not_found", 404)
            if not line.mine or line.body.get("content"):
                raise Problem("not_yours", 403)
            body = {**line.body, "plain": text, "edited": True}

            def event_of(_: int, changed: Line) -> Mapping[str, Any]:
                number = f"{changed.id}.{changed.seq}"
                target = str(changed.id)
                return {"kind": "rewritten", "id": number, "target": target, "text": text}

            line = await self.records.change(line, body, event_of)
            self.hub.tell(here.key, told_of(line))
        await self.deliver(here.key)
        return line

    async def press(self, here: Here, number: int, data: str, key: str) -> None:
        """The gateway stores it; the same key again is known there. Raises Problem."""
        if not KEY.fullmatch(key) or not 1 <= len(data.encode()) <= LONGEST_DATA:
            raise Problem("bad_request")
        line = await self.records.line(here.key, number)
        if line is None or line.mine:
            raise Problem("not_found", 404)
        event = f"{here.key} {key}"
        token = {"press": key}
        await self._received()(Pressed(event, _known(here.account), str(number), data, token=token))

    # Telling the gateway

    def _received(self) -> Receive:
        if self.receive is None:
            raise Problem("busy", 503)
        return self.receive

    async def deliver(self, account: str) -> None:
        """Tell the gateway what somebody wrote, in order. Raises what storing raises: it stays, and
        is told when it is tried again."""
        receive = self._received()
        async with self.lock(f"{account} told"):
            for number, _, told in await self.records.events(account):
                known = await self.records.account(account)
                if known is not None:
                    await receive(event_from(known, told))
                await self.records.told(number)

    async def deliver_all(self) -> None:
        """What a process before this one was killed with."""
        for account in {account for _, account, _ in await self.records.events()}:
            await self._deliver_now_or_later(account)

    async def _deliver_now_or_later(self, account: str) -> None:
        try:
            await self.deliver(account)
        except Exception as error:
            # It is stored, and tried again in a minute.
            log.error("web_event_failed", error=type(error).__name__)


def is_name(name: str) -> bool:
    """Whether somebody may be called so: it can be seen, and none of its letters is there because
    it looks like one of another alphabet."""
    told = [unicodedata.name(one, "") for one in name]
    alphabets = {one.split(" ")[0] for one in told} & LOOK_ALIKE
    seen = any(one.isalnum() for one in name) and not any("FILLER" in one for one in told)
    return bool(NAME.fullmatch(name)) and seen and len(alphabets) <= 1


def _keys(account: str, key: str) -> list[str]:
    """Of the messages that are written with one key: one for each file."""
    return [f"{account} {key} {place}" for place in range(MOST_FILES)]


def _id(file: Content | None) -> str | None:
    return str(file.ref["id"]) if file else None


def _known(account: WebAccount) -> Account:
    return Account(account.key, account.key, account.name)


def event_from(account: WebAccount, told: Mapping[str, Any]) -> Event:
    who = _known(account)
    if told["kind"] == "rewritten":
        return Rewritten(told["id"], who, told["target"], told["text"])
    content = content_of(told.get("content"))
    answers = told.get("answers", "")
    return Written(told["id"], who, told["text"], content, answers=answers)
