"""The pages that are open, and what they are told at once.

A page that is told too much is let go: it asks for what changed when it comes back.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

MOST_WAITING, MOST_PAGES, MOST_NOTES = 200, 10, 5
Told = Mapping[str, Any]


@dataclass(eq=False)
class Page:
    """`waiting`: what it is to be told; None ends it."""

    account: str
    session: str
    waiting: asyncio.Queue[Told | None] = field(default_factory=asyncio.Queue)

    def end(self, *last: Told) -> None:
        for told in (*last, None):
            self.waiting.put_nowait(told)


class Hub:
    def __init__(self) -> None:
        self._pages: dict[str, list[Page]] = defaultdict(list)
        self._notes: dict[str, deque[str]] = {}

    @contextmanager
    def page(self, account: str, session: str) -> Iterator[Page]:
        made, pages = Page(account, session), self._pages[account]
        if len(pages) >= MOST_PAGES:
            # Told, since it would come back by itself and push out another, and that one the next.
            pages.pop(0).end({"kind": "pushed_out"})
        pages.append(made)
        for text in self.notes(account):
            made.waiting.put_nowait({"kind": "note", "text": text})
        try:
            yield made
        finally:
            if made in pages:
                pages.remove(made)
            if not pages and self._pages.get(account) is pages:
                del self._pages[account]

    def tell(self, account: str, told: Told) -> bool:
        """Whether a page is there to hear it."""
        pages = [*self._pages.get(account, ())]
        for page in pages:
            if page.waiting.qsize() < MOST_WAITING:
                page.waiting.put_nowait(told)
            else:
                self._let_go(page)
        return bool(pages)

    def _let_go(self, page: Page) -> None:
        self._pages[page.account].remove(page)
        page.end()

    def note(self, account: str, text: str) -> None:
        """The answer to a press; kept for a page that only asks now and then."""
        if not self.tell(account, {"kind": "note", "text": text}):
            self._notes.setdefault(account, deque(maxlen=MOST_NOTES)).append(text)

    def notes(self, account: str) -> list[str]:
        """Those that nobody has heard."""
        return [*self._notes.pop(account, ())]

    def sessions(self) -> set[str]:
        return {page.session for pages in self._pages.values() for page in pages}

    def signed_out(self, *sessions: str) -> None:
        """End the pages of these sessions."""
        for pages in [*self._pages.values()]:
            for page in [page for page in pages if page.session in sessions]:
                pages.remove(page)
                page.end({"kind": "signed_out"})

    def close(self) -> None:
        for pages in self._pages.values():
            for page in pages:
                page.end()
