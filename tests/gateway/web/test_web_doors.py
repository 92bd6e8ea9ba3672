"""Who gets in to the web chat, who doesn't, and what ends it."""

import logging
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import aiohttp
import pytest
from aiogram.exceptions import TelegramForbiddenError
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)
from structlog.testing import capture_logs

from gateway.web.client import WebPlatform
from gateway.web.hub import MOST_PAGES, MOST_WAITING, Hub
from gateway.web.passphrases import Cost, Passphrases
from gateway.web.settings import WebSettings
from tests.gateway.house import Bot
from tests.gateway.web.conftest import TOKEN, Office, Opens, platform_of, taken_in
from tests.gateway.web.pages import PHRASE, Answer, Browser

OTHER = "B1b2C3d4E5f6G7h8J9k0L1m2"
NEW = "晚上八点，河边有月亮"


async def tries(somebody: Browser, name: str, phrase: str) -> Answer:
    told = {"name": name, "passphrase": phrase}
    return await somebody.asks("POST", "/api/sign-in", json=told)


async def test_nobody_is_told_which_names_there_are_and_nobody_is_locked_out_for_good(
    bot: Bot, wang: Browser, opens: Opens, house: Office
) -> None:
    await taken_in(bot, wang)
    thief = opens(address="10.9.9.9")
    wrong = await tries(thief, "王芳", "不是这一句话呀")
    unknown = await tries(thief, "没有人", "不是这一句话呀")
    assert wrong.status == unknown.status == 401
    assert wrong.body == unknown.body
    assert wrong.code == "wrong_sign_in"
    for _ in range(4):
        await tries(thief, "王芳", "不是这一句话呀")
    locked = await tries(thief, "王芳", PHRASE)
    assert (locked.status, locked.code) == (429, "too_many_tries"), "not even the right one"
    # From where she is she gets in all the while, written as her keyboard writes it.
    again = opens(agent="Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36")
    again.name = "  王芳 "
    await again.signs_in()
    house.passes(hours=1, seconds=1)
    assert (await tries(thief, "王芳", PHRASE)).status == 200

    # Names tried one after the other, from one address.
    guesser = opens(address="2001:db8::1")
    for number in range(50):
        guesser.address = f"2001:db8::{number:x}"
        assert (await tries(guesser, f"name{number}", "x")).status == 401
    assert (await tries(guesser, "another", "x")).status == 429


async def test_strangers_who_try_a_name_keep_nobody_out_who_was_signed_in_there(
    bot: Bot, wang: Browser, opens: Opens, house: Office
) -> None:
    await taken_in(bot, wang)
    telephone = opens(address="10.0.0.9")
    await telephone.signs_in()
    colleague = opens(address="10.0.0.20", name="高远")
    await taken_in(bot, colleague, OTHER)
    # Longer than an unused session stands.
    house.passes(days=20)
    assert (await wang.asks("GET", "/api/me")).code == "signed_out"

    async def besieged() -> None:
        for last in range(6):
            thief = opens(address=f"10.9.9.{last}")
            for _ in range(5):
                assert (await tries(thief, "王芳", "不是这一句话呀")).code == "wrong_sign_in"

    await besieged()
    assert (await tries(opens(address="10.9.8.1"), "王芳", PHRASE)).code == "too_many_tries"
    assert (await tries(colleague, "王芳", PHRASE)).code == "too_many_tries", "known for another"
    await wang.signs_in()
    # With a limit of its own all the same.
    for _ in range(5):
        assert (await tries(telephone, "王芳", "不是这一句话呀")).code == "wrong_sign_in"
    assert (await tries(telephone, "王芳", PHRASE)).code == "too_many_tries"

    house.passes(hours=1, seconds=1)
    await wang.posts("/api/passphrase", {"old": PHRASE, "new": NEW})
    await besieged()
    assert (await tries(telephone, "王芳", NEW)).code == "too_many_tries", "known by the old one"
    assert (await tries(wang, "王芳", NEW)).status == 200
    await wang.opens()
    await wang.posts("/api/sign-out", {})
    assert len(wang.jar) == 0
    assert (await tries(wang, "王芳", NEW)).code == "too_many_tries"


