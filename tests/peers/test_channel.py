"""Messages between two cities: each arrives, is handled once, and is then said to have arrived."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from aiohttp import ClientSession
from sqlmodel import select

from models import AuditLine, OwnPeerRow, PeerMessage, PeerRow
from models.peers import OWN, PeerState, Relation
from services.peers import envelopes
from services.peers.cards import Card, PeerKeys, WrongCard
from services.peers.envelopes import LARGEST, Letter, sealed
from services.peers.peers import Peers, PeerThere, UnknownPeer
from services.peers.sending import FIRST_PAUSE, LEASE, TooLarge, removed_waiting, waiting
from tests.conftest import AGAIN
from tests.peers.cities import City
from tests.peers.conftest import Both

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def knocks(city: City, blob: bytes) -> tuple[int, bytes]:
    """What anybody is answered who finds the door."""
    url = f"{city.address}/peers"
    async with ClientSession() as session, session.post(url, data=BytesIO(blob)) as answer:
        return answer.status, await answer.read()


async def letter(sender: City, to: City, **other: object) -> Letter:
    keys, theirs = await sender.keys(), await to.keys()
    made = Letter("abc", "parrot", keys.mark, theirs.mark, sender.at, sender.at, {"says": 1})
    return replace(made, **other)  # type: ignore[arg-type]


async def envelope(sender: City, to: City, **other: object) -> bytes:
    keys, card = await sender.keys(), await to.card()
    return sealed(await letter(sender, to, **other), keys, card.box)


async def lines(city: City) -> list[str]:
    async def read() -> list[str]:
        async with city.database.read() as session:
            return [line.act for line in await session.exec(select(AuditLine))]

    return await city.does(read())


@pytest.mark.parametrize("cities", AGAIN, indirect=True)
async def test_a_message_arrives_once_and_is_known_to_have_arrived(cities: Both) -> None:
    north, south = cities.north, cities.south
    said = {"day": date(2026, 11, 23), "many": (1, 2), "at": north.at, "who": {"name": "张三"}}
    message = await north.says(south, said)
    assert not await north.knows_that_it_arrived(message)
    assert await north.posts() == 1
    assert await north.knows_that_it_arrived(message)
    [heard] = south.heard
    assert heard.body == said
    assert (heard.peer.name, heard.peer.relation) == ("北城", Relation.BESIDE)
    assert (heard.message_id, heard.kind, heard.queued_at) == (message, "parrot", north.at)
    assert (await lines(south)).count("peer_parrot") == 1
    assert await north.posts() == 0
    [row] = await north.does(_of(north))
    assert (row.state, row.body_sealed, row.tries) == (PeerState.ARRIVED, b"", 0)


async def _of(city: City) -> Sequence[PeerMessage]:
    async with city.database.read() as session:
        return (await session.exec(select(PeerMessage))).all()


async def test_what_an_act_takes_back_is_never_sent(cities: Both) -> None:
    with pytest.raises(UnknownPeer):
        cities.north.peers["南城"] = replace(cities.north.peers["南城"], id="nobody")
        await cities.north.says(cities.south, {})
    assert await cities.north.posts() == 0
    assert cities.south.heard == []


async def test_a_body_that_is_too_large_is_refused_before_it_is_queued(
    cities: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.peers.sending.MOST", 100)
    with pytest.raises(TooLarge):
        await cities.north.says(cities.south, {"much": "x" * 100})
    assert await cities.north.posts() == 0


async def test_a_peer_that_is_away_for_a_day_gets_everything_when_it_is_back(
    cities: Both,
) -> None:
    north, south = cities.north, cities.south
    await south.closes()
    sent = []
    for number in range(3):
        sent.append(await north.says(south, {"number": number}))
        north.waits(timedelta(minutes=1))
    for _ in range(24):
        assert await north.posts() == 0
        north.waits(HOUR)
    # A claim of a process that was killed before it posted.
    assert len(await north.does(north.outbox.claim(north.at))) == 1
    south.at = north.at
    await south.opens()
    assert not [row for row in await north.does(_of(north)) if row.state is PeerState.ARRIVED]
    north.waits(LEASE + timedelta(seconds=1))
    assert await north.posts() == 3
    assert [heard.body["number"] for heard in south.heard] == [0, 1, 2]
    assert all([await north.knows_that_it_arrived(message) for message in sent])


async def test_each_try_waits_longer_up_to_an_hour(cities: Both) -> None:
    north, south = cities.north, cities.south
    await south.closes()
    await north.says(south, {})
    waits = []
    for _ in range(12):
        await north.posts()
        [row] = await north.does(_of(north))
        waits.append(row.not_before - north.at)
        north.at = row.not_before
    assert waits[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert waits[-1] == HOUR
    assert waits == sorted(waits)


async def test_a_message_that_comes_twice_is_handled_once_and_gets_the_same_receipt(
    cities: Both,
) -> None:
    north, south = cities.north, cities.south
    blob = await envelope(north, south)
    first, again = await knocks(south, blob), await knocks(south, blob)
    assert first == again
    assert first[0] == 200
    # Sealed anew, as each try is.
    assert await knocks(south, await envelope(north, south)) == first
    assert len(south.heard) == 1
    assert (await letter(north, south)).receipted(first[1], (await south.card()).verify)


async def test_whoever_is_refused_learns_nothing_and_nothing_is_done(cities: Both) -> None:
    north, south = cities.north, cities.south
    good, keys = await envelope(north, south), await north.keys()
    there = (await south.card()).box
    stranger = PeerKeys.new()
    of_stranger = replace(await letter(north, south), sender=stranger.mark)
    as_north = sealed(await letter(north, south), stranger, there)
    wrong = {
        "unreadable": (b"", b"x" * 100, good[:-1], bytes([good[0] ^ 1]) + good[1:]),
        "stranger": (sealed(of_stranger, stranger, there),),
        "wrong_signature": (as_north,),
        # A message to another, which that one hands on.
        "for_another": (await envelope(north, south, recipient=stranger.mark),),
        "clock": (
            await envelope(north, south, sealed_at=north.at - HOUR),
            await envelope(north, south, sealed_at=north.at + HOUR),
        ),
        "unknown_kind": (await envelope(north, south, kind="song"),),
        "oversize": (bytes(LARGEST + 1),),
    }
    answers = {await knocks(south, blob) for blobs in wrong.values() for blob in blobs}
    assert answers == {(400, b"no")}
    assert south.heard == []
    assert south.inbox.refused == {reason: len(blobs) for reason, blobs in wrong.items()}
    assert not [act for act in await lines(south) if act.startswith("peer_parrot")]
    assert keys.mark != stranger.mark
    # The real one is still taken.
    assert (await knocks(south, good))[0] == 200


async def test_the_same_id_with_another_content_is_refused(cities: Both) -> None:
    north, south = cities.north, cities.south
    assert (await knocks(south, await envelope(north, south)))[0] == 200
    other = await envelope(north, south, body={"says": 2})
    assert await knocks(south, other) == (400, b"no")
    assert [heard.body for heard in south.heard] == [{"says": 1}]


async def test_a_receipt_of_another_message_or_by_somebody_else_proves_nothing(
    cities: Both,
) -> None:
    north, south = cities.north, cities.south
    mine, theirs = await letter(north, south), (await south.card()).verify
    keys = await south.keys()
    assert mine.receipted(mine.receipt(keys), theirs)
    assert not mine.receipted(mine.receipt(await north.keys()), theirs)
    assert not replace(mine, body={"says": 2}).receipted(mine.receipt(keys), theirs)
    assert not replace(mine, id="abd").receipted(mine.receipt(keys), theirs)
    assert not mine.receipted(b"", theirs)


async def test_what_answers_at_the_address_of_a_peer_is_not_believed(cities: Both) -> None:
    """Somebody else serves it now: the message waits, and stays sealed."""
    north, south = cities.north, cities.south
    message = await north.says(south, {"secret": 1})
    port = south.port
    await south.closes()
    south.inbox.handlers = {}
    await south.opens()
    assert south.port == port
    assert await north.posts() == 0
    assert not await north.knows_that_it_arrived(message)


async def test_who_does_not_take_a_message_now_gets_it_again(cities: Both) -> None:
    north, south = cities.north, cities.south
    south.takes = False
    message = await north.says(south, {})
    assert await north.posts() == 0
    assert south.inbox.refused == {"unacceptable": 1}
    south.takes = True
    north.waits(FIRST_PAUSE)
    assert await north.posts() == 1
    assert await north.knows_that_it_arrived(message)


async def test_one_peer_that_is_away_keeps_nothing_from_another(cities: Both) -> None:
    north, south = cities.north, cities.south
    gone = PeerKeys.new().card("远城", "http://127.0.0.1:9")
    peer = await north.does(Peers(north.database).add(gone, Relation.ABOVE, north.at))
    north.peers["远城"] = peer
    away = City("远城", north.database, north.ring, north.context)
    await north.says(away, {})
    await north.says(south, {})
    assert await north.posts() == 1
    assert len(south.heard) == 1


async def test_a_peer_with_new_keys_is_a_stranger_until_its_card_is_added_anew(
    cities: Both,
) -> None:
    north, south = cities.north, cities.south
    before = await north.card()
    await north.does(_forgets_its_keys(north))
    message = await north.says(south, {})
    assert await north.posts() == 0
    assert south.inbox.refused == {"stranger": 1}
    with pytest.raises(PeerThere):
        await south.knows(north)
    assert (await north.card()).fingerprint != before.fingerprint
    peer = await south.does(Peers(south.database).remove("北城", south.at))
    assert (await south.knows(north)).id == peer.id
    north.waits(FIRST_PAUSE)
    assert await north.posts() == 1
    assert await north.knows_that_it_arrived(message)


async def _forgets_its_keys(city: City) -> None:
    async with city.database.write() as session:
        row = await session.get_one(OwnPeerRow, OWN)
        row.keys = PeerKeys.new().write()
        session.add(row)


async def test_nothing_goes_to_or_comes_from_a_peer_that_was_removed(cities: Both) -> None:
    north, south = cities.north, cities.south
    await north.says(south, {})
    await north.does(Peers(north.database).remove("南城", north.at))
    assert await north.posts() == 0
    with pytest.raises(UnknownPeer):
        await north.says(south, {})
    assert await knocks(north, await envelope(south, north)) == (400, b"no")
    assert north.inbox.refused == {"stranger": 1}
    # It isn't lost: the operator hears of it, and a peer that is added again gets it.
    async with north.database.read() as session:
        assert (await waiting(session)).number == 1

    async def listed() -> Mapping[str, int]:
        async with north.database.read() as session:
            return await removed_waiting(session)

    assert await north.does(listed()) == {"南城": 1}
    await north.knows(south)
    assert await north.does(listed()) == {}
    assert await north.posts() == 1


async def test_a_message_changed_by_hand_is_not_sent_and_keeps_no_other_from_it(
    cities: Both,
) -> None:
    north, south = cities.north, cities.south
    spoiled = await north.says(south, {"says": "first"})
    north.waits(timedelta(seconds=1))
    await north.says(south, {"says": "second"})
    async with north.database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE peer_message SET kind = 'other' WHERE id = ?", (spoiled,)
        )
    for _ in range(2):
        await north.posts()
    assert [one.body for one in south.heard] == [{"says": "second"}]
    assert not await north.knows_that_it_arrived(spoiled)


async def test_a_peer_row_written_by_hand_lets_nobody_in(cities: Both) -> None:
    north, south = cities.north, cities.south
    stranger = PeerKeys.new()
    async with south.database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE peer SET mark = ?, verify_key = ?",
            (stranger.mark, stranger.card("", "").verify),
        )
    forged = replace(await letter(north, south), sender=stranger.mark)
    blob = sealed(forged, stranger, (await south.card()).box)
    assert await knocks(south, blob) == (400, b"no")
    assert south.heard == []


def test_a_card_is_read_as_it_was_written_and_no_other() -> None:
    keys = PeerKeys.new()
    card = keys.card("呼伦贝尔", "https://peer.example")
    text = card.write(keys)
    assert Card.read(text) == card
    assert len(card.fingerprint.split()) == 8
    trial = keys.card("呼伦贝尔", "http://127.0.0.1:8120")
    assert Card.read(trial.write(keys)) == trial
    plain = [
        keys.card("呼伦贝尔", address).write(keys)
        for address in ("http://peer.example", "http://127.0.0.1.peer.example", "https://")
    ]
    for wrong in ("", "{}", "[]", text.replace("peer.example", "other.example"), *plain):
        with pytest.raises(WrongCard):
            Card.read(wrong)
    for box in (bytes(32), bytes(31), b""):
        with pytest.raises(WrongCard):
            Card.read(replace(card, box=box).write(keys))
    other = keys.card("呼伦贝尔", "https://other.example")
    assert other.fingerprint != card.fingerprint
    assert other.mark == card.mark


def test_letters_made_by_hand_are_unreadable() -> None:
    keys, sender = PeerKeys.new(), PeerKeys.new()
    box, at = keys.card("", "").box, City.at
    good = Letter("a", "k", sender.mark, keys.mark, at, at, {})
    assert envelopes.opened(sealed(good, sender, box), keys).letter == good
    for wrong in (
        replace(good, id=""),
        replace(good, kind="x" * 41),
        replace(good, body=(1,)),  # type: ignore[arg-type]
        replace(good, sealed_at=at.replace(tzinfo=None)),
        replace(good, queued_at=None),  # type: ignore[arg-type]
    ):
        with pytest.raises(envelopes.Unreadable):
            envelopes.opened(sealed(wrong, sender, box), keys)


def test_a_row_of_a_peer_gives_rights() -> None:
    """Single columns of it can't be asked for: who may send to us follows from it."""
    assert PeerRow.gives_rights
