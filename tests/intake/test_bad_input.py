"""Whatever comes where something else is asked: one clear sentence, the conversation stays where
it was, nothing is stored (docs/promises.md Q7)."""

from typing import Any

import pytest

from tests.intake import samples
from tests.intake.citizens import SAID, Citizen
from tests.intake.conftest import Hand, Stored

FORWARD = {"type": "hidden_user", "date": 1, "sender_user_name": "某人"}
PHOTO = [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]
VOICE = {"file_id": "v", "file_unique_id": "v", "duration": 3}
STICKER = {"file_id": "s", "file_unique_id": "s", "width": 9, "height": 9, "type": "regular"}
STICKER |= {"is_animated": False, "is_video": False}
NOT_TEXT: dict[str, dict[str, Any]] = {
    "sticker": {"sticker": STICKER},
    "voice": {"voice": VOICE},
    "place": {"location": {"latitude": 49.2, "longitude": 120.7}},
    "only controls": {"text": "\u0000\u200b\u202e\u2066"},
    "forwarded": {"text": "别人写的一段话，够长了。", "forward_origin": FORWARD},
}
WHERE = {
    "whom": ("请写出姓名和单位", "转发的消息"),
    "what": ("这里请写文字", "转发的消息", "录音没有收"),
    "sum": ("这一条没有收，前面写的都在。对了，按“确认，交上去”", "录音没有收"),
}


@pytest.mark.parametrize("question", WHERE)
@pytest.mark.parametrize("bad", NOT_TEXT)
async def test_what_is_no_text_gets_one_sentence_and_changes_nothing(
    citizen: Citizen, stored: Stored, question: str, bad: str
) -> None:
    await citizen.gets_to(question)
    before = len(citizen.telegram.called("sendMessage"))
    said = await citizen.sends(NOT_TEXT[bad])
    assert any(text in said for text in WHERE[question])
    assert len(citizen.telegram.called("sendMessage")) == before + 1
    assert await stored.nothing()
    assert "出了点问题" not in said


NO_FILE = {"voice": "录音没有收", "forwarded": "转发的消息"}


@pytest.mark.parametrize("bad", NOT_TEXT)
async def test_what_is_no_file_is_told_which_files_are_taken(citizen: Citizen, bad: str) -> None:
    await citizen.gets_to("evidence")
    assert NO_FILE.get(bad, "照片、PDF或Word") in await citizen.sends(NOT_TEXT[bad])
    assert "请核对" in await citizen.presses("没有了")


async def test_a_text_of_4096_characters_is_too_long_and_the_next_one_counts(
    citizen: Citizen, stored: Stored
) -> None:
    await citizen.gets_to("what")
    assert "太长了" in await citizen.says("长" * 4096)
    assert f"共{len(SAID)}个字" in await citizen.says(SAID)
    assert await stored.nothing()


@pytest.mark.parametrize("text", ["🌾👩‍🌾" * 600, "\u202eتقرير عن الأرض" * 20, "<b>&amp;" * 300])
async def test_any_letters_are_taken_and_read_back(
    citizen: Citizen, stored: Stored, text: str
) -> None:
    await citizen.gets_to("what")
    assert "记下了" in await citizen.says(text)
    await citizen.presses("写完了")
    assert "请核对" in await citizen.presses("没有了")
    assert "您的八个字" in await citizen.presses("确认，交上去")
    assert len(await stored.reports()) == 1


async def test_unseen_signs_that_could_mark_a_copy_are_left_out(
    citizen: Citizen, stored: Stored
) -> None:
    await citizen.gets_to("what")
    await citizen.says("他把\u200b公章\u2060拿回家\U000e0101盖\u202e了三回\u0007。")
    await citizen.presses("写完了")
    await citizen.presses("没有了")
    await citizen.presses("确认，交上去")
    [report] = await stored.reports()
    assert "他把公章拿回家盖了三回。" in stored.opener.open(report.sealed).decode()


async def test_too_little_is_sent_back(citizen: Citizen) -> None:
    await citizen.gets_to("what")
    await citizen.says("坏 人 ")
    assert "太短了" in await citizen.presses("写完了")
    await citizen.says(SAID)
    assert "照片" in await citizen.presses("写完了")


async def test_an_edited_message_counts_for_nothing(citizen: Citizen) -> None:
    await citizen.gets_to("what")
    assert "改已发的消息不算" in await citizen.sends({"text": "另一段话"}, "edited_message")
    assert "记下了" in await citizen.says(SAID)


