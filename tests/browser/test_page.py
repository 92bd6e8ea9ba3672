"""What the page shows of a messenger, with the test in the place of the bot."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from messenger.core.settings import BOTS, user_id
from tests.browser.conftest import Opening
from tests.browser.phone import Phone
from tests.browser.start import process
from tests.ports import free_port

pytestmark = pytest.mark.browser

CHAT = user_id(0)


def post(url: str, body: dict[str, Any]) -> Any:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=20) as answer:
        return json.load(answer)


def bot(url: str, method: str, **body: Any) -> Any:
    """A call of the staff bot to the secretary."""
    return post(f"{url}/bot{BOTS['staff'][0]}/{method}", {"chat_id": CHAT, **body})["result"]


def buttons(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


@pytest.fixture
def secretary(opening: Opening, bare: str) -> Phone:
    phone = opening(bare)
    phone.plays("secretary")
    phone.says("在")
    expect(phone.page.locator("#messages li.me").last).to_contain_text("在")
    return phone


def test_what_a_bot_changes_and_takes_back(secretary: Phone) -> None:
    sent = bot(secretary.url, "sendMessage", text="<b>粗</b> &lt;i&gt;", parse_mode="HTML")
    shown = secretary.sees("粗 <i>")
    expect(shown.locator("b")).to_have_text("粗")
    bot(secretary.url, "editMessageText", message_id=sent["message_id"], text="改过了")
    secretary.sees("改过了", "已编辑")
    bot(secretary.url, "deleteMessage", message_id=sent["message_id"])
    expect(secretary.page.locator("#messages", has_text="改过了")).to_have_count(0)


def test_one_who_looks_elsewhere_sees_a_mark(secretary: Phone) -> None:
    secretary.page.locator("#back").click()
    for text in ("一", "二"):
        bot(secretary.url, "sendMessage", text=text)
    row = secretary.row("secretary")
    expect(row.locator(".unread")).to_have_text("2")
    expect(row.locator(".unread")).to_have_attribute("aria-label", "2 条未读")
    row.click()
    expect(secretary.page.locator("#messages .new")).to_have_text("未读消息")
    expect(row.locator(".unread")).to_have_count(0)


def test_long_words_and_many_buttons_fit(secretary: Phone) -> None:
    week = [{"text": str(day), "callback_data": str(day)} for day in range(7)]
    label = "办理预备党员转正手续并报上级党委审批的全部材料清单"
    bot(
        secretary.url,
        "sendMessage",
        text=f"https://example.org/{'x' * 300} {'长' * 1000}",
        reply_markup=buttons(week, [{"text": label * 3, "callback_data": "long"}]),
    )
    secretary.sees(label)


def test_the_head_is_one_row_and_the_clock_opens_from_its_date(secretary: Phone) -> None:
    head, clock = secretary.page.locator("header"), secretary.page.locator("#time")
    tallest = head.evaluate(
        "(head) => Math.max(...[...head.children].map((one) => one.offsetHeight))"
    )
    assert head.evaluate("(head) => head.clientHeight") < 2 * tallest
    expect(clock).to_be_hidden()
    today = secretary.page.locator("#today")
    today.click()
    expect(clock).to_be_visible()
    expect(today).to_have_attribute("aria-expanded", "true")
    secretary.fits()
    before = secretary.page.locator("#date").inner_text()
    secretary.page.locator("#day").click()
    expect(secretary.page.locator("#date")).not_to_have_text(before)
    secretary.page.locator("#day").press("Escape")
    expect(clock).to_be_hidden()
    expect(today).to_be_focused()
    assert str(today.text_content()) not in before


def test_on_a_phone_the_keyboard_comes_and_goes_with_its_key(secretary: Phone) -> None:
    rows = [[{"text": "待办"}, {"text": "更多"}]]
    begin = secretary.page.locator("#begin")
    bot(secretary.url, "sendMessage", text="提醒")
    expect(begin).to_be_visible()
    secretary.shuts_nobody_out()
    begin.click()
    expect(secretary.page.locator("#messages li.me").last).to_contain_text("/start")
    expect(begin).to_be_hidden()
    bot(secretary.url, "sendMessage", text="好", reply_markup={"keyboard": rows})
    keypad = secretary.page.locator("#keypad")
    expect(keypad).to_be_visible()
    expect(secretary.page.locator("#keyboard")).to_be_hidden()
    keypad.click()
    secretary.page.locator("#keyboard").get_by_role("button", name="待办").click()
    expect(secretary.page.locator("#messages li.me").last).to_contain_text("待办")
    expect(secretary.page.locator("#keyboard")).to_be_hidden()
    bot(secretary.url, "sendMessage", text="好", reply_markup={"remove_keyboard": True})
    expect(keypad).to_be_hidden()


def test_whose_case_it_is_stays_in_sight_above_a_long_calendar(secretary: Phone) -> None:
    weeks = [[{"text": str(day), "callback_data": str(day)} for day in range(7)]] * 14
    bot(secretary.url, "sendMessage", text="陆小满 · 2 派人谈话", reply_markup=buttons(*weeks))
    asked = secretary.sees("陆小满").locator(".bubble")
    expect(asked.locator("xpath=../div[@class='rows']/div").last).to_be_in_viewport()
    expect(asked).to_be_in_viewport(ratio=0.5)


def test_a_notice_that_must_be_read(secretary: Phone) -> None:
    row = [{"text": "问", "callback_data": "ask"}]
    bot(secretary.url, "sendMessage", text="选", reply_markup=buttons(row))
    secretary.presses("问")
    query = newest_query(secretary.url)
    bot(secretary.url, "answerCallbackQuery", callback_query_id=query, text="记住", show_alert=True)
    expect(secretary.page.locator("#alert")).to_contain_text("记住")
    secretary.shuts_nobody_out()
    secretary.page.keyboard.press("Enter")
    expect(secretary.page.locator("#alert")).to_be_hidden()


def newest_query(url: str) -> str:
    """Of the last press, once it has come in."""
    for _ in range(100):
        for update in reversed(bot(url, "getUpdates", timeout=1)):
            if "callback_query" in update:
                return str(update["callback_query"]["id"])
    raise AssertionError("no press came in")


def test_photos_are_looked_at_before_they_go(secretary: Phone, tmp_path: Path) -> None:
    for place, colour in enumerate(("red", "green", "blue")):
        Image.new("RGB", (400, 300), colour).save(tmp_path / f"{place}.png")
    secretary.page.locator("#file").set_input_files(sorted(tmp_path.glob("*.png")))
    expect(secretary.page.locator("#files img")).to_have_count(3)
    secretary.fits()
    secretary.page.get_by_role("button", name="去掉 1.png").click()
    expect(secretary.page.locator("#files img")).to_have_count(2)
    secretary.shuts_nobody_out()
    secretary.says("公示栏")
    expect(secretary.page.locator("#messages .me.album")).to_have_count(2)
    expect(secretary.page.locator("#files")).to_be_hidden()
    secretary.page.locator("#messages .photo").last.click()
    expect(secretary.page.locator("#picture img")).to_be_visible()
    secretary.shuts_nobody_out()
    secretary.page.keyboard.press("Escape")
    expect(secretary.page.locator("#picture")).to_be_hidden()


def test_a_document_says_its_name_and_size(secretary: Phone) -> None:
    paper = FilePayload(name="申请书.pdf", mimeType="application/pdf", buffer=b"%PDF" * 500)
    secretary.page.locator("#file").set_input_files(paper)
    secretary.page.locator("#send").click()
    sent = secretary.page.locator("#messages .me .file").last
    expect(sent).to_contain_text("申请书.pdf")
    expect(sent).to_contain_text("2 KB")
    secretary.shuts_nobody_out()


def test_ones_own_message_is_changed(secretary: Phone) -> None:
    secretary.says("十一月")
    mine = secretary.page.locator("#messages .me").last
    expect(mine).to_contain_text("十一月")
    mine.hover()
    mine.get_by_role("button", name="编辑").click()
    secretary.shuts_nobody_out()
    secretary.says("十二月")
    expect(mine.locator(".text")).to_have_text("十二月")
    expect(mine.locator(".foot")).to_contain_text("已编辑")


def test_an_invitation_asks_who_opens_it(secretary: Phone) -> None:
    link = "https://t.me/yinlu_staff_bot?start=abc"
    bot(secretary.url, "sendMessage", text=f'<a href="{link}">邀请</a>', parse_mode="HTML")
    secretary.newest().get_by_role("link", name="邀请").click()
    expect(secretary.page.locator("#choose")).to_contain_text("谁来打开这个链接？")
    secretary.shuts_nobody_out()
    secretary.page.get_by_role("button", name="＋ 新来的人").last.click()
    expect(secretary.page.locator("#title")).to_have_text("新来的人 1")
    expect(secretary.page.locator("#messages .me").last).to_contain_text("/start abc")


def test_a_dropped_file_is_attached_and_a_dropped_text_is_nothing(secretary: Phone) -> None:
    drop = """([name, bytes]) => {
        const data = new DataTransfer();
        if (bytes) data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
        else data.setData("text/plain", name);
        document.body.dispatchEvent(
            new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    picture = BytesIO()
    Image.new("RGB", (9, 9), "red").save(picture, "PNG")
    secretary.page.evaluate(drop, ["只是文字", None])
    expect(secretary.page.locator("#files")).to_be_hidden()
    secretary.page.evaluate(drop, ["a.png", list(picture.getvalue())])
    expect(secretary.page.locator("#files img")).to_have_count(1)


def test_commands_open_with_a_stroke(secretary: Phone) -> None:
    commands = [
        {"command": name, "description": about}
        for name, about in (("todo", "待办"), ("help", "怎么用"))
    ]
    bot(secretary.url, "setMyCommands", commands=commands)
    expect(secretary.page.locator("#slash")).to_be_visible()
    secretary.page.locator("#text").press_sequentially("/h")
    expect(secretary.page.locator("#commands button")).to_have_count(1)
    secretary.page.keyboard.press("ArrowUp")
    secretary.page.keyboard.press("Enter")
    expect(secretary.page.locator("#messages .me").last).to_contain_text("/help")


def test_the_page_says_when_the_server_is_gone_and_catches_up(
    opening: Opening,
) -> None:
    port = str(free_port())
    with process("-m", "bot", "messenger", "--port", port) as url:
        phone = opening(url)
        phone.plays("secretary")
        phone.says("第一句")
        expect(phone.page.locator("#messages .me")).to_have_count(1)
    expect(phone.page.locator("#offline")).to_be_visible()
    phone.page.locator("#text").fill("第二句")
    phone.page.locator("#send").click()
    expect(phone.page.locator("#toast")).to_contain_text("没有发出去")
    expect(phone.page.locator("#text")).to_have_value("第二句")
    phone.shuts_nobody_out()
    with process("-m", "bot", "messenger", "--port", port):
        expect(phone.page.locator("#offline")).to_be_hidden()
        phone.page.locator("#send").click()
        expect(phone.page.locator("#messages .me .text")).to_have_text(["第二句"])
        assert phone.complaints
        phone.complaints.clear()


def test_a_wide_page_shows_both_sides(opening: Opening, bare: str) -> None:
    phone = opening(bare, width=1280, height=800, color_scheme="dark")
    expect(phone.page.locator("#empty")).to_contain_text("左边选一个人")
    phone.shuts_nobody_out()
    phone.plays("secretary")
    expect(phone.page.locator("#people")).to_be_visible()
    expect(phone.page.locator("#text")).to_be_focused()
    phone.page.keyboard.press("Escape")
    expect(phone.row("secretary")).to_be_focused()
