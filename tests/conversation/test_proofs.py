"""Proofs of a step: told by their content, cleaned, and opened by everybody who reads the case."""

import pytest
from PIL import Image
from sqlmodel import select

from domain.rulebook.schema import Role
from models import Attachment
from services.attachments.formats import JPEG, PDF
from services.core.database import Database
from tests.conversation.conftest import House
from tests.conversation.people import Somebody
from tests.conversation.test_filling import first_step, opened, second_step
from tests.intake import samples
from tests.intake.tried import REFUSED

__all__ = ["opened"]
CANARY = "CANARY9f3a"
RECORDING = {"file_id": "r", "file_unique_id": "r", "duration": 3}


async def at_the_proofs(secretary: Somebody) -> None:
    await first_step(secretary)
    await second_step(secretary)
    await secretary.presses("接着填：8a 公示")
    await secretary.presses("今天")


async def kept(second: Database) -> list[tuple[str, bytes]]:
    async with second.read() as session:
        rows = await session.exec(select(Attachment))
        return [(row.media_type, row.content) for row in rows]


async def test_a_photo_of_any_kind_is_cleaned_whatever_it_is_sent_as(
    opened: Somebody, second: Database
) -> None:
    await at_the_proofs(opened)
    assert "1份" in await opened.shows_document(samples.photo(CANARY, "HEIF"), "text/plain")
    assert "2份" in await opened.shows_document(samples.tiff(CANARY, sheets=2), "image/jpeg")
    found = await kept(second)
    assert [kind for kind, _ in found] == [JPEG, PDF]
    assert all(CANARY.encode() not in content for _, content in found)


@pytest.mark.parametrize("name", ["txt (UTF-8)", "doc", "JPEG that breaks off", "zip", "xlsx"])
async def test_what_is_no_proof_is_refused_and_said_what_would_work(
    opened: Somebody, second: Database, name: str
) -> None:
    await at_the_proofs(opened)
    said = await opened.shows_document(REFUSED[name][0](CANARY), "image/jpeg")
    assert "请" in said
    assert "写进内容" not in said, "a step has no content to be written into"
    if name == "txt (UTF-8)":
        assert "请发照片、PDF或Word（docx）文件" in said
    assert "前面填的都在" in said
    assert "现在填的" not in opened.screen.text
    assert not await kept(second)


async def test_a_recording_and_words_under_a_photo_are_answered(
    opened: Somebody, second: Database
) -> None:
    await at_the_proofs(opened)
    assert "录音没有收" in await opened.sends(voice=RECORDING)
    assert "视频没有收" in await opened.sends(video={**RECORDING, "width": 9, "height": 9})
    said = await opened.shows_photo(b"board", caption="东墙的公示栏")
    assert "附的话没有存" in said
    assert "1份" in said
    assert len(await kept(second)) == 1


async def to_the_notice(reader: Somebody) -> None:
    await reader.says("张三")
    await reader.presses("办理记录（3）")
    await reader.presses("逐条看")
    await reader.presses("8a 公示")


async def saved(secretary: Somebody) -> None:
    await secretary.presses("下一项 ›")
    await secretary.presses("跳过")
    await secretary.presses("确认，保存")


async def test_everybody_who_reads_the_case_opens_its_proofs(
    house: House, opened: Somebody, director: Somebody, committee: Somebody,
    other_secretary: Somebody,
) -> None:  # fmt: skip
    await at_the_proofs(opened)
    await opened.shows_document(samples.photo(CANARY, "HEIF"))
    await opened.shows_document(samples.pdf(CANARY))
    await saved(opened)
    organiser = await house.join(house.posts["主任甲"], Role.ORGANISER, "组织部", "组织员己", 600)
    for reader in (director, committee, organiser):
        await to_the_notice(reader)
        first, second = reader.button("证明1"), reader.button("证明2")
        await reader.presses_again(*first)
        assert (reader.screen.photo, reader.screen.protected) == (True, True)
        await reader.presses_again(*second)
        assert (reader.screen.photo, reader.screen.protected) == (False, True)
    assert "没有找到" in await other_secretary.presses_again(*first)


async def test_a_picture_that_is_no_photo_for_the_messenger_comes_as_a_file(
    opened: Somebody,
) -> None:
    await at_the_proofs(opened)
    await opened.shows_document(samples.saved(Image.new("RGB", (3000, 90)), "PNG"))
    await saved(opened)
    await to_the_notice(opened)
    await opened.presses("证明1")
    assert not opened.screen.photo
    assert opened.screen.protected
