"""Parts of one message, as people number them."""

import pytest

from domain.writing.parts import lines, numbered, people_first

FOUR = ("干劲足", "带头", "都说好", "有人跟着干")


@pytest.mark.parametrize(
    "text",
    [
        "一、干劲足；二、带头；三、都说好；四、有人跟着干",
        "一是干劲足，二是带头，三是都说好，四是有人跟着干",
        "1. 干劲足\n2. 带头\n3. 都说好\n4. 有人跟着干",
        "①干劲足②带头③都说好④有人跟着干",
        "(一)干劲足 (二)带头 (三)都说好 (四)有人跟着干",
        "一查干劲足。二查带头。三查都说好。四查有人跟着干",
    ],
)
def test_parts_are_split_where_somebody_numbers_them(text: str) -> None:
    before, parts = numbered(text)
    assert before == ""
    assert tuple(part.rstrip("。") for part in parts) == FOUR


@pytest.mark.parametrize(
    "text",
    ["他一年来有三次带头。", "二、带头 三、都说好", "一、只有一项", "干劲足，1.5倍的产量", ""],
)
def test_what_is_not_numbered_from_one_upward_stays_whole(text: str) -> None:
    assert numbered(text) == (text, ())


def test_how_many_were_heard_may_stand_before_the_parts() -> None:
    before, parts = numbered("听了8人的意见。一、干劲足。二、带头")
    assert people_first(before) == (8, "")
    assert len(parts) == 2
    assert people_first("八年来一直带头") == (None, "八年来一直带头")
    assert people_first("12人，都说好") == (12, "都说好")
    assert people_first("2026年他带头") == (None, "2026年他带头")


def test_lines_are_taken_without_the_empty_ones() -> None:
    assert lines(" 1998-03-15\n\n汉族 \n教育局科员") == ("1998-03-15", "汉族", "教育局科员")
