"""The example city of the documentation: it loads, and a case goes its whole way by it."""

from pathlib import Path

import pytest

from bot.cli.rules_command import check
from docs.rulebook import EXAMPLES
from domain.case.entry_validation import check_entry
from domain.case.facts import Status
from domain.case.progress import assess
from domain.case.reports import answer_day
from domain.rulebook.reading.reader import FOLDER, FileError, load
from tests.domain.books import CALENDAR, day
from tests.domain.walk import made, straight_way

LINHE = load("linhe", EXAMPLES)


def test_nothing_is_wrong_with_it() -> None:
    said, code = check(EXAMPLES / "linhe.toml")
    assert (code, "nothing is wrong" in said) == (0, True), said


def test_a_case_goes_from_application_to_archive() -> None:
    way = straight_way(LINHE)
    once = [entry.step for entry, _ in way if not LINHE.step(entry.step).repeats]
    assert once[:4] == ["1", "2", "2a", "3"]
    assert once == [step.id for step in LINHE.steps if not step.repeats]
    entry, case = way[-1]
    after = made(case, LINHE.step(entry.step), entry.done_on, dict(entry.answers))
    assert assess(LINHE, after, entry.done_on, CALENDAR).status is Status.ARCHIVED


@pytest.mark.parametrize(("yes", "codes"), [(5, ["verdict_fails"]), (6, [])])
def test_two_thirds_of_its_committee_decide(yes: int, codes: list[str]) -> None:
    entry, case = next(pair for pair in straight_way(LINHE) if pair[0].step == "17")
    answers = {**entry.answers, "entitled": 9, "yes": yes}
    found = check_entry(LINHE, case, "17", answers, entry.done_on, CALENDAR)
    assert [problem.code for problem in found if problem.refuses] == codes


def test_a_core_cannot_have_it_conclude_before_its_own_numbers(tmp_path: Path) -> None:
    core = (FOLDER / "national_2026.toml").read_text("utf-8")
    asked = '{ id = "conclusion", type = "choice", label = { zh = "审批结果？"'
    begun = core.index('\nid = "17"')
    assert asked in core[begun:]
    # On the screen before, where nothing but the core's own questions stands.
    moved = core[begun:].replace(asked, asked.replace("label", 'together = "way", label'), 1)
    (tmp_path / "national_2026.toml").write_text(core[:begun] + moved, "utf-8")
    (tmp_path / "linhe.toml").write_bytes((EXAMPLES / "linhe.toml").read_bytes())
    assert load("national_2026", tmp_path).step("17").field("conclusion").together == "way"
    with pytest.raises(FileError) as caught:
        load("linhe", tmp_path)
    assert caught.value.key == "steps[17].fields[conclusion].together"
    assert "before the numbers of the ballot" in caught.value.reason


def test_its_notice_runs_seven_working_days_and_its_answer_is_due_in_five() -> None:
    assert LINHE.step("8a").notice_working_days == 7
    assert answer_day(LINHE, day("2026-06-01"), CALENDAR) == day("2026-06-06")
    old = LINHE.on(day("2026-01-01"))
    assert "8a" not in old.by_id
    assert "2a" in old.step("3").after
