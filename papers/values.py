"""Answers as a paper says them: in Chinese, whatever language the bot speaks with the reader."""

from collections.abc import Iterable, Mapping
from datetime import date

from domain.case.facts import BallotShare, Value
from domain.rulebook.schema import Body, City, Field, FieldType, Role, Step

BLANK = "＿＿＿＿"
"""Stands where nothing is known, to be written by hand."""


def clean(text: str) -> str:
    """What a person typed, without the control characters that a Word file can't hold."""
    kept = (c for c in text if c == "\n" or (c.isprintable() and not _surrogate(c)))
    return "".join(kept).strip()


def _surrogate(character: str) -> bool:
    return "\ud800" <= character <= "\udfff"


def day(value: date) -> str:
    """A day as official papers write it: 2026年3月5日."""
    return f"{value.year}年{value.month}月{value.day}日"


def answer(field: Field, value: Value, names: Mapping[str, str]) -> str:
    """An answer as a paper says it. `names`: of the persons and organisations in it, by id."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int):
        return str(value)
    return _listed(field, (value,) if isinstance(value, str) else value, names)


def _listed(field: Field, values: tuple[str, ...], names: Mapping[str, str]) -> str:
    if field.type is FieldType.PROOF:
        return f"{len(values)}份"
    options = {option.id: option.text.zh for option in field.options}
    return clean("、".join(options.get(item) or names.get(item, item) for item in values))


def share(item: BallotShare) -> str:
    """One rule of a ballot with its numbers."""
    said = "达到" if item.passed else "没有达到"
    return f"{item.text.zh}：{item.have}/{item.base}，至少要{item.needed}，{said}。"


def age(born: date, today: date) -> str:
    """Full years of life."""
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return str(today.year - born.year - (not had_birthday))


def short_day(value: date) -> str:
    """For a column of days."""
    return f"{value.year}.{value.month}.{value.day}"


BODIES: Mapping[Body, str] = {
    Body.MASSES: "党外群众",
    Body.BRANCH: "支部大会",
    Body.COMMITTEE: "党（工）委",
    Body.ORGANISERS: "组织员会议",
}
ACTORS: Mapping[Role, str] = {
    Role.COMMITTEE: "党（工）委",
    Role.ORGANISER: "组织员",
    Role.DIRECTOR: "组织部门",
}


def body(step: Step) -> str:
    """Who meets to decide a step, else who takes it: whatever isn't above is the branch."""
    if step.body is not None:
        return BODIES[step.body]
    # The first of them takes it; the others only may as well.
    return next((ACTORS[role] for role in step.actors[:1] if role in ACTORS), "党支部")


def step(step: Step) -> str:
    """With its number; what may happen at any time has none."""
    return f"{step.id} {step.title.zh}" if step.id[:1].isdigit() else step.title.zh


def source(text: str, city: City | None) -> str:
    """Where a rule stands, as people name the document."""
    parts = text.split()
    articles = "、".join(part[1:] for part in parts if part[0] == "N" and part[1:2].isdigit())
    said = [f"《细则》第{articles}条"] if articles else []
    # Without its part: on paper a document is named, not quoted.
    if any(part[0] == "G" for part in parts):
        said.append(city.document.zh if city else "本地规定")
    return "、".join(said) or "通行做法"


CHANNELS: Mapping[str, str] = {
    "bot": "机器人",
    "page": "网页",
    "letter": "来信",
    "visit": "来访",
    "phone": "来电",
}


def to_tick(choices: Iterable[str]) -> str:
    """Choices of which a person ticks one."""
    return "　".join(f"□ {choice}" for choice in choices)
