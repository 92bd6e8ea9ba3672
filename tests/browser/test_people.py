"""What people do all day, in a real browser at the width of a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.accessible import SCHEMES, faults
from tests.browser.conftest import Opening
from tests.browser.phone import Phone
from tests.browser.watched import NARROW

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAID = "公示期间他在集体林地里私自开荒。"


def test_the_secretary_is_led_through_a_step(phone: Phone) -> None:
    expect(phone.row("secretary").locator(".unread")).to_have_text(re.compile("[12]"))
    phone.plays("secretary")
    phone.sees("提醒", "梁永福")
    phone.says("待办")
    phone.sees("已逾期", "梁永福 · 2")
    phone.presses(phone.numbered("梁永福 · 2"))
    phone.sees("谁去谈的？", "1/2")
    phone.presses("乌兰")
    phone.sees("哪一天谈的话", "2/2")
    phone.presses("① 别的日子")
    phone.sees("在日历上点")
    # Of this month only the weeks until today can be pressed; the one before has four at least,
    # and the line of weekdays.
    phone.presses("‹")
    expect(phone.page.locator(".rows .week").nth(4)).to_be_visible()
    phone.presses("›")
    phone.presses("昨天")
    phone.sees("谈到了哪些内容？")
    phone.presses("全部点上")
    phone.sees("② ✓ 全部点上")
    phone.says("态度端正，家里支持。")
    phone.sees("核对后保存", "态度端正")
    phone.presses("确认，保存")
    phone.sees("已保存", "下一步")
    phone.page.locator("#back").click()
    expect(phone.row("secretary").locator(".last")).to_contain_text("已保存")


def test_the_introducer_writes_down_a_visit(phone: Phone) -> None:
    phone.plays("introducer")
    phone.says("待办")
    phone.sees("汪洋 · 21a")
    phone.presses("1. 汪洋")
    phone.sees("哪一天回访的", "用了哪些方式？")
    phone.presses("走访群众")
    phone.presses("实地察看")
    phone.sees("② ✓ 实地察看")
    for choice in ("积极向上", "有新成绩", "反映好", "能带动"):
        phone.presses(choice)
        phone.sees(f"✓ {choice}")
    phone.says(
        "听了8人的意见。一、主动谈了想法。二、账目没有差错。三、几户都说好。四、带动三户植树。"
    )
    phone.sees("核对后保存", "带动三户植树")
    phone.presses("确认，保存")
    phone.sees("已保存", "签字")


def test_a_citizen_reports_and_copies_the_code(phone: Phone) -> None:
    phone.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.plays("citizen", "public")
    phone.page.get_by_role("button", name="开始").click()
    phone.sees("三件事")
    phone.presses("我要反映")
    phone.presses("丁海涛")
    phone.sees("发生了什么")
    phone.says(SAID)
    phone.sees("记下了")
    phone.presses("写完了")
    phone.presses("没有了")
    phone.sees("请核对", SAID)
    phone.presses("确认，交上去")
    shown = phone.sees("您的八个字").locator(".text").inner_text()
    code = shown.split("\n\n")[1].replace(" ", "")
    phone.button("复制八个字").click()
    expect(phone.page.locator("#toast")).to_have_text("已复制")
    phone.shuts_nobody_out()
    assert phone.page.evaluate("navigator.clipboard.readText()") == code
    expect(phone.page.locator("#messages li", has_text=SAID)).to_have_count(0)
    phone.says("/status")
    phone.sees("请输入八个字")
    phone.says(code)
    phone.sees("收到")
    phone.shuts_nobody_out()


def test_time_goes_on_and_a_reminder_arrives(phone: Phone) -> None:
    before = phone.page.locator("#date").text_content() or ""
    for chat in phone.chats():
        phone.plays(*chat)
    phone.page.locator("#back").click()
    expect(phone.page.locator("#people button")).to_have_count(len(phone.chats()))
    # What the stories before have caused may come while the chats are looked through.
    while phone.page.locator(".unread").count():
        phone.page.locator("#people button", has=phone.page.locator(".unread")).first.click()
        phone.page.locator("#back").click()
    phone.page.locator("#today").click()
    phone.page.locator("#week").click()
    expect(phone.page.locator("#toast")).to_contain_text("现在是")
    expect(phone.page.locator("#date")).not_to_have_text(before)
    expect(phone.page.locator(".unread").first).to_be_visible()
    expect(phone.page).to_have_title(re.compile(r"^\(\d+\) 引路$"))
    week_later = phone.page.locator("#date").inner_text()
    expect(phone.page.locator("#next")).to_be_enabled()
    phone.page.locator("#next").click()
    expect(phone.page.locator("#date")).not_to_have_text(week_later)


def test_everything_speaks_english(phone: Phone) -> None:
    phone.plays("director")
    phone.says("/start")
    phone.answered()
    phone.page.locator("#language").click()
    expect(phone.page.locator("#text")).to_have_attribute("placeholder", "Message")
    expect(phone.page.locator("html")).to_have_attribute("lang", "en")
    phone.sees("Which language?")
    phone.presses("English")
    phone.says("/help")
    phone.answered()
    assert CHINESE.search(phone.newest().locator(".text").inner_text()) is None
    phone.plays("citizen", "public")
    phone.says("/start")
    phone.answered()
    assert CHINESE.search(phone.newest().locator(".text").inner_text()) is None
    phone.page.locator("#language").click()
    expect(phone.page.locator("html")).to_have_attribute("lang", "zh-CN")


def test_a_step_is_entered_by_keyboard_alone(phone: Phone) -> None:
    keys = phone.page.keyboard
    phone.row("committee").focus()
    keys.press("ArrowUp")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(phone.page.locator("#title")).to_contain_text("陈静")
    for _ in range(30):
        if phone.focused() == "text":
            break
        keys.press("Tab")
    keys.type("待办")
    keys.press("Enter")
    phone.answered()
    # A reminder above has buttons to fill in as well.
    phone.sees("刷新")
    keys.press("ArrowUp")
    first = phone.focused()
    assert first.startswith("1.")
    assert phone.page.locator(":focus-visible").count() == 1
    keys.press("ArrowDown")
    assert phone.focused() != first
    keys.press("ArrowUp")
    keys.press("Enter")
    phone.sees("1/")
    expect(phone.page.locator("#messages li.bot").last.locator("button:focus")).to_have_count(1)
    keys.press("Escape")
    assert phone.focused() == "text"
    keys.press("Escape")
    expect(phone.row("committee")).to_be_focused()


@pytest.mark.parametrize("width", [360, 1280])
def test_no_screen_shuts_anybody_out(opening: Opening, city: str, width: int) -> None:
    phone = opening(city, width=width)
    found: dict[str, list[str]] = {}

    def look(screen: str) -> None:
        # What is being pressed is pale for as long as it takes.
        expect(phone.page.locator("[aria-busy]")).to_have_count(0)
        for scheme, asked in SCHEMES.items():
            phone.page.emulate_media(color_scheme=scheme)
            found[f"{screen}, {scheme}"] = faults(Axe().run(phone.page, options=asked))

    look("people")
    phone.plays("secretary")
    phone.says("/start")
    phone.answered()
    look("chat")
    phone.says("待办")
    phone.sees("已逾期", "敖特根 · 22")
    look("list")
    phone.page.locator("#slash").click()
    look("commands")
    phone.page.locator("#slash").click()
    phone.presses(phone.numbered("敖特根 · 22"))
    phone.sees("哪一天收到书面转正申请")
    look("several questions")
    phone.presses("① 别的日子")
    phone.sees("在日历上点")
    look("calendar")
    if width == NARROW:
        phone.page.locator("#keypad").click()
        phone.page.locator("#today").click()
        look("keyboard and clock")
    assert {screen: lines for screen, lines in found.items() if lines} == {}
    assert len(found) >= 5 * len(SCHEMES)
