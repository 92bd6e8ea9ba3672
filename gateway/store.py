"""Rows of the gateway, sealed and opened, every public method one transaction; and the updates
among them that wait for the bot."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import randbits, token_hex
from typing import Any, Protocol

from sqlalchemy import Table, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from botapi.queue import Bell, Waiting, Webhook
from gateway import tables
from gateway.platform import Account, Content
from gateway.tables import Rows, Transactions

CHAT_BITS = 52
SEEN_FOR, PRESS_FOR, FILE_FOR, SHOWN_FOR = 7 * 86400.0, 86400.0, 30 * 86400.0, 60 * 86400.0
REPEAT_WITHIN = 900.0
"""Seconds in which a bot that heard no answer asks the same again."""
HEARD_WITHIN = 5.0
"""Seconds that an answer may have been on its way to the bot when the gateway was killed."""
BEGUN, UNSURE, DONE, TOLD = "begun", "unsure", "done", "told"


class Seal(Protocol):
    """The house's sealing: `place` says where a value stands, and it opens nowhere else."""

    def seal(self, plain: bytes, place: str) -> bytes: ...

    def open(self, sealed: bytes, place: str) -> bytes: ...

    def blind(self, value: str, purpose: str) -> str: ...


class Doubled(Exception):
    """This event was stored before."""


@dataclass(frozen=True)
class Known:
    """Somebody who has written to the account."""

    chat: int
    account: Account
    started: bool = False
    blocked: bool = False
    tries: int = 0
    tries_since: float = 0


@dataclass(frozen=True)
class Shown:
    """A message as both sides know it. `place`: where it stands in the chat. `sent`: when it came
    to stand there. `ids`: of its parts on the platform. `body`: what the bot sent or the person
    wrote, JSON. `menu`: letter → [kind, value]."""

    chat: int
    message: int
    place: int
    at: float
    sent: float
    mine: bool = True
    revision: int = 0
    ids: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict)
    menu: Mapping[str, Sequence[str]] = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True)
class Doing:
    """`call`: what is being shown, JSON, enough to do it again."""

    key: str
    chat: int
    message: int
    digest: str
    state: str
    at: float
    call: Mapping[str, Any]


class People:
    """Those who wrote, remembered by chat and by blind index, since each event and each call asks
    for one. No other process changes them. `changes`: counted, so that what was read before one
    isn't kept after it."""

    def __init__(self) -> None:
        self.changes = 0
        self._known: dict[int | str, Known] = {}
        self._blinds: dict[int, str] = {}

    def get(self, name: int | str) -> Known | None:
        return self._known.get(name)

    def keep(self, blind: str, known: Known, seen: int) -> None:
        """`seen`: `changes` before it was read."""
        if seen == self.changes:
            self._known[known.chat] = self._known[blind] = known
            self._blinds[known.chat] = blind

    def forget(self, chat: int | None) -> None:
        self.changes += 1
        if chat is None:
            self._known.clear()
            self._blinds.clear()
        elif blind := self._blinds.pop(chat, ""):
            del self._known[chat], self._known[blind]


