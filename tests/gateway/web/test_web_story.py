"""The staff bot of production, unmodified, for offices that have no messenger."""

import asyncio
import re
from pathlib import Path

import pytest

from bot.cli.install import found
from papers.sheets.writing import listed
from tests.gateway.village import (
    answers_a_visit,
    begins_a_visit,
    settings_behind,
    staff,
    tell_the_time,
    village,
)
from tests.gateway.web.conftest import Office, Opens
from tests.gateway.web.pages import Browser

pytestmark = pytest.mark.slow
INVITES = re.compile(r"#join=([\w-]{24})")
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def test_the_director_comes_in_by_the_first_link(
    tmp_path: Path, house: Office, wang: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_the_time(monkeypatch)
    async with house.running() as bot:
        bot.is_unhurried()
        settings = settings_behind(bot, tmp_path / "var")
        token = await found(settings, "白桦市委组织部", "苏和")
        stop = asyncio.Event()
        task = asyncio.create_task(staff(settings, stop))
        await wang.joins(token)
        await wang.taps("是，我是苏和")
        await wang.hears("您已加入")
        assert "todo" in [one["command"] for one in (await wang.opens())["commands"]]
        assert wang.lines[min(wang.lines)]["text"] == "我收到了邀请，来加入。"
        stop.set()
        await task


async def test_a_secretary_joins_leads_a_visit_sends_a_sheet_and_invites_somebody(
    tmp_path: Path,
    house: Office,
    wang: Browser,
    opens: Opens,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with village(tmp_path, house, monkeypatch) as here:
        await wang.joins(here.token)
        await wang.taps("是，我是书记其木格")
        await wang.hears("您已加入")
        await begins_a_visit(wang)
        await answers_a_visit(wang)
        # Buttons alone sufficed, the calendar's too.
        assert not [text for text in wang.sees() if "回复字母选择" in text]
        await wang.taps("确认，保存")
        await wang.hears("已保存")
        await here.begins_again()
        # Still signed in, and nothing is said twice.
        await wang.writes("/help")
        await wang.taps("一页说明（打印）")
        await wang.hears("一页纸：每天做什么")
        assert sum("已保存" in text for text in wang.sees()) == 1
        (entry,) = [e for e in (await here.card()).entries if e.step.id == "21a"]
        assert entry.answers["heard"] == 8
        paper = next(line["media"] for line in wang.lines.values() if line["media"])
        printed = await wang.asks("GET", paper["url"])
        assert printed.body.startswith(b"%PDF")

        content = listed("名单", ("姓名", "性别"), [("王小明", "男")])
        await wang.sends_file(("名单.xlsx", content, SHEET))
        await wang.hears("党员名册", "新1")
        await wang.taps("开始新的一件")
        await wang.hears("申请人姓名？")
        await wang.writes("王小明")
        await wang.taps("登记，接着填第一步")

        # The link for whoever comes next leads to this page.
        await wang.hears("① 哪一天收到入党申请书")
        await wang.writes("/invite")
        await wang.taps("入党介绍人")
        await wang.writes("孟和")
        invited = INVITES.search(await wang.hears("#join="))
        assert invited is not None
        meng = opens(name="孟和")
        await meng.joins(invited[1])
        await meng.taps("是，我是孟和")
        await meng.hears("您已加入")
        assert not [text for text in meng.sees() if "陆小满" in text]
