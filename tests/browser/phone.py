"""The chat page in a real browser, for tests that read as stories: what is seen, pressed, typed."""

import re
from dataclasses import dataclass, field

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

from tests.browser.accessible import SCHEMES, faults

PATIENCE = 120_000
"""Milliseconds for what takes a moment here and many on a busy machine."""
NARROW = 360
expect.set_options(timeout=PATIENCE)


@dataclass
class Phone:
    """One page. What it asks for elsewhere, and what it complains of, is kept."""

    page: Page
    url: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    before: str = ""
    """The message that was the last one when something was said."""

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", self._asks)
        self.page.on("websocket", lambda socket: self.asked.append(socket.url))
        self.page.on("console", self._complains)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asks(self, request: Request) -> None:
        self.asked.append(request.url)

    def _complains(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def opens(self, address: str = "") -> None:
        self.page.goto(self.url + address)
        expect(self.page.locator("#people button").first).to_be_attached()

    def plays(self, name: str, bot: str = "staff") -> None:
        """Becomes somebody: back to the list where it is hidden, and into their chat."""
        back = self.page.locator("#back")
        if back.is_visible():
            back.click()
        self.row(name, bot).click()
        expect(self.page.locator("#compose")).to_be_visible()
        self.fits()

    def row(self, name: str, bot: str = "staff") -> Locator:
        return self.page.locator(f"[data-chat='{name}/{bot}']")

    def chats(self) -> list[tuple[str, str]]:
        """Everybody with a bot that they talk to."""
        rows = self.page.locator("#people button").all()
        pairs = [str(row.get_attribute("data-chat")).split("/") for row in rows]
        return [(name, bot) for name, bot in pairs]

    def says(self, text: str) -> None:
        self.before = self._last()
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")

    def answered(self) -> None:
        """The last word is the bot's, and newer than what one said."""
        newer = f"#messages > li.bot:last-child:not([data-id='{self.before}'])"
        expect(self.page.locator(newer)).to_be_attached()

    def _last(self) -> str:
        shown = self.page.locator("#messages > li[data-id]")
        return str(shown.last.get_attribute("data-id")) if shown.count() else ""

    def newest(self) -> Locator:
        return self.page.locator("#messages li.bot").last

    def sees(self, *texts: str) -> Locator:
        """The last message of the bot that holds all of these, buttons included. A reminder may
        come at any time: what is waited for needn't be the newest."""
        found = self.page.locator("#messages li.bot")
        for text in texts:
            found = found.filter(has_text=text)
        expect(found.last).to_be_attached()
        self.fits()
        return found.last

    def button(self, label: str) -> Locator:
        # One sign alone turns the calendar; before a word it goes back.
        end = "$" if len(label) == 1 else ""
        named = re.compile(rf"^[✓‹\s①-⑳]*{re.escape(label)}{end}")
        return self.page.locator("#messages .rows button", has_text=named).last

    def numbered(self, line: str) -> str:
        """The beginning of the button that belongs to a line of the newest list: its number."""
        shown = self.page.locator("#messages").inner_text()
        return re.findall(rf"(\d+\. ){re.escape(line)}", shown)[-1]

    def presses(self, label: str) -> None:
        self.button(label).click()

    def fits(self) -> None:
        """Nothing stands out to the right; what scrolls sideways on purpose is the row of files."""
        over = self.page.evaluate(
            """() => [...document.querySelectorAll("body *")]
                .filter((node) => !node.closest("#files, dialog, [hidden]"))
                .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
                .map((node) => node.outerHTML.slice(0, 160))"""
        )
        assert over == []
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def shuts_nobody_out(self) -> None:
        """What is on the screen now has no fault that bars somebody, by day and by night."""
        for scheme, asked in SCHEMES.items():
            self.page.emulate_media(color_scheme=scheme)
            assert faults(Axe().run(self.page, options=asked)) == [], scheme

    def focused(self) -> str:
        """What the keyboard speaks to: its text, or its id."""
        return str(
            self.page.evaluate(
                "document.activeElement.textContent.trim() || document.activeElement.id"
            )
        )

    def ends(self) -> None:
        """Nothing was asked of anybody else, and the browser had nothing to complain of."""
        here = (self.url, self.url.replace("http:", "ws:"), f"blob:{self.url}")
        assert self.asked
        assert [address for address in self.asked if not address.startswith(here)] == []
        assert self.complaints == []
