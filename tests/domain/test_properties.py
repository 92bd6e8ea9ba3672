"""Any act thrown at any case: what was taken was allowed, what was refused changed nothing, and no
profile allows what its core forbids."""

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.case.answers import shown_fields
from domain.case.entry_validation import check_entry, fields_to_ask, verdict_of
from domain.case.facts import CaseFacts, Entry, Hold, Problem, Value
from domain.case.progress import assess, dates_of, why_not
from domain.rulebook.reading.reader import load
from domain.rulebook.schema import Option, Step
from domain.states import Status
from domain.writing.ballots import WORDS, read_totals
from tests.chance import examples
from tests.domain.books import CALENDAR
from tests.domain.walk import START, due, fill, made, straight_way

NATION, CITY = load("national_2026"), load("yakeshi")
WAY = straight_way(CITY)
CHANCE = st.randoms(use_true_random=False)
PROJECTED = {
    "too_early", "notice_running", "verdict_fails", "day_before_condition", "only_once", "lacking",
}  # fmt: skip


class AnyCase(RuleBasedStateMachine):
    """A case of the city, and whatever somebody may try with it."""

    def __init__(self) -> None:
        super().__init__()
        self.case = CaseFacts(START)
        self.today = START

    @initialize(steps=st.integers(0, len(WAY) - 1))
    def a_case_somewhere_on_its_way(self, steps: int) -> None:
        entry, self.case = WAY[steps]
        self.today = entry.done_on

    def attempt(self, step: Step, answers: Mapping[str, Value]) -> tuple[Problem, ...]:
        """Takes the entry where nothing refuses it, as a service would."""
        facts, shown = self.case, assess(CITY, self.case, self.today, CALENDAR)
        problems = check_entry(CITY, facts, step.id, answers, self.today, CALENDAR)
        assert assess(CITY, self.case, self.today, CALENDAR) == shown
        assert list(problems) == sorted(problems, key=lambda problem: not problem.refuses)
        if any(problem.refuses for problem in problems):
            return problems
        opened = {item.step.id: item for item in (*shown.open, *shown.anytime)}
        assert opened[step.id].possible
        assert not opened[step.id].waits_for
        assert not why_not(CITY, facts, step.id, self.today, CALENDAR)
        on = answers[step.day]
        assert isinstance(on, date)
        self.refused_by_nation(step, answers)
        self.case = made(self.case, step, on, dict(answers))
        return problems

    def refused_by_nation(self, step: Step, answers: Mapping[str, Value]) -> None:
        """What the city takes the nation has nothing to say against, in its own terms."""
        if step.id not in NATION.by_id:
            return
        own = {field.id for field in NATION.step(step.id).fields}
        entries = tuple(entry for entry in self.case.entries if entry.step in NATION.by_id)
        facts = CaseFacts(self.case.opened_on, entries, self.case.holds)
        given_here = {key: value for key, value in answers.items() if key in own}
        problems = check_entry(NATION, facts, step.id, given_here, self.today, CALENDAR)
        # Opened again by a ballot of the city alone: the nation asks for no review since then.
        again = any(problem.code == "step_not_open" for problem in problems)
        told = PROJECTED - {"lacking"} if again else PROJECTED
        assert not [p for p in problems if p.refuses and p.code in told]

    @rule(chance=CHANCE)
    def the_next_step(self, chance: Random) -> None:
        for item in assess(CITY, self.case, self.today, CALENDAR).open:
            if item.possible:
                straight = chance.random() < 0.8
                self.attempt(item.step, fill(item.step, self.today, chance, straight))
                return

    @rule(chance=CHANCE, steps=st.integers(1, 12))
    def several_steps_on_the_straight_way(self, chance: Random, steps: int) -> None:
        for _ in range(steps):
            shown = assess(CITY, self.case, self.today, CALENDAR)
            ready = [s.step for s in shown.open if s.possible and due(s, self.today)]
            if ready:
                self.attempt(ready[0], fill(ready[0], self.today, chance, straight=True))
            else:
                self.today += timedelta(days=30)

    @rule(step=st.sampled_from(CITY.steps), chance=CHANCE, back=st.integers(-3, 700))
    def any_step_on_any_day(self, step: Step, chance: Random, back: int) -> None:
        self.attempt(step, fill(step, self.today - timedelta(days=back), chance))

    @rule(step=st.sampled_from(CITY.steps), chance=CHANCE, junk=st.text(max_size=20))
    def nonsense(self, step: Step, chance: Random, junk: str) -> None:
        answers = fill(step, self.today, chance)
        answers[chance.choice(sorted(answers))] = junk
        answers[junk] = -1
        before = self.case
        assert any(problem.refuses for problem in self.attempt(step, answers))
        assert self.case is before

    @rule(days=st.integers(1, 400))
    def time_goes_by(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule()
    def a_report_comes_in(self) -> None:
        hold = Hold("r", "举报核实中", self.today)
        self.case = CaseFacts(self.case.opened_on, self.case.entries, (hold,))

    @rule()
    def the_report_is_settled(self) -> None:
        self.case = CaseFacts(self.case.opened_on, self.case.entries)

    @precondition(lambda self: self.case.entries)
    @rule(chance=CHANCE, days=st.integers(-40, 40))
    def a_correction(self, chance: Random, days: int) -> None:
        """One that isn't refused leaves every later entry where it may stand."""
        old = chance.choice(self.case.entries)
        step = CITY.step(old.step)
        on = old.done_on + timedelta(days=days)
        answers = {**old.answers, step.day: on}
        problems = check_entry(
            CITY, self.case, step.id, answers, self.today, CALENDAR, replaces=old.number
        )
        if not any(problem.refuses for problem in problems):
            new = Entry(old.number, step.id, on, answers, on, old.rulebook, old.signed)
            entries = tuple(new if e.number == old.number else e for e in self.case.entries)
            self.case = CaseFacts(self.case.opened_on, entries, self.case.holds)

    @invariant()
    def every_entry_stands_on_those_before_it(self) -> None:
        facts = CaseFacts(self.case.opened_on)
        for entry in self.case.entries:
            blockers = why_not(CITY, facts, entry.step, date(2150, 1, 1), CALENDAR)
            assert not blockers, (entry, blockers)
            facts = CaseFacts(facts.opened_on, (*facts.entries, entry))

    @invariant()
    def what_is_said_of_the_case_agrees_with_itself(self) -> None:
        progress = assess(CITY, self.case, self.today, CALENDAR)
        done = {entry.step for entry in progress.done}
        opened = {item.step.id for item in progress.open if not item.step.repeats}
        later = {step.id for step in progress.later}
        needed = {step.id for step in CITY.steps if not step.repeats}
        assert not opened & done
        assert not later & (opened | done)
        assert progress.status in (Status.ENDED, Status.ARCHIVED) or (
            needed == (done | opened | later) & needed
        )
        assert set(dates_of(CITY, self.case, CALENDAR)) == set(progress.deadlines)
        assert {deadline.step for deadline in progress.deadlines} <= {
            item.step.id for item in progress.open
        }


AnyCase.TestCase.settings = examples(15, 100, stateful_step_count=25)
TestAnyCase = AnyCase.TestCase


@given(st.sampled_from(CITY.steps), CHANCE)
def test_a_form_filled_as_it_asks_is_never_wrong_by_itself(step: Step, chance: Random) -> None:
    """Whatever is chosen: no answer asked for is missing, unknown, or against the ballot."""
    answers = fill(step, START, chance)
    problems = check_entry(CITY, CaseFacts(START), step.id, answers, START, CALENDAR)
    form = {"required", "unknown_field", "unknown_option", "totals_contradict", "verdict_fails",
            "verdict_passes", "too_small", "too_big", "too_few", "too_many"}  # fmt: skip
    assert not [problem for problem in problems if problem.code in form]


@given(st.sampled_from([step for step in CITY.steps if step.ballot]), CHANCE)
def test_only_what_the_stricter_verdict_leaves_is_offered(step: Step, chance: Random) -> None:
    answers = fill(step, START, chance)
    verdict = verdict_of(step, answers)
    assert verdict is not None
    assert verdict.passed is all(share.passed for share in verdict.shares)
    for asked, whole in zip(fields_to_ask(step, answers), shown_fields(step, answers), strict=True):
        left = {option.id for option in asked.options}
        assert left == {
            option.id
            for option in whole.options
            if option.needs_verdict in (None, verdict.passed) and voted_on(option, answers)
        }


def voted_on(option: Option, answers: Mapping[str, Value]) -> bool:
    named = option.shown_if
    return named is None or answers[named.field] in named.any_of


LABELS = {count: words for count, words in WORDS.items() if count}


@given(
    st.dictionaries(st.sampled_from(sorted(LABELS)), st.integers(0, 99_999), min_size=1),
    CHANCE,
    st.sampled_from([" ", "，", "；", ", ", "\n", "。"]),
    st.sampled_from(["", " ", "：", ": ", "＝"]),
    st.sampled_from(["", "人", "票", "名", " 人"]),
    st.booleans(),
)
def test_a_printed_line_of_numbers_reads_back(
    totals: dict[str, int], chance: Random, between: str, link: str, unit: str, wide: bool
) -> None:
    parts = []
    for count, number in totals.items():
        digits = str(number).translate(WIDE) if wide else str(number)
        parts.append(f"{chance.choice(LABELS[count])}{link}{digits}{unit}")
    chance.shuffle(parts)
    assert read_totals(between.join(parts)) == totals


WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


@given(st.text(max_size=4096))
def test_no_noise_breaks_the_reader_of_numbers(text: str) -> None:
    assert all(0 <= number <= 99_999 for number in read_totals(text).values())
