"""全程一图: all steps of a case in one look, edited in place."""

from collections.abc import Sequence
from typing import Any

import pytest
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import EditMessageMedia, SendPhoto

from handlers.staff.cases.callbacks import WayCallback
from papers.processes.typesetting import Job, NoFonts
from tests.cases.conftest import Lead
from tests.conversation.conftest import House
from tests.conversation.people import Somebody

DRAWN = "services.papers.glances.typeset"


def points(job: Job) -> dict[str, dict[str, Any]]:
    return {p["title"]: p for stretch in job.data["stretches"] for p in stretch["points"]}


async def test_the_way_of_a_case_is_a_picture_that_is_edited_in_place(
    house: House,
    lead: Lead,
    secretary: Somebody,
    other_secretary: Somebody,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[Job] = []

    async def noted(jobs: Sequence[Job], fonts: object) -> tuple[bytes, ...]:
        drawn.extend(jobs)
        if len(drawn) > 3:
            raise NoFonts
        return (PNG,)

    monkeypatch.setattr(DRAWN, noted)
    await lead.to("5")
    await secretary.says("张三")
    said = await secretary.presses("全程一图")
    assert "下一步：<b>5 指定培养联系人</b>" in said
    found = points(drawn[0])
    assert found["派人谈话"]["state"] == "done"
    assert found["派人谈话"]["said"].startswith(f"{lead.today.year}.")
    assert found["指定培养联系人"]["state"] == "next"
    assert "等支部书记" in found["指定培养联系人"]["said"]
    assert found["材料归档"]["state"] == "later"
    card = await lead.card()
    assert len(found) >= card.progress.total - 3
    sent = [call for call in house.line.telegram.calls if isinstance(call, SendPhoto)]
    assert len(sent) == 1

    step = card.rulebook.step("5")
    await lead.take(step)
    said = await secretary.presses("刷新这张图")
    assert points(drawn[1])["指定培养联系人"]["state"] == "done"
    assert "5 指定培养联系人" not in said
    (edited,) = [c for c in house.line.telegram.calls if isinstance(c, EditMessageMedia)]
    assert edited.message_id == max(secretary.chat)

    def too_old(method: EditMessageMedia) -> None:
        raise TelegramBadRequest(method, "Bad Request: message can't be edited")

    monkeypatch.setattr(house.line.telegram, "_EditMessageMedia", too_old)
    before = max(secretary.chat)
    await secretary.presses("刷新这张图")
    assert max(secretary.chat) > before, "it comes anew"
    assert "<b>张三</b>" in await secretary.presses("看这一件")

    said = await secretary.presses("全程一图")
    assert "没有中文字体" in said
    assert "下一步：" in said, "the words are there without the picture"
    button = WayCallback(case=lead.case).pack()
    assert "没有找到" in await other_secretary.presses_again(1, button)


PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"
)
"""One black dot."""
