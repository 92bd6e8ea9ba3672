"""A page in a real browser, watched while a test uses it."""

from dataclasses import dataclass, field
from typing import ClassVar

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, expect

from tests.browser.accessible import SCHEMES, faults

PATIENCE = 120_000
"""Milliseconds for what takes a moment here and many on a busy machine."""
NARROW = 360
expect.set_options(timeout=PATIENCE)


@dataclass
class Watched:
    """One page. What it asks for elsewhere, and what it complains of, is kept. `ASIDE`: what may
    stand out to the right. `TOLD`: how complaints begin that belong to what a test does."""

    ASIDE: ClassVar[str] = "#files"
    TOLD: ClassVar[tuple[str, ...]] = ()

    page: Page
    url: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

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

    def fits(self) -> None:
        """Nothing stands out to the right; what scrolls sideways on purpose is the row of files."""
        over = self.page.evaluate(
            """(aside) => [...document.querySelectorAll("body *")]
                .filter((node) => !node.closest(aside))
                .filter((node) => node.getBoundingClientRect().right > innerWidth + 1)
                .map((node) => node.outerHTML.slice(0, 160))""",
            self.ASIDE,
        )
        assert over == []
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def shuts_nobody_out(self) -> None:
        """What is on the screen now has no fault that bars somebody, by day and by night."""
        for scheme, asked in SCHEMES.items():
            self.page.emulate_media(color_scheme=scheme)
            assert faults(Axe().run(self.page, options=asked)) == [], scheme
        self.page.emulate_media(color_scheme="light")

    def ends(self) -> None:
        """Nothing was asked of anybody else, and the browser had nothing to complain of."""
        here = (self.url, self.url.replace("http", "ws", 1), f"blob:{self.url}")
        assert self.asked
        assert [address for address in self.asked if not address.startswith(here)] == []
        assert [one for one in self.complaints if not one.startswith(self.TOLD)] == []
