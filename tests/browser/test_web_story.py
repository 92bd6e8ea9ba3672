"""The staff bot of production behind the web chat, and a secretary at its page on a telephone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.watched import NARROW
from tests.browser.web_chat import ChatPage, LiveOffice, office_in
from tests.gateway.village import CHOSEN, WRITTEN, Village, village

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[LiveOffice]:
    made = office_in(tmp_path)
    yield made
    made.closes()


@pytest.fixture
def home(office: LiveOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Village]:
    living = village(tmp_path, office, monkeypatch)
    yield office.does(living.__aenter__())
    office.does(living.__aexit__(None, None, None))


def test_a_secretary_joins_and_enters_a_visit(
    browser: Browser, office: LiveOffice, home: Village
) -> None:
    context = browser.new_context(
        viewport={"width": NARROW, "height": 740}, locale="zh-CN", reduced_motion="reduce"
    )
    desk = ChatPage(context.new_page(), office.page)
    desk.joins("qimuge", home.token)
    desk.presses("是，我是书记其木格")
    desk.sees("您已加入")
    desk.page.locator("#to_menu").click()
    desk.page.locator("#menu .keys").get_by_role("button", name="待办").click()
    desk.sees("陆小满 · 21a 回访")
    desk.shuts_nobody_out()
    desk.presses("1. 陆小满 · 填写")
    desk.sees("哪一天回访的")
    desk.presses("别的日子")
    expect(desk.page.locator("#messages .week").nth(4)).to_be_visible()
    assert desk.small() == []
    desk.shuts_nobody_out()
    desk.presses("昨天")
    for label, told in CHOSEN.items():
        desk.presses(label)
        desk.sees(told)
    desk.says(WRITTEN)
    check = desk.sees("核对后保存", "有人跟着学")
    # Longer than the screen: it is read from its beginning, and what follows a press comes in view.
    expect(check.locator(".bubble")).to_be_in_viewport()
    assert check.evaluate("(one) => one.getBoundingClientRect().top") >= 0
    desk.presses("确认，保存")
    expect(desk.sees("已保存")).to_be_in_viewport()
    (entry,) = [one for one in office.does(home.card()).entries if one.step.id == "21a"]
    assert entry.answers["heard"] == 8
    desk.ends()
    context.close()
