"""What can be wrong has one name, one stored value and one sentence."""

from domain.case.facts import ProblemCode
from domain.rulebook.kinds import MANY_ON_ONE_DAY, RECORDED_LATE
from handlers.staff.shared.problem_texts import SENTENCES


def test_each_code_has_its_sentence() -> None:
    assert set(SENTENCES) == set(ProblemCode)


def test_a_stored_code_is_read_again_as_it_was() -> None:
    for code in ProblemCode:
        assert code.value == code.name.lower()
        assert ProblemCode(str(code)) is code
    assert (ProblemCode.RECORDED_LATE, ProblemCode.MANY_ON_ONE_DAY) == (
        RECORDED_LATE,
        MANY_ON_ONE_DAY,
    )