async def test_an_invitation_makes_an_account_and_wrong_ones_are_limited(
    bot: Bot, opens: Opens, house: Office
) -> None:
    stranger = opens()

    async def asks(token: str = TOKEN, name: str = "其木格", phrase: str = PHRASE) -> Answer:
        told = {"token": token, "name": name, "passphrase": phrase}
        return await stranger.asks("POST", "/api/join", json=told)

    for name in ("一", "a b", "x" * 33, "<b>"):
        assert (await asks(name=name)).code == "name_form"
    for phrase in ("短", "aaaaaaaaaaaaaa", "其木格其木格1", "11111122222"):
        assert (await asks(phrase=phrase)).code == "weak_passphrase"
    assert (await asks(phrase="长" * 129)).code == "long_passphrase"
    assert (await asks(token="no")).code == "bad_token"
    assert await bot.updates() == [], "nothing of that reached the bot"

    # Four more that the bot doesn't know: an account each, and then it is enough.
    for number in range(4):
        assert (await asks(name=f"其木格{number}")).status == 200
    assert (await asks(name="其木格9")).code == "too_many_tries"
    elsewhere = opens(address="10.0.0.8", name="其木格0")
    told = {"token": TOKEN, "name": "其木格0", "passphrase": PHRASE}
    taken = await elsewhere.asks("POST", "/api/join", json=told)
    assert (taken.status, taken.code) == (409, "name_taken")

    # Right ones aren't counted, and whoever is taken in stays; the others are gone in a day.
    house.passes(hours=2)
    await bot.updates()
    for number in range(7):
        one = opens(name=f"乌兰{number}")
        chat = await taken_in(bot, one, joined=False)
        data = f"link:{TOKEN}:1"
        button = InlineKeyboardButton(text="是", callback_data=data)
        asked = InlineKeyboardMarkup(inline_keyboard=[[button]])
        await bot.api.send_message(chat, "您是乌兰吗", reply_markup=asked)
    keys = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="待办")]])
    await bot.api.send_message(chat, "您已加入", reply_markup=keys)
    house.passes(days=1, seconds=1)
    records = platform_of(bot).records
    await records.clean()
    names = [*(f"其木格{n}" for n in range(4)), *(f"乌兰{n}" for n in range(7))]
    left = [name for name in names if await records.account_named(name)]
    assert left == ["乌兰6"]
    assert await one.opens()
    assert (await opens(name="乌兰0").asks("GET", "/api/me")).code == "signed_out"


async def test_a_session_that_ended_can_do_nothing_nor_hear_anything(
    bot: Bot, wang: Browser, opens: Opens, house: Office
) -> None:
    chat = await taken_in(bot, wang)
    phone = opens(agent="Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Safari/605.1", address="10.1.1.1")
    await phone.signs_in()
    sessions = await wang.gets("/api/sessions")
    assert [one["device"] for one in sessions if one["here"]] == ["Firefox · Windows"]
    (other,) = [one for one in sessions if not one["here"]]
    assert other["device"] == "Safari · iPhone"

    async with phone.listens() as socket:
        answer = await wang.asks("DELETE", f"/api/sessions/{other['id']}")
        assert answer.status == 200
        assert await socket.receive_json(timeout=10) == {"kind": "signed_out"}
        assert (await socket.receive(timeout=10)).type == aiohttp.WSMsgType.CLOSE
    await bot.api.send_message(chat, "不给手机看")
    for method, path, told in (
        ("GET", "/api/me", None),
        ("GET", "/api/messages", None),
        ("GET", "/api/messages?after=0", None),
        ("GET", "/api/sessions", None),
        ("POST", "/api/messages", {"text": "x", "key": "k" * 8}),
        ("POST", "/api/presses", {"message": 1, "data": "x", "key": "k" * 8}),
        ("POST", "/api/passphrase", {"old": PHRASE, "new": NEW}),
        ("POST", "/api/sessions/end-others", {}),
        ("POST", "/api/sign-out", {}),
        ("PATCH", "/api/messages/1", {"text": "x"}),
        ("DELETE", f"/api/sessions/{sessions[0]['id']}", None),
    ):
        refused = await phone.asks(method, path, json=told)
        assert (refused.status, refused.code) == (401, "signed_out"), path
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with phone.listens():
            pass
    assert (await wang.asks("DELETE", "/api/sessions/nobodys")).code == "not_found"

    # A new passphrase ends the others; the old one is worth nothing.
    await phone.signs_in()
    wrong = await wang.asks("POST", "/api/passphrase", json={"old": "不对不对不对", "new": NEW})
    assert wrong.code == "wrong_passphrase"
    assert (await wang.posts("/api/passphrase", {"old": PHRASE, "new": NEW})) == {}
    assert (await phone.asks("GET", "/api/me")).status == 401
    assert (await tries(phone, "王芳", PHRASE)).status == 401
    await phone.signs_in(NEW)
    assert len(await wang.gets("/api/sessions")) == 2
    await phone.posts("/api/sessions/end-others", {})
    assert (await wang.asks("GET", "/api/me")).status == 401
    await phone.posts("/api/sign-out", {})
    assert (await phone.asks("GET", "/api/me")).status == 401

    # Who has lost telephone and passphrase: whoever runs it forgets the account.
    assert await platform_of(bot).records.forget("王芳")
    assert not await platform_of(bot).records.forget("王芳")
    assert (await tries(wang, "王芳", NEW)).status == 401
    with pytest.raises(TelegramForbiddenError):
        await bot.api.send_message(chat, "给没有的人")
    await taken_in(bot, wang)
    await wang.posts("/api/passphrase", {"old": PHRASE, "new": NEW})
    assert not [text for text in wang.sees() if "不给手机看" in text]

    # A fortnight unused, or ninety days in all.
    await wang.signs_in(NEW)
    async with wang.listens() as socket:
        house.passes(days=15)
        platform = platform_of(bot)
        platform.hub.signed_out(*await platform.records.ended([*platform.hub.sessions()]))
        assert await socket.receive_json(timeout=10) == {"kind": "signed_out"}
    assert (await wang.asks("GET", "/api/me")).status == 401
    await wang.signs_in(NEW)
    for _ in range(8):
        house.passes(days=11)
        await wang.opens()
    house.passes(days=3)
    assert (await wang.asks("GET", "/api/me")).status == 401


