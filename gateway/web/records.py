"""Rows of the web chat, sealed and opened. Every public method is one transaction."""

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from secrets import token_hex, token_urlsafe
from typing import Any

from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.store import Store
from gateway.tables import Rows
from gateway.web import tables

DAY = 86400.0
IDLE, LONGEST_SESSION = 14 * DAY, 90 * DAY
PROTECTED_FOR = 330.0
"""Seconds; the staff bot takes contents of reports off after 300, while it runs."""
SEEN_EVERY = 300.0
"""Seconds between two rows that say a session is in use."""
KEPT = 90 * DAY
"""Of messages: longer than the bot may still change one, and no archive: what counts is in the
case, and a chat is full of names."""
FILES_KEPT, TOLD_GONE, UNJOINED, LOOSE = 30 * DAY, 30 * DAY, DAY, DAY
"""`TOLD_GONE`: so long a page that was away hears that a message was taken off. `LOOSE`: a file
that belongs to no message."""


class Taken(Exception):
    """Somebody has this login name."""


@dataclass(frozen=True)
class WebAccount:
    key: str
    name: str
    hashed: str = field(repr=False)
    joined: bool = False


@dataclass(frozen=True)
class Session:
    id: str
    account: str
    made: float
    seen: float
    device: str


@dataclass(frozen=True)
class Line:
    """A message of a chat. `body`: {} where it was taken off."""

    id: int
    account: str
    seq: int
    mine: bool
    at: float
    gone: bool = False
    file: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


EventOf = Callable[[int, Line], Mapping[str, Any]]
"""From the place of a message among those written together, and the message as it is stored."""


