"""The chat page in a real browser, for tests that read as stories: what is seen, pressed, typed."""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, expect

from tests.browser.watched import Watched


@dataclass
class Phone(Watched):
    """The page on which everybody is played."""

    ASIDE = "#files, dialog, [hidden]"

    before: str = ""
    """The message that was the last one when something was said."""

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

    def focused(self) -> str:
        """What the keyboard speaks to: its text, or its id."""
        return str(
            self.page.evaluate(
                "document.activeElement.textContent.trim() || document.activeElement.id"
            )
        )
