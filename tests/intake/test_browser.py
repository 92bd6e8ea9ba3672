"""The page in a real Chromium at the width of a phone, with scripts switched off."""

import asyncio
import re
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import pytest
import structlog
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import (
    Browser,
    BrowserContext,
    FilePayload,
    Page,
    Request,
    async_playwright,
)

from bot.app.logs import set_up
from bot.app.settings import Settings
from bot.processes.public import report_page_served
from services.intake.intake import Intake
from tests.browser.accessible import SCHEMES, faults
from tests.browser.start import CHROMIUM, FLAGS
from tests.intake import samples
from tests.intake.citizens import SAID
from tests.intake.conftest import Hand, Stored
from tests.intake.test_conversation import answer, hang
from tests.ports import free_port

pytestmark = pytest.mark.browser
AGENT = "AGENTcanary/7.3"
LANGUAGE = "xx-CANARY"
PHONE = {"width": 360, "height": 740}
DRAWN = "image => image.complete && image.naturalWidth > 0"
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
async def chromium(in_ci: bool) -> AsyncIterator[Browser]:
    if CHROMIUM is None and not in_ci:
        pytest.skip("no chromium on this machine; .ci/run installs it")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def site(intake: Intake, hand: Hand) -> AsyncIterator[str]:
    """As the public process opens it."""
    port = free_port()
    page = {"public_port": port, "public_url": f"http://127.0.0.1:{port}"}
    settings = Settings.model_validate(page)
    async with report_page_served(settings, intake, hand.now):
        yield settings.report_page.removesuffix("/report")


@pytest.fixture
async def phone(chromium: Browser) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context(
        viewport={"width": 360, "height": 740},
        java_script_enabled=False,
        user_agent=AGENT,
        extra_http_headers={"Accept-Language": LANGUAGE},
    )
    yield context
    await context.close()


async def files_a_report(page: Page, site: str, evidence: Path | FilePayload) -> str:
    await fills_in(page, site, evidence)
    await page.get_by_role("button", name="封好，交上去").click()
    return await code_on(page)


async def fills_in(page: Page, site: str, evidence: Path | FilePayload) -> None:
    await page.goto(f"{site}/report")
    await page.get_by_label("反映谁").fill("河湾村 某某")
    await page.get_by_label("发生了什么").fill(SAID)
    await page.get_by_label("照片").set_input_files(evidence)


async def code_on(page: Page) -> str:
    return (await page.locator(".code").inner_text()).strip()


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    path = tmp_path / "outside" / "FILEcanary.jpg"
    path.parent.mkdir()
    path.write_bytes(samples.photo("EXIFcanary"))
    return path


async def test_reporting_and_asking_on_a_phone_without_scripts(
    phone: BrowserContext, site: str, intake: Intake, stored: Stored, evidence: Path
) -> None:
    await hang(intake, 1)
    page, requests = await phone.new_page(), list[Request]()
    page.on("request", lambda request: requests.append(request))
    code = await files_a_report(page, site, evidence)
    assert re.fullmatch(r"[\u4e00-\u9fff]{8}", code)
    assert len(await stored.files()) == 1
    picture = page.get_by_role("img", name="清理后的照片")
    assert await picture.evaluate(DRAWN), "the headers let it be drawn"
    assert await page.evaluate(FITS)
    await answer(intake, "已经到村里核实。")
    await page.get_by_role("link", name="凭八个字查进展").click()
    await page.get_by_label("八个字").fill(" ".join(code))
    await page.get_by_role("button", name="查看进展").click()
    assert "已经到村里核实。" in await page.inner_text("main")
    assert {request.url.split("?")[0] for request in requests} == {
        f"{site}/report",
        f"{site}/status",
    }
    assert not await phone.cookies()


class Relay:
    """A line between browser and page. `broken`: what is asked arrives, no answer comes back.
    `asked`: requests that arrived while it was."""

    def __init__(self, port: int) -> None:
        self.port, self.broken, self.asked = port, False, 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        page_reader, page_writer = await asyncio.open_connection("127.0.0.1", self.port)
        asks = asyncio.create_task(self._pass(reader, page_writer))
        await self._pass(page_reader, writer, answers=True)
        asks.cancel()
        await asyncio.gather(asks, return_exceptions=True)
        for end in (writer, page_writer):
            end.close()

    async def _pass(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, answers: bool = False
    ) -> None:
        while content := await source.read(65536):
            if answers and self.broken:
                self.asked += 1
                return
            to.write(content)


@pytest.fixture
async def relay(site: str) -> AsyncIterator[tuple[Relay, str]]:
    made = Relay(int(site.rpartition(":")[2]))
    server = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    yield made, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.mark.slow  # `make test` sends what Chromium sends: tests/intake/test_code_delivery.py
