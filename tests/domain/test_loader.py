# ruff: noqa: E501 (the rulebook's own lines)
"""A rulebook is read as it was written, or refused with file, key and reason."""

from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from domain.calendar.office_hours import USUAL
from domain.duties import by
from domain.rulebook.questions import ShownIf
from domain.rulebook.reading.reader import FileError, load
from domain.rulebook.schema import Role, Strength
from tests.domain.books import CORE, PROFILE, book, shelf

BOTH = 'signed_by = ["secretary", "introducer"]'


def refused(name: str, folder: Path) -> FileError:
    with pytest.raises(FileError) as caught:
        load(name, folder)
    return caught.value


def test_a_core_is_read_in_its_order() -> None:
    core = book()
    assert [step.id for step in core.steps] == ["1", "2", "2a", "3", "4", "5", "6", "7", "8", "9"]
    assert core.step("2").limits[0].ladder == (7, 0, -1, -8)
    assert core.step("7").signed_by == (Role.SECRETARY, Role.INTRODUCER)
    assert core.step("5").field("reason").shown_if == ShownIf("outcome", ("again", "wait", "stop"))
    assert core.step("1").title.read("en") == "Application"


def test_a_profile_adds_to_its_core_and_takes_nothing() -> None:
    city, core = book("city"), book()
    assert [step.id for step in city.steps][3:6] == ["3", "3a", "4"]
    assert (city.step("4").notice_days, city.step("4").notice_working_days) == (15, 5)
    assert city.step("4").after == ("3", "3a")
    assert [field.id for field in city.step("6").fields][1:3] == ["entitled", "due"]
    assert [rule.id for rule in city.step("6").ballot] == ["quorum", "pass", "pass_city"]
    assert (city.extends, city.in_force) == ("core", core.in_force)
    assert core.step("4").notice_days == 0


