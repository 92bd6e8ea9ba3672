"""归档: a case as a ZIP, in the parts that the messenger takes, with a list that is true."""

import subprocess
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from aiogram.methods import DeleteMessage, EditMessageText, SendMessage
from docx import Document
from pypdf import PdfReader
from sqlalchemy import text

from handlers.staff.common import progress
from papers.archive import Packer, folders, listed, still
from papers.forms import forms
from papers.processes.typesetting import NoFonts, NotSet
from papers.word import document
from services.core.errors import RecordAltered
from services.papers.archive import Archive
from services.papers.papers import Printing
from services.papers.views import PaperFile
from tests.cases.conftest import Lead
from tests.conversation.conftest import House
from tests.conversation.faults import FaultyTelegram
from tests.conversation.people import Somebody
from tests.papers.matters import CITY, every, filled, matter
from tests.papers.test_story import cells, file_in, files_in

LISTS = ("归档目录.docx", "归档目录.pdf", "卷内日期核对.txt", "校验.txt")


def unpacked(content: bytes) -> Mapping[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(2026, 1, 1, 0, 0, 0)}
        return {name: archive.read(name) for name in archive.namelist()}


def sums_are_right(files: Mapping[str, bytes], folder: Path) -> bool:
    """As anybody would look, with the tool that every system has."""
    for path, inside in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(inside)
    command = ["sha256sum", "-c", "--strict", "--quiet", "校验.txt"]
    return subprocess.run(command, cwd=folder, check=False).returncode == 0


def test_the_list_follows_the_stages_and_says_what_exists_on_paper_alone() -> None:
    found = folders(matter())
    assert [folder.title[:1] for folder in found] == [str(n) for n in range(1, len(found) + 1)]
    pieces = [piece for folder in found for piece in folder.pieces]
    assert [piece.number for piece in pieces] == list(range(1, len(pieces) + 1))
    kept = {piece.title: piece.kept for piece in pieces}
    papers = [paper for step in CITY.steps for paper in step.papers]
    for paper in papers:
        form = forms().get(paper.id)
        by_hand = not paper.generated or (form is not None and form.made == "slip")
        title = "".join((form.title if form else paper.title.zh).split())
        assert kept[title] == ("纸质" if by_hand else "电子"), title
    assert kept["入党申请书"] == kept["表决票"] == "纸质"
    rows = listed(found)
    assert len(rows) == len(found) + len(pieces)
    assert folders(matter(full=False)) == ()


def test_parts_are_no_larger_than_what_is_taken_and_the_sizes_are_reckoned_right() -> None:
    packer, parts = Packer(1000), list[bytes]()
    files = {f"夹{number}/文件.txt": b"x" * 300 for number in range(9)} | {"大.bin": b"y" * 5000}
    for path, content in files.items():
        full = packer.add(path, content)
        parts += [full] if full is not None else []
    parts.append(packer.part())
    assert len(parts) == 6
    assert all(len(part) <= 1000 for part in parts[:-1])
    names = [name for part in parts for name in unpacked(part)]
    assert len(set(names)) == len(names) == packer.files == 10
    exact = Packer(10_000)
    exact.add("夹/文件.txt", b"x" * 300)
    assert len(exact.part()) == 22 + 76 + 2 * len("夹/文件.txt".encode()) + 300


def test_the_same_paper_has_the_same_bytes() -> None:
    form, here = next(paper for paper in every() if paper[0].id == "talk_record")
    first, second = (still(document(filled(form, here, matter()))) for _ in range(2))
    assert first == second
    assert "谈话" in "".join(p.text for p in Document(BytesIO(first)).paragraphs)


