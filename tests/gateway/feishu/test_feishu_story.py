"""The staff bot of production, unmodified, for somebody who has Feishu."""

from pathlib import Path

import pytest

from papers.sheets.writing import listed
from tests.gateway.feishu.conftest import Office
from tests.gateway.feishu.server import Colleague, FeishuServer
from tests.gateway.village import answers_a_visit, begins_a_visit, joins, village

pytestmark = pytest.mark.slow


async def test_somebody_joins_enters_a_visit_and_opens_a_case_by_cards_and_the_calendar(
    tmp_path: Path,
    house: Office,
    server: FeishuServer,
    wang: Colleague,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with village(tmp_path, house, monkeypatch) as here:
        await wang.enters()
        await joins(wang, here.token)
        await begins_a_visit(wang)
        await answers_a_visit(wang)
        await wang.hears("确认，保存")
        # Buttons alone sufficed, and what was answered doesn't stand there any more.
        assert not [text for text in wang.sees() if "回复字母选择" in text]

        # The answer is seen, and nobody knows: after the restart it isn't seen again.
        server.codes["send"] = [None]
        server.codes["change"] = [None]
        await wang.taps("确认，保存")
        await wang.hears("已保存")
        await here.begins_again()
        await wang.writes("/help")
        await wang.taps("一页说明（打印）")
        await wang.hears("一页纸：每天做什么")
        assert sum("已保存" in text for text in wang.sees()) == 1
        assert not [text for text in wang.sees() if "可能重复" in text]
        (entry,) = [e for e in (await here.card()).entries if e.step.id == "21a"]
        assert entry.answers["heard"] == 8
        media = next(seen.media for seen in reversed(server.seen) if seen.media)
        assert server.media[media][2].startswith(b"%PDF")

        content = listed("名单", ("姓名", "性别"), [("王小明", "男")])
        await wang.sends_file("名单.xlsx", content)
        await wang.hears("党员名册", "新1")

        # A case is opened, on a day that is chosen on the calendar.
        await wang.taps("开始新的一件")
        await wang.hears("申请人姓名？")
        await wang.writes("王小明")
        await wang.taps("登记，接着填第一步")
        await wang.taps("① 别的日子")
        await wang.hears("[选日期]")
        await wang.picks("2026-11-20")
        await wang.hears("① 哪一天收到入党申请书\u30002026年11月20日")
