"""`yinlu peer card | add | list | remove`: the other installations that this one exchanges messages
with. None is added before both offices have compared its fingerprint."""

import argparse
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlmodel import col, select

from bot.app.clock import SystemClock
from bot.app.database import open_database
from bot.app.settings import Settings, SettingsError
from models import Organisation
from models.peers import Relation
from services.core.database import Database
from services.peers.cards import Card, WrongCard
from services.peers.peers import OwnCard, Peers, PeerThere, UnknownPeer
from services.peers.sending import removed_waiting, waiting_by_peer


async def card(settings: Settings, arguments: argparse.Namespace) -> str:
    """Our own card, to be sent to the other office as a file; its fingerprint beside it. Raises
    SettingsError."""
    _needs_a_door(settings)
    if not settings.peers_url:
        raise SettingsError(
            "YINLU_PEERS_URL: expected the address at which other cities reach this one, "
            "https:// at its beginning"
        )
    async with _opened(settings) as (database, peers):
        keys = await peers.keys(SystemClock().now())
        own = keys.card(await _name(database), settings.peers_url)
    sys.stderr.write(f"fingerprint, for the telephone: {own.fingerprint}\n")
    return own.write(keys)


async def add(settings: Settings, arguments: argparse.Namespace) -> str:
    """Without a fingerprint: shows it and adds nothing. Raises SettingsError."""
    _needs_a_door(settings)
    if not arguments.of or not arguments.relation:
        raise SettingsError("`yinlu peer add FILE --as above|below|beside`")
    given = _read(Path(arguments.of))
    said = f"{given.name}\n{given.address}\nfingerprint: {given.fingerprint}\n"
    if not arguments.fingerprint:
        return (
            f"{said}nothing was added: ring the other office, let it read out the fingerprint of "
            "its own card, and repeat with --fingerprint and what you heard\n"
        )
    if "".join(arguments.fingerprint.split()).lower() != given.fingerprint.replace(" ", ""):
        raise SettingsError(
            f"{arguments.of}: another fingerprint than the one you were told; nothing was added. "
            "Ask the other office for its card again"
        )
    async with _opened(settings) as (_, peers):
        try:
            peer = await peers.add(given, Relation(arguments.relation), SystemClock().now())
        except OwnCard:
            raise SettingsError(
                f"{arguments.of}: this is the card of this installation itself; expected the card "
                "of the other office. Nothing was added"
            ) from None
        except PeerThere as there:
            raise SettingsError(
                f"{there}: there is a peer of this name or address with other keys; nothing was "
                f"changed. Where it has got new keys, first: yinlu peer remove {there}"
            ) from None
    return f"{said}added: {peer.relation.value}\n"


def _needs_a_door(settings: Settings) -> None:
    """Raises SettingsError where cases would be offered to a city that nothing is posted to."""
    if not settings.peers_port:
        raise SettingsError(
            "YINLU_PEERS_PORT: expected the port for messages of other cities; without it the "
            "staff bot takes none in and sends none"
        )


async def listed(settings: Settings, arguments: argparse.Namespace) -> str:
    """A line for each peer, with how many messages wait for it; of those that were removed, for
    each that some wait for."""
    async with _opened(settings) as (database, peers):
        found = await peers.listed()
        async with database.read() as session:
            waits = await waiting_by_peer(session)
            removed = await removed_waiting(session)
    lines = [
        f"{peer.name}: {peer.relation.value}, {peer.address}, {card.fingerprint}, "
        f"{waits.get(peer.id, 0)} messages wait"
        for peer, card in found
    ]
    lines += [
        f"{name}: removed, {number} messages wait until its card is added again"
        for name, number in sorted(removed.items())
    ]
    return "\n".join(lines or ["none"]) + "\n"


async def remove(settings: Settings, arguments: argparse.Namespace) -> str:
    """Nothing is exchanged with it from then on; what waits for it stays. Raises SettingsError."""
    if not arguments.of:
        raise SettingsError("`yinlu peer remove NAME`")
    async with _opened(settings) as (_, peers):
        try:
            peer = await peers.remove(arguments.of, SystemClock().now())
        except UnknownPeer:
            raise SettingsError(f"{arguments.of}: there is no such peer") from None
    return f"removed: {peer.name}\n"


def _read(file: Path) -> Card:
    try:
        return Card.read(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SettingsError(f"{file}: it can't be read ({reason})") from None
    except WrongCard as wrong:
        raise SettingsError(f"{file}: {wrong}") from None


async def _name(database: Database) -> str:
    """What this installation is called: as its department is."""
    async with database.read() as session:
        top = select(Organisation).where(col(Organisation.parent_id).is_(None))
        found = (await session.exec(top.order_by(Organisation.id))).first()
    if found is None:
        raise SettingsError("there is no department yet; `yinlu init` makes it")
    return str(found.name)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[tuple[Database, Peers]]:
    database = await open_database(settings.staff_database, settings.ring())
    try:
        yield database, Peers(database)
    finally:
        await database.close()


DOES = {"card": card, "add": add, "list": listed, "remove": remove}
