"""The staff bot of production, unmodified, for somebody who has WeCom."""

from pathlib import Path

import pytest

from papers.sheets.writing import listed
from tests.gateway.village import answers_a_visit, begins_a_visit, joins, village
from tests.gateway.wecom.conftest import Office
from tests.gateway.wecom.server import Colleague, WeComServer

pytestmark = pytest.mark.slow


async def test_somebody_joins_and_enters_a_visit_by_cards_letters_and_typed_text(
    tmp_path: Path,
    house: Office,
    server: WeComServer,
    wang: Colleague,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with village(tmp_path, house, monkeypatch) as here:
        await wang.enters()
        await joins(wang, here.token)
        await begins_a_visit(wang)
        await answers_a_visit(wang)
        await wang.hears("确认，保存")
        # Both ways were gone: cards where six choices suffice, letters where there are more.
        assert any(seen.card for seen in server.seen)
        assert any("回复字母选择" in seen.text for seen in server.seen)

        # The answer is seen, and nobody knows: what comes after the restart is marked.
        server.codes["aibot_send_msg"] = [None]
        await wang.taps("确认，保存")
        await wang.hears("已保存")
        await here.begins_again()
        await wang.hears("（可能重复）", "已保存")
        (entry,) = [e for e in (await here.card()).entries if e.step.id == "21a"]
        assert entry.answers["heard"] == 8

        # A file goes up, and one comes down.
        content = listed("名单", ("姓名", "性别"), [("王小明", "男")])
        await wang.sends_file("名单.xlsx", content)
        await wang.hears("党员名册", "新1")
        await wang.writes("/help")
        await wang.taps("一页说明（打印）")
        await wang.hears("一页纸：每天做什么")
        media = next(seen.media for seen in reversed(server.seen) if seen.media)
        assert server.media[media][2].startswith(b"%PDF")
