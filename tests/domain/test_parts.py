"""Parts of one message, as people number them."""

import pytest

from domain.writing.parts import lines, numbered, people_first

FOUR = ("干劲足", "带头", "都说好", "有人跟着干")


@pytest.mark.parametrize(
    "text",
    [
        "一、干劲足；二、带头；三、都说好；四、有人跟着干",
        "一是干劲足，二是带头，三是都说好，四是有人跟着干",
        "第一，干劲足。第二，带头。第三，都说好。第四，有人跟着干",
        "1. 干劲足\n2. 带头\n3. 都说好\n4. 有人跟着干",
        "１．干劲足\n２．带头\n３．都说好\n４．有人跟着干",
        "1。干劲足\n2。带头\n3。都说好\n4。有人跟着干",
        "1\n干劲足\n2\n带头\n3\n都说好\n4\n有人跟着干",
        "1 干劲足\n2 带头\n3 都说好\n4 有人跟着干",
        "1️⃣干劲足\n2️⃣带头\n3️⃣都说好\n4️⃣有人跟着干",
        "①干劲足②带头③都说好④有人跟着干",
        "㈠干劲足㈡带头㈢都说好㈣有人跟着干",
        "⑴干劲足⑵带头⑶都说好⑷有人跟着干",
        "(一)干劲足 (二)带头 (三)都说好 (四)有人跟着干",
        "（一）干劲足（二）带头（三）都说好（四）有人跟着干",
        "一查干劲足。二查带头。三查都说好。四查有人跟着干",
        "一看：干劲足\n二看：带头\n三看:都说好\n四看——有人跟着干",
        "一、干劲足 二、带头\n三、都说好 四、有人跟着干",
    ],
)
def test_parts_are_split_where_somebody_numbers_them(text: str) -> None:
    before, parts = numbered(text)
    assert before == ""
    assert [part.number for part in parts] == [1, 2, 3, 4]
    assert tuple(part.text.rstrip("。") for part in parts) == FOUR


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("⑨都说好", 9),
        ("⑪ 都说好", 11),
        ("9.都说好", 9),
        ("9、都说好", 9),
        ("12）都说好", 12),
        ("（九）都说好", 9),
        ("十一、都说好", 11),
        ("十看：都说好", 10),
        ("二、都说好", 2),
        ("第三，都说好", 3),
    ],
)
def test_one_number_alone_is_read_where_the_message_begins_with_it(text: str, number: int) -> None:
    _, (part,) = numbered(text)
    assert (part.number, part.text, part.sign) == (number, "都说好", text[0] in "⑨⑪")


def test_what_is_left_out_stays_out_and_a_list_inside_a_part_stays_in_it() -> None:
    _, parts = numbered("二、带头\n四、有人跟着干")
    assert [(part.number, part.text) for part in parts] == [(2, "带头"), (4, "有人跟着干")]
    _, parts = numbered("一、干劲足：1、守纪 2、负责\n二、带头")
    assert [part.text for part in parts] == ["干劲足：1、守纪 2、负责", "带头"]
    _, parts = numbered("二、帮困难户，五、六户都说好")
    assert [part.text for part in parts] == ["帮困难户，五、六户都说好"]


@pytest.mark.parametrize(
    "text",
    [
        "他一年来有三次带头。",
        "干劲足，二是带头",
        "干劲足，1.5倍的产量",
        "9:30到村里",
        "3户人家都说好",
        "8",
        "二、带头\n一、干劲足",
        "",
    ],
)
def test_what_is_numbered_otherwise_or_not_at_all_stays_whole(text: str) -> None:
    assert numbered(text) == (text, ())


@pytest.mark.parametrize("before", ["听了8人的意见", "8人", "8"])
def test_how_many_were_heard_may_stand_before_the_parts(before: str) -> None:
    found, parts = numbered(f"{before}。一、干劲足。二、带头")
    assert (found.rstrip("。"), len(parts)) == (before, 2)
    assert numbered(f"{before}\n二、带头")[1][0].number == 2


def test_how_many_were_heard_is_told_from_a_year_and_from_a_word() -> None:
    assert people_first("听了8人的意见。") == (8, "")
    assert people_first("八年来一直带头") == (None, "八年来一直带头")
    assert people_first("12人，都说好") == (12, "都说好")
    assert people_first("2026年他带头") == (None, "2026年他带头")


def test_lines_are_taken_without_the_empty_ones() -> None:
    assert lines(" 1998-03-15\n\n汉族 \n教育局科员") == ("1998-03-15", "汉族", "教育局科员")