async def test_a_secretary_has_a_case_packed_and_every_sum_is_right(
    house: House, secretary: Somebody, lead: Lead, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lead.to("9")
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    await secretary.says("张三")
    await secretary.presses("材料")
    said = await secretary.presses("归档压缩包")
    assert "归档材料" in said
    assert "目录中注明“纸质”的" in said
    name, content = file_in(house)
    assert name == "归档_张三.zip"
    files = unpacked(content)
    assert set(LISTS) <= set(files)
    assert [n for n in files if n.endswith(".jpg")]
    first = next(iter(sorted(n for n in files if "/" in n)))
    assert first.startswith("1 ")
    assert "谈话记录" in "".join(files)
    assert {"纸质", "电子", "入党申请书", "谈话记录"} <= cells(files["归档目录.docx"])
    read = "".join("".join(p.extract_text().split())
                   for p in PdfReader(BytesIO(files["归档目录.pdf"])).pages)  # fmt: skip
    assert "张三" in read
    assert "入党申请书纸质" in read
    dates = files["卷内日期核对.txt"].decode()
    assert "张三" in dates
    assert "<" not in dates
    assert sums_are_right(files, tmp_path)
    assert len(files["校验.txt"].decode().splitlines()) == len(files) - 1

    # It said how far it was, in one message, and took that off.
    calls = house.line.telegram.calls
    words = [c.text for c in calls if isinstance(c, SendMessage | EditMessageText)]
    told = [text for text in words if text.startswith("正在整理归档材料")]
    assert len(told) > 3
    assert sum(isinstance(c, SendMessage) and c.text in told for c in calls) == 1
    assert isinstance(calls[-2], DeleteMessage)


async def packed_by(house: House, lead: Lead, largest: int) -> list[PaperFile]:
    sent = list[PaperFile]()

    async def keep(file: PaperFile) -> None:
        sent.append(file)

    async def told(done: int, total: int) -> None:
        assert 0 <= done < total

    archive = replace(house.services.archive, largest=largest)
    assert isinstance(archive, Archive)
    found = await archive.pack(
        house.posts["书记丙"], lead.case, lead.today, "日期都对得上", keep, told
    )
    assert found.parts == len(sent)
    return sent


async def test_it_comes_in_parts_which_together_are_the_whole(
    house: House, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lead.to("9")
    (whole,) = await packed_by(house, lead, 50_000_000)
    (again,) = await packed_by(house, lead, 50_000_000)
    assert whole.content == again.content
    parts = await packed_by(house, lead, 60_000)
    assert len(parts) > 2
    assert parts[0].name == "归档第1部分_张三.zip"
    assert parts[-1].title == f"归档第{len(parts)}部分（共{len(parts)}部分）"
    assert all(len(part.content) <= 60_000 for part in parts)
    together: dict[str, bytes] = {}
    for part in parts:
        inside = unpacked(part.content)
        assert not inside.keys() & together.keys()
        together |= inside
    assert together == unpacked(whole.content)

    async def no_fonts(*_: object) -> tuple[bytes, ...]:
        raise NoFonts

    monkeypatch.setattr("services.papers.papers.typeset", no_fonts)
    (plain,) = await packed_by(house, lead, 50_000_000)
    assert "归档目录.pdf" not in unpacked(plain.content)
    assert "归档目录.docx" in unpacked(plain.content)


async def test_a_proof_changed_by_hand_is_not_left_out_in_silence(house: House, lead: Lead) -> None:
    await lead.to("9")
    async with house.services.database.engine.begin() as connection:
        await connection.execute(text("UPDATE attachment SET media_type = 'image/png'"))
    with pytest.raises(RecordAltered):
        await packed_by(house, lead, 50_000_000)


async def test_a_part_that_is_not_taken_is_named_and_the_others_come(
    house: House, secretary: Somebody, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lead.to("9")
    parts = await packed_by(house, lead, 60_000)
    telegram, largest = house.line.telegram, max(len(part.content) for part in parts)
    assert isinstance(telegram, FaultyTelegram)
    gone = [part.title for part in parts if len(part.content) == largest]
    house.services.papers.printing = Printing(largest=60_000)

    async def not_set(*_: object) -> tuple[bytes, ...]:
        raise NotSet

    await secretary.says("张三")
    await secretary.presses("材料")
    telegram.largest = largest - 1
    said = await secretary.presses("归档压缩包")
    assert f"“{'、'.join(gone)}”没有发出去" in said
    assert "其余的见上，还不是全部。" in said
    assert "个文件，见上" not in said
    assert len([name for name, _ in files_in(house) if "归档" in name]) >= len(parts) - len(gone)

    telegram.largest, house.line.fault = FaultyTelegram.largest, "refused"
    await secretary.presses("‹ 全部材料")
    monkeypatch.setattr("services.papers.papers.typeset", not_set)
    said = await secretary.presses("归档压缩包")
    assert house.line.failed
    assert "个文件，见上。" in said
    assert "发了两遍的，以后一遍为准" in said
    assert "归档目录的PDF没有做成，只有Word文件。" in said


async def test_all_papers_of_a_step_say_how_far_they_are(
    house: House, secretary: Somebody, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lead.to("3")
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    await secretary.says("张三")
    await secretary.presses("材料")
    await secretary.presses("15 支部大会讨论表决")
    await secretary.presses("这一步的全部材料")
    assert files_in(house)[-1][0].endswith(".zip")
    words = [c.text for c in house.line.telegram.calls
             if isinstance(c, SendMessage | EditMessageText)]  # fmt: skip
    assert "正在生成材料：0/4，请稍等。" in words
    assert "正在生成材料：3/4，请稍等。" in words
