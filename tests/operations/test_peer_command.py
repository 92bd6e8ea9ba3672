"""`yinlu peer` as it is typed: two offices hand each other their cards and compare them."""

from pathlib import Path

import pytest

from bot.app.settings import Settings
from services.peers.cards import PeerKeys
from tests.operations.conftest import Lived, settings_in
from tests.operations.process import Ended, ended, environment

HERE, THERE = "https://north.example", "https://south.example"


async def peer(settings: Settings, url: str, *arguments: str, port: str = "8120") -> Ended:
    door = {"YINLU_PEERS_URL": url, "YINLU_PEERS_PORT": port}
    return await ended(environment(settings.data, **door), "peer", *arguments)


def fingerprint(said: str) -> str:
    """What is read out on the telephone."""
    [line] = [line for line in said.splitlines() if line.startswith("fingerprint")]
    return line.partition(": ")[2]


async def test_a_peer_is_added_by_the_fingerprint_that_the_other_office_reads_out(
    lived: Lived, settings: Settings, tmp_path: Path
) -> None:
    card = await peer(settings, HERE, "card")
    assert (card.code, "北城" in card.out) == (0, False)
    assert (await peer(settings, HERE, "card")).out == card.out
    file = tmp_path / "own.card"
    file.write_text(card.out, "utf-8")
    told = fingerprint(card.said)
    own = await peer(settings, HERE, "add", str(file), "--as", "beside", "--fingerprint", told)
    assert (own.code, "the card of this installation itself" in own.said) == (2, True)
    assert (await peer(settings, HERE, "list")).out == "none\n"

    keys = PeerKeys.new()
    north = keys.card("北城", HERE)
    file = tmp_path / "north.card"
    file.write_text(north.write(keys), "utf-8")
    told = north.fingerprint
    added = ("add", str(file), "--as", "beside")
    shown = await peer(settings, THERE, *added)
    assert shown.code == 0
    assert (fingerprint(shown.out), "nothing was added" in shown.out) == (told, True)
    assert (await peer(settings, THERE, "list")).out == "none\n"
    wrong = await peer(settings, THERE, *added, "--fingerprint", told[:-1])
    assert (wrong.code, "another fingerprint" in wrong.said) == (2, True)
    assert (await peer(settings, THERE, "list")).out == "none\n"

    assert (await peer(settings, THERE, *added, "--fingerprint", told.upper())).code == 0
    listed = (await peer(settings, THERE, "list")).out
    assert f"beside, {HERE}, {told}, 0 messages wait" in listed
    name = listed.partition(":")[0]
    assert (await peer(settings, THERE, "remove", name)).out == f"removed: {name}\n"
    again = await peer(settings, THERE, "remove", name)
    assert (again.code, "there is no such peer" in again.said) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("card",), "YINLU_PEERS_URL: expected the address"),
        (("add", "nowhere.card"), "--as above|below|beside"),
        (("add", "nowhere.card", "--as", "above"), "nowhere.card: it can't be read"),
        (("remove",), "`yinlu peer remove NAME`"),
    ],
)
async def test_what_is_missing_is_said(
    tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    ends = await peer(settings_in(tmp_path), "", *arguments)
    assert (ends.code, said in ends.said) == (2, True)


@pytest.mark.parametrize("arguments", [("card",), ("add", "north.card", "--as", "beside")])
async def test_no_peers_without_a_door_through_which_anything_would_go(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ends = await peer(settings_in(tmp_path), HERE, *arguments, port="0")
    assert (ends.code, "YINLU_PEERS_PORT: expected the port" in ends.said) == (2, True)
