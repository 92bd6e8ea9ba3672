"""Several holders of the keys: who can open what, before and after they come and go."""

import asyncio
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from bot.app.database import open_intake
from bot.app.keys import make_keys, opener, sealer
from bot.app.settings import Settings, SettingsError
from bot.commands import parser
from bot.operations.unlock_socket import send_keys, serving_unlock
from domain.calendar.office_hours import ZONE
from services.attachments.formats import JPEG, CleanFile
from services.core.sealing import CannotOpen, Opener, new_private_key, public_key_of
from services.intake.intake import ConfirmedReport, Intake
from services.intake.receipts import Signer
from services.reports.exchange import Exchange, NoKey
from tests.conversation.people import Somebody
from tests.filing import file_report
from tests.reports.conftest import SAID, Channel

FIRST, SECOND = "the first holder's words", "the second holder's words"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=ZONE)
TODAY = date(2026, 11, 24)
SEED = bytes(range(32))


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("YINLU_DATA", str(tmp_path))
    monkeypatch.setenv("YINLU_REPORT_PASSPHRASE", FIRST)
    found = Settings.read()
    make_keys(found)
    return found


async def yinlu(*arguments: str) -> int:
    """As somebody types it, beside what runs."""
    typed = parser().parse_args(arguments)
    try:
        code: int = await typed.does(typed, Settings.read(), asyncio.Event())
    except SettingsError as problem:
        sys.stderr.write(str(problem))
        return 2
    return code


