"""The web chat in a real browser: the gateway as it runs, in a thread of its own, with the test in
the place of the bot; and its page, for tests that read as stories."""

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)
from playwright.sync_api import Locator, expect

from gateway.store import Store
from gateway.web.client import NAME, TENANT, WebPlatform
from gateway.web.hub import MOST_PAGES, Page
from gateway.web.settings import WebSettings
from tests.browser.watched import Watched
from tests.gateway.house import RING, Bot, transactions_here
from tests.gateway.web.conftest import QUICK, Office, platform_of

INVITATION = "invitation_of_24_letters"
PASSPHRASE = "chuangtai qima qiyue lan"
ASKS = 6
"""How often the bot asks for what should come: for 20 seconds each time."""
Given = TypeVar("Given")


def buttons(*rows: tuple[tuple[str, str], ...]) -> InlineKeyboardMarkup:
    """Of (label, data)."""
    made = [[InlineKeyboardButton(text=a, callback_data=b) for a, b in row] for row in rows]
    return InlineKeyboardMarkup(inline_keyboard=made)


def keyboard(*labels: str) -> ReplyKeyboardMarkup:
    return ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text=one) for one in labels]])


@dataclass
class LiveOffice(Office):
    """With the clock on the wall, which the page looks at too. Whatever is done here is done in a
    thread of its own: the browser's loop runs in the test's."""

    chat: int = 0
    offset: int = 0
    came: list[dict[str, Any]] = field(default_factory=list)
    more: ExitStack = field(default_factory=ExitStack)
    others: list[Page] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._running: Any = None
        self.bot: Bot | None = None

    def build(self) -> WebPlatform:
        store = Store(transactions_here(self.url), RING, lambda: datetime.now(UTC), NAME, TENANT)
        return WebPlatform(WebSettings(self.page, port=self.port, cost=QUICK), store)

    def does(self, act: Coroutine[Any, Any, Given]) -> Given:
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(60)

    def begins(self) -> None:
        self._running = self.running()
        self.bot = self.does(self._running.__aenter__())
        self.bot.offset = self.offset

    def ends(self) -> None:
        if self.bot is not None:
            self.offset = self.bot.offset
            self.does(self._running.__aexit__(None, None, None))
        self.bot = None

    def closes(self) -> None:
        self.ends()
        self.does(_rests())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    # Other pages of somebody

    def opens_more(self, name: str) -> None:
        """As many as may be open at once."""
        self.does(self._opens_more(name))

    async def _opens_more(self, name: str) -> None:
        assert self.bot
        platform = platform_of(self.bot)
        account = await platform.records.account_named(name)
        assert account is not None
        # On a busy machine the page that is there shows its messages before its socket is open.
        while not platform.people.hub.sessions():  # noqa: ASYNC110, nothing tells of it
            await asyncio.sleep(0.01)
        pages = (platform.people.hub.page(account.key, "") for _ in range(MOST_PAGES))
        self.others = [self.more.enter_context(page) for page in pages]

    def pushed_out(self) -> int:
        """How many of them, since it was asked last."""
        return self.does(self._pushed_out())

    async def _pushed_out(self) -> int:
        heard = [
            page.waiting.get_nowait() for page in self.others for _ in range(page.waiting.qsize())
        ]
        return heard.count({"kind": "pushed_out"})

    def closes_more(self) -> None:
        self.does(self._closes_more())

    async def _closes_more(self) -> None:
        self.more.close()

    # The bot's side

    def next(self) -> dict[str, Any]:
        """The first update that hasn't been looked at: several may come at once."""
        assert self.bot
        for _ in range(ASKS):
            if self.came:
                break
            self.came += self.does(self.bot.updates(20))
        return self.came.pop(0)

    def hears(self) -> str:
        """What somebody has just said."""
        return _text(self.next())

    def meets(self) -> str:
        """What somebody has said first; it is them who is spoken to from now on."""
        told = self.next()
        self.chat = told["message"]["chat"]["id"]
        return _text(told)

    def silence(self) -> None:
        """Nobody has said anything that wasn't heard."""
        assert self.bot
        assert self.came + self.does(self.bot.updates()) == []

    def is_pressed(self, note: str = "") -> str:
        """What somebody has just pressed, answered with a note."""
        assert self.bot
        query = self.next()["callback_query"]
        self.does(self.bot.api.answer_callback_query(query["id"], text=note or None))
        return str(query["data"])

    def says(self, text: str, **more: Any) -> int:
        assert self.bot
        return self.does(self.bot.api.send_message(self.chat, text, **more)).message_id

    def changes(self, message: int, text: str, **more: Any) -> None:
        assert self.bot
        act = self.bot.api.edit_message_text(text, chat_id=self.chat, message_id=message, **more)
        self.does(act)

    def takes_back(self, message: int) -> None:
        assert self.bot
        self.does(self.bot.api.delete_message(self.chat, message))


async def _rests() -> None:
    """Ends what still waits for a browser."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _text(update: dict[str, Any]) -> str:
    message = update["message"]
    return str(message.get("text") or message.get("caption") or "")


def office_in(folder: Path) -> LiveOffice:
    return LiveOffice(f"sqlite+aiosqlite:///{folder / 'gateway.db'}")


@dataclass
class ChatPage(Watched):
    """One page of somebody."""

    ASIDE = "#files, .unseen"
    # What was refused, or didn't get through, is told by the browser as well as by the page.
    TOLD = (
        "Failed to load resource",
        "WebSocket connection to",
        "Service Worker registration blocked",
    )

    def opens(self, path: str = "/") -> None:
        self.page.goto(self.url + path)

    def joins(self, name: str, invitation: str = INVITATION) -> None:
        self.opens(f"/#join={invitation}")
        expect(self.page.locator("#enter_title")).to_have_text("加入引路")
        self.page.locator("#name").fill(name)
        self.page.locator("#passphrase").fill(PASSPHRASE)
        self.page.locator("#repeated").fill(PASSPHRASE)
        self.page.locator("#enter_send").click()
        expect(self.page.locator("#compose")).to_be_visible()

    def signs_in(self, name: str, passphrase: str = PASSPHRASE) -> None:
        self.page.locator("#name").fill(name)
        self.page.locator("#passphrase").fill(passphrase)
        self.page.locator("#enter_send").click()

    def arrives(self) -> None:
        """In the chat."""
        expect(self.page.locator("#messages .bubble")).not_to_have_count(0)

    def says(self, text: str) -> None:
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")

    def sees(self, *texts: str) -> Locator:
        """The last message that holds all of these."""
        found = self.page.locator("#messages > li")
        for text in texts:
            found = found.filter(has_text=text)
        expect(found.last).to_be_visible()
        self.fits()
        return found.last

    def presses(self, label: str) -> None:
        self.page.locator("#messages .rows button", has_text=label).last.click()

    def small(self) -> list[str]:
        """What is to be pressed and smaller than a finger."""
        found: list[str] = self.page.evaluate(
            """() => [...document.querySelectorAll("button, .tick, textarea, input")]
                .filter((node) => node.checkVisibility() && !node.matches(".unseen, .tick input"))
                .filter((node) => {
                    const { width, height } = node.getBoundingClientRect();
                    return Math.min(width, height) < 44;
                })
                .map((node) => node.outerHTML.slice(0, 120))"""
        )
        return found