class Store:
    def __init__(
        self,
        transactions: Transactions,
        seal: Seal,
        now: Callable[[], datetime],
        platform: str,
        tenant: str,
    ) -> None:
        self.transactions, self.keys, self._now = transactions, seal, now
        self.platform, self.tenant = platform, tenant
        self._last = 0
        self._people = People()

    @property
    def now(self) -> float:
        return self._now().timestamp()

    async def open(self) -> None:
        """Make what isn't there yet, and go on after the highest number that was given out."""
        async with self.transactions.writing() as rows:
            await rows.run_sync(tables.metadata.create_all)
        async with self.transactions.reading() as rows:
            highest = [
                await rows.scalar(select(func.max(column))) or 0
                for column in (
                    tables.update_row.c.id,
                    tables.shown.c.message,
                    tables.doing.c.message,
                )
            ]
        # By the time of day too: put back from an older copy, it must give out no number that the
        # bot has seen. A clock that went back is passed over by the highest number kept.
        self._last = max(*highest, int(self.now * 100))

    def next_id(self) -> int:
        self._last = max(self._last + 1, int(self.now * 100))
        return self._last

    @asynccontextmanager
    async def _changing(self, chat: int | None) -> AsyncIterator[Rows]:
        """As `writing`, of an account. `chat`: None where it isn't known yet."""
        try:
            async with self.transactions.writing() as rows:
                yield rows
        finally:
            self._people.forget(chat)

    # What is sealed

    def _seal(self, value: Any, place: str) -> bytes:
        return self.keys.seal(json.dumps(value, ensure_ascii=False).encode(), f"gateway.{place}")

    def _open(self, sealed: bytes, place: str) -> Any:
        return json.loads(self.keys.open(sealed, f"gateway.{place}"))

    def _blind(self, value: str, purpose: str) -> str:
        return self.keys.blind(f"{self.platform} {self.tenant} {value}", f"gw {purpose}")

    def digest(self, call: Mapping[str, Any]) -> str:
        """The same call of the bot has the same one, which says nothing without the key."""
        return self._blind(json.dumps(call, sort_keys=True, ensure_ascii=False), "call")

    # Accounts

    def _known(self, row: Any) -> Known:
        told = self._open(row.account_sealed, f"account.{row.chat}")
        return Known(
            row.chat, Account(**told), row.started, row.blocked, row.tries, row.tries_since
        )

    async def account_of_chat(self, chat: int) -> Known | None:
        return await self._looked_up(chat, tables.account.c.chat == chat)

    async def _looked_up(self, name: int | str, where: Any) -> Known | None:
        """`name`: by which they are remembered."""
        if (known := self._people.get(name)) is not None:
            return known
        seen = self._people.changes
        async with self.transactions.reading() as rows:
            row = (await rows.execute(select(tables.account).where(where))).one_or_none()
        if row is None:
            return None
        known = self._known(row)
        self._people.keep(row.key_blind, known, seen)
        return known

    async def anybody(self) -> Known | None:
        """One of those who have written, to see whether what is kept of them opens."""
        async with self.transactions.reading() as rows:
            found = (await rows.execute(select(tables.account).limit(1))).one_or_none()
        return self._known(found) if found is not None else None

    async def account_of(self, account: Account, moves: bool = True) -> Known:
        """Somebody, made known where they weren't. `moves`: from now on they are written to at this
        address."""
        blind = self._blind(account.key, "account")
        known = await self._looked_up(blind, self._is(blind))
        # Nearly always: nothing is written for somebody who is where they were.
        if known is not None and (not moves or known.account == account):
            return known
        async with self._changing(known.chat if known else None) as rows:
            return await self._account_of(rows, account, blind, moves)

    def _is(self, blind: str) -> Any:
        table = tables.account
        mine = (table.c.platform == self.platform) & (table.c.tenant == self.tenant)
        return mine & (table.c.key_blind == blind)

    async def _account_of(self, rows: Rows, account: Account, blind: str, moves: bool) -> Known:
        table = tables.account
        found = (await rows.execute(select(table).where(self._is(blind)))).one_or_none()
        if found is not None:
            known = self._known(found)
            if not moves:
                return known
            if known.account != account:
                sealed = self._seal(vars(account), f"account.{known.chat}")
                await rows.execute(_row(table, known.chat).values(account_sealed=sealed))
            return replace(known, account=account)
        chat = randbits(CHAT_BITS) or 1
        await rows.execute(
            insert(table).values(
                chat=chat,
                platform=self.platform,
                tenant=self.tenant,
                key_blind=blind,
                account_sealed=self._seal(vars(account), f"account.{chat}"),
                started=False,
                blocked=False,
                tries=0,
                tries_since=0.0,
            )
        )
        return Known(chat, account)

    async def change_account(self, chat: int, **values: Any) -> None:
        async with self._changing(chat) as rows:
            await rows.execute(_row(tables.account, chat).values(**values))

    async def give_back_try(self, chat: int) -> None:
        """Don't count the last invitation token that somebody sent."""
        table = tables.account
        # Counted by the database: another token may be on its way in.
        one_less = update(table).where(table.c.chat == chat, table.c.tries > 0)
        async with self._changing(chat) as rows:
            await rows.execute(one_less.values(tries=table.c.tries - 1))

    # Inwards

    async def take(
        self,
        event: str,
        chat: int,
        updates: Sequence[tuple[int, Mapping[str, Any]]],
        written: Shown | None = None,
        press: tuple[str, Mapping[str, Any]] | None = None,
        content: tuple[str, Content] | None = None,
        account: Mapping[str, Any] | None = None,
    ) -> None:
        """An event and all that follows from it, in one commit. Raises Doubled."""
        writing = self._changing(chat) if account else self.transactions.writing()
        try:
            async with writing as rows:
                await rows.execute(
                    insert(tables.seen).values(event_blind=self._blind(event, "event"), at=self.now)
                )
                for number, body in updates:
                    sealed = self._seal(body, f"update.{number}")
                    values = {"id": number, "chat": chat, "body_sealed": sealed}
                    await rows.execute(insert(tables.update_row).values(**values))
                await self._take_more(rows, chat, written, press, content, account)
        except IntegrityError:
            # The only key here that can be there already is the event's.
            raise Doubled from None

    async def _take_more(
        self,
        rows: Rows,
        chat: int,
        written: Shown | None,
        press: tuple[str, Mapping[str, Any]] | None,
        content: tuple[str, Content] | None,
        account: Mapping[str, Any] | None,
    ) -> None:
        if written is not None:
            await self._write(rows, written)
        if press is not None:
            query, token = press
            sealed = self._seal(dict(token), f"press.{query}")
            values = {"query": query, "chat": chat, "at": self.now, "token_sealed": sealed}
            await rows.execute(insert(tables.press).values(**values))
        if content is not None:
            await self._keep_file(rows, chat, *content)
        if account:
            await rows.execute(_row(tables.account, chat).values(**account))

    async def updates(self) -> list[tuple[int, int, Mapping[str, Any]]]:
        """Those that the bot hasn't confirmed: id, chat, body; the oldest first."""
        table = tables.update_row
        async with self.transactions.reading() as rows:
            found = (await rows.execute(select(table).order_by(table.c.id))).all()
        return [(r.id, r.chat, self._open(r.body_sealed, f"update.{r.id}")) for r in found]

    async def confirmed(self, numbers: Sequence[int]) -> None:
        async with self.transactions.writing() as rows:
            await rows.execute(delete(tables.update_row).where(tables.update_row.c.id.in_(numbers)))

    async def press(self, query: str) -> tuple[int, Mapping[str, Any]] | None:
        """The chat and the platform's token of a press that wasn't answered yet."""
        table = tables.press
        async with self.transactions.reading() as rows:
            found = (await rows.execute(select(table).where(table.c.query == query))).one_or_none()
        if found is None:
            return None
        return found.chat, self._open(found.token_sealed, f"press.{query}")

    async def forget_press(self, query: str) -> None:
        async with self.transactions.writing() as rows:
            await rows.execute(delete(tables.press).where(tables.press.c.query == query))

    # Messages

    async def _write(self, rows: Rows, one: Shown) -> None:
        place = f"shown.{one.chat}.{one.message}"
        kept = {"ids": one.ids, "body": one.body, "menu": one.menu, "sent": one.sent}
        values = {
            "mine": one.mine,
            "revision": one.revision,
            "place": one.place,
            "menu": bool(one.menu),
            "gone": one.gone,
            "at": one.at,
            "id_blind": self._blind(one.ids[-1], "message") if one.ids else "",
            "body_sealed": None if one.gone else self._seal(kept, place),
        }
        table = tables.shown
        there = (table.c.chat == one.chat) & (table.c.message == one.message)
        changed = update(table).where(there).values(**values).returning(table.c.chat)
        if (await rows.execute(changed)).first() is None:
            row = {"chat": one.chat, "message": one.message, **values}
            await rows.execute(insert(table).values(**row))

    def _shown(self, row: Any) -> Shown:
        place = f"shown.{row.chat}.{row.message}"
        kept = self._open(row.body_sealed, place) if row.body_sealed else {}
        return Shown(
            row.chat,
            row.message,
            row.place,
            row.at,
            kept.get("sent", row.at),
            row.mine,
            row.revision,
            tuple(kept.get("ids", ())),
            kept.get("body", {}),
            kept.get("menu", {}),
            row.gone,
        )

    async def _one(self, *where: Any) -> Shown | None:
        table = tables.shown
        found = select(table).where(*where).order_by(table.c.place.desc()).limit(1)
        async with self.transactions.reading() as rows:
            row = (await rows.execute(found)).one_or_none()
        return self._shown(row) if row is not None else None

    async def shown(self, chat: int, message: int) -> Shown | None:
        return await self._one(tables.shown.c.chat == chat, tables.shown.c.message == message)

    async def newest_menu(self, chat: int) -> Shown | None:
        table = tables.shown
        return await self._one(table.c.chat == chat, table.c.menu, ~table.c.gone)

    async def live_menus(self, chat: int) -> list[Shown]:
        """Shown since the person wrote last, the newest first: any of them may be answered now."""
        table = tables.shown
        written = func.coalesce(_newest_written(chat).scalar_subquery(), 0)
        found = select(table).where(
            table.c.chat == chat, table.c.menu, ~table.c.gone, table.c.place > written
        )
        async with self.transactions.reading() as rows:
            return [
                self._shown(row)
                for row in (await rows.execute(found.order_by(table.c.place.desc()))).all()
            ]

    async def by_platform_id(self, chat: int, platform_id: str) -> Shown | None:
        table, blind = tables.shown, self._blind(platform_id, "message")
        return await self._one(table.c.chat == chat, table.c.id_blind == blind, ~table.c.gone)

    async def newest_written(self, chat: int) -> int:
        """The place of the person's last message; 0 where there is none."""
        async with self.transactions.reading() as rows:
            return await rows.scalar(_newest_written(chat)) or 0

    async def written_last(self, chat: int) -> Shown | None:
        """The person's last message."""
        table = tables.shown
        return await self._one(table.c.chat == chat, ~table.c.mine)

    async def write(self, one: Shown) -> None:
        async with self.transactions.writing() as rows:
            await self._write(rows, one)

    # Outwards

    async def begin(self, one: Doing, instead: str = "") -> None:
        """`instead`: the key of a call that this one takes the place of."""
        async with self.transactions.writing() as rows:
            for key in {one.key, instead}:
                await self._forget(rows, key)
            sealed = self._seal(dict(one.call), f"doing.{one.key}")
            values = {**vars(one), "call_sealed": sealed}
            del values["call"]
            await rows.execute(insert(tables.doing).values(**values))

    async def end(self, key: str, shown: Shown, heard: bool = True) -> None:
        """It was done: what is seen now, and nothing left to do again. `heard`: whether the bot is
        about to be told. If not, it may ask again from now on, however long ago it asked first."""
        table = tables.doing
        of_it = (table.c.chat == shown.chat) & (table.c.message == shown.message)
        async with self.transactions.writing() as rows:
            await self._write(rows, shown)
            # Calls of it that came before: asked again or done again, they would undo this one.
            await rows.execute(delete(table).where(of_it, table.c.key != key))
            # Without what was shown: that must be gone when the message is deleted.
            nothing = self._seal({}, f"doing.{key}")
            await self._mark(rows, key, TOLD if heard else DONE, call_sealed=nothing)

    async def doubt(self) -> None:
        """What was told last by a process before this one may not have been heard: the bot may ask
        it again from now on."""
        table = tables.doing
        told = table.c.state == TOLD
        async with self.transactions.writing() as rows:
            last = await rows.scalar(select(func.max(table.c.at)).where(told)) or 0.0
            late = update(table).where(told, table.c.at > last - HEARD_WITHIN)
            await rows.execute(late.values(state=DONE, at=self.now))
            await rows.execute(delete(table).where(told))

    async def _forget(self, rows: Rows, key: str) -> None:
        await rows.execute(delete(tables.doing).where(tables.doing.c.key == key))

    async def forget(self, key: str) -> None:
        async with self.transactions.writing() as rows:
            await self._forget(rows, key)

    async def mark(self, key: str, state: str) -> None:
        async with self.transactions.writing() as rows:
            await self._mark(rows, key, state)

    async def _mark(self, rows: Rows, key: str, state: str, **more: Any) -> None:
        table = tables.doing
        values = {"state": state, "at": self.now, **more}
        await rows.execute(update(table).where(table.c.key == key).values(**values))

    async def begun(self) -> list[Doing]:
        """What a process before this one was at when it died."""
        table = tables.doing
        found = select(table).where(table.c.state == BEGUN).order_by(table.c.at)
        async with self.transactions.reading() as rows:
            return [self._doing(row) for row in (await rows.execute(found)).all()]

    async def asked_before(self, chat: int, digest: str) -> Doing | None:
        """The same call, of which the bot may have heard no answer. Asked for while the chat is
        locked, one that is only begun is one that was broken off."""
        table = tables.doing
        found = select(table).where(
            table.c.chat == chat,
            table.c.digest == digest,
            table.c.state != TOLD,
            table.c.at > self.now - REPEAT_WITHIN,
        )
        async with self.transactions.reading() as rows:
            row = (await rows.execute(found.order_by(table.c.at).limit(1))).one_or_none()
        return self._doing(row) if row is not None else None

    def _doing(self, row: Any) -> Doing:
        call = self._open(row.call_sealed, f"doing.{row.key}")
        return Doing(row.key, row.chat, row.message, row.digest, row.state, row.at, call)

    # Files

    async def _keep_file(self, rows: Rows, chat: int, number: str, content: Content) -> None:
        sealed = self._seal(vars(content), f"file.{number}")
        values = {"id": number, "chat": chat, "at": self.now, "content_sealed": sealed}
        await rows.execute(insert(tables.file).values(**values))

    async def keep_file(self, chat: int, content: Content) -> str:
        number = new_key()
        async with self.transactions.writing() as rows:
            await self._keep_file(rows, chat, number, content)
        return number

    async def file(self, number: str) -> Content | None:
        async with self.transactions.reading() as rows:
            found = (
                await rows.execute(select(tables.file).where(tables.file.c.id == number))
            ).one_or_none()
        if found is None:
            return None
        told = self._open(found.content_sealed, f"file.{number}")
        return Content(**{**told, "sides": tuple(told["sides"])})

    # The platform's own

    async def recall(self, name: str) -> str:
        name = f"{self.platform}:{name}"
        async with self.transactions.reading() as rows:
            found = await rows.scalar(
                select(tables.cursor.c.value_sealed).where(tables.cursor.c.name == name)
            )
        return str(self._open(found, f"cursor.{name}")) if found else ""

    async def remember(self, name: str, value: str) -> None:
        name = f"{self.platform}:{name}"
        sealed = self._seal(value, f"cursor.{name}")
        async with self.transactions.writing() as rows:
            await rows.execute(delete(tables.cursor).where(tables.cursor.c.name == name))
            await rows.execute(insert(tables.cursor).values(name=name, value_sealed=sealed))

    async def clean(self) -> None:
        """Forget what nobody can ask for any more."""
        old = (
            (tables.seen, SEEN_FOR),
            (tables.press, PRESS_FOR),
            (tables.file, FILE_FOR),
            (tables.doing, REPEAT_WITHIN),
            (tables.shown, SHOWN_FOR),
        )
        async with self.transactions.writing() as rows:
            for table, kept in old:
                gone = table.c.at < self.now - kept
                # A call that was broken off is done again first, however long ago it was.
                if table is tables.doing:
                    gone &= table.c.state != BEGUN
                await rows.execute(delete(table).where(gone))


