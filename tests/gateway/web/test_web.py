"""The web chat over HTTP: what the page sends and is told, with a bot on the other side."""

import asyncio
from typing import Any

import aiohttp
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)
from sqlalchemy import text

from botapi.markup import Said
from gateway.platform import Part
from gateway.tables import metadata as core
from gateway.web.tables import metadata as web
from tests.databases import learned_engine
from tests.gateway.conftest import on_both_stores
from tests.gateway.house import Bot
from tests.gateway.web.conftest import TOKEN, Office, Opens, platform_of, taken_in
from tests.gateway.web.pages import Browser, form

pytestmark = on_both_stores
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0" + bytes(40)
SECRET = "某某收了别人的烟酒"
EVERY = [table.name for each in (core, web) for table in each.sorted_tables]
EVERY = [table.name for each in (core, web) for table in each.sorted_tables]


async def kept(house: Office, *tables: str) -> list[tuple[Any, ...]]:
    """What a second connection finds in the database."""
    engine = learned_engine(house.url)
    try:
        async with engine.connect() as rows:
            found = [(await rows.execute(text(f"SELECT * FROM {table}"))).all() for table in tables]
    finally:
        await engine.dispose()
    return [tuple(row) for every in found for row in every]


def buttons(*labels: str) -> InlineKeyboardMarkup:
    row = [InlineKeyboardButton(text=label, callback_data=f"d:{label}") for label in labels]
    return InlineKeyboardMarkup(inline_keyboard=[row])


async def test_a_chat_of_texts_buttons_and_edits_as_on_any_messenger(
    bot: Bot, wang: Browser, house: Office
) -> None:
    chat = await taken_in(bot, wang)
    assert await wang.hears("我收到了邀请")
    await bot.api.set_my_commands([BotCommand(command="todo", description="待办")])
    me = await wang.opens()
    assert me["name"] == "王芳"
    assert me["bot"]["name"] == "引路"
    assert me["commands"] == [{"command": "todo", "description": "待办"}]

    async with wang.listens() as socket:
        await bot.api.send_message(
            chat,
            "<b>您好</b> &lt;i&gt; <a href='javascript:x'>a</a> https://a.cn/x。",
            parse_mode="HTML",
            reply_markup=buttons("好", "不"),
        )
        told = await socket.receive_json(timeout=10)
        line = told["message"]
        assert told["kind"] == "message"
        assert told["seq"] == line["seq"]
        assert line["html"] == (
            "<b>您好</b> &lt;i&gt; a "
            '<a href="https://a.cn/x" rel="noopener noreferrer">https://a.cn/x</a>。'
        )
        assert line["buttons"] == [[{"text": "好", "data": "d:好"}, {"text": "不", "data": "d:不"}]]

        # The same key again, as a page that lost the answer, presses once.
        for _ in range(2):
            await wang.presses(line["id"], "d:好", key="press-0001")
        (update,) = await bot.updates(20)
        query = update["callback_query"]
        assert query["data"] == "d:好"
        await bot.api.answer_callback_query(query["id"], text="记下了")
        assert await socket.receive_json(timeout=10) == {"kind": "note", "text": "记下了"}
        await bot.api.edit_message_text(
            "改过了", chat_id=chat, message_id=query["message"]["message_id"]
        )
        changed = (await socket.receive_json(timeout=10))["message"]
        assert (changed["id"], changed["edited"], changed["buttons"]) == (line["id"], True, [])

    # Without the socket the answer to a press is kept for who asks.
    keys = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="待办")]])
    await bot.api.send_message(chat, "菜单", reply_markup=keys)
    await bot.api.send_message(chat, "再选", reply_markup=buttons("丙"))
    await wang.taps("丙")
    again = (await bot.next())["callback_query"]
    await bot.api.answer_callback_query(again["id"], text="知道了")
    await wang.reads()
    assert wang.notes == ["知道了"]
    await wang.taps("待办")
    written = (await bot.next())["message"]
    assert written["text"] == "待办"

    # Written, answered to, and changed; as often as it is sent with one key, it is there once.
    sent = {"text": "第一稿", "key": "write-0001", "reply_to": line["id"]}
    ids = [(await wang.posts("/api/messages", sent))["ids"] for _ in range(3)]
    assert ids[0] == ids[1] == ids[2]
    assert (await bot.next())["message"]["text"] == "第一稿"
    number = ids[0][0]
    answer = await wang.asks("PATCH", f"/api/messages/{number}", json={"text": "第二稿"})
    assert answer.status == 200
    assert (await bot.next())["edited_message"]["text"] == "第二稿"
    await wang.hears("第二稿")
    mine = wang.lines[number]
    assert (mine["from"], mine["reply_to"], mine["edited"]) == ("me", line["id"], True)
    refused = await wang.asks("PATCH", f"/api/messages/{line['id']}", json={"text": "不是我的"})
    assert (refused.status, refused.code) == (403, "not_yours")

    # Page by page, upwards.
    newest = await wang.gets("/api/messages?limit=3")
    assert newest["more"]
    assert newest["messages"][-1]["text"] == "第二稿"
    older = await wang.gets(f"/api/messages?limit=50&before={newest['messages'][0]['id']}")
    assert not older["more"]
    assert older["messages"][0]["text"] == "我收到了邀请，来加入。"

    found = [value for row in await kept(house, *EVERY) for value in row]
    plain = b" ".join(one if isinstance(one, bytes) else str(one).encode() for one in found)
    assert str(number).encode() in plain
    said = ("第二稿", "王芳", "菜单", "记下了", "write-0001", "press-0001", TOKEN, wang.csrf)
    assert not [word for word in said if word.encode() in plain]


