"""Everything as `make run` starts it, once for a module, and a browser to look at it with."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.phone import Phone
from tests.browser.start import chromium, invent, process
from tests.browser.watched import NARROW

Opening = Callable[..., Phone]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole product with its invented people; gives its address."""
    folder = tmp_path_factory.mktemp("city")
    # Playwright's own loop runs in this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(lambda: asyncio.run(invent(folder))).result()
    with process("-m", "bot", "run", "--port", "0", YINLU_DATA=str(folder)) as url:
        yield url


@pytest.fixture(scope="module")
def bare() -> Iterator[str]:
    """The messenger alone, to which a test plays the bot."""
    with process("-m", "bot", "messenger", "--port", "0") as url:
        yield url


@pytest.fixture
def opening(browser: Browser) -> Iterator[Opening]:
    """Opens pages, and looks at the end of the test whether each behaved."""
    contexts: list[BrowserContext] = []
    phones: list[Phone] = []

    def opened(url: str, width: int = NARROW, height: int = 740, **more: Any) -> Phone:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            reduced_motion="reduce",
            **more,
        )
        contexts.append(context)
        phone = Phone(context.new_page(), url)
        phones.append(phone)
        phone.opens()
        return phone

    yield opened
    for phone in phones:
        phone.ends()
    for context in contexts:
        context.close()


@pytest.fixture
def phone(opening: Opening, city: str) -> Phone:
    return opening(city)