@pytest.mark.parametrize("data", ["about:gone", "page:7", "confirm", "yes", "x" * 64])
async def test_a_button_of_another_step_changes_nothing(citizen: Citizen, data: str) -> None:
    await citizen.gets_to("what")
    assert "没有改动任何东西" in await citizen.presses_data(data)
    assert "记下了" in await citizen.says(SAID)


async def test_an_old_button_of_another_day_says_how_to_begin(citizen: Citizen) -> None:
    for data in ("written", "confirm", "yes", "about:gone"):
        assert "/start" in await citizen.presses_data(data)


@pytest.mark.parametrize("act", ["/start", "/status", "/start 0123456789abcdef"])
async def test_starting_again_in_the_middle_leaves_nothing_behind(
    citizen: Citizen, stored: Stored, act: str
) -> None:
    await citizen.gets_to("evidence")
    assert "还没写完" in await citizen.says(act)
    await citizen.presses("没有了")
    assert "您的八个字" in await citizen.presses("确认，交上去")
    assert len(await stored.reports()) == 1


async def test_help_privacy_and_unknown_commands_leave_the_conversation_where_it_is(
    citizen: Citizen,
) -> None:
    for words in ("/privacy", "/guidance"):
        await citizen.says(words)
        assert [*citizen.screen[-1].buttons] == ["我要反映", "查看进展"]
    await citizen.gets_to("what")
    for words, said in (("/privacy", "存的"), ("/guidance", "还没有公布")):
        assert said in (shown := await citizen.says(words))
        assert "您正在写的还在，请接着写" in shown
        assert [*citizen.screen[-1].buttons] == ["不交了，清除"]
    assert "反映问题" in await citizen.says("/help")
    assert "没有这个指令" in await citizen.says("/admin")
    assert "记下了" in await citizen.says(SAID)


REFUSED = {
    "a broken picture": (samples.jpeg()[:200], "打不开"),
    "a locked PDF": (samples.encrypted_pdf(), "密码"),
    "a program": (b"MZ" + b"\0" * 500, "这种文件没有收"),
    "an archive": (samples.archive_of({"a": b"1"}), "压缩包"),
    "an empty file": (b"", "文件是空的"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_file_that_cannot_be_cleaned_is_refused_with_the_reason(
    citizen: Citizen, stored: Stored, name: str
) -> None:
    content, reason = REFUSED[name]
    await citizen.gets_to("evidence")
    said = await citizen.sends(citizen.offers("f", content))
    assert reason in said
    assert "前面的都在" in said
    assert "附件：0份" in await citizen.presses("没有了")
    assert await stored.nothing()


async def test_a_file_of_21_megabytes_is_not_even_fetched(citizen: Citizen) -> None:
    await citizen.gets_to("evidence")
    assert "太大" in await citizen.sends(citizen.offers("f", b"", size=21 * 1024 * 1024))
    assert not citizen.telegram.called("getFile")


async def test_of_two_hundred_photos_ten_are_taken(citizen: Citizen, stored: Stored) -> None:
    citizen.telegram.files["p"] = samples.jpeg()
    await citizen.gets_to("evidence")
    said = [await citizen.sends({"photo": PHOTO}) for _ in range(200)]
    assert sum("收到" in text for text in said) == 10
    assert sum("最多10份" in text for text in said) == 190
    assert len(citizen.telegram.called("getFile")) == 10
    assert "附件：10份" in await citizen.presses("没有了")
    await citizen.presses("确认，交上去")
    assert len(await stored.files()) == 10


async def test_a_code_of_seven_characters_is_told_how_many_were_read(citizen: Citizen) -> None:
    await citizen.says("/status")
    assert "认出7个" in await citizen.says("的一是在不了有")
    assert "认出0个" in await citizen.sends(NOT_TEXT["sticker"])
    assert "认出8个" in await citizen.says("的一是在不了有和A")


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_in_a_group_nothing_is_answered(citizen: Citizen, kind: str) -> None:
    citizen.kind = kind
    for text in ("/start", "/start@yinlu_public_bot", "/status", SAID, "/cancel"):
        assert await citizen.says(text) == ""
    assert await citizen.presses_data("report") == ""
    assert await citizen.is_joined_by_the_bot() == ""
    assert not [call for call in citizen.telegram.calls if call[0] != "getMe"]


async def test_what_was_not_filed_is_gone_after_half_an_hour(
    citizen: Citizen, hand: Hand, stored: Stored
) -> None:
    await citizen.gets_to("sum")
    hand.passes(minutes=30)
    assert "超过30分钟" in await citizen.presses("确认，交上去")
    assert await stored.nothing()