async def test_a_page_with_a_photo_loaded_again_says_that_it_was_handed_in_with_the_same_code(
    phone: BrowserContext,
    site: str,
    relay: tuple[Relay, str],
    stored: Stored,
    hand: Hand,
    evidence: Path,
) -> None:
    """Chromium sends a file again that it has as a path, and an empty one in its place where it
    has it from another app; telephones do that."""
    from_an_app: FilePayload = {
        "name": "1.jpg", "mimeType": "image/jpeg", "buffer": evidence.read_bytes(),
    }  # fmt: skip
    page = await phone.new_page()
    for number, photo in enumerate((evidence, from_an_app), 1):
        code = await files_a_report(page, site, photo)
        for _ in range(2):
            await page.reload()
            main = await page.inner_text("main")
            assert code in main
            assert "附件1份，都已清理：照片1份。" in main
            assert "没有" not in main.replace("二维码里没有内容，也没有八个字", "")
        assert (len(await stored.reports()), len(await stored.files())) == (number, number)
        hand.passes(minutes=31)
    await page.reload()
    main = await page.inner_text("main")
    assert "这一件已经交过，不用再交" in main
    assert "没有收" not in main
    line, address = relay
    await fills_in(page, address, from_an_app)
    line.broken = True
    async with page.expect_event("requestfailed"):
        await page.get_by_role("button", name="封好，交上去").click(no_wait_after=True)
    assert line.asked
    line.broken = False
    # What a browser shows instead has to stand there: before that nothing can be loaded again.
    await page.wait_for_url("chrome-error://**", wait_until="commit")
    assert (len(await stored.reports()), len(await stored.files())) == (3, 3)
    await page.reload()
    code = await code_on(page)
    assert re.fullmatch(r"[\u4e00-\u9fff]{8}", code)
    assert "附件1份，都已清理：照片1份。" in await page.inner_text("main")
    assert [report.state for report in await stored.reports()] == ["received"] * 3
    assert len(await stored.files()) == 3
    await page.get_by_role("link", name="凭八个字查进展").click()
    await page.get_by_label("八个字").fill(code)
    await page.get_by_role("button", name="查看进展").click()
    assert "已收到，还没有开始核实" in await page.inner_text("main")


async def test_nothing_about_the_browser_is_stored_or_logged(
    phone: BrowserContext,
    site: str,
    stored: Stored,
    evidence: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Request by request: what the browser says of itself is sent, and found nowhere afterwards."""
    set_up("DEBUG")
    structlog.get_logger().debug("it is written down what is written down")
    page, sent = await phone.new_page(), list[dict[str, str]]()

    async def note(request: Request) -> None:
        sent.append(await request.all_headers())

    page.on("request", note)
    await files_a_report(page, site, evidence)
    assert len(sent) >= 2
    assert all(headers["user-agent"] == AGENT for headers in sent)
    written = b"".join(p.read_bytes() for p in tmp_path.glob("*") if p.is_file())
    assert len(await stored.reports()) == 1
    assert b"intake_report" in written
    logged = "".join(capfd.readouterr())
    assert "it is written down" in logged
    for canary in (AGENT, LANGUAGE, "127.0.0.1", "FILEcanary", "EXIFcanary", "Chrome", SAID):
        assert canary.encode() not in written
        assert canary not in logged


async def test_every_page_fits_a_phone_and_a_keyboard(
    chromium: Browser, site: str, intake: Intake
) -> None:
    await hang(intake, 1)
    context = await chromium.new_context(viewport=PHONE)
    page = await context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    for path, scheme in product(("/report", "/status", "/report?lang=en"), SCHEMES):
        await page.emulate_media(color_scheme=scheme)
        await page.goto(site + path)
        assert await page.evaluate(FITS)
        fields = await page.locator("input:not([type=hidden]),select,textarea,button").count()
        reached = set()
        for _ in range(fields + 8):
            await page.keyboard.press("Tab")
            reached.add(await page.evaluate("document.activeElement.outerHTML.slice(0, 60)"))
        assert len(reached) >= fields
    assert not problems
    await context.close()


async def test_no_screen_of_the_page_shuts_anybody_out(
    chromium: Browser, site: str, intake: Intake, hand: Hand
) -> None:
    await hang(intake, 1)
    # Only what looks at the page needs scripts; the page has none.
    context = await chromium.new_context(viewport=PHONE, bypass_csp=True)
    page, found = await context.new_page(), dict[str, list[str]]()

    async def look(screen: str) -> None:
        for scheme, asked in SCHEMES.items():
            await page.emulate_media(color_scheme=scheme)
            found[f"{screen}, {scheme}"] = faults(await Axe().run(page, options=asked))

    await page.goto(f"{site}/report")
    await look("form")
    await page.get_by_label("反映谁").fill("河湾村 某某")
    await page.get_by_label("发生了什么").fill(SAID)
    await page.get_by_role("button", name="封好，交上去").click()
    code = await code_on(page)
    await page.get_by_text("收条：").click()
    await look("code and receipt")
    async with page.expect_download() as kept:
        await page.get_by_role("link", name="存成文件").click()
    assert (await kept.value).suggested_filename == "1.png"
    hand.passes(minutes=31)
    await page.reload()
    assert "已经交过" in await page.inner_text("main")
    await look("handed in")
    await page.goto(f"{site}/guidance")
    await look("guidance")
    await page.goto(f"{site}/status")
    await look("asks for the code")
    await page.get_by_label("八个字").fill("不是八个字")
    await page.get_by_role("button", name="查看进展").click()
    await look("refused")
    await page.get_by_label("八个字").fill(code)
    await page.get_by_role("button", name="查看进展").click()
    await look("status")
    await page.get_by_label("八个字").fill(code)
    await page.get_by_text("要撤回这一件").click()
    await page.get_by_role("button", name="撤回").click()
    assert await page.get_by_text("内容马上删除，不能恢复").is_visible(), "it stays unfolded"
    await look("not sure")
    await context.close()
    assert {screen: lines for screen, lines in found.items() if lines} == {}
