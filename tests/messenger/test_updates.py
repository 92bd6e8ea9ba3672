"""An update is given until it is confirmed, to one poller or one webhook."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from messenger.client import MessengerClient, Person
from messenger.server import Running
from tests.messenger.conftest import TOKEN
from tests.messenger.libraries import LIBRARIES, Library

SECRET = "quiet-secret_1"
Hear = Callable[[web.Request], Awaitable[web.Response]]


async def test_an_update_is_given_until_it_is_confirmed(
    library: Library, secretary: Person
) -> None:
    for text in ("一", "二", "三"):
        await secretary.says(text)
    first = await library.bot.get_updates()
    again = await library.bot.get_updates(limit=2)
    rest = await library.bot.get_updates(offset=first[0].update_id + 1)
    assert [update.message.text for update in first] == ["一", "二", "三"]
    assert [update.message.text for update in again] == ["一", "二"]
    assert [update.message.text for update in rest] == ["二", "三"]
    [last] = await library.bot.get_updates(offset=-1)
    assert last.message.text == "三"
    assert not await library.bot.get_updates(offset=last.update_id + 1)


async def test_waiting_ends_when_something_is_said(library: Library, secretary: Person) -> None:
    waiting = asyncio.create_task(library.bot.get_updates(timeout=20))
    await asyncio.sleep(0)
    await secretary.says("在吗")
    [update] = await waiting
    assert update.message.text == "在吗"


async def test_only_what_was_asked_for_arrives(library: Library, secretary: Person) -> None:
    await library.bot.get_updates(allowed_updates=["callback_query"])
    await library.bot.send_message(
        chat_id=secretary.user_id, text="选", reply_markup=library.buttons([[("甲", "a")]])
    )
    await secretary.says("没人听")
    await secretary.presses("甲")
    [update] = await library.bot.get_updates()
    assert update.callback_query.data == "a"


async def test_an_edited_a_forwarded_and_a_pasted_message(
    library: Library, secretary: Person
) -> None:
    first = await secretary.says("十一月")
    await secretary.says("十二月", edit=first)
    await secretary.says("转来的", forward=True)
    await secretary.says("", sticker=True)
    _, edited, forwarded, sticker = await library.bot.get_updates()
    assert edited.edited_message.text == "十二月"
    assert edited.edited_message.message_id == first
    assert forwarded.message.forward_origin.type == "hidden_user"
    assert sticker.message.sticker.width == 512


async def waiting_at(server: Running) -> None:
    """Until somebody polls there."""
    while not server.state.bots["staff"].poll:
        await server.state.wait(10)


async def test_the_second_poller_takes_over(
    library: Library, server: Running, secretary: Person
) -> None:
    first = asyncio.create_task(library.bot.get_updates(timeout=20))
    await waiting_at(server)
    async with LIBRARIES[library.name](server.url, TOKEN) as other:
        second = asyncio.create_task(other.bot.get_updates(timeout=20))
        with library.refused("terminated by other getUpdates request", 409):
            await first
        await secretary.says("给谁？")
        assert [update.message.text for update in await second] == ["给谁？"]


async def test_a_webhook_ends_the_polling(library: Library, server: Running) -> None:
    polling = asyncio.create_task(library.bot.get_updates(timeout=20))
    await waiting_at(server)
    await library.bot.set_webhook(url="http://127.0.0.1:9/hook")
    with library.refused("terminated by setWebhook request", 409):
        await polling
    with library.refused("can't use getUpdates method while webhook is active", 409):
        await library.bot.get_updates()
    await library.bot.delete_webhook()
    assert not await library.bot.get_updates()


@asynccontextmanager
async def listening(hear: Hear) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/hook", hear)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/hook"
    finally:
        await runner.cleanup()


class Ear:
    """Refuses the first `deaf` calls about one chat; notes what it took."""

    def __init__(self, deaf: int, chat: int) -> None:
        self.deaf, self.chat = deaf, chat
        self.heard: list[tuple[int, str]] = []
        self.secrets: set[str | None] = set()
        self.changed = asyncio.Condition()

    async def hear(self, request: web.Request) -> web.Response:
        self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        message = (await request.json())["message"]
        if message["chat"]["id"] == self.chat and self.deaf:
            self.deaf -= 1
            return web.Response(status=500)
        async with self.changed:
            self.heard.append((message["chat"]["id"], message["text"]))
            self.changed.notify_all()
        return web.Response()

    async def has(self, count: int) -> None:
        async with asyncio.timeout(120), self.changed:
            await self.changed.wait_for(lambda: len(self.heard) >= count)


async def test_a_webhook_is_called_again_and_in_order(
    library: Library, messenger: MessengerClient, secretary: Person
) -> None:
    other = await messenger.person("organiser", "staff")
    ear = Ear(deaf=3, chat=secretary.user_id)
    async with listening(ear.hear) as url:
        await library.bot.set_webhook(url=url, secret_token=SECRET, max_connections=5)
        for text in ("一", "二", "三"):
            await secretary.says(text)
            await other.says(text)
        await ear.has(6)
        assert await settled(library) == 0
    for person in (secretary, other):
        said = [text for chat, text in ear.heard if chat == person.user_id]
        assert said == ["一", "二", "三"]
    assert ear.secrets == {SECRET}


async def settled(library: Library) -> int:
    """What is still waiting once the last answer has come in."""
    for _ in range(100):
        info: Any = await library.bot.get_webhook_info()
        if info.pending_update_count == 0:
            break
    return int(info.pending_update_count)


async def test_one_chat_that_fails_holds_no_other(
    library: Library, messenger: MessengerClient, secretary: Person
) -> None:
    other = await messenger.person("organiser", "staff")
    ear = Ear(deaf=10**6, chat=secretary.user_id)
    async with listening(ear.hear) as url:
        await library.bot.set_webhook(url=url)
        await secretary.says("听不见")
        await other.says("听得见")
        await ear.has(1)
        info = await library.bot.get_webhook_info()
        await library.bot.delete_webhook(drop_pending_updates=True)
    assert ear.heard == [(other.user_id, "听得见")]
    assert (info.url, info.max_connections) == (url, 40)
    assert info.pending_update_count >= 1
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    assert not await library.bot.get_updates()


async def test_webhooks_that_are_refused(library: Library) -> None:
    for url in ("https://example.org/hook", "http://127.0.0.1.example.org/hook"):
        with library.refused("bad webhook"):
            await library.bot.set_webhook(url=url)
    with library.refused("secret token contains unallowed characters"):
        await library.bot.set_webhook(url="http://127.0.0.1:9/", secret_token="not this!")
    assert (await library.bot.get_webhook_info()).url == ""