async def test_files_go_up_and_down_and_are_what_they_are(
    bot: Bot, wang: Browser, opens: Opens
) -> None:
    chat = await taken_in(bot, wang)
    ids = await wang.sends_file(
        ("../../照片\u202e.png", PNG, "image/png"),
        ("页面.pdf", b"<script>alert(1)</script>", "application/pdf"),
        text="两个文件",
    )
    assert len(ids) == 2
    first, second = [one["message"] for one in await bot.updates(20)]
    assert first["caption"] == "两个文件"
    assert first["photo"]
    assert second["document"]["mime_type"] == "application/octet-stream"
    told = await bot.api.get_file(first["photo"][0]["file_id"])
    fetched = await bot.api.download_file(str(told.file_path))
    assert fetched is not None
    assert fetched.read() == PNG

    await wang.hears("<照片.png>")
    picture, script = (wang.lines[number]["media"] for number in ids)
    shown = await wang.asks("GET", picture["url"])
    assert shown.body == PNG
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert shown.headers["Cache-Control"] == "no-store"
    saved = await wang.asks("GET", script["url"])
    assert saved.headers["Content-Type"] == "application/octet-stream"
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert saved.headers["X-Content-Type-Options"] == "nosniff"

    await bot.api.send_document(chat, BufferedInputFile(b"%PDF-1.7 x", "表.pdf"), caption="给您")
    await wang.hears("<表.pdf>")
    (paper,) = [one["media"] for one in wang.lines.values() if "表.pdf" in str(one["media"])]
    down = await wang.asks("GET", paper["url"])
    assert (down.headers["Content-Type"], down.body) == ("application/pdf", b"%PDF-1.7 x")

    # Sent twice with a key, it is kept once; too many and too large ones aren't kept at all.
    once = [form(("a.txt", b"a", "text/plain"), key="files-0001") for _ in range(2)]
    answers = [await wang.asks("POST", "/api/messages", data=data) for data in once]
    assert answers[0].body == answers[1].body
    assert len(await bot.updates(20)) == 1
    for more, code in (
        (form(*[("a.txt", b"a", "text/plain")] * 11), "many_files"),
        (form(("b.bin", bytes(20 * 1024 * 1024 + 1), "x/y")), "large_file"),
        (form(), "empty"),
        (form(text="字" * 4097), "long_text"),
        (form(("a.txt", b"a", "text/plain"), key="?"), "bad_request"),
        (aiohttp.FormData({"text": "x"}, default_to_multipart=True), "bad_request"),
    ):
        assert (await wang.asks("POST", "/api/messages", data=more)).code == code
    store = bot.gateway.platform.records  # type: ignore[attr-defined]
    async with store.store.transactions.engine.connect() as rows:
        found = await rows.exec_driver_sql("SELECT size FROM web_file ORDER BY at")
        assert sorted(found.scalars()) == sorted([len(PNG), 25, 10, 1])

    # Of somebody else's chat nothing can be had.
    other = opens(name="李强")
    await taken_in(bot, other)
    for url in (picture["url"], paper["url"]):
        assert (await other.asks("GET", url)).code == "not_found"
    number, text = ids[0], {"text": "改"}
    assert (await other.asks("PATCH", f"/api/messages/{number}", json=text)).code == "not_found"
    bots = next(one["id"] for one in wang.lines.values() if one["from"] == "bot")
    press = {"message": bots, "data": "d:好", "key": "press-0009"}
    assert (await other.asks("POST", "/api/presses", json=press)).code == "not_found"
    assert picture["name"] not in str(await other.gets("/api/messages"))
    assert (await other.gets("/api/messages?after=0"))["removed"] == []


