"""The web chat as staff use it on a telephone, in a real browser, with the test as the bot."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Route, expect

from tests.browser.watched import NARROW
from tests.browser.web_chat import (
    INVITATION,
    PASSPHRASE,
    ChatPage,
    LiveOffice,
    buttons,
    keyboard,
    office_in,
)

pytestmark = pytest.mark.browser

NAME = "乌兰"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SECRET = "公示期间他在集体林地里私自开荒。"
Opens = Callable[..., ChatPage]
# A service worker takes requests past the routes of a test, from whenever it has started.
NO_WORKER = "block"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveOffice]:
    made = office_in(tmp_path_factory.mktemp("office"))
    made.begins()
    yield made
    made.closes()


@pytest.fixture
def opens(browser: Browser, office: LiveOffice) -> Iterator[Opens]:
    """Opens browsers of their own, and looks at the end of the test whether each behaved."""
    contexts: list[BrowserContext] = []
    pages: list[ChatPage] = []

    def opened(width: int = NARROW, height: int = 740, **more: Any) -> ChatPage:
        settings = {"locale": "zh-CN", "reduced_motion": "reduce", **more}
        context = browser.new_context(viewport={"width": width, "height": height}, **settings)
        contexts.append(context)
        pages.append(ChatPage(context.new_page(), office.page))
        return pages[-1]

    yield opened
    for desk in pages:
        desk.ends()
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, office: LiveOffice) -> Any:
    """What the browser of somebody who has joined keeps."""
    context = browser.new_context(locale="zh-CN")
    desk = ChatPage(context.new_page(), office.page)
    desk.joins(NAME)
    assert office.meets() == f"/start {INVITATION}"
    office.says("欢迎您，乌兰。", reply_markup=keyboard("待办", "档案", "更多"))
    desk.sees("欢迎您")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def desk(opens: Opens, signed_in: Any) -> ChatPage:
    return _arrived(opens(storage_state=signed_in))


@pytest.fixture
def routed_desk(opens: Opens, signed_in: Any) -> ChatPage:
    """A desk whose requests a test may catch."""
    return _arrived(opens(storage_state=signed_in, service_workers=NO_WORKER))


def _arrived(desk: ChatPage) -> ChatPage:
    desk.opens()
    desk.arrives()
    return desk


def picture(colour: str = "seagreen") -> FilePayload:
    held = BytesIO()
    Image.new("RGB", (600, 400), colour).save(held, "JPEG")
    return FilePayload(name="公示栏.jpg", mimeType="image/jpeg", buffer=held.getvalue())


@pytest.mark.slow
def test_somebody_joins_by_the_link_they_were_sent(opens: Opens, office: LiveOffice) -> None:
    desk = opens()
    page = desk.page
    desk.opens("/#join=cut-short")
    expect(page.locator("#enter_why")).to_contain_text("刚才的不完整")
    page.goto("about:blank")
    desk.opens("/#join=second_invitation_letter")
    expect(page.locator("#enter_title")).to_have_text("加入引路")
    assert page.url == f"{office.page}/"
    page.locator("#name").fill("王芳")
    page.locator("#passphrase").fill(PASSPHRASE)
    page.locator("#repeated").fill("something else")
    page.locator("#enter_send").click()
    expect(page.locator("#enter_wrong")).to_contain_text("两遍口令不一样")
    page.locator("#credentials").get_by_text("显示口令").click()
    assert page.locator("#passphrase").get_attribute("type") == "text"
    for field in ("#passphrase", "#repeated"):
        page.locator(field).fill("short")
    page.locator("#enter_send").click()
    expect(page.locator("#enter_wrong")).to_contain_text("邀请还有效")
    for field in ("#passphrase", "#repeated"):
        page.locator(field).fill(PASSPHRASE)
    page.locator("#enter_send").click()
    desk.sees("我收到了邀请")
    assert office.hears() == "/start second_invitation_letter"
    expect(page.locator("#me")).to_have_text("您：王芳")
    # Another invitation is for somebody else: it isn't used up by being looked at.
    desk.opens("/#join=the_invitation_of_others")
    expect(page.locator("#invited_title")).to_have_text("您已经登录：王芳")
    page.locator("#invited_back").click()
    desk.sees("我收到了邀请")
    office.silence()
    desk.opens("/#join=one_more_post_in_a_party")
    page.locator("#invited_me").click()
    desk.sees("加入 one_more_post_in_a_party")
    assert office.hears() == "/start one_more_post_in_a_party"
    page.locator("#to_account").click()
    for given, told in (("wrong", "原来的口令不对"), (PASSPHRASE, "口令改好了")):
        page.locator("#old").fill(given)
        for field in ("#new", "#new_repeated"):
            page.locator(field).fill("baihua shi de chuntian")
        page.locator("#change button").click()
        expect(page.locator("body")).to_contain_text(told)
    expect(page.locator("#old")).to_have_value("")
    page.go_back()
    desk.sees("加入 one_more_post_in_a_party")


def test_the_secretary_is_led_through_a_step(desk: ChatPage, office: LiveOffice) -> None:
    desk.page.locator("#to_menu").click()
    desk.page.locator("#menu").get_by_role("button", name="待办").click()
    assert office.hears() == "待办"
    todo = office.says(
        "<b>待办</b>\n1. 梁永福 · <code>2</code>",
        parse_mode="HTML",
        reply_markup=buttons((("1. 梁永福 · 2", "case:1"),)),
    )
    desk.sees("1. 梁永福")
    # Read out to whoever can't see it, and then gone from there.
    expect(desk.page.locator("#heard")).to_contain_text("引路：待办")
    desk.presses("1. 梁永福 · 2")
    expect(desk.page.locator("#messages [aria-busy]")).to_have_count(0)
    expect(desk.page.locator("#messages")).to_contain_text("回答还没有来")
    assert office.is_pressed("打开了") == "case:1"
    expect(desk.page.locator("#toast")).to_have_text("打开了")
    expect(desk.page.locator("#messages")).not_to_contain_text("回答还没有来")
    office.changes(todo, "谁去谈的？ 1/2")
    assert "改过" in desk.sees("谁去谈的").inner_text()
    desk.says("我去谈的")
    assert office.hears() == "我去谈的"
    mine = desk.sees("我去谈的")
    mine.get_by_role("button", name="回答、复制、修改").click()
    desk.page.locator("#actions").get_by_role("button", name="修改").click()
    desk.says("陈静去谈的")
    assert office.next()["edited_message"]["text"] == "陈静去谈的"
    assert "改过" in desk.sees("陈静去谈的").inner_text()


@pytest.mark.slow
def test_photos_and_papers_go_both_ways(
    routed_desk: ChatPage, office: LiveOffice, tmp_path: Path
) -> None:
    desk = routed_desk
    page = desk.page
    paper = FilePayload(name="申请书.pdf", mimeType="application/pdf", buffer=b"%PDF-1.4" * 500)
    page.locator("#file").set_input_files([picture(), paper])
    expect(page.locator("#files li")).to_have_count(2)
    desk.fits()
    desk.says("公示第一天")
    assert office.hears() == "公示第一天"
    assert office.next()["message"]["document"]["file_name"] == "申请书.pdf"
    expect(page.locator("#files")).to_be_hidden()
    shown = desk.sees("公示第一天").locator("img")
    expect(shown).to_be_visible()
    assert shown.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 600
    shown.click()
    expect(page.locator("#picture img")).to_be_visible()
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        desk.sees("申请书.pdf").locator(".file").click()
    assert download.value.suggested_filename == "申请书.pdf"
    page.route(
        "**/api/messages", lambda route: route.fulfill(status=413, body="<html>nginx</html>")
    )
    page.locator("#file").set_input_files([paper])
    desk.says("太大")
    desk.sees("太大", "不收这么大的文件").get_by_role("button", name="去掉").click()
    page.unroute("**/api/messages")
    with (tmp_path / "录像.mp4").open("wb") as film:
        film.truncate(20 * 1024 * 1024 + 1)
    page.locator("#file").set_input_files(tmp_path / "录像.mp4")
    expect(page.locator("#toast")).to_contain_text("没有添加 录像.mp4")
    expect(page.locator("#files")).to_be_hidden()


def test_what_a_report_says_is_seen_and_not_kept(
    opens: Opens, office: LiveOffice, signed_in: Any
) -> None:
    desk = opens(storage_state=signed_in, permissions=["clipboard-read", "clipboard-write"])
    page = desk.page
    page.clock.install()
    desk.opens()
    desk.arrives()
    first = office.says(SECRET, protect_content=True)
    secret = desk.sees("保密内容", "收起，不能复制", SECRET)
    page.evaluate("getSelection().selectAllChildren(document.body)")
    page.keyboard.press("Control+c")
    expect(page.locator("#toast")).to_contain_text("保密内容不能复制")
    assert SECRET not in page.evaluate("navigator.clipboard.readText()")
    secret.locator(".more").click()
    expect(page.locator("#actions button")).to_have_text(["回答这条", "关闭"])
    page.keyboard.press("Escape")
    office.takes_back(first)
    expect(page.locator("#messages")).not_to_contain_text(SECRET)
    office.says(SECRET, protect_content=True)
    desk.sees(SECRET)
    page.clock.fast_forward("04:30")
    desk.sees(SECRET)
    page.clock.fast_forward("00:31")
    # Though the bot hasn't taken it back.
    desk.sees("保密内容已收起")
    assert SECRET not in page.content()
    kept = page.evaluate(
        """async () => {
            const cache = await caches.open("shell");
            const paths = (await cache.keys()).map((one) => new URL(one.url).pathname);
            return [paths, JSON.stringify([{ ...sessionStorage }, { ...localStorage }])];
        }"""
    )
    assert not any(path.startswith("/api") for path in kept[0])
    assert SECRET not in kept[1]


def test_what_is_written_without_a_connection_arrives_once(
    desk: ChatPage, office: LiveOffice, signed_in: Any, opens: Opens
) -> None:
    page = desk.page
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    office.says("要哪一个？", reply_markup=buttons((("第一个", "one"), ("第二个", "two"))))
    desk.sees("要哪一个")
    office.ends()
    expect(page.locator("#line")).to_contain_text("消息可能晚到")
    desk.says("断网时写的")
    desk.sees("断网时写的", "还没有发出")
    desk.presses("第二个")
    expect(page.locator("#messages")).to_contain_text("按的还没有送到")
    # Whoever opens it now is told so, and what was written waits in its own tab.
    other = page.context.new_page()
    other.goto(office.page)
    expect(other.locator("#away")).to_contain_text("消息不存在这台设备上")
    office.begins()
    assert office.hears() == "断网时写的"
    assert office.is_pressed("第二个") == "two"
    expect(page.locator("#line")).to_be_hidden()
    expect(page.locator("#messages .pending")).to_have_count(0)
    expect(page.locator("#messages .me", has_text="断网时写的")).to_have_count(1)
    other.locator("#again").click()
    expect(other.locator("#compose")).to_be_visible()
    expect(other.locator("#messages .me", has_text="断网时写的")).to_have_count(1)
    office.silence()


@pytest.mark.slow
def test_what_was_being_written_outlives_the_page(desk: ChatPage, office: LiveOffice) -> None:
    office.ends()
    desk.says("先写下来")
    desk.sees("先写下来", "还没有发出")
    desk.page.locator("#text").fill("还在写")
    desk.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    desk.page.reload()
    expect(desk.page.locator("#away")).to_be_visible()
    office.begins()
    desk.page.locator("#again").click()
    assert office.hears() == "先写下来"
    expect(desk.page.locator("#text")).to_have_value("还在写")
    expect(desk.page.locator("#messages .pending")).to_have_count(0)
    office.silence()


@pytest.mark.slow
def test_what_has_waited_long_is_asked_for_first(
    opens: Opens, office: LiveOffice, signed_in: Any
) -> None:
    desk = opens(storage_state=signed_in)
    desk.page.clock.install()
    desk.opens()
    desk.arrives()
    office.ends()
    for text in ("八人", "三票", "五人"):
        desk.says(text)
    desk.page.clock.fast_forward("11:00")
    office.begins()
    # By now the bot may have asked something else.
    desk.sees("五人", "已经隔了一阵")
    office.silence()
    desk.sees("五人").get_by_role("button", name="去掉").click()
    desk.sees("三票").get_by_role("button", name="再发").click()
    assert office.hears() == "三票"
    desk.sees("八人").get_by_role("button", name="改一改").click()
    expect(desk.page.locator("#text")).to_have_value("八人")
    desk.says("八人参加")
    assert office.hears() == "八人参加"
    expect(desk.page.locator("#messages .pending")).to_have_count(0)
    office.silence()


@pytest.mark.slow
def test_another_device_is_signed_out_from_here(
    desk: ChatPage, opens: Opens, office: LiveOffice
) -> None:
    lost = opens()
    lost.opens()
    expect(lost.page.locator("#enter_title")).to_have_text("登录引路")
    lost.signs_in(NAME, "a wrong passphrase")
    expect(lost.page.locator("#enter_wrong")).to_contain_text("不对")
    lost.signs_in(NAME)
    lost.arrives()
    desk.page.locator("#to_account").click()
    ends = desk.page.get_by_role("button", name="结束登录")
    expect(ends).not_to_have_count(0)
    expect(desk.page.locator("#devices li").first).to_contain_text("这台设备")
    desk.fits()
    desk.page.locator("#end_others").click()
    expect(desk.page.locator("#toast")).to_contain_text("只有这台设备还登录着")
    expect(lost.page.locator("#enter_why")).to_contain_text("登录已经结束")
    expect(lost.page.locator(".bubble")).to_have_count(0)
    lost.page.go_back()
    expect(lost.page.locator(".bubble")).to_have_count(0)


def test_a_page_too_many_stops_where_it_was_opened_first_until_it_is_wanted_there(
    desk: ChatPage, office: LiveOffice
) -> None:
    page = desk.page
    page.locator("#text").fill("还没写完")
    office.opens_more(NAME)
    expect(page.locator("#elsewhere_title")).to_be_focused()
    expect(page.locator("#elsewhere")).to_contain_text("这里已停用")
    expect(page.locator("#elsewhere")).to_contain_text("请在新打开的页面继续")
    assert not desk.small()
    desk.fits()
    desk.shuts_nobody_out()
    office.says("这时来了一句")
    expect(page.locator("#messages > li")).to_have_count(0)
    # Seen again, back on the network: it stays as it is, and pushes out nobody.
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    assert office.pushed_out() == 0
    expect(page.locator("#elsewhere")).to_be_visible()
    page.get_by_role("button", name="还是在这里继续").click()
    desk.sees("这时来了一句")
    expect(page.locator("#text")).to_have_value("还没写完")
    office.says("接着办")
    desk.sees("接着办")
    assert office.pushed_out() == 1
    office.closes_more()


@pytest.mark.slow
@pytest.mark.usefixtures("signed_in")
def test_whoever_signs_out_leaves_nothing_behind(opens: Opens) -> None:
    desk = opens()
    desk.opens()
    desk.signs_in(NAME)
    desk.arrives()
    desk.page.locator("#text").fill("没写完")
    desk.page.locator("#to_account").click()
    desk.page.locator("#sign_out").click()
    expect(desk.page.locator("#enter_why")).to_contain_text("没有留下消息")
    expect(desk.page.locator(".bubble")).to_have_count(0)
    assert (
        desk.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])") == "[{},{}]"
    )
    assert desk.page.context.cookies() == []
    desk.page.reload()
    expect(desk.page.locator("#enter_title")).to_have_text("登录引路")


@pytest.mark.slow
def test_a_page_that_slept_shows_nobody_elses_chat(
    opens: Opens, office: LiveOffice, signed_in: Any
) -> None:
    """A computer that several people use: one signs in while another's tab is asleep."""
    desk = opens(storage_state=signed_in, service_workers=NO_WORKER)
    chat, awake = office.chat, list[bool]()
    page, seen = desk.page, list[str]()
    page.expose_function("seen", lambda text: seen.append(text))
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => new MutationObserver(() =>"
        " window.seen(document.body.innerText)).observe(document.body,"
        " {subtree: true, childList: true}))"
    )
    page.route_web_socket(
        "**/api/changes", lambda its: its.connect_to_server() if awake else its.close()
    )
    desk.opens()
    desk.arrives()
    page.route("**/api/**", lambda route: route.abort())
    told = {"token": INVITATION, "name": "后来的人", "passphrase": PASSPHRASE}
    origin = {"Origin": office.page}
    assert page.context.request.post(f"{office.page}/api/join", data=told, headers=origin).ok
    office.meets()
    office.says("只给后来的人看")
    awake.append(True)
    page.unroute("**/api/**")
    expect(page.locator("#enter_why")).to_contain_text("登录已经结束")
    expect(page.locator(".bubble")).to_have_count(0)
    assert seen
    assert not [text for text in seen if "只给后来的人看" in text]
    office.chat = chat


