# ruff: noqa: E501 (the rulebook's own lines)
"""A city that isn't ours says its own rules, and its own name is said."""

from datetime import date
from pathlib import Path

import pytest

from domain.case.entry_validation import offered, verdict_of
from domain.case.reports import A_WEEK, AnswerTime, answer_day
from domain.rulebook.kinds import Strength, Unit
from domain.rulebook.listing.rules import rules_of
from domain.rulebook.reading.reader import FileError, load
from domain.rulebook.schema import Rulebook
from domain.rulebook.validation.conflicts import conflicts_of
from handlers.public import texts as public_texts
from handlers.public.web import texts as page_texts
from handlers.staff.reports import entering_texts
from handlers.staff.shared import guide_texts
from handlers.staff.shared import texts as words
from services.core.i18n import speak
from tests.domain.books import CALENDAR

HEAD = """
id = "town"
version = "1"
extends = "national_2026"
title = {zh="细则和本县办法", en="Rules with the county's measures"}
document = {zh="临河县实施办法", en="the measures of Linhe"}
place = {zh="临河县", en="Linhe"}
"""
NOTICE = """
[[adds]]
step = "8a"
notice_working_days = 7
notice_source = "G"
"""
COUNTS = """
[[adds]]
step = "17"
fields = [
  {id="entitled", before="conclusion", type="number", count="entitled", minimum=1, label={zh="多少委员？", en="How many members?"}},
  {id="yes", before="conclusion", type="number", count="yes", label={zh="同意多少票？", en="Votes for?"}},
]
ballot = [
  {id="town_17", layer="local", purpose="pass", of="yes", op=">=", share="2/3", base="entitled", source="G", text={zh="三分之二同意", en="Two thirds"}},
]
"""
DECIDES = 'verdicts = [{field="conclusion", option="approved", needs_verdict=true}]\n'
VISIT = """
[[steps]]
id = "2a"
before = "3"
title = {zh="家访", en="Visit at home"}
stage = "application"
kind = "record"
actors = ["secretary"]
source = "G"
strength = "local"
day = "on"
after = ["2"]
fields = [{id="on", type="date", label={zh="日期", en="Day"}, rule={id="home", source="G", strength="local", text={zh="家访", en="Visit"}}}]
"""


def town(tmp_path: Path, *more: str) -> Rulebook:
    (tmp_path / "town.toml").write_text(HEAD + "".join(more), "utf-8")
    return load("town", tmp_path)


def refused(tmp_path: Path, *more: str) -> FileError:
    with pytest.raises(FileError) as caught:
        town(tmp_path, *more)
    return caught.value


def test_a_longer_notice_stands_in_the_citys_document(tmp_path: Path) -> None:
    step = town(tmp_path, NOTICE).step("8a")
    (length,) = step.notice_lengths
    assert (length.value, length.unit) == (7, Unit.WORKING_DAYS)
    assert (length.strength, length.source) == (Strength.LOCAL, "G")
    rule = next(r for r in rules_of(load("town", tmp_path)) if r.id == "notice_8a_working_days")
    assert (rule.value, rule.source, rule.strength) == (">= 7", "G", Strength.LOCAL)
    assert [found.matter for found in conflicts_of(step)] == []


@pytest.mark.parametrize(
    "added",
    [NOTICE.replace('notice_source = "G"', ""), NOTICE.replace("notice_working_days = 7", "")],
)
def test_a_length_and_its_source_come_together(tmp_path: Path, added: str) -> None:
    error = refused(tmp_path, added)
    assert error.key == "adds[8a].notice_source"
    assert "the document that asks for it" in error.reason


def test_a_ballot_decides_on_an_answer_of_the_core(tmp_path: Path) -> None:
    step = town(tmp_path, COUNTS, DECIDES).step("17")
    conclusion = step.field("conclusion")
    for yes, is_offered in ((5, False), (6, True), (9, True)):
        verdict = verdict_of(step, {"entitled": 9, "yes": yes})
        names = {option.id for option in offered(conclusion, verdict)}
        assert ("approved" in names) is is_offered, yes
        assert {"later", "returned", "refused"} <= names


def test_a_majority_that_decides_nothing_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, COUNTS)
    assert error.key == "steps[17].ballot[town_17]"
    assert "verdicts in adds" in error.reason


@pytest.mark.parametrize(
    ("step", "option", "needs"), [("17", "nobody", "true"), ("15", "accept", "false")]
)
def test_a_verdict_needs_an_answer_that_is_open(
    tmp_path: Path, step: str, option: str, needs: str
) -> None:
    """Neither one that isn't there, nor one on which the core lets the ballot decide."""
    added = f'[[adds]]\nstep = "{step}"\n' + DECIDES.replace("approved", option).replace(
        "true", needs
    )
    error = refused(tmp_path, added)
    assert error.key == f"adds[{step}].verdicts"
    assert f"found {option}" in error.reason