async def test_another_sites_page_can_do_nothing_in_somebodys_name(bot: Bot, wang: Browser) -> None:
    await taken_in(bot, wang)
    evil = {"Origin": "https://evil.example"}
    write: dict[str, Any] = {"json": {"text": "x", "key": "k" * 8}}
    for path in ("/api/sign-in", "/api/join", "/api/messages", "/api/sign-out", "/api/presses"):
        for headers in (evil, {"Origin": ""}, {"Origin": "null"}):
            refused = await wang.asks("POST", path, headers=headers, json={})
            assert (refused.status, refused.code) == (403, "other_page"), path
    for token in ("", "0" * 32, wang.csrf[:-1]):
        refused = await wang.asks("POST", "/api/messages", headers={"X-CSRF-Token": token}, **write)
        assert (refused.status, refused.code) == (403, "stale_page")
    with pytest.raises(aiohttp.WSServerHandshakeError) as shut:
        async with wang.listens(**evil):
            pass
    assert shut.value.status == 403
    # A form of another site can't send JSON.
    form = await wang.asks("POST", "/api/messages", data="text=x")
    assert (form.status, form.code) == (415, "bad_request")
    for body in ("[]", "{", "[" * 60000, '{"text": 1, "key": "kkkkkkkk"}', "{" + " " * 70000 + "}"):
        sent = await wang.asks(
            "POST", "/api/messages", data=body, headers={"Content-Type": "application/json"}
        )
        assert (sent.status, sent.code) == (400, "bad_request")
    for query in ("limit=x", "before=-1", f"after={'9' * 16}"):
        assert (await wang.asks("GET", f"/api/messages?{query}")).status == 400
    assert await bot.updates() == []
    for _ in range(60):
        sent = await wang.asks("POST", "/api/messages", **write)
    assert (sent.status, sent.code) == (429, "too_often")


