"""Whatever a profile adds and an organisation chooses allows nothing that the nation forbids."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from domain.case.dates import add_months
from domain.case.entry_validation import check_entry
from domain.case.facts import Value
from domain.rulebook.layers.settings import carried_out
from domain.rulebook.reading.reader import FileError, load, written
from domain.rulebook.schema import LimitKind, Rulebook, Strength, Unit
from tests.chance import examples
from tests.domain.books import CALENDAR, PROFILE, begun, book, shelf

HEAD = PROFILE.split("[[steps]]")[0]
CITY = written("yakeshi")
AMOUNTS = st.integers(0, 24)
LIMITS = st.tuples(
    st.sampled_from(["2", "3", "6", "8"]),
    st.sampled_from(["within", "not_before"]),
    st.sampled_from(["1", "2", "5", "6.held_on"]),
    AMOUNTS,
    st.sampled_from(list(Unit)),
    st.integers(0, 10),
)
SHARES = st.tuples(
    st.sampled_from(["yes", "present"]),
    st.sampled_from([">", ">="]),
    st.sampled_from(["1/3", "1/2", "2/3"]),
    st.sampled_from(["entitled", "present"]),
)
NOTICE = st.tuples(st.integers(0, 20), st.integers(4, 8))
FOLLOWING = {"3": 2, "5": 4, "6": 5, "8": 7}
"""Steps that the nation holds back or votes on, and how many were done before."""


def limit(number: int, step: str, kind: str, of: str, value: int, unit: Unit, less: int) -> str:
    return f"""
[[adds]]
step = "{step}"
[[adds.limits]]
id = "own{number}"
kind = "{kind}"
of = "{of}"
value = {value}
minus_days = {less}
unit = "{unit.value}"
strength = "local"
source = "G"
text = {{zh="本地", en="Local"}}
"""


def share(number: int, of: str, op: str, part: str, base: str) -> str:
    return f"""
[[adds]]
step = "6"
[[adds.ballot]]
id = "vote{number}"
layer = "local"
purpose = "pass"
of = "{of}"
op = "{op}"
share = "{part}"
base = "{base}"
source = "G"
text = {{zh="本地", en="Local"}}
"""


@given(
    st.lists(LIMITS, max_size=2),
    st.lists(SHARES, max_size=1),
    NOTICE,
    st.sampled_from(sorted(FOLLOWING)),
    st.integers(0, 400),
    st.integers(0, 20),
)
@examples(40, 300)
def test_a_profile_is_refused_or_at_least_as_strict(
    limits: list[tuple[str, str, str, int, Unit, int]],
    shares: list[tuple[str, str, str, str]],
    notice: tuple[int, int],
    name: str,
    later: int,
    yes: int,
) -> None:
    added = "".join(limit(n, *item) for n, item in enumerate(limits))
    added += "".join(share(n, *item) for n, item in enumerate(shares))
    days, working = notice
    added += f'\n[[adds]]\nstep = "4"\nnotice_days = {days}\nnotice_working_days = {working}\n'
    added += 'notice_source = "G"\n'
    try:
        city = load("city", shelf(profile=HEAD + added))
    except FileError:
        return
    facts, following = begun(FOLLOWING[name]), book().step(name)
    on = facts.entries[-1].done_on + timedelta(days=later)
    answers: dict[str, Value] = {following.day: on}
    if name == "6":
        answers |= {"entitled": 20, "present": 20, "yes": yes, "no": 20 - yes}
        answers |= {"conclusion": "passed"}
    core, ours = (
        {p.code for p in check_entry(b, facts, name, answers, on, CALENDAR) if p.refuses}
        for b in (book(), city)
    )
    assert core <= ours


CHOICES = st.fixed_dictionaries(
    {item.id: st.sampled_from([option.id for option in item.options]) for item in CITY.settings}
)


@cache
def chosen(how: tuple[tuple[str, str], ...]) -> Rulebook:
    found, wanted = CITY, dict(how)
    for setting in CITY.settings:
        found = carried_out(found, replace(setting, chosen=wanted[setting.id]))
    return found


@given(CHOICES, st.dates(date(2026, 6, 1), date(2032, 2, 29)))
@examples(30, 200)
def test_no_choice_shortens_or_lengthens_a_time_of_the_nation(
    how: dict[str, str], start: date
) -> None:
    """An earliest day never comes before the plain period, a last day never after it."""
    town = chosen(tuple(sorted(how.items())))
    looked = 0
    for step in CITY.steps:
        for rule in step.limits:
            if rule.strength is not Strength.LEGAL or rule.unit is not Unit.MONTHS:
                continue
            now = next(item for item in town.step(step.id).limits if item.id == rule.id)
            plain = add_months(start, rule.value)
            moved = add_months(start, now.value, now.rolls_over) + timedelta(days=now.more_days)
            looked += 1
            assert moved >= plain if rule.kind is LimitKind.NOT_BEFORE else moved <= plain
    assert looked > 5
    assert town.step("8a").notice_working_days >= CITY.step("8a").notice_working_days
