"""`yinlu rules check`: all that is wrong with a file at once, each with what is expected."""

from pathlib import Path

import pytest

from bot.cli.rules_command import check
from domain.rulebook.reading.reader import FOLDER, load
from tests.domain.books import CORE, PROFILE, shelf

OWN_STEP = """
[[steps]]
id = "3b"
before = "4"
title = {zh="家访", en="Visit"}
stage = "start"
kind = "trip"
actors = ["secretary"]
source = "G"
strength = "local"
day = "on"
fields = [{id="on", type="date", label={zh="日期", en="Day"}}]
"""
FAULTS = (
    ('version = "1"\nextends', "extends", "version: is missing; expected a text in quotes"),
    ('before = "4"', 'befor = "4"', "steps[3a].befor: unknown key; expected one of before"),
    ('after = ["3a"]', 'after = ["33"]', "there is no step 33; expected the id of one, such as 3"),
    ("notice_days = 15", "notice_working_days = 4", "4 is shorter than the core's 5 (N13)"),
    ('count = "due"', 'count = "duo"', "there is no ballot number duo: entitled, due, present"),
)


def faulty() -> str:
    text = PROFILE
    for old, new, _ in FAULTS:
        assert old in text
        text = text.replace(old, new, 1)
    return text + OWN_STEP


def test_every_fault_of_a_file_is_said_at_once(tmp_path: Path) -> None:
    """Faults of form and of meaning in one reading: who mends them needn't run it five times."""
    said, code = check(shelf(profile=faulty()) / "city.toml")
    lines = said.splitlines()
    assert code == 1
    assert all(line.startswith("city.toml: ") for line in lines)
    for _, _, words in FAULTS:
        assert sum(words in line for line in lines) == 1, (words, said)
    kind = "steps[3b].kind: expected one of record, decision, ballot, notice, visit; found 'trip'"
    assert f"city.toml: {kind}" in lines
    assert len(lines) <= len(FAULTS) + 3, said


@pytest.mark.parametrize("name", ["yakeshi", "national_2026", "national_2014"])
def test_nothing_is_said_against_a_file_that_is_right(name: str) -> None:
    said, code = check(FOLDER / f"{name}.toml")
    assert code == 0, said
    assert said.startswith(f"{name}.toml: nothing is wrong: {len(load(name).steps)} steps, ")


def test_a_small_profile_is_right_over_a_core_beside_it() -> None:
    said, code = check(shelf() / "city.toml")
    assert (said, code) == ("city.toml: nothing is wrong: 11 steps, 30 rules, laid over core.", 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[steps", "not valid TOML"),
        ('extends = "nowhere"\nid = "city"\nversion = "1"', "there is no such file"),
        (PROFILE.replace('id = "city"', 'id = "town"'), "the name of the file, 'city'; found"),
        (PROFILE + "\n[set]\nmood = 'good'\n", "set.mood: unknown key; expected one of"),
        (
            PROFILE.replace('after = ["3"]', "after = 3"),
            "steps[3a].after: expected a list, found 3",
        ),
        (PROFILE + '\n[[adds]]\nafter = ["3a"]\n', "step: is missing; expected a text in quotes"),
    ],
)
def test_a_file_that_can_hardly_be_read_is_told_why(text: str, words: str) -> None:
    said, code = check(shelf(profile=text) / "city.toml")
    assert code == 1
    assert words in said


def test_a_file_that_isnt_there_is_named(tmp_path: Path) -> None:
    assert check(tmp_path / "none.toml") == ("none.toml: -: there is no such file", 1)


def test_what_a_setting_would_soften_is_said_as_well() -> None:
    head = (
        '[[settings]]\nid="month_end"\nsource="N7"\ndefault="same_day"\ntext={zh="满", en="End"}\n'
    )
    head += 'options=[{id="same_day", text={zh="同", en="Same"}}]\n'
    core = CORE.replace("[[steps]]", head + "[[steps]]", 1)
    said, code = check(shelf(core, PROFILE + '\n[set]\nmonth_end = "next"\n') / "city.toml")
    assert "set.month_end: expected one of same_day; found 'next'" in said
    assert code == 1