LONG = "x" * 61
PRESENT = 'en="Present"}, count="present"'
OWN = '{id="photo", type="proof", carried_over=30, label={zh="照片", en="Photo"}},'
EARLY = '{id="early", type="choice", label={zh="早", en="Early"}, options=[{id="in", text={zh="好", en="In"}, needs_verdict=true}]},'
AHEAD = '{id="until", type="date", future=true, label={zh="到哪天", en="Until"}},'


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('version = "1"', 'version = "1"\nmood = "good"', "mood", "unknown key"),
        ('id = "9"\n', 'id = "9"\ncolour = "red"\n', "steps[9].colour", "unknown key"),
        ('version = "1"', "version = 1", "version", "expected a text in quotes, found 1"),
        ('version = "1"', "", "version", "is missing"),
        ("report_days = 30", "", "report_days", "at least one"),
        ("in_force = 2020-01-01", 'in_force = "2020"', "in_force", "expected a date"),
        ('zh="归档"', 'zh=""', "steps[9].title.zh", "is empty"),
        ('zh="归档", en="Archive"', 'zh="归档"', "steps[9].title.en", "is missing"),
        ('after = ["8"]', 'after = ["99"]', "steps[9].after", "no step 99"),
        ('after = ["8"]', 'after = "8"', "steps[9].after", "expected a list"),
        ('after = ["8"]', "after = [8]", "steps[9].after", "found 8"),
        ('after = ["2"]', 'after = ["9"]', "steps[3].after", "circle"),
        ('after = ["2"]', 'after = ["2a"]', "steps[3].after", "repeats"),
        ('id = "9"\n', 'id = "8"\n', "steps[8]", "twice"),
        ('stage = "end"\nkind = "ballot"', 'stage = "x"\nkind = "ballot"', "steps[6].stage", "x"),
        ('kind = "visit"', 'kind = "trip"', "steps[7].kind", "notice, visit; found 'trip'"),
        ('["secretary", "introducer"]\nsource', '["boss"]\nsource', "steps[7].actors", "boss"),
        ('day = "held_on"', 'day = "on"', "steps[6].day", "no date field on"),
        ('day = "held_on"', 'day = "yes"', "steps[6].day", "no date field yes"),
        ('count="yes"', 'count="maybe"', "steps[6].fields[yes].count", "maybe"),
        ('count="no"', 'count="yes"', "steps[6].fields", "two fields"),
        ('of = "6.held_on"', 'of = "6.never"', "steps[8].limits[expiry].of", "6.never"),
        ('of = "4.last_day"', 'of = "3.last_day"', "steps[5].limits[over].of", "3.last_day"),
        ('"8.months"', '"8.on"', "steps[8].limits[expiry].extended_by", "8.on"),
        ('kind = "every"', 'kind = "often"', "steps[2a].limits[review].kind", "often"),
        ("value = 6", "value = 0", "steps[2a].limits[review].kind", "1 or more"),
        ('op = ">"', 'op = "="', "steps[6].ballot[quorum].op", "expected > or >="),
        ('share = "1/2"', 'share = "half"', "steps[6].ballot[quorum].share", "such as 1/2"),
        ('share = "1/2"', 'share = "3/2"', "steps[6].ballot[quorum].share", "up to 1"),
        ('share = "1/2"', "share = 0.5", "steps[6].ballot[quorum].share", "found 0.5"),
        ('share = "1/2"', 'share = "1/0"', "steps[6].ballot[quorum].share", "such as 1/2"),
        ('of = "present"', 'of = "issued"', "steps[6].ballot[quorum].of", "holds the number"),
        ('of = "present"', 'of = "all"', "steps[6].ballot[quorum].of", "no ballot number all"),
        ('purpose = "quorum"', 'purpose = "?"', "steps[6].ballot[quorum].purpose", "quorum or"),
        ('reopens=["7", "8"]', 'reopens=["70"]', "options[extend].reopens", "no step 70"),
        ('effect="reopen", reopens=["7", "8"]', 'effect="reopen"', "reopens", "open again"),
        ('status="cancelled"', 'status=""', "options[cancel].status", "how the case ends"),
        ('is=["extend"]', 'is=["stretch"]', "fields[months].shown_if", "no option"),
        ("notice_working_days = 5", "", "steps[4].notice_days", "has a length"),
        ("minimum=6, maximum=12", "minimum=13, maximum=12", "fields[months].minimum", "13"),
        ("ladder = [7, 0,", "ladder = [7, 7,", "steps[2].limits[talk].ladder", "twice"),
        ("repeats = true", 'repeats = true\nuntil = "77"', "steps[2a].until", "ends a repeating"),
        ("repeats = true", "repeats = 1", "steps[2a].repeats", "true or false"),
        ('actors = ["contact"]', "actors = []", "steps[2a].actors", "somebody"),
        (BOTH, f'{BOTH}\neach_signs = ["contact"]', "steps[7].each_signs", "roles of signed_by"),
        (BOTH, f'{BOTH}\neach_signs = ["secretary"]', "steps[7].each_signs", "in a case"),
        ('id="end",', 'id="end", since="70",', "stages[end].since", "no step 70"),
        ('id="end",', 'id="end", since="7",', "stages[end].called", "what they are called"),
        ("stages = [", "stages = [ 5,", "stages[0]", "expected a table"),
        ("[[steps]]", "[[steps", "-", "not valid TOML"),
        ('{id="months"', f'{OWN}\n  {{id="months"', "fields[photo].carried_over", "no people"),
        (
            '{id="reason"',
            '{button={zh="{}人", en="{}"}, id="reason"',
            "[reason].button",
            "{} in it",
        ),
        (
            '{id="reason"',
            '{usual="x", id="reason"',
            "fields[reason].usual",
            "an option of a choice",
        ),
        ('{id="months",', '{id="months", offers="committee",', "[months].offers", "for a text"),
        ('{id="reason"', '{part=1, id="reason"', "fields[reason].part", "on a screen with others"),
        ('{id="reason"', '{part=2, together="x", id="reason"', "fields[reason].part", "from 1"),
        ('{id="entitled",', f'{EARLY}\n  {{id="entitled",', "fields[early].together", "before the"),
        ('id="untrue"', f'id="{LONG}"', f"findings[{LONG}].id", "30 characters at most, found 61"),
        ('id = "talk"', f'id = "{LONG}"', f"{LONG}.id", "60 characters at most, found 61"),
        ('source = "N5"', f'source = "{LONG}"', "step_1.source", "60 characters at most"),
        ('{id="months",', '{id="months", carried_over=-1,', "fields[months].carried_over", "days"),
        ('{id="months"', f'{AHEAD}\n  {{id="months"', "fields[until].limits", "its latest day"),
        ('{id="months",', '{id="months", known="is:6",', "fields[months].known", "is:6"),
        ('{id="months",', '{id="months", known="70.x",', "fields[months].known", "70.x"),
        ('{id="months",', '{id="months", known="today",', "fields[months].known", "today"),
        ('{id="months",', '{id="months", known="last|70.x",', "fields[months].known", "70.x"),
        (
            PRESENT,
            PRESENT.replace("}, c", '}, known="last", c'),
            "fields[present].known",
            "entitled",
        ),
    ],
)
def test_a_fault_is_named_with_its_key_and_reason(old: str, new: str, key: str, words: str) -> None:
    assert old in CORE
    error = refused("core", shelf(CORE.replace(old, new, 1)))
    assert (error.file, key in error.key) == ("core.toml", True), error
    assert words in error.reason
    assert str(error) == f"core.toml: {error.key}: {error.reason}"


