"""Names from keyboards, sheets and notices are one name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.writing.names import alike, tidy, told_apart


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王 芳", "王芳"),
        ("王\u3000芳", "王芳"),
        ("王\u200b芳\ufeff", "王芳"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提 ・ 艾力", "买买提·艾力"),
        ("买买提･艾力", "买买提·艾力"),
        ("买买提．艾力", "买买提·艾力"),
        ("买买提. 艾力", "买买提·艾力"),
        ("王\ufe0f芳\u3164", "王芳"),
        ("王\u034f\u115f\u2800芳", "王芳"),
        ("葛\U000e0100洪", "葛洪"),
        ("J. Smith", "J. Smith"),
        ("  Maria\u00a0 Ivanova ", "Maria Ivanova"),
        ("Ｍａｒｉａ", "Maria"),
        ("李\n秀兰", "李秀兰"),
        ("𠮷田", "𠮷田"),
    ],
)
def test_a_name_is_stored_in_one_way(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("王 芳", "王芳", True),
        ("买买提•艾力", "买买提·艾力", True),
        ("maria ivanova", "Maria  Ivanova", True),
        ("买买提艾力", "买买提·艾力", True),
        ("李秀兰（2）", "李秀兰", True),
        ("王芳", "王方", False),
        ("买买提·艾力", "买买提", False),
    ],
)
def test_names_written_otherwise_may_be_one_person(one: str, other: str, same: bool) -> None:
    assert alike(one, other) is same
    assert alike(other, one) is same


def test_equal_names_in_a_list_are_numbered_and_the_others_left_alone() -> None:
    assert told_apart(["李秀兰", "王守田", "李 秀兰"]) == ["李秀兰（1）", "王守田", "李 秀兰（2）"]


@given(st.text(max_size=40))
def test_writing_a_name_in_one_way_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
