"""Who means ill on the internal network, and what goes wrong between two commits."""

import asyncio
from typing import Any
from unittest.mock import patch

import pytest
from aiogram.types import KeyboardButton, ReplyKeyboardMarkup
from structlog.testing import capture_logs

from gateway.web.guard import address_of
from gateway.web.people import BEFORE_JOINING, is_name
from tests.gateway.house import Bot
from tests.gateway.web.conftest import Office, Opens, platform_of, taken_in
from tests.gateway.web.pages import PHRASE, Browser, form

JSON = {"Content-Type": "application/json"}
PICTURE = ("a.gif", b"GIF89a", "image/gif")


async def test_what_no_browser_sends_is_refused_and_fills_no_log(
    bot: Bot, wang: Browser, house: Office
) -> None:
    await taken_in(bot, wang)
    huge = "9" * 30
    tries: tuple[tuple[str, Any], ...] = (
        ("/api/presses", f'{{"message": {huge}, "data": "x", "key": "kkkkkkk1"}}'),
        ("/api/messages", f'{{"text": "x", "reply_to": {huge}, "key": "kkkkkkk2"}}'),
        ("/api/messages", '{"text": "x", "reply_to": -5, "key": "kkkkkkk3"}'),
        ("/api/messages", '{"text": "x", "reply_to": true, "key": "kkkkkkk4"}'),
    )
    with capture_logs() as logs:
        for path, told in tries:
            sent = await wang.asks("POST", path, data=told, headers=JSON)
            assert (sent.status, sent.code) == (400, "bad_request"), told
        assert (
            await wang.asks("POST", "/api/messages", data=form(text="a", reply_to=10**4000))
        ).status == 200
        packed = {**JSON, "Content-Encoding": "gzip"}
        assert (await wang.asks("POST", "/api/messages", data="x", headers=packed)).status == 400
        # Half of an emoji, as a field cuts it.
        half = '{"text": "\\ud83d", "key": "kkkkkkk5"}'
        assert (await wang.asks("POST", "/api/messages", data=half, headers=JSON)).status == 200
        nobody = '{"name": "\\ud83d", "passphrase": "\\ud83d"}'
        refused = await wang.asks("POST", "/api/sign-in", data=nobody, headers=JSON)
        assert refused.code == "wrong_sign_in"
        for name in (b"Cookie: yinlu=\xff\xfe", b"Cookie: yinlu=a\r\nX-CSRF-Token: \xff"):
            read, write = await asyncio.open_connection("127.0.0.1", house.port)
            write.write(
                b"GET /api/me HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + name + b"\r\n\r\n"
            )
            status = (await read.read()).split(b" ")[1]
            assert status in (b"400", b"401")
            write.close()
            await write.wait_closed()
    assert logs == [], "anybody could write as many lines as they like"
    assert [one["message"]["text"] for one in await bot.updates(20)] == ["a", "?"]

    # A page that slept while somebody else signed in asks in the session that it knows.
    old = await wang.asks("GET", "/api/messages?after=0", headers={"X-CSRF-Token": "0" * 32})
    assert (old.status, old.code) == (403, "stale_page")

    # Fields of any other name, each held until the last has come.
    many = form(text="x")
    many.add_field("more", "x" * 60000)
    assert (await wang.asks("POST", "/api/messages", data=many)).code == "bad_request"


async def test_an_account_that_nobody_invited_fills_no_disk(
    bot: Bot, wang: Browser, house: Office
) -> None:
    chat = await taken_in(bot, wang, joined=False)
    refused = await wang.asks("POST", "/api/messages", data=form(PICTURE))
    assert (refused.status, refused.code) == (403, "not_joined")
    for number in range(BEFORE_JOINING - 1):
        await wang.writes(str(number))
    said = await wang.asks("POST", "/api/messages", json={"text": "x", "key": "k" * 8})
    assert (said.status, said.code) == (429, "not_joined")
    house.passes(hours=1, seconds=1)
    await wang.writes("是")
    # The bot's menu is what takes somebody in.
    keys = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="待办")]])
    await bot.api.send_message(chat, "您已加入", reply_markup=keys)
    assert await wang.sends_file(PICTURE)
    for number in range(BEFORE_JOINING + 1):
        await wang.writes(str(number))