DUTY = """
[[duties]]
id = "yearly"
title = {zh="年度报告", en="Yearly report"}
text = {zh="每年报告", en="Reported each year"}
actors = ["committee"]
month = 4
day = 30
strength = "legal"
source = "N38"
day_source = "P"
"""


@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ("day = 30", "day = 31", "duties[yearly].day", "no 4-31 in every year"),
        ("month = 4\nday = 30", "month = 2\nday = 29", "duties[yearly].day", "no 2-29"),
        ("month = 4", "month = 13", "duties[yearly].day", "no 13-30"),
        ("day = 30", "day = 0", "duties[yearly].day", "no 4-0"),
        ('"committee"', '"secretary"', "duties[yearly].actors", "above the branch"),
        ('"yearly"', f'"{"y" * 17}"', "duties[yyyyyyyyyyyyyyyyy].id", "16 characters"),
    ],
)
def test_a_yearly_duty_without_a_day_in_every_year_is_refused(
    old: str, new: str, key: str, words: str
) -> None:
    error = refused("core", shelf(CORE + DUTY.replace(old, new)))
    assert (error.key, words in error.reason) == (key, True), error


@pytest.mark.parametrize(("month", "day"), [(2, 28), (4, 30), (12, 31)])
def test_a_yearly_duty_is_due_on_the_last_day_of_a_month(month: int, day: int) -> None:
    text = DUTY.replace("month = 4", f"month = {month}").replace("day = 30", f"day = {day}")
    (duty,) = load("core", shelf(CORE + text)).duties
    assert {by(duty, year) for year in (2027, 2028)} == {
        date(2027, month, day), date(2028, month, day)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "key", "both"),
    [
        ("notice_days = 15", "notice_working_days = 4", "adds[4].notice_working_days", "N13"),
        ('notice_days = 15\nnotice_source = "G"', "gate = false", "adds[4].gate", "N13"),
        ('id = "pass_city"', 'id = "pass"', "adds[6].ballot[pass]", "N20"),
        ('base = "due"', 'base = "entitled"', "adds[6].ballot[pass_city]", ""),
        ('layer = "local"', 'layer = "legal"', "adds[6].ballot[pass_city].layer", "city"),
        ('id = "rest"', 'id = "meeting"', "adds[6].limits[meeting]", "N19"),
        ('step = "4"', 'step = "44"', "adds[44].step", "no such step"),
        ('before = "4"', 'before = "44"', "steps", "44"),
        ('before = "present"', 'before = "absent"', "adds[6].fields", "absent"),
        ('id = "3a"', 'id = "3"', "steps[3]", "twice"),
        ('extends = "core"', 'extends = "nation"', "-", "no such file"),
        ('extends = "core"', 'extends = "core"\nsteps = 5', "-", "not valid"),
        ('step = "6"', 'step = "6"\nmood = 1', "adds[6].mood", "unknown key"),
    ],
)
def test_a_profile_that_would_soften_its_core_is_refused(
    old: str, new: str, key: str, both: str
) -> None:
    assert old in PROFILE
    changed = PROFILE.replace(old, new, 1)
    if new == 'base = "entitled"':
        changed = changed.replace('op = ">="\nshare = "1/2"', 'op = ">="\nshare = "1/3"')
    error = refused("city", shelf(profile=changed))
    assert key in error.key, error
    assert both in error.reason