async def test_the_page_is_served_with_headers_that_keep_it_to_itself(
    bot: Bot, wang: Browser
) -> None:
    page = await wang.asks("GET", "/")
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "Strict-Transport-Security" not in page.headers
    worker = await wang.asks("GET", "/service-worker.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
    shown = await wang.asks("GET", "/manifest.webmanifest")
    assert shown.headers["Content-Type"] == "application/manifest+json"
    for path in ("/nothing.js", "/..%2fapi.py", "/api.py", "/api/nothing", "/bot700001:x/getMe"):
        gone = await wang.asks("GET", path)
        assert gone.status == 404, path
        assert "Content-Security-Policy" in gone.headers
    assert (await wang.asks("GET", "/api/me")).headers["Cache-Control"] == "no-store"
    english = await wang.asks("GET", "/api/me", headers={"Accept-Language": "en-GB,en"})
    assert english.body["text"].startswith("Please sign in")


class Behind(Office):
    """Opened over https, at a proxy."""

    def build(self) -> WebPlatform:
        platform = super().build()
        settings = WebSettings("https://yinlu.example", port=self.port, cost=Cost(1, 8192))
        return WebPlatform(settings, platform.records.store, lambda: self.seconds)


@pytest.fixture
async def behind(file: str) -> Behind:
    return Behind(file)


async def test_over_https_the_cookie_never_goes_in_the_clear(behind: Behind, opens: Opens) -> None:
    wang = opens()
    wang.url = behind.page
    async with behind.running() as bot:
        headers = {"Origin": "https://yinlu.example"}
        told = {"token": TOKEN, "name": "王芳", "passphrase": PHRASE}
        answer = await wang.asks("POST", "/api/join", json=told, headers=headers)
        cookies = answer.headers.getall("Set-Cookie")
        assert [one.partition("=")[0] for one in cookies] == ["__Host-yinlu", "__Host-yinlu-known"]
        for one in cookies:
            assert {"HttpOnly", "Path=/", "SameSite=Strict", "Secure"} <= set(one.split("; "))
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        # An invitation made there leads to the page.
        chat = (await bot.next())["message"]["chat"]["id"]
        link = f"https://t.me/yinlu_staff_bot?start={OTHER}"
        sent = await bot.api.send_message(chat, f"给其木格的邀请：\n\n{link}\n\n七天内有效")
        records = platform_of(bot).records
        account = await records.account_named("王芳")
        assert account is not None
        (line, *_) = await records.before(account.key, None, 1)
        assert f"\n\nhttps://yinlu.example/#join={OTHER}\n\n" in line.body["plain"]
        assert sent.message_id


async def test_nothing_of_anybody_is_written_to_the_log(
    bot: Bot, wang: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as logs:
        chat = await taken_in(bot, wang)
        await tries(wang, "王芳", "完全不对的口令一句")
        await wang.writes("记在心里的话")
        await wang.asks("POST", "/api/messages", data=b"\xff{", headers={"Content-Type": "a/b"})

        async def fails(_: object) -> None:
            raise OSError("记在心里的话")

        platform_of(bot).people.receive = fails
        await wang.asks("POST", "/api/messages", json={"text": "别的话语", "key": "k" * 8})
        await bot.api.send_message(chat, "机器人的话")
    written = caplog.text + str(logs)
    said = ("王芳", PHRASE, TOKEN, "记在心里", "别的话语", "机器人的话", wang.csrf, wang.address)
    assert not [word for word in said if word in written]
    assert {"event": "web_failed", "error": "OSError", "log_level": "error"} in logs


def test_a_page_that_hears_nothing_holds_nobody_up() -> None:
    hub, told = Hub(), {"kind": "message"}
    with hub.page("a", "s1") as slow:
        for _ in range(MOST_WAITING):
            assert hub.tell("a", told)
        hub.tell("a", told)
        assert not hub.tell("a", told), "let go: it asks for what changed when it is back"
        heard = [slow.waiting.get_nowait() for _ in range(MOST_WAITING + 1)]
        assert heard == [told] * MOST_WAITING + [None]
    with ExitStack() as pages:
        first, *others = [pages.enter_context(hub.page("a", "s1")) for _ in range(MOST_PAGES + 1)]
        assert first.waiting.get_nowait() == {"kind": "pushed_out"}
        assert first.waiting.get_nowait() is None
        assert all(page.waiting.empty() for page in others)


async def test_a_page_too_many_pushes_out_the_first_which_is_told_so_once(
    bot: Bot, wang: Browser
) -> None:
    await taken_in(bot, wang)
    async with AsyncExitStack() as pages:
        first = await pages.enter_async_context(wang.listens())
        others = [await pages.enter_async_context(wang.listens()) for _ in range(MOST_PAGES)]
        assert await first.receive_json(timeout=20) == {"kind": "pushed_out"}
        assert (await first.receive(timeout=20)).type is aiohttp.WSMsgType.CLOSE
        # The others hear what comes, and nothing of this.
        number = await wang.writes("我在新页面")
        for page in others:
            told = await page.receive_json(timeout=20)
            assert (told["kind"], str(told["message"]["id"])) == ("message", number)


async def test_a_passphrase_costs_what_it_should() -> None:
    made = Passphrases(Cost())
    hashed = await made.hashed(PHRASE)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert await made.right(PHRASE, hashed)
    assert not await made.right(PHRASE + "。", hashed)
    assert not await made.right(PHRASE, "")