def _newest_written(chat: int) -> Any:
    # A table of its own: within another question of it, it would be taken for that one's.
    table = tables.shown.alias()
    return select(func.max(table.c.place)).where(table.c.chat == chat, ~table.c.mine)


def _row(table: Table, chat: int) -> Any:
    return update(table).where(table.c.chat == chat)


def new_key() -> str:
    return token_hex(16)


RETRY = 1.0


class GatewayQueue(Bell):
    """The updates that wait for the bot: in the store until it confirms them, and here for looking,
    as botapi.queue.UpdateQueue asks for it."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.webhook: Webhook | None = None
        self.allowed: tuple[str, ...] = ()
        self.poll = 0
        self.retry = RETRY
        self._waiting: dict[int, Waiting] = {}
        self._confirming: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        for number, chat, body in await self.store.updates():
            self._waiting[number] = Waiting(chat, dict(body))

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.store.now).astimezone()

    def waiting(self) -> Iterable[tuple[int, Waiting]]:
        return self._waiting.items()

    def add(self, number: int, chat: int, body: Mapping[str, Any]) -> None:
        """After it was stored."""
        self._waiting[number] = Waiting(chat, dict(body))
        self.wake()

    def wants(self, kind: str) -> bool:
        return not self.allowed or kind in self.allowed

    def remove(self, update_ids: Iterable[int]) -> None:
        gone = [number for number in update_ids if self._waiting.pop(number, None)]
        if gone:
            # Not waited for: killed before it is done, the bot is given them again and knows them.
            task = asyncio.create_task(self.store.confirmed(gone))
            self._confirming.add(task)
            task.add_done_callback(self._confirming.discard)

    async def close(self) -> None:
        await asyncio.gather(*self._confirming, return_exceptions=True)
