"""A line of a telephone number and a name, as people write it."""

import pytest

from domain.hotlines import Hotline, hotline_in


@pytest.mark.parametrize(
    "line",
    ["0470-7300000 王敏", "王敏 0470-7300000", "电话：0470-7300000，王敏".removeprefix("电话："),
     "０４７０－７３０００００　王 敏", "王敏，0470-7300000"],
)  # fmt: skip
def test_a_number_and_a_name_in_either_order(line: str) -> None:
    assert hotline_in(line) == Hotline("0470-7300000", "王敏")


@pytest.mark.rule("hotline_named")
@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ("1238 王敏", False),
        ("12380 王敏", True),
        ("+86 139 0000 00000 王敏", True),
        ("+86 139 0000 0000000 王敏", False),
        ("12380 王", False),
        ("12380", False),
        ("王敏", False),
        ("12380 王敏2", False),
        (f"12380 {'王' * 20}", True),
        (f"12380 {'王' * 21}", False),
        ("", False),
        ("举报电话 王敏 一二三", False),
    ],
)
def test_a_line_that_lacks_one_of_both_is_none(line: str, fits: bool) -> None:
    assert (hotline_in(line) is not None) is fits