async def test_what_a_report_says_is_shown_and_is_gone_for_good_when_it_is_taken_off(
    bot: Bot, wang: Browser, house: Office
) -> None:
    chat = await taken_in(bot, wang)
    sent = await bot.api.send_message(chat, SECRET, protect_content=True)
    file = BufferedInputFile(JPEG, "1.jpg")
    proof = await bot.api.send_document(chat, file, protect_content=True)
    await wang.hears(SECRET)
    protected = [line for line in wang.lines.values() if line["protected"]]
    assert len(protected) == 2
    url = next(line["media"]["url"] for line in protected if line["media"])
    assert (await wang.asks("GET", url)).body == JPEG
    async with wang.listens() as socket:
        for message in (sent, proof):
            await bot.api.delete_message(chat, message.message_id)
            told = await socket.receive_json(timeout=10)
            assert told["kind"] == "removed"
    await wang.reads()
    assert {line["id"] for line in protected} == {*wang.removed}
    assert not [text for text in wang.sees() if SECRET in text]
    assert (await wang.asks("GET", url)).status == 404
    assert SECRET not in str(await wang.gets("/api/messages"))
    gone = [row for row in await kept(house, "web_message") if row[0] in wang.removed]
    assert [row[-2:] for row in gone] == [(None, None)] * 2
    assert await kept(house, "web_file") == []
    # The page that was away for longer than that is told to begin anew.
    assert not (await wang.gets(f"/api/messages?after={wang.seq}"))["stale"]
    house.passes(days=31)
    await wang.signs_in()
    assert (await wang.gets(f"/api/messages?after={wang.seq}"))["stale"]


async def test_what_a_report_says_goes_by_itself_while_the_bot_is_away(
    house: Office, wang: Browser
) -> None:
    async with house.running() as bot:
        chat = await taken_in(bot, wang)
        await bot.api.send_message(chat, "办理")
        await bot.api.send_message(chat, SECRET, protect_content=True)
        await wang.hears(SECRET)
        house.passes(minutes=5)
        assert await platform_of(bot).records.overdue() == []
    house.passes(minutes=1)
    async with house.running() as bot:
        while await platform_of(bot).records.overdue():  # noqa: ASYNC110, nothing tells of it
            await asyncio.sleep(0)
        assert SECRET not in str(await wang.gets("/api/messages"))
        await wang.reads()
        assert "办理" in wang.sees()
    assert [row[-1] for row in await kept(house, "web_message")].count(None) == 1


async def test_what_was_stored_reaches_the_bot_once_however_the_gateway_ends(
    house: Office, wang: Browser
) -> None:
    async with house.running() as bot:
        await taken_in(bot, wang)
        people = bot.gateway.platform.people  # type: ignore[attr-defined]
        whole = people.receive

        async def fails(_: object) -> None:
            raise OSError

        people.receive = fails
        sent = {"text": "别丢", "key": "write-0002"}
        failed = await wang.asks("POST", "/api/messages", json=sent)
        assert (failed.status, failed.code) == (500, "failed")
        # The page sends it again; it was stored, and is told now.
        people.receive = whole
        ids = (await wang.posts("/api/messages", sent))["ids"]
        assert (await bot.next())["message"]["text"] == "别丢"
        people.receive = fails
        later = {"text": "也别丢", "key": "write-0003"}
        assert (await wang.asks("POST", "/api/messages", json=later)).status == 500
        # What the bot has taken is confirmed by its asking for more.
        assert await bot.updates() == []
    house.passes(seconds=5)
    async with house.running() as bot:
        # Told by itself, in the session that lives on; and once, though the page sends it as well.
        assert (await bot.next())["message"]["text"] == "也别丢"
        assert (await wang.posts("/api/messages", sent))["ids"] == ids
        await wang.posts("/api/messages", later)
        await wang.writes("在吗")
        assert [one["message"]["text"] for one in await bot.updates(20)] == ["在吗"]
        await wang.reads()
        assert [text for text in wang.sees() if "丢" in text] == ["别丢", "也别丢"]


async def test_a_call_done_again_is_seen_once(house: Office, wang: Browser) -> None:
    async with house.running() as bot:
        chat = await taken_in(bot, wang)
        (known,) = [await bot.gateway.store.account_of_chat(chat)]
        assert known is not None
        platform = bot.gateway.platform
        first = await platform.send(known.account, Part(Said("一次")), "k1")
    async with house.running() as bot:
        again = await bot.gateway.platform.send(known.account, Part(Said("一次")), "k1")
        assert again == first
        await wang.hears("一次")
        assert sum(text == "一次" for text in wang.sees()) == 1