@pytest.mark.parametrize(
    ("old", "rule"),
    [
        ('source = "G"\nstrength = "local"', "step_2a"),
        ('source="G", strength="local", text={zh="家访"', "home"),
    ],
)
def test_a_city_never_calls_itself_the_law(tmp_path: Path, old: str, rule: str) -> None:
    assert old in VISIT
    error = refused(tmp_path, VISIT.replace(old, old.replace("local", "legal"), 1))
    assert error.key == "steps[2a]"
    assert error.reason.startswith(f"{rule} calls itself legal")
    assert "expected local or advised" in error.reason


PRINCIPLE = """
[[principles]]
id = "own"
source = "G"
strength = "legal"
text = {zh="本县", en="Ours"}
"""


def test_nor_does_a_principle_of_its_own(tmp_path: Path) -> None:
    assert refused(tmp_path, PRINCIPLE).key == "principles"


def test_its_document_and_its_place_are_said(tmp_path: Path) -> None:
    book = town(tmp_path, NOTICE, VISIT)
    with speak("zh", book.city):
        shown = "\n".join(guide_texts.guide(book.step("8a")))
        assert "不少于7个工作日（临河县实施办法）" in shown
        assert words.source("G二 N7") == "《细则》第7条、临河县实施办法"
        assert guide_texts.differ() == "国家和临河县规定不一样："
    with speak("en", book.city):
        assert words.source("G") == "the measures of Linhe"
    with speak("zh", load("national_2026").city):
        assert words.source("G") == "本地规定"


@pytest.mark.parametrize("key", ["document", "place"])
def test_a_city_without_a_name_is_refused(tmp_path: Path, key: str) -> None:
    lines = [line for line in HEAD.splitlines() if not line.startswith(key)]
    (tmp_path / "town.toml").write_text("\n".join(lines), "utf-8")
    with pytest.raises(FileError, match=f"{key}: is missing"):
        load("town", tmp_path)


@pytest.mark.parametrize(
    ("time", "zh", "en"),
    [
        (A_WEEK, "一周之内给答复", "within a week"),
        (AnswerTime(5), "5天之内给答复", "within 5 days"),
        (AnswerTime(5, Unit.WORKING_DAYS), "5个工作日之内给答复", "within 5 working days"),
    ],
)
def test_the_time_for_an_answer_is_said_as_it_is_set(time: AnswerTime, zh: str, en: str) -> None:
    with speak("zh", None):
        assert zh in public_texts.help_(time)
        assert any(zh in line for line in page_texts.first_words(180, time))
    with speak("en", None):
        assert en in public_texts.help_(time)
        assert any(en in line for line in page_texts.first_words(180, time))


def test_a_report_entered_by_staff_is_answered_by_the_day_that_was_set(tmp_path: Path) -> None:
    book = town(tmp_path, "report_days = 5\n")
    assert AnswerTime.of(book) == AnswerTime(5)
    assert AnswerTime.of(load("national_2026")) == AnswerTime(60, practice=True)
    with speak("zh", book.city):
        by = answer_day(book, date(2026, 6, 1), CALENDAR)
        assert "最迟2026年6月6日答复" in entering_texts.entered(by)
    rule = next(rule for rule in rules_of(book) if rule.id == "report_days")
    assert rule.text.read("zh") == "来信来访5天内核实答复"
    assert (rule.source, rule.strength) == ("G", Strength.LOCAL)


@pytest.mark.rule("report_days")
def test_sixty_days_without_a_city_are_said_to_be_practice() -> None:
    """No article sets a time: the 60 days are ours, and say so wherever they stand."""
    time = AnswerTime.of(load("national_2026"))
    with speak("zh", None):
        assert "60天之内（通行做法）给答复" in public_texts.help_(time)
        assert any("60天之内（通行做法）" in line for line in page_texts.first_words(180, time))
        assert "（通行做法）答复" in entering_texts.entered(date(2026, 8, 1), time.practice)
        assert "通行做法" not in entering_texts.entered(date(2026, 8, 1), A_WEEK.practice)
        assert "通行做法" not in public_texts.help_(A_WEEK)
    rule = next(rule for rule in rules_of(load("national_2026")) if rule.id == "report_days")
    assert (rule.source, rule.strength) == ("P", Strength.ADVISED)


def test_the_nation_speaks_for_no_city() -> None:
    """Neither under the text in force nor under the one before it."""
    for name in ("national_2026", "national_2014"):
        for rule in rules_of(load(name)):
            assert not any(part.startswith("G") for part in rule.source.split()), rule.id


OPEN_POINT = """
[[settings]]
id = "visits"
source = "G"
default = "no"
text = {zh="要不要家访？", en="Is there a visit at home?"}
options = [{id="no", text={zh="不要", en="No"}}, {id="yes", text={zh="要", en="Yes"}}]
"""


@pytest.mark.parametrize(("chosen", "visited"), [("no", False), ("yes", True)])
def test_a_city_leaves_a_point_open_itself(tmp_path: Path, chosen: str, visited: bool) -> None:
    only = VISIT.replace('id = "2a"', 'id = "2a"\nonly_if = {setting="visits", is=["yes"]}')
    book = town(tmp_path, OPEN_POINT.replace('"no"', f'"{chosen}"', 1), only)
    assert ("2a" in book.by_id) is visited