async def second_holder(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:
    """Makes a key of their own; its public half is added."""
    file = settings.data / "second.key"
    monkeypatch.setenv("YINLU_REPORT_PASSPHRASE", SECOND)
    assert await yinlu("report-keys", "new", str(file)) == 0
    line = capsys.readouterr().out.strip()
    monkeypatch.setenv("YINLU_REPORT_PASSPHRASE", FIRST)
    assert await yinlu("report-keys", "add", line) == 0
    capsys.readouterr()
    return file


def opened_by(settings: Settings, file: Path, passphrase: str) -> Opener:
    found = opener(
        settings.model_copy(
            update={
                "report_key_file": file,
                "report_passphrase": type(settings.report_passphrase)(passphrase),
            }
        )
    )
    assert found is not None
    return found


async def test_each_holder_unlocks_one_and_the_same_process(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    second = await second_holder(settings, monkeypatch, capsys)
    sealed = sealer(settings).seal(b"x")
    intake = await open_intake(settings.intake_database)
    for file, passphrase in ((settings.report_key_path, FIRST), (second, SECOND)):
        exchange = Exchange(intake, intake, None)
        async with serving_unlock(settings.data, exchange):
            monkeypatch.setenv("YINLU_REPORT_PASSPHRASE", passphrase)
            assert await yinlu("report-keys", "unlock", str(file)) == 0
            assert exchange.opener is not None
            assert exchange.opener.open(sealed) == b"x"
            monkeypatch.setenv("YINLU_REPORT_PASSPHRASE", "not their words")
            assert await yinlu("report-keys", "unlock", str(file)) == 2
            assert await yinlu("report-keys", "lock") == 0
            assert exchange.opener is None
        assert await yinlu("report-keys", "lock") == 1
    await intake.close()


async def test_only_the_process_s_own_user_can_hand_in_keys(settings: Settings) -> None:
    intake = await open_intake(settings.intake_database)
    exchange = Exchange(intake, intake, None)
    async with serving_unlock(settings.data, exchange):
        [socket] = settings.data.glob("holders-*.sock")
        assert socket.stat().st_mode & 0o777 == 0o600
        reader, writer = await asyncio.open_unix_connection(socket)
        writer.write(b"open abcd\n")
        assert await reader.readline() == b""
        writer.close()
        assert exchange.opener is None
        assert await send_keys(settings.data, [new_private_key()]) == 1
        assert exchange.opener is not None
    assert not list(settings.data.glob("holders-*.sock"))
    await intake.close()


def test_without_a_passphrase_the_staff_bot_starts_locked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("YINLU_REPORT_PASSPHRASE")
    assert opener(Settings.read()) is None


async def test_while_it_is_locked_the_handler_is_told_whom_to_ask(
    channel: Channel, director: Somebody
) -> None:
    await channel.files()
    await channel.next_batch()
    exchange = channel.house.services.reports.exchange
    assert exchange is not None
    keys, exchange.opener = exchange.opener, None
    button = f"o:{(await channel.row()).id}"
    await director.presses_again(1, button)
    assert "请找保管密钥的人" in director.screen.text
    assert keys is not None
    exchange.admit(keys.keys)
    await director.presses_again(1, button)
    assert SAID in director.screen.text


async def test_who_is_removed_reads_nothing_new_and_after_resealing_nothing_old(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    second = await second_holder(settings, monkeypatch, capsys)
    removed = opened_by(settings, second, SECOND)
    intake = await open_intake(settings.intake_database)
    service = Intake(intake, sealer(settings), SEED, Signer(SEED), bytes(32))
    files = (CleanFile(b"pixels", JPEG),)
    filed = await file_report(service, ConfirmedReport("", "某某", SAID, files), TODAY, NOON)
    await service.write_on(filed.code, "还有一处在河边。", TODAY, NOON)
    [received] = await Exchange(intake, intake, None).received()
    before = await Exchange(intake, intake, removed).open(received.id)
    assert (before.text, len(before.files), len(before.letters)) == (SAID, 1, 1)

    assert await yinlu("report-keys", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "the key file of this machine" in lines[0]
    assert await yinlu("report-keys", "remove", lines[1].split()[0]) == 0
    assert "copies made before stay open" in capsys.readouterr().out
    with pytest.raises(CannotOpen):
        removed.open(sealer(settings).seal(b"new"))
    assert (await Exchange(intake, intake, removed).open(received.id)).text == SAID

    assert await yinlu("report-keys", "reseal") == 0
    assert "sealed anew: 3; not to be opened by this key: 0" in capsys.readouterr().out
    with pytest.raises(NoKey):
        await Exchange(intake, intake, removed).open(received.id)
    kept = opened_by(settings, settings.report_key_path, FIRST)
    assert await Exchange(intake, intake, kept).open(received.id) == before
    await intake.close()


async def test_a_new_holder_reads_what_came_before_once_it_is_sealed_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    intake = await open_intake(settings.intake_database)
    service = Intake(intake, sealer(settings), SEED, Signer(SEED), bytes(32))
    await file_report(service, ConfirmedReport("", "某某", SAID), TODAY, NOON)
    second = await second_holder(settings, monkeypatch, capsys)
    exchange = Exchange(intake, intake, opened_by(settings, second, SECOND))
    [received] = await exchange.received()
    with pytest.raises(NoKey):
        await exchange.open(received.id)
    assert await yinlu("report-keys", "reseal") == 0
    assert (await exchange.open(received.id)).text == SAID
    await intake.close()


async def test_what_the_key_at_hand_does_not_open_stays_as_it_was(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = new_private_key()
    sealing = type(sealer(settings))((public_key_of(stranger),))
    intake = await open_intake(settings.intake_database)
    service = Intake(intake, sealing, SEED, Signer(SEED), bytes(32))
    await file_report(service, ConfirmedReport("", "某某", SAID), TODAY, NOON)
    assert await yinlu("report-keys", "reseal") == 1
    assert "not to be opened by this key: 1" in capsys.readouterr().out
    exchange = Exchange(intake, intake, Opener((stranger,)))
    [received] = await exchange.received()
    assert (await exchange.open(received.id)).text == SAID
    await intake.close()


async def test_the_last_holder_stays_and_a_stranger_cannot_be_removed(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await yinlu("report-keys", "list") == 0
    name = capsys.readouterr().out.split()[0]
    assert await yinlu("report-keys", "remove", name) == 2
    assert "last holder" in capsys.readouterr().err
    assert await yinlu("report-keys", "remove", "ffffffffffff") == 2
    assert len(sealer(settings).holders) == 1
