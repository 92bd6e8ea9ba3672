"""Evidence in the chat: whenever it is sent it is taken or answered, what was kept is shown, and
that leaves the chat with the rest (docs/promises.md P6, P8)."""

import json

import pytest

from services.attachments.formats import JPEG, PDF, CleanFile
from tests.intake import samples
from tests.intake.citizens import SAID, Citizen
from tests.intake.conftest import Stored
from tests.intake.telegram import Telegram
from tests.intake.test_cleaning import deleted
from tests.intake.tried import REFUSED

RECORDING = {"file_id": "r", "file_unique_id": "r", "duration": 3}
FILM = {**RECORDING, "width": 9, "height": 9}
CANARY = "CANARY9f3a"


def photo(citizen: Citizen, caption: str = "") -> dict[str, object]:
    citizen.telegram.files["photo"] = samples.photo(CANARY)
    size = {"file_id": "photo", "file_unique_id": "p", "width": 60, "height": 40}
    return {"photo": [size], "caption": caption}


async def files_of(stored: Stored) -> list[CleanFile]:
    return [CleanFile.unpack(stored.opener.open(row.sealed)) for row in await stored.files()]


async def words_of(stored: Stored) -> str:
    [report] = await stored.reports()
    return str(json.loads(stored.opener.open(report.sealed))["text"])


async def test_what_was_kept_is_shown_and_leaves_the_chat_with_the_rest(
    citizen: Citizen, telegram: Telegram, stored: Stored
) -> None:
    await citizen.gets_to("evidence")
    assert "留下的就是这样" in await citizen.sends(photo(citizen))
    shown = citizen.screen[-1]
    assert (shown.file, "没有了" in shown.buttons) == ("photo", True)
    long = samples.saved(samples.image(1080, 9000), "PNG")
    assert "收到2份" in await citizen.sends(citizen.offers("long", long))
    paper = citizen.screen[-1]
    assert paper.file == "document"
    await citizen.presses("没有了")
    await citizen.presses("确认，交上去")
    assert {shown.id, paper.id} <= deleted(telegram)
    kept = await files_of(stored)
    assert {file.media_type for file in kept} == {JPEG, PDF}
    assert {file.content for file in kept} == set(telegram.uploads)


async def test_a_preview_whose_answer_is_lost_stands_there_once_and_leaves_all_the_same(
    citizen: Citizen, telegram: Telegram
) -> None:
    await citizen.gets_to("evidence")
    telegram.lose("editMessageMedia", 2)
    await citizen.sends(photo(citizen))
    shown = [message for message in citizen.screen if message.file]
    assert len(shown) == 1
    await citizen.says("/cancel")
    assert shown[0].id in deleted(telegram)
    assert not [message for message in citizen.screen if message.file]


@pytest.mark.parametrize(("refusals", "kind"), [(1, "document"), (2, "")])
async def test_a_preview_that_the_messenger_refuses_changes_nothing_else(
    citizen: Citizen, telegram: Telegram, refusals: int, kind: str
) -> None:
    await citizen.gets_to("evidence")
    telegram.refuse("editMessageMedia", 400, refusals)
    said = await citizen.sends(photo(citizen))
    assert "收到1份" in said
    assert ("留下的就是这样" in said) is bool(kind), "only of what stands above"
    assert citizen.screen[-1].file == kind
    assert "附件：1份" in await citizen.presses("没有了")


async def test_a_download_that_fails_leaves_no_word_that_it_goes_on(
    citizen: Citizen, telegram: Telegram
) -> None:
    await citizen.gets_to("evidence")
    telegram.refuse("getFile", 502, 9)
    assert "出了点问题" in await citizen.sends(photo(citizen))
    assert not [message for message in citizen.screen if "先清理" in message.text]


async def test_a_picture_before_the_words_is_kept_and_so_are_its_own(
    citizen: Citizen, stored: Stored
) -> None:
    await citizen.gets_to("what")
    said = await citizen.sends(photo(citizen, "这是东边的林地。"))
    assert "收到1份" in said
    assert "请接着写" in said
    assert "附的话记在内容里了" in said
    await citizen.says(SAID)
    await citizen.presses("写完了")
    await citizen.presses("没有了")
    await citizen.presses("确认，交上去")
    assert await words_of(stored) == f"这是东边的林地。\n{SAID}"
    assert len(await files_of(stored)) == 1


async def test_a_picture_after_the_last_look_is_kept_and_read_back(
    citizen: Citizen, stored: Stored
) -> None:
    await citizen.gets_to("sum")
    assert "附件：1份" in await citizen.sends(photo(citizen))
    assert "没有收" in await citizen.sends(citizen.offers("d", REFUSED["doc"][0]("")))
    await citizen.presses("确认，交上去")
    assert len(await files_of(stored)) == 1


async def test_a_picture_before_anybody_is_named_is_answered(citizen: Citizen) -> None:
    await citizen.gets_to("whom")
    said = await citizen.sends(photo(citizen, "村主任"))
    assert "文件和附的话没有收" in said
    assert "请写出姓名和单位" in said
    assert "发生了什么" in await citizen.says("河湾村 某某")


async def test_words_beside_the_pictures_become_part_of_the_report(
    citizen: Citizen, stored: Stored
) -> None:
    await citizen.gets_to("evidence")
    await citizen.sends(photo(citizen))
    said = await citizen.says("照片是十月拍的。")
    assert "记在内容里了" in said
    assert "没有就按“没有了”" in said
    assert "请核对" in await citizen.says("没有了")
    await citizen.presses("确认，交上去")
    assert await words_of(stored) == f"{SAID}\n照片是十月拍的。"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"voice": RECORDING}, "录音没有收"),
        ({"audio": RECORDING}, "录音没有收"),
        ({"video": FILM}, "视频没有收"),
        ({"video_note": {**RECORDING, "length": 9}}, "视频没有收"),
        ({"animation": FILM, "document": RECORDING}, "动图没有收"),
    ],
)
async def test_a_recording_is_answered_without_being_downloaded(
    citizen: Citizen, telegram: Telegram, sent: dict[str, object], said: str
) -> None:
    await citizen.gets_to("evidence")
    told = await citizen.sends({**sent, "caption": "听第三分钟。"})
    assert said in told
    assert "附的话记在内容里了" in told
    assert not telegram.called("getFile")


async def test_a_picture_where_a_code_or_a_letter_is_asked_is_answered(
    citizen: Citizen, telegram: Telegram, stored: Stored
) -> None:
    code = await citizen.files_a_report()
    await citizen.says("/status")
    assert "请打出来" in await citizen.sends(photo(citizen))
    assert citizen.written[-1] in deleted(telegram)
    await citizen.says(code)
    await citizen.presses("补充情况")
    assert "没有收" in await citizen.sends(photo(citizen, "补充一张。"))
    assert not await stored.letters()
    assert "封好交上去" in await citizen.says("又有人在开荒，邻居也看见了。")