def test_both_rules_are_named_when_a_time_is_softened() -> None:
    later = PROFILE.replace('kind = "not_before"', 'kind = "within"').replace(
        "value = 3", "value = 40"
    )
    assert "softens" in refused("city", shelf(profile=later)).reason
    shorter = PROFILE + SHORTER
    error = refused("city", shelf(profile=shorter))
    assert error.key == "adds[8].limits[soon]"
    assert "not_before 11 months (G二)" in error.reason
    assert "expiry: not_before 12 months (N31)" in error.reason


@pytest.mark.parametrize(
    ("of", "value", "refused_as"),
    [
        ("6", 11, "expiry"),
        ("6.held_on", 11, "expiry"),
        ("3|6.held_on", 11, "expiry"),
        ("6", 12, ""),
        ("6", 13, ""),
        ("3", 1, ""),
    ],
)
def test_the_same_day_said_otherwise_is_no_way_round(of: str, value: int, refused_as: str) -> None:
    added = SHORTER.replace('"6.held_on"', f'"{of}"').replace("value = 11", f"value = {value}")
    folder = shelf(profile=PROFILE + added)
    if refused_as:
        assert f"the core's {refused_as}:" in refused("city", folder).reason
    else:
        assert load("city", folder).step("8").limits[-1].value == value


def test_days_taken_off_soften_as_well() -> None:
    added = SHORTER.replace("value = 11", "value = 12\nminus_days = 1")
    assert "softens" in refused("city", shelf(profile=PROFILE + added)).reason


ONE_FOR_EACH = """
[[adds]]
step = "8"
[[adds.each]]
field = "proofs"
of = "ways"
rule = {id="r", source="G三", strength="local", text={zh="一", en="1"}}
"""


@pytest.mark.parametrize("of", ["ways", "proofs", "months"])
def test_what_is_wanted_one_for_each_names_a_list_before_it(of: str) -> None:
    """A list that isn't there, stands behind, or is no list."""
    proofs = '{id="proofs", type="proof", label={zh="照片", en="Photos"}, each={of="%s", rule='
    rule = '{id="r", source="G三", strength="local", text={zh="一", en="1"}}}},\n'
    last = '{id="months", type="number"'
    assert last in CORE
    core = CORE.replace(last, proofs % of + rule + last, 1)
    error = refused("core", shelf(core))
    assert error.key == "steps[8].fields[proofs].each", error
    assert "names a list before this one" in error.reason


def test_a_profile_wants_one_for_each_of_a_field_that_is_there() -> None:
    assert "no field proofs" in refused("city", shelf(profile=PROFILE + ONE_FOR_EACH)).reason


def test_a_longer_time_to_answer_is_refused() -> None:
    core = CORE.replace("report_days = 30", "report_days = 7", 1)
    longer = PROFILE.replace('version = "1"', 'version = "1"\nreport_days = 8', 1)
    assert "longer than the core's 7" in refused("city", shelf(core, longer)).reason
    assert load("city", shelf(core)).report_days == 7


WISHES = """
[wishes]
digest = [09:30:00, 15:00:00]
quiet = [{ start = 12:00:00, end = 14:00:00 }]
"""


