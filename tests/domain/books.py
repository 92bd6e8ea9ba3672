# ruff: noqa: E501 (the rulebook's own lines)
"""A small rulebook of our own: every mechanism once, in the format of the real files."""

from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from domain.calendar.calendar import WorkCalendar
from domain.case.facts import CaseFacts, Entry, Hold, Value
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Role, Rulebook

CALENDAR = WorkCalendar()

CORE = """
id = "core"
version = "1"
in_force = 2020-01-01
title = {zh="核心", en="Core"}
report_days = 30
findings = [{id="untrue", text={zh="失实", en="Untrue"}, effect="go_on", source="P"}]
stages = [
  {id="start", title={zh="开始", en="Start"}},
  {id="notice", title={zh="公示", en="Notice"}},
  {id="end", title={zh="结束", en="End"}},
]

[[steps]]
id = "1"
title = {zh="申请", en="Application"}
stage = "start"
kind = "record"
actors = ["secretary"]
source = "N5"
strength = "legal"
day = "on"
fields = [{id="on", type="date", label={zh="日期", en="Day"}}]

[[steps]]
id = "2"
title = {zh="谈话", en="Talk"}
stage = "start"
kind = "record"
actors = ["secretary"]
source = "N7"
strength = "legal"
day = "on"
after = ["1"]
fields = [
  {id="on", type="date", label={zh="日期", en="Day"}},
  {id="notes", type="text", label={zh="内容", en="Notes"}, optional=true, minimum=2, maximum=10},
]
[[steps.limits]]
id = "talk"
kind = "within"
of = "1"
value = 1
unit = "months"
strength = "legal"
source = "N7"
text = {zh="一个月内谈话", en="Talk within a month"}
ladder = [7, 0, -1, -8]

[[steps]]
id = "2a"
title = {zh="半年考察", en="Review"}
stage = "start"
kind = "record"
actors = ["contact"]
source = "N11"
strength = "legal"
day = "on"
after = ["1"]
repeats = true
fields = [{id="on", type="date", label={zh="日期", en="Day"}}]
[[steps.limits]]
id = "review"
kind = "every"
of = "1"
value = 6
unit = "months"
strength = "legal"
source = "N11"
text = {zh="每半年一次", en="Every half-year"}

[[steps]]
id = "3"
title = {zh="考察期满", en="A year of education"}
stage = "start"
kind = "record"
actors = ["secretary"]
source = "N10"
strength = "legal"
day = "on"
after = ["2"]
fields = [{id="on", type="date", label={zh="日期", en="Day"}}]
[[steps.limits]]
id = "year"
kind = "not_before"
of = "1"
value = 12
unit = "months"
strength = "legal"
source = "N10"
text = {zh="满一年", en="A year"}

[[steps]]
id = "4"
title = {zh="公示", en="Notice"}
stage = "notice"
kind = "notice"
actors = ["secretary"]
source = "N13"
strength = "legal"
day = "posted_on"
after = ["3"]
gate = true
notice_working_days = 5
fields = [{id="posted_on", type="date", label={zh="张贴", en="Posted"}}]

[[steps]]
id = "5"
title = {zh="公示结果", en="After the notice"}
stage = "notice"
kind = "record"
actors = ["secretary"]
source = "N13"
strength = "legal"
day = "on"
after = ["4"]
fields = [
  {id="on", type="date", label={zh="日期", en="Day"}},
  {id="outcome", type="choice", label={zh="结果", en="Outcome"}, options=[
    {id="clear", text={zh="无异议", en="No objection"}},
    {id="again", text={zh="重新公示", en="Again"}, effect="reopen", reopens=["4", "5"]},
    {id="wait", text={zh="暂缓", en="Put off"}, effect="hold"},
    {id="stop", text={zh="不予发展", en="Stopped"}, effect="end", status="stopped"},
  ]},
  {id="reason", type="text", label={zh="原因", en="Why"}, shown_if={field="outcome", is=["again", "wait", "stop"]}},
]
[[steps.limits]]
id = "over"
kind = "not_before"
of = "4.last_day"
value = 1
unit = "days"
strength = "legal"
source = "N13"
text = {zh="公示期满", en="The notice is over"}

[[steps]]
id = "6"
title = {zh="表决", en="Vote"}
stage = "end"
kind = "ballot"
actors = ["secretary"]
source = "N19"
strength = "legal"
day = "held_on"
after = ["5"]
gate = true
fields = [
  {id="held_on", type="date", label={zh="日期", en="Day"}},
  {id="entitled", type="number", label={zh="应到", en="Entitled"}, count="entitled", minimum=1},
  {id="present", type="number", label={zh="实到", en="Present"}, count="present"},
  {id="written", type="number", label={zh="书面", en="Written"}, count="written", optional=true},
  {id="yes", type="number", label={zh="同意", en="Yes"}, count="yes"},
  {id="no", type="number", label={zh="不同意", en="No"}, count="no"},
  {id="conclusion", type="choice", label={zh="结论", en="Conclusion"}, options=[
    {id="passed", text={zh="通过", en="Passed"}, needs_verdict=true},
    {id="lost", text={zh="未通过", en="Lost"}, needs_verdict=false, effect="hold"},
  ]},
]
[[steps.limits]]
id = "meeting"
kind = "within"
of = "5"
value = 1
unit = "months"
strength = "legal"
source = "N19"
text = {zh="一个月内开会", en="Meet within a month"}
[[steps.ballot]]
id = "quorum"
layer = "legal"
purpose = "quorum"
of = "present"
op = ">"
share = "1/2"
base = "entitled"
source = "N20"
text = {zh="过半数到会", en="More than half present"}
[[steps.ballot]]
id = "pass"
layer = "legal"
purpose = "pass"
of = "yes"
op = ">"
share = "1/2"
base = "entitled"
source = "N20"
text = {zh="超过半数同意", en="More than half agree"}

[[steps]]
id = "7"
title = {zh="回访", en="Visit"}
stage = "end"
kind = "visit"
actors = ["secretary", "introducer"]
source = "G"
strength = "local"
day = "on"
after = ["6"]
signed_by = ["secretary", "introducer"]
fields = [{id="on", type="date", label={zh="日期", en="Day"}}]

[[steps]]
id = "8"
title = {zh="转正", en="Full membership"}
stage = "end"
kind = "decision"
actors = ["committee"]
source = "N31"
strength = "legal"
day = "on"
after = ["7"]
gate = true
fields = [
  {id="on", type="date", label={zh="日期", en="Day"}},
  {id="conclusion", type="choice", label={zh="结论", en="Conclusion"}, options=[
    {id="full", text={zh="按期转正", en="On time"}},
    {id="extend", text={zh="延长", en="Extend"}, effect="reopen", reopens=["7", "8"], once=true},
    {id="cancel", text={zh="取消", en="Cancel"}, effect="end", status="cancelled"},
  ]},
  {id="months", type="number", label={zh="月数", en="Months"}, minimum=6, maximum=12, shown_if={field="conclusion", is=["extend"]}},
]
[[steps.limits]]
id = "expiry"
kind = "not_before"
of = "6.held_on"
value = 12
unit = "months"
strength = "legal"
source = "N31"
text = {zh="预备期满", en="Probation is over"}
extended_by = "8.months"
[[steps.limits]]
id = "approval"
kind = "within"
of = "6.held_on"
value = 15
unit = "months"
strength = "advised"
source = "N33"
text = {zh="三个月内审批", en="Approve within three months"}
extended_by = "8.months"

[[steps]]
id = "9"
title = {zh="归档", en="Archive"}
stage = "end"
kind = "record"
actors = ["secretary"]
source = "N36"
strength = "legal"
day = "on"
after = ["8"]
fields = [{id="on", type="date", label={zh="日期", en="Day"}}]
"""