async def test_files_stay_with_their_message_where_the_gateway_stumbles_after_storing_it(
    bot: Bot, wang: Browser
) -> None:
    await taken_in(bot, wang)
    people = platform_of(bot).people
    whole = people.receive

    async def fails(_: object) -> None:
        raise OSError("disk full")

    people.receive = fails
    data = [form(PICTURE, key="files-0009") for _ in range(2)]
    assert (await wang.asks("POST", "/api/messages", data=data[0])).code == "failed"
    people.receive = whole
    # The page, which heard of no success, sends it again.
    (number,) = (await wang.asks("POST", "/api/messages", data=data[1])).body["ids"]
    await people.deliver_all()
    (update,) = await bot.updates(20)
    file = await bot.api.get_file(update["message"]["document"]["file_id"])
    fetched = await bot.api.download_file(str(file.file_path))
    assert fetched is not None
    assert fetched.read() == PICTURE[1]
    await wang.hears("<a.gif>")
    assert (await wang.asks("GET", wang.lines[number]["media"]["url"])).body == PICTURE[1]


async def test_no_session_begins_by_a_passphrase_that_is_being_changed(
    bot: Bot, wang: Browser, opens: Opens
) -> None:
    await taken_in(bot, wang)
    thief, people = opens(address="10.9.9.9"), platform_of(bot).people
    right = people.passphrases.right

    async def slowly(passphrase: str, hashed: str) -> bool:
        found = await right(passphrase, hashed)
        with patch.object(people.passphrases, "right", right):
            told = {"old": PHRASE, "new": "晚上八点，河边有月亮"}
            await wang.posts("/api/passphrase", told)
        return found

    with patch.object(people.passphrases, "right", slowly):
        told = {"name": "王芳", "passphrase": PHRASE}
        late = await thief.asks("POST", "/api/sign-in", json=told)
    assert (late.status, late.code) == (401, "wrong_sign_in")
    assert len(await wang.gets("/api/sessions")) == 1


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("王芳", True), ("wang.fang-2", True), ("Ольга", True), ("ᠴᠢᠮᠡᠭ王", True), ("α1", True),
        ("ㅤㅤ", False), ("王芳ㅤ", False), ("王芳\u1160", False), ("王\u200b芳", False), ("..", False),
        ("w\u0430ng", False), ("\u0391nna", False), ("a\u202eb", False),
    ],
)  # fmt: skip
def test_a_login_name_can_be_seen_and_told_from_others(name: str, may: bool) -> None:
    assert is_name(name) is may


class Asked:
    """What `address_of` looks at. `lines`: X-Forwarded-For, as often as it stands there."""

    def __init__(self, remote: str, *lines: str) -> None:
        self.remote, self._lines = remote, lines
        self.headers = self

    def getall(self, _: str, default: list[str]) -> list[str]:
        return [*self._lines] or default


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        (Asked("127.0.0.1", "6.6.6.6, 10.0.0.7"), "10.0.0.7"),
        (Asked("127.0.0.1", "6.6.6.6", "10.0.0.7"), "10.0.0.7"),
        (Asked("10.0.0.7", "6.6.6.6"), "10.0.0.7"),
        (Asked("::ffff:10.0.0.7", "6.6.6.6"), "10.0.0.7"),
        (Asked("::ffff:127.0.0.1", "::ffff:10.0.0.7"), "10.0.0.7"),
        (Asked("127.0.0.1", "2001:db8::7"), "2001:db8::/64"),
        (Asked("127.0.0.1", "nonsense"), "127.0.0.1"),
        (Asked("127.0.0.1"), "127.0.0.1"),
    ],
)
def test_nobody_chooses_the_address_that_tries_are_counted_by(asked: Any, address: str) -> None:
    assert address_of(asked) == address