def test_an_organisation_says_which_times_people_may_wish() -> None:
    choice = load("city", shelf(profile=PROFILE + WISHES)).wishes
    assert choice.digest == (time(8, 30), time(9, 30), time(15))
    assert choice.quiet == (None, (time(12), time(14)))
    assert load("city", shelf(CORE + WISHES)).wishes == choice
    assert load("city", shelf()).wishes == USUAL


@pytest.mark.parametrize(
    ("inside", "outside", "key"),
    [
        ("15:00:00", "18:00:00", "wishes.digest"),
        ("09:30:00", "08:29:00", "wishes.digest"),
        ("14:00:00", "18:00:00", "wishes.quiet"),
        ("14:00:00", "12:00:00", "wishes.quiet"),
        ("12:00:00", "08:00:00", "wishes.quiet"),
    ],
)
def test_a_time_outside_the_hours_is_refused(inside: str, outside: str, key: str) -> None:
    error = refused("city", shelf(profile=PROFILE + WISHES.replace(inside, outside)))
    assert error.key == key
    assert "the hours" in error.reason


SHORTER = """
[[adds]]
step = "8"
[[adds.limits]]
id = "soon"
kind = "not_before"
of = "6.held_on"
value = 11
unit = "months"
strength = "local"
source = "G二"
text = {zh="十一个月", en="Eleven months"}
"""


def test_a_profile_of_a_profile_is_refused() -> None:
    folder = shelf()
    (folder / "town.toml").write_text(PROFILE.replace('"core"', '"city"'), "utf-8")
    assert "extends a core" in refused("town", folder).reason


def test_a_file_that_is_missing_or_no_text_is_named() -> None:
    folder = shelf()
    (folder / "bad.toml").write_bytes(b"\xff\xfe")
    assert refused("none", folder).reason == "there is no such file"
    assert refused("bad", folder).reason == "not UTF-8"


@pytest.mark.parametrize("limit", ["expiry", "nothing"])
def test_what_binds_counts_from_where_the_nation_said(limit: str) -> None:
    elsewhere = f"""
[[adds]]
step = "8"
counts_from = [{{ limit = "{limit}", of = "7" }}]
"""
    error = refused("city", shelf(profile=PROFILE + elsewhere))
    assert error.key == "adds[8].counts_from"
    assert limit in error.reason


def test_advice_counts_from_what_the_city_put_in_between() -> None:
    (filing,) = load("national_2026").step("18").limits
    (later,) = load("yakeshi").step("18").limits
    assert (filing.of, later.of) == ("17", "17a|17")
    assert filing.strength is Strength.ADVISED
    assert replace(later, of="17") == filing


TOWN = """
id = "town"
version = "1"
extends = "national_2026"
title = {zh="镇", en="Town"}
document = {zh="镇规定", en="the rules of the town"}
place = {zh="镇", en="the town"}

[[adds]]
step = "8a"
notice_working_days = 7
notice_source = "G"

[[steps]]
id = "8c"
before = "9"
title = {zh="公示回访", en="Visit after the notice"}
stage = "candidate"
kind = "record"
actors = ["secretary"]
source = "G"
strength = "local"
day = "on"
after = ["8a"]
fields = [{id="on", type="date", label={zh="日期", en="Day"}}]
limits = [
  {id="soon", kind="within", of="8a.last_day|8", value=7, unit="days", strength="local", source="G", text={zh="一周", en="A week"}},
]
[[adds]]
step = "9"
after = ["8c"]
"""


def test_a_city_adds_to_a_step_that_the_earlier_text_hadnt(tmp_path: Path) -> None:
    """Laid over the text of 2014 as well, it is left out there with the step."""
    (tmp_path / "town.toml").write_text(TOWN, "utf-8")
    town = load("town", tmp_path)
    assert town.step("8a").notice_working_days == 7
    assert town.earlier is not None
    assert (town.earlier.id, "8a" in town.earlier.by_id) == ("town@national_2014", False)
    before = town.earlier.step("8c")
    assert before.after == ("8",)
    assert [limit.of for limit in before.limits] == ["8"]
    assert town.earlier.step("9").after == ("8", "8c")