@pytest.mark.slow
def test_an_answer_that_was_lost_on_the_way_doubles_nothing(
    routed_desk: ChatPage, office: LiveOffice
) -> None:
    desk, lost = routed_desk, list[int]()

    def loses(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    desk.page.route("**/api/messages", loses)
    # The page may hear its own line through the socket before the answer is lost: wait for both.
    with desk.page.expect_event("requestfailed"):
        desk.says("只说一遍")
        assert office.hears() == "只说一遍"
    expect(desk.page.locator("#messages .pending")).to_have_count(0)
    expect(desk.page.locator("#messages .me", has_text="只说一遍")).to_have_count(1)
    assert lost == [200]
    office.silence()


@pytest.mark.slow
def test_where_sockets_are_held_back_it_asks_and_says_so(
    opens: Opens, office: LiveOffice, signed_in: Any
) -> None:
    desk = opens(storage_state=signed_in)
    desk.page.route_web_socket("**/api/changes", lambda socket: socket.close())
    desk.opens()
    desk.arrives()
    expect(desk.page.locator("#line")).to_have_text("连接不稳，消息可能晚到。")
    office.says("还是到了")
    desk.sees("还是到了")


@pytest.mark.slow
def test_older_messages_come_by_going_up(desk: ChatPage, office: LiveOffice) -> None:
    for number in range(70):
        office.says(f"第{number}条")
    desk.sees("第69条")
    desk.page.reload()
    desk.sees("第69条")
    expect(desk.page.locator("#messages .bubble")).to_have_count(50)
    messages = desk.page.locator("#messages")
    older = desk.page.locator("#older")
    expect(older).to_be_visible()
    messages.evaluate("(list) => list.scrollTo(0, 0)")
    expect(desk.page.locator("#messages", has_text="第0条")).to_be_visible()
    # What was read is still where it was.
    expect(messages.locator("li", has_text="第20条").first).to_be_in_viewport()
    office.says("新来的一条")
    expect(desk.page.locator("#newest")).to_have_text("↓ 1 条新消息")
    expect(messages.locator("li", has_text="第20条").first).to_be_in_viewport()
    desk.page.locator("#newest").click()
    expect(messages.locator("li", has_text="新来的一条")).to_be_in_viewport()
    expect(desk.page.locator("#newest")).to_be_hidden()


@pytest.mark.slow
def test_everything_is_done_by_keyboard_alone(desk: ChatPage, office: LiveOffice) -> None:
    keys, page = desk.page.keyboard, desk.page
    office.says("选一个", reply_markup=buttons((("甲", "a"), ("乙", "b")), (("丙", "c"),)))
    desk.sees("选一个")
    page.locator("#text").focus()
    keys.type("不")
    keys.press("Enter")
    assert office.hears() == "不"
    keys.press("ArrowUp")
    expect(page.locator(":focus")).to_have_text("甲")
    assert page.locator(":focus-visible").count() == 1
    keys.press("ArrowRight")
    keys.press("ArrowDown")
    expect(page.locator(":focus")).to_have_text("丙")
    keys.press("Enter")
    assert office.is_pressed("好") == "c"
    keys.press("Escape")
    expect(page.locator("#text")).to_be_focused()
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    expect(page.locator("#to_menu")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#menu button").first).to_be_focused()
    keys.press("Escape")
    expect(page.locator("#to_menu")).to_be_focused()
    page.locator("#to_account").focus()
    keys.press("Enter")
    expect(page.locator("#account_title")).to_be_focused()
    keys.press("Shift+Tab")
    keys.press("Enter")
    expect(page.locator("#to_account")).to_be_focused()


@pytest.mark.slow
def test_an_english_browser_is_spoken_to_in_english(opens: Opens, signed_in: Any) -> None:
    desk = opens(locale="en-GB")
    page = desk.page
    desk.opens()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for _ in range(2):
        assert CHINESE.search(page.locator("#enter").inner_text()) is None
        desk.signs_in("nobody.here", "a wrong passphrase")
        expect(page.locator("#enter_wrong")).to_contain_text("wrong")
    desk.signs_in(NAME)
    expect(page.locator("#to_account")).to_have_text("Account")
    page.locator("#to_account").click()
    expect(page.locator("#devices li")).not_to_have_count(0)
    assert CHINESE.findall(page.locator("#account").inner_text()) == list(NAME)


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(NARROW, 740), (1280, 800)])
def test_no_screen_shuts_anybody_out(
    opens: Opens, office: LiveOffice, signed_in: Any, width: int, height: int
) -> None:
    desk = opens(width, height)
    page = desk.page

    def look() -> None:
        desk.fits()
        assert desk.small() == []
        desk.shuts_nobody_out()

    desk.opens("/#join=another_invitation_lettr")
    expect(page.locator("#enter_title")).to_have_text("加入引路")
    page.locator("#enter_send").click()
    look()
    page.context.add_cookies(signed_in["cookies"])
    desk.opens("/#join=another_invitation_lettr")
    # It goes from the address once the page has seen it: before, it would be opened again.
    expect(page).to_have_url(f"{office.page}/")
    page.reload()
    desk.arrives()
    office.says("<code>改 2</code>", parse_mode="HTML", reply_markup=buttons(*WEEKS))
    office.says(SECRET, protect_content=True)
    desk.sees(SECRET)
    look()
    page.locator("#to_menu").click()
    look()
    page.locator("#to_menu").click()
    page.locator("#file").set_input_files([picture()])
    expect(page.locator("#files img")).to_be_visible()
    look()
    desk.says("照片")
    office.hears()
    shown = desk.sees("照片").locator(".photo")
    look()
    shown.click()
    look()
    page.keyboard.press("Escape")
    page.locator(".more").last.click()
    look()
    page.keyboard.press("Escape")
    page.locator("#to_account").click()
    expect(page.locator("#devices li")).not_to_have_count(0)
    look()
    page.locator("#back").click()
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    office.ends()
    desk.says("没有网")
    desk.sees("还没有发出")
    expect(page.locator("#line")).to_be_visible()
    look()
    page.reload()
    expect(page.locator("#away")).to_be_visible()
    look()
    office.begins()
    assert office.hears() == "没有网"


WEEKS = (
    (("‹", "p"), ("2026年11月", "m"), ("›", "n")),
    *(tuple((str(7 * week + day), f"{week}.{day}") for day in range(1, 8)) for week in range(4)),
)