PROFILE = """
id = "city"
version = "1"
extends = "core"
title = {zh="城市", en="City"}
document = {zh="城市规定", en="the rules of the city"}
place = {zh="城市", en="the city"}

[[steps]]
id = "3a"
before = "4"
title = {zh="计划", en="Plan"}
stage = "start"
kind = "record"
actors = ["organiser"]
source = "G"
strength = "local"
day = "on"
after = ["3"]
fields = [{id="on", type="date", label={zh="日期", en="Day"}}]

[[adds]]
step = "4"
notice_days = 15
notice_source = "G"
after = ["3a"]

[[adds]]
step = "6"
[[adds.fields]]
id = "due"
type = "number"
label = {zh="应到会", en="Due"}
count = "due"
before = "present"
[[adds.ballot]]
id = "pass_city"
layer = "local"
purpose = "pass"
of = "yes"
op = ">="
share = "1/2"
base = "due"
source = "G"
text = {zh="半数以上同意", en="Half agree"}
[[adds.limits]]
id = "rest"
kind = "not_before"
of = "5"
value = 3
unit = "days"
strength = "local"
source = "G"
text = {zh="三天后", en="Three days later"}
"""


SHELVES = TemporaryDirectory(prefix="yinlu-")
"""Gone with the process."""


def shelf(core: str = CORE, profile: str = PROFILE) -> Path:
    """A folder with the two files."""
    folder = Path(mkdtemp(dir=SHELVES.name))
    (folder / "core.toml").write_text(core, "utf-8")
    (folder / "city.toml").write_text(profile, "utf-8")
    return folder


@cache
def book(name: str = "core") -> Rulebook:
    return load(name, shelf())


def day(text: str) -> date:
    return date.fromisoformat(text)


def entry(number: int, step: str, on: str, signed: str = "all", **answers: Value) -> Entry:
    known = book("city").step(step)
    given = {known.day: day(on), **answers}
    roles = frozenset(Role) if signed == "all" else frozenset({Role(signed)} if signed else ())
    return Entry(number, step, day(on), given, day(on), "core", roles)


def facts(*entries: Entry, holds: tuple[Hold, ...] = ()) -> CaseFacts:
    return CaseFacts(day("2024-01-01"), entries, holds)


def begun(steps: int, holds: tuple[Hold, ...] = ()) -> CaseFacts:
    """A case that has done so many steps of the core, without a fault."""
    way = (
        entry(1, "1", "2024-01-31"),
        entry(2, "2", "2024-02-29"),
        entry(3, "3", "2025-01-31"),
        entry(4, "4", "2025-02-10"),
        entry(5, "5", "2025-02-18", outcome="clear"),
        entry(6, "6", "2025-03-10", entitled=20, present=18, yes=15, no=3, conclusion="passed"),
        entry(7, "7", "2026-03-01"),
        entry(8, "8", "2026-03-10", conclusion="full"),
        entry(9, "9", "2026-03-20"),
    )
    return facts(*way[:steps], holds=holds)
