"""Proof of filing, and the commands about keys and receipts as somebody types them."""

import re
from base64 import b64encode
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from bot.app.keys import make_keys, opener, sealer, signer
from bot.app.settings import Settings
from bot.commands import main
from handlers.public.chat.application import forget_expired
from handlers.public.chat.sessions import Sessions
from services.intake.receipts import BadReceipt, Receipt, Signer, new_seed, qr, read_receipt
from tests.intake.citizens import Citizen
from tests.intake.conftest import SEED, Hand, Stored

DAY, TAG = date(2026, 11, 24), "ef5979a264b352855e0c2de698150870"
PASSPHRASE = "twelve signs or more"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("YINLU_DATA", str(tmp_path))
    monkeypatch.setenv("YINLU_REPORT_PASSPHRASE", PASSPHRASE)
    settings = Settings.read()
    make_keys(settings)
    return settings


def yinlu(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


def test_a_receipt_reads_back_as_it_was_signed() -> None:
    line = Signer(SEED).line(Receipt(DAY, TAG))
    assert len(line) == 137
    assert line.startswith(f"YINLU1.2026-11-24.{TAG}.")
    assert read_receipt(line, Signer(SEED).public) == Receipt(DAY, TAG)
    assert read_receipt(f" {line[:60]}\n{line[60:]} ", Signer(SEED).public).day == DAY


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("2026-11-24", "2026-11-23", "signature"),
        ("ef59", "ef58", "signature"),
        ("YINLU1", "YINLU2", "form"),
        ("2026-11-24", "2026-02-30", "form"),
        (TAG, "", "form"),
    ],
)
def test_a_changed_receipt_is_not_genuine(old: str, new: str, reason: str) -> None:
    line = Signer(SEED).line(Receipt(DAY, TAG)).replace(old, new)
    with pytest.raises(BadReceipt) as refused:
        read_receipt(line, Signer(SEED).public)
    assert refused.value.reason == reason


def test_a_receipt_of_another_house_is_not_genuine() -> None:
    line = Signer(new_seed()).line(Receipt(DAY, TAG))
    with pytest.raises(BadReceipt):
        read_receipt(line, Signer(SEED).public)


async def test_who_files_gets_a_receipt_that_no_row_leads_to(
    citizen: Citizen, stored: Stored, hand: Hand
) -> None:
    """As a file whose name says nothing, and only who asks for it; deleted with the code."""
    code = await citizen.files_a_report()
    sessions: Sessions = citizen.bot.bot_data["sessions"]
    line = sessions.receipts[citizen.chat].line
    assert citizen.telegram.uploads == []
    citizen.telegram.refuse("editMessageMedia", 400)
    assert "请再按一次" in await citizen.presses("收条")
    assert "没有八个字" in await citizen.presses("收条")
    [file] = citizen.telegram.uploads
    assert file == qr(line)
    with Image.open(BytesIO(file)) as picture:
        assert (picture.size, picture.info) == ((342, 342), {})
    assert code.replace(" ", "") not in line
    [shown] = [message for message in citizen.screen if message.file]
    assert (shown.buttons, shown.protected) == ({}, False)
    [call] = citizen.telegram.called("editMessageMedia")
    assert call["message_id"] == shown.id, "its number was known before it held anything"
    receipt = read_receipt(line, Signer(SEED).public)
    [report] = await stored.reports()
    assert receipt.day == report.received_on
    assert receipt.tag not in (report.tag, report.id)
    hand.passes(minutes=31)
    await forget_expired(citizen.bot)
    assert (citizen.screen, sessions.receipts) == ([], {})
    assert "收条已经清除" in await citizen.presses_data("receipt")


def test_yinlu_receipt_verify(house: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    line = signer(house).line(Receipt(DAY, TAG))
    assert yinlu("receipt", "verify", line) == 0
    assert "received on 2026-11-24" in capsys.readouterr().out
    assert yinlu("receipt", "key") == 0
    key = capsys.readouterr().out.strip()
    assert yinlu("receipt", "verify", line, "--key", key) == 0
    assert yinlu("receipt", "verify", line.replace("11-24", "11-25")) == 1
    assert "signature is wrong" in capsys.readouterr().err
    assert yinlu("receipt", "verify", "hello") == 1


def test_a_second_holder_reads_what_comes_after(
    house: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert yinlu("report-keys", "new", str(tmp_path / "second.key")) == 0
    line = capsys.readouterr().out.strip()
    before = sealer(house)
    assert yinlu("report-keys", "add", line) == 0
    after = sealer(house)
    assert after.holders[:1] == before.holders
    assert len(after.holders) == 2
    second = opener(house.model_copy(update={"report_key_file": tmp_path / "second.key"}))
    assert second is not None
    assert second.open(after.seal(b"x")) == b"x"
    assert yinlu("report-keys", "new", str(tmp_path / "second.key")) == 2
    assert yinlu("report-keys", "add", b64encode(b"short").decode()) == 2


def test_a_holder_changes_keys_and_still_reads_what_came_before(house: Settings) -> None:
    before = sealer(house)
    assert yinlu("report-keys", "rotate") == 0
    after, holder = sealer(house), opener(house)
    assert set(after.holders).isdisjoint(before.holders)
    assert holder is not None
    assert holder.open(before.seal(b"old")) == b"old"
    assert holder.open(after.seal(b"new")) == b"new"
    assert (house.report_key_path.stat().st_mode & 0o777) == 0o600


def test_a_short_passphrase_is_refused(
    house: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YINLU_REPORT_PASSPHRASE", "short")
    assert yinlu("report-keys", "new", str(tmp_path / "third.key")) == 2
    assert not (tmp_path / "third.key").exists()


def test_the_page_about_receipts_shows_one_that_is_genuine(
    house: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "receipts.md").read_text("utf-8")
    line = re.findall(r"^YINLU1\.\S+$", page, re.MULTILINE)[0]
    key = re.findall(r"`([\w+/]{43}=)`", page)[0]
    assert yinlu("receipt", "verify", line, "--key", key) == 0
    assert "received on 2026-11-24" in capsys.readouterr().out
    assert yinlu("receipt", "verify", line) == 1
