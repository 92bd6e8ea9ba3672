"""`yinlu rules` as it is typed: what differs, whom it concerns, and what is taken from now on."""

from pathlib import Path

import pytest
from sqlmodel import select

from bot.app.settings import Settings
from domain.rulebook.reading.reader import FOLDER
from models import AuditLine, EntryRow
from services.container import procedure_of
from services.rulebooks.fingerprints import RuleMarks
from tests.operations.conftest import Lived, opened_in
from tests.operations.process import Ended, ended, environment

TOLD = "yakeshi@national_2014: steps 2, finished in 1 cases"
LATER_TALK = ('of = "1.received_on", value = 1', 'of = "1.received_on", value = 2')


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.data


def shelf(tmp_path: Path) -> Path:
    """The rulebooks in a folder of one's own, where they can be changed."""
    place = tmp_path / "rules"
    place.mkdir()
    for file in FOLDER.glob("*.toml"):
        (place / file.name).write_bytes(file.read_bytes())
    return place


async def rules(folder: Path, *arguments: str, **given: str) -> Ended:
    return await ended(environment(folder, **given), "rules", *arguments)


async def test_diff_says_rules_and_running_cases_and_changes_none(
    lived: Lived, folder: Path, settings: Settings
) -> None:
    said = await rules(folder, "diff", "yakeshi", "yakeshi@national_2014")
    assert (said.code, said.said) == (0, "")
    head, *lines = said.out.splitlines()
    assert head.startswith("yakeshi (2026.1) -> yakeshi@national_2014 (")
    assert any(line.startswith("- notice_8a_working_days ") for line in lines)
    assert any(line.startswith("steps taken otherwise: ") for line in lines)
    assert lines[-2:] == [
        "running cases concerned: 1; none is changed, finished steps stay",
        f"  {lived.case}: 15, 20, 25",
    ]
    async with opened_in(settings) as database, database.read() as session:
        books = set(await session.exec(select(EntryRow.rulebook)))
    assert books <= {"yakeshi", "national_2014", "yakeshi@national_2014"}


async def test_diff_of_a_file_of_ones_own_names_the_case_it_concerns(
    lived: Lived, folder: Path, tmp_path: Path
) -> None:
    place = shelf(tmp_path)
    text = (FOLDER / "yakeshi.toml").read_text("utf-8")
    text = text.replace('id = "yakeshi"', 'id = "town"').replace(
        "notice_days = 15", "notice_days = 20"
    )
    (place / "town.toml").write_text(text, "utf-8")
    said = await rules(folder, "diff", "yakeshi", "town", YINLU_PROFILES=str(place))
    assert said.code == 0, said.said
    assert "~ notice_8a_days >= 15 days posted_on G三  ->  >= 20 posted_on" in said.out
    assert f"  {lived.case}: " in said.out


async def test_diff_needs_two_names_and_says_which_file_is_missing(folder: Path) -> None:
    said = await rules(folder, "diff", "yakeshi")
    assert (said.code, "`yinlu rules diff OLD NEW`" in said.said) == (2, True)
    said = await rules(folder, "diff", "yakeshi", "nowhere")
    assert (said.code, "nowhere.toml" in said.said) == (2, True)


async def test_accept_ends_what_doctor_says_of_a_changed_file(
    lived: Lived, folder: Path, settings: Settings, tmp_path: Path
) -> None:
    place = shelf(tmp_path)
    own = {"YINLU_PROFILES": str(place)}
    async with opened_in(settings) as database:
        await RuleMarks(database, procedure_of(folder=place)).remember()
    assert (await rules(folder, "accept", **own)).out == "nothing was changed\n"
    core = place / "national_2026.toml"
    core.write_text(core.read_text("utf-8").replace(*LATER_TALK, 1), "utf-8")
    doctor = await ended(environment(folder, **own), "doctor")
    assert doctor.code == 1
    assert TOLD in doctor.out
    accepted = await rules(folder, "accept", **own)
    assert accepted.code == 0, accepted.said
    assert accepted.out.splitlines() == ["accepted:", TOLD]
    assert "steps 2, finished" not in (await ended(environment(folder, **own), "doctor")).out
    assert (await rules(folder, "accept", **own)).out == "nothing was changed\n"
    async with opened_in(settings) as database, database.read() as session:
        lines = await session.exec(select(AuditLine).where(AuditLine.act == "accept_rules"))
        assert [line.result for line in lines if line.result] == [(("yakeshi@national_2014", "2"),)]


async def test_check_says_what_is_wrong_and_ends_with_one(folder: Path, tmp_path: Path) -> None:
    place = shelf(tmp_path)
    right = await rules(folder, "check", str(place / "yakeshi.toml"))
    assert (right.code, right.said) == (0, "")
    assert right.out.startswith("yakeshi.toml: nothing is wrong: ")
    town = (FOLDER / "yakeshi.toml").read_text("utf-8").replace('"yakeshi"', '"town"', 1)
    town = town.replace("notice_days = 15", "notice_working_days = 3", 1)
    (place / "town.toml").write_text(town + '\nmood = "good"\n', "utf-8")
    wrong = await rules(folder, "check", str(place / "town.toml"))
    assert wrong.code == 1
    assert "town.toml: adds[8a].notice_working_days: 3 is shorter than the core's 5" in wrong.out
    assert ".mood: unknown key; expected one of" in wrong.out
    assert (await rules(folder, "check")).code == 2