class Records:
    """Over the gateway's own store: the same database, keys and clock."""

    def __init__(self, store: Store) -> None:
        self.store, self.keys = store, store.keys
        self._last = 0

    @property
    def now(self) -> float:
        return self.store.now

    async def open(self) -> None:
        """Make what isn't there yet, and go on after the highest number that was given out."""
        async with self.store.transactions.writing() as rows:
            await rows.run_sync(tables.metadata.create_all)
            highest = [
                await rows.scalar(select(func.max(column))) or 0
                for column in (tables.message.c.seq, tables.event.c.number)
            ]
        # By the time of day as well, as `gateway.store.Store.open` says.
        self._last = max(*highest, int(self.now * 100))

    def _next(self) -> int:
        self._last = max(self._last + 1, int(self.now * 100))
        return self._last

    def _seal(self, value: Any, place: str) -> bytes:
        return self.keys.seal(json.dumps(value, ensure_ascii=False).encode(), f"web.{place}")

    def _open(self, sealed: bytes, place: str) -> Any:
        return json.loads(self.keys.open(sealed, f"web.{place}"))

    def blind(self, value: str, purpose: str) -> str:
        return self.keys.blind(value, f"web {purpose}")

    # Accounts

    async def add_account(
        self, name: str, hashed: str, device: str, body: Mapping[str, Any], event_of: EventOf
    ) -> tuple[WebAccount, str, Line]:
        """Somebody with their first session, whose token it gives, and what they say first, in one
        commit. Raises Taken."""
        key, table = token_hex(16), tables.account
        sealed = self._seal({"name": name, "hashed": hashed}, f"account.{key}")
        values = {"name_blind": self._name(name), "account_sealed": sealed, "joined": False}
        try:
            async with self.store.transactions.writing() as rows:
                await rows.execute(insert(table).values(key=key, at=self.now, **values))
                token = await self._add_session(rows, key, device)
                line = await self._add_line(rows, key, mine=True, key=f"{key} join", body=body)
                await self._add_event(rows, key, event_of(0, line))
        except IntegrityError:
            raise Taken from None
        return WebAccount(key, name, hashed), token, line

    def _name(self, name: str) -> str:
        return self.blind(plain_name(name).casefold(), "name")

    def _account(self, row: Any) -> WebAccount:
        told = self._open(row.account_sealed, f"account.{row.key}")
        return WebAccount(row.key, told["name"], told["hashed"], row.joined)

    async def account(self, key: str) -> WebAccount | None:
        return await self._one_account(tables.account.c.key == key)

    async def account_named(self, name: str) -> WebAccount | None:
        return await self._one_account(tables.account.c.name_blind == self._name(name))

    async def _one_account(self, where: Any) -> WebAccount | None:
        async with self.store.transactions.reading() as rows:
            row = (await rows.execute(select(tables.account).where(where))).one_or_none()
        return self._account(row) if row is not None else None

    async def take_in(self, key: str) -> None:
        async with self.store.transactions.writing() as rows:
            table = tables.account
            await rows.execute(update(table).where(table.c.key == key).values(joined=True))

    async def change_passphrase(self, one: WebAccount, hashed: str, keeps: str) -> list[str]:
        """All sessions but `keeps` end; gives their ids."""
        sealed = self._seal({"name": one.name, "hashed": hashed}, f"account.{one.key}")
        table = tables.account
        async with self.store.transactions.writing() as rows:
            changed = update(table).where(table.c.key == one.key).values(account_sealed=sealed)
            await rows.execute(changed)
            return await self._end_others(rows, one.key, keeps)

    # Sessions

    async def add_session(self, one: WebAccount, device: str) -> str | None:
        """The token; None where the account isn't any more as it was read: with a new passphrase
        all sessions end, and none begins by the old one."""
        found = select(tables.account).where(tables.account.c.key == one.key).with_for_update()
        async with self.store.transactions.writing() as rows:
            row = (await rows.execute(found)).one_or_none()
            if row is None or self._account(row).hashed != one.hashed:
                return None
            return await self._add_session(rows, one.key, device)

    async def _add_session(self, rows: Rows, account: str, device: str) -> str:
        number, token = token_hex(8), token_urlsafe(32)
        values = {
            "id": number,
            "account": account,
            "token_blind": self.blind(token, "session"),
            "made": self.now,
            "seen": self.now,
            "device_sealed": self._seal(device, f"session.{account}.{number}"),
        }
        await rows.execute(insert(tables.session).values(**values))
        return token

    def _session(self, row: Any) -> Session:
        device = self._open(row.device_sealed, f"session.{row.account}.{row.id}")
        return Session(row.id, row.account, row.made, row.seen, device)

    def _alive(self) -> Any:
        table = tables.session
        return (table.c.seen > self.now - IDLE) & (table.c.made > self.now - LONGEST_SESSION)

    async def session_of(self, token: str) -> Session | None:
        """The session while it lasts, said to be in use now."""
        table, blind = tables.session, self.blind(token, "session")
        async with self.store.transactions.reading() as rows:
            found = select(table).where(table.c.token_blind == blind, self._alive())
            row = (await rows.execute(found)).one_or_none()
        if row is None:
            return None
        if self.now - row.seen > SEEN_EVERY:
            async with self.store.transactions.writing() as rows:
                seen = update(table).where(table.c.id == row.id).values(seen=self.now)
                await rows.execute(seen)
        return self._session(row)

    async def sessions(self, account: str) -> list[Session]:
        """The newest first."""
        table = tables.session
        async with self.store.transactions.reading() as rows:
            found = select(table).where(table.c.account == account, self._alive())
            return [
                self._session(row)
                for row in (await rows.execute(found.order_by(table.c.seen.desc()))).all()
            ]

    async def ended(self, ids: Sequence[str]) -> list[str]:
        """Which of these sessions are over."""
        table = tables.session
        async with self.store.transactions.reading() as rows:
            found = select(table.c.id).where(table.c.id.in_(ids), self._alive())
            alive = set((await rows.execute(found)).scalars())
        return [one for one in ids if one not in alive]

    async def end_session(self, account: str, number: str) -> bool:
        table = tables.session
        async with self.store.transactions.writing() as rows:
            gone = delete(table).where(table.c.account == account, table.c.id == number)
            return (await rows.execute(gone.returning(table.c.id))).first() is not None

    async def end_others(self, account: str, keeps: str) -> list[str]:
        """Their ids."""
        async with self.store.transactions.writing() as rows:
            return await self._end_others(rows, account, keeps)

    async def _end_others(self, rows: Rows, account: str, keeps: str) -> list[str]:
        table = tables.session
        others = (table.c.account == account) & (table.c.id != keeps)
        found = [*(await rows.execute(select(table.c.id).where(others))).scalars()]
        await rows.execute(delete(table).where(others))
        return found

    # Messages

    async def _add_line(
        self,
        rows: Rows,
        account: str,
        *,
        mine: bool,
        key: str,
        body: Mapping[str, Any],
        file: str | None = None,
        until: float | None = None,
    ) -> Line:
        number = self._next()
        line = Line(number, account, number, mine, self.now, file=file, body=body)
        values = {
            **{name: getattr(line, name) for name in ("id", "account", "seq", "mine", "at")},
            "gone": False,
            "until": until,
            "file": file,
            "key_blind": self.blind(key, "key"),
            "body_sealed": self._seal(body, _place(line)),
        }
        await rows.execute(insert(tables.message).values(**values))
        return line

    def _line(self, row: Any) -> Line:
        line = Line(row.id, row.account, row.seq, row.mine, row.at, row.gone, row.file)
        sealed = row.body_sealed
        return replace(line, body=self._open(sealed, _place(line)) if sealed else {})

    async def _lines(self, statement: Any) -> list[Line]:
        async with self.store.transactions.reading() as rows:
            return [self._line(row) for row in (await rows.execute(statement)).all()]

    async def by_key(self, *keys: str) -> list[Line]:
        """Messages that were stored with these keys."""
        table = tables.message
        blinds = [self.blind(key, "key") for key in keys]
        found = select(table).where(table.c.key_blind.in_(blinds)).order_by(table.c.id)
        return await self._lines(found)

    async def line(self, account: str, number: int) -> Line | None:
        table = tables.message
        found = select(table).where(table.c.account == account, table.c.id == number, ~table.c.gone)
        return next(iter(await self._lines(found)), None)

    async def before(self, account: str, number: int | None, most: int) -> list[Line]:
        """The newest first."""
        table = tables.message
        found = select(table).where(table.c.account == account, ~table.c.gone)
        if number is not None:
            found = found.where(table.c.id < number)
        return await self._lines(found.order_by(table.c.id.desc()).limit(most))

    async def after(self, account: str, seq: int, most: int) -> list[Line]:
        """What was sent, changed or taken off since, the first change first."""
        table = tables.message
        found = select(table).where(table.c.account == account, table.c.seq > seq)
        return await self._lines(found.order_by(table.c.seq).limit(most))

    async def seq(self, account: str) -> int:
        """Of the last change."""
        table = tables.message
        async with self.store.transactions.reading() as rows:
            highest = select(func.max(table.c.seq)).where(table.c.account == account)
            return await rows.scalar(highest) or 0

    async def say(
        self, account: str, key: str, body: Mapping[str, Any], file: str | None
    ) -> tuple[Line, bool]:
        """A message of the bot, and whether it is new: the same key again gives the same one. What
        is protected is taken off after a while."""
        until = self.now + PROTECTED_FOR if body.get("protected") else None
        try:
            async with self.store.transactions.writing() as rows:
                line = await self._add_line(
                    rows, account, mine=False, key=key, body=body, file=file, until=until
                )
        except IntegrityError:
            return (await self.by_key(key))[0], False
        return line, True

    async def write(
        self,
        account: str,
        written: Sequence[tuple[str, Mapping[str, Any], str | None]],
        event_of: EventOf,
    ) -> list[Line]:
        """Messages of a person (key, body, file) with the events that follow from them, in one
        commit."""
        done = []
        async with self.store.transactions.writing() as rows:
            for place, (key, body, file) in enumerate(written):
                line = await self._add_line(rows, account, mine=True, key=key, body=body, file=file)
                await self._add_event(rows, account, event_of(place, line))
                done.append(line)
        return done

    async def change(
        self, line: Line, body: Mapping[str, Any], event_of: EventOf | None = None
    ) -> Line:
        """The message with another body, and the event that follows where a person changed it."""
        table, changed = tables.message, replace(line, seq=self._next(), body=body)
        async with self.store.transactions.writing() as rows:
            values = {"seq": changed.seq, "body_sealed": self._seal(body, _place(line))}
            await rows.execute(update(table).where(table.c.id == line.id).values(**values))
            if event_of is not None:
                await self._add_event(rows, line.account, event_of(0, changed))
        return changed

    @property
    def told_since(self) -> int:
        """Since which change it is still known what was taken off."""
        # A change's number is the time of day as well.
        return int((self.now - TOLD_GONE) * 100)

    async def overdue(self) -> list[tuple[str, int]]:
        """Messages that have stood long enough: account and number."""
        table = tables.message
        over = select(table.c.account, table.c.id).where(table.c.until < self.now, ~table.c.gone)
        async with self.store.transactions.reading() as rows:
            return [(row.account, row.id) for row in (await rows.execute(over)).all()]

    async def remove(self, account: str, number: int) -> int:
        """Forget what a message said, and its file where no other message has it. Gives the number
        of the change; 0 where it wasn't there."""
        table = tables.message
        async with self.store.transactions.writing() as rows:
            own = (table.c.account == account) & (table.c.id == number) & ~table.c.gone
            row = (await rows.execute(select(table).where(own))).one_or_none()
            if row is None:
                return 0
            seq = self._next()
            gone = {"gone": True, "seq": seq, "body_sealed": None, "file": None}
            await rows.execute(update(table).where(own).values(**gone))
            await rows.execute(delete(tables.file).where(tables.file.c.id == row.file, _loose()))
        return seq

    # What the gateway is to be told

    async def _add_event(self, rows: Rows, account: str, event: Mapping[str, Any]) -> None:
        number = self._next()
        sealed = self._seal(event, f"event.{account}.{number}")
        values = {"number": number, "account": account, "event_sealed": sealed}
        await rows.execute(insert(tables.event).values(**values))

    async def events(self, account: str = "") -> list[tuple[int, str, Mapping[str, Any]]]:
        """Those it hasn't been told: number, account, event; the oldest first."""
        table = tables.event
        found = select(table).order_by(table.c.number)
        if account:
            found = found.where(table.c.account == account)
        async with self.store.transactions.reading() as rows:
            found_rows = (await rows.execute(found)).all()
        return [(row.number, row.account, self._event(row)) for row in found_rows]

    def _event(self, row: Any) -> Mapping[str, Any]:
        told: Mapping[str, Any] = self._open(row.event_sealed, f"event.{row.account}.{row.number}")
        return told

    async def told(self, number: int) -> None:
        async with self.store.transactions.writing() as rows:
            await rows.execute(delete(tables.event).where(tables.event.c.number == number))

    # Files

    async def keep(self, account: str, content: bytes) -> str:
        number = token_hex(16)
        values = {"id": number, "account": account, "at": self.now, "size": len(content)}
        sealed = self.keys.seal(content, f"web.file.{account}.{number}")
        async with self.store.transactions.writing() as rows:
            await rows.execute(insert(tables.file).values(content_sealed=sealed, **values))
        return number

    async def content(self, number: str) -> tuple[str, bytes] | None:
        """Whose it is, and what it holds."""
        async with self.store.transactions.reading() as rows:
            row = (
                await rows.execute(select(tables.file).where(tables.file.c.id == number))
            ).one_or_none()
        if row is None:
            return None
        place = f"web.file.{row.account}.{number}"
        return row.account, self.keys.open(row.content_sealed, place)

    async def drop_loose(self, *numbers: str) -> None:
        """Forget those of these files that no message has."""
        async with self.store.transactions.writing() as rows:
            these = tables.file.c.id.in_(numbers) & _loose()
            await rows.execute(delete(tables.file).where(these))

    async def line_with(self, account: str, file: str) -> Line | None:
        table = tables.message
        found = select(table).where(table.c.account == account, table.c.file == file, ~table.c.gone)
        return next(iter(await self._lines(found.limit(1))), None)

    async def kept_today(self, account: str) -> int:
        """Bytes of the files that an account has sent or was sent in a day."""
        table = tables.file
        async with self.store.transactions.reading() as rows:
            summed = select(func.sum(table.c.size)).where(
                table.c.account == account, table.c.at > self.now - DAY
            )
            return int(await rows.scalar(summed) or 0)

    async def forget(self, name: str) -> bool:
        """Forget an account with its sessions, chat and files; whether there was one."""
        table = tables.account
        async with self.store.transactions.writing() as rows:
            found = select(table.c.key).where(table.c.name_blind == self._name(name))
            keys = [*(await rows.execute(found)).scalars()]
            await self._forget(rows, keys)
        return bool(keys)

    async def _forget(self, rows: Rows, keys: Sequence[str]) -> None:
        for one in (tables.session, tables.message, tables.event, tables.file):
            await rows.execute(delete(one).where(one.c.account.in_(keys)))
        await rows.execute(delete(tables.account).where(tables.account.c.key.in_(keys)))

    async def clean(self) -> None:
        """Forget what is over."""
        now, every = self.now, tables
        async with self.store.transactions.writing() as rows:
            table = every.account
            strangers = select(table.c.key).where(~table.c.joined, table.c.at < now - UNJOINED)
            await self._forget(rows, [*(await rows.execute(strangers)).scalars()])
            old = every.message.c.at < now - KEPT
            taken_off = every.message.c.gone & (every.message.c.seq < self.told_since)
            await rows.execute(delete(every.message).where(old | taken_off))
            await rows.execute(delete(every.session).where(~self._alive()))
            files = every.file.c.at
            gone = (files < now - FILES_KEPT) | ((files < now - LOOSE) & _loose())
            await rows.execute(delete(every.file).where(gone))


def plain_name(name: str) -> str:
    """A login name, however a keyboard wrote it."""
    return unicodedata.normalize("NFKC", name).strip()


def _place(line: Line) -> str:
    return f"message.{line.account}.{line.id}"


def _loose() -> Any:
    """Of a file: no message has it."""
    return ~exists().where(tables.message.c.file == tables.file.c.id)
