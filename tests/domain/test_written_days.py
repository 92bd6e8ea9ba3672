"""Days and numbers as people write them in a chat, or copy them out of notices and sheets."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.case.dates import WEEKDAYS, is_lunar, parse_day, says_day, weekday_of
from domain.writing.numerals import figures, whole_number

TODAY = date(2026, 11, 29)
"""A Sunday."""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("二0二六年十一月二十日", date(2026, 11, 20)),
        ("二○二六年十一月二十日", date(2026, 11, 20)),
        ("二〇二六年三月五日。", date(2026, 3, 5)),
        ("2026年11月20日（星期五）", date(2026, 11, 20)),
        ("2026年11月20日 周五", date(2026, 11, 20)),
        ("11月20日星期五下午", date(2026, 11, 20)),
        ("11月20日下午", date(2026, 11, 20)),
        ("11月20日上午10点半", date(2026, 11, 20)),
        ("2026年3月5日。", date(2026, 3, 5)),
        ("“2026年3月5日”，", date(2026, 3, 5)),
        ("2026-03-05 00:00:00", date(2026, 3, 5)),
        ("2026-03-05T08:30:00+08:00", date(2026, 3, 5)),
        ("2026、11、20", date(2026, 11, 20)),
        ("2026–03–05", date(2026, 3, 5)),
        ("2026\u200b年3月5日", date(2026, 3, 5)),
        ("２０２６．３．５", date(2026, 3, 5)),
        ("26年3月5日", date(2026, 3, 5)),
        ("98年3月15日", date(1998, 3, 15)),
        ("九八年三月十五日", date(1998, 3, 15)),
        ("36年3月5日", date(2036, 3, 5)),
        ("37年3月5日", date(1937, 3, 5)),
        ("2026年元月5日", date(2026, 1, 5)),
        ("2026年11月20日，星期五", date(2026, 11, 20)),
        ("2026年11月20日15时", date(2026, 11, 20)),
        ("2026年11月20日9时30分", date(2026, 11, 20)),
        ("2026-11-20 9点", date(2026, 11, 20)),
        ("11月20日下午三点", date(2026, 11, 20)),
        ("十一月二十日上午九点半", date(2026, 11, 20)),
        ("昨天（周六）", date(2026, 11, 28)),
        ("昨晚", date(2026, 11, 28)),
        ("昨晚八点", date(2026, 11, 28)),
        ("昨天15时", date(2026, 11, 28)),
        ("大后天", date(2026, 12, 2)),
        ("上周五", date(2026, 11, 20)),
        ("本周五", date(2026, 11, 27)),
        ("周五", date(2026, 11, 27)),
        ("星期天", TODAY),
        ("下周一", date(2026, 11, 30)),
        ("3天前", date(2026, 11, 26)),
        ("三天前", date(2026, 11, 26)),
        ("两周前", date(2026, 11, 15)),
        ("10天后", date(2026, 12, 9)),
        ("上月5日", date(2026, 10, 5)),
        ("上个月5号", date(2026, 10, 5)),
        ("本月五日", date(2026, 11, 5)),
        ("20号", date(2026, 11, 20)),
        ("30号", date(2026, 10, 30)),
        ("31日", date(2026, 10, 31)),
        ("去年11月3日", date(2025, 11, 3)),
        ("前年二月二十九日", date(2024, 2, 29)),
        ("今年2月29日", None),
        ("上月31日", date(2026, 10, 31)),
        ("本月31日", None),
        ("2026年", None),
        ("三四天前", None),
        ("32号", None),
        ("周八", None),
    ],
)
def test_a_day_is_read_as_people_write_it(written: str, meant: date | None) -> None:
    assert parse_day(written, TODAY) == meant


@pytest.mark.parametrize(
    ("written", "weekday"),
    [
        ("2026年11月20日（星期五）", 4),
        ("2026年11月20日（星期四）", 3),
        ("11月20日 周日", 6),
        ("2026年11月20日，星期四", 3),
        ("昨天（周五）", 4),
        ("上周五", None),
        ("2026年11月20日", None),
    ],
)
def test_a_weekday_behind_the_day_is_known(written: str, weekday: int | None) -> None:
    assert weekday_of(written) == weekday


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("二十", "20"),
        ("十八", "18"),
        ("廿三", "23"),
        ("一百零五", "105"),
        ("一百一十", "110"),
        ("两百", "200"),
        ("三千零二十", "3020"),
        ("一万二千三百四十五", "12345"),
        ("贰拾叁", "23"),
        ("二〇", "20"),
        ("二0二六", "2026"),
        ("应到二十人", "应到20人"),
        ("一百二", "一百二"),
        ("三四", "三四"),
        ("十百", "十百"),
        ("二二十", "二二十"),
        ("一万二", "一万二"),
        ("2万3", "2万3"),
        ("一万零二", "10002"),
        ("百", "百"),
        ("万", "万"),
    ],
)
def test_numerals_become_figures_and_what_could_be_two_numbers_stays(said: str, read: str) -> None:
    assert figures(said) == read


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("20人", 20), ("二十票", 20), ("1,234", 1234), ("2026年", 2026), ("2026年度", 2026),
        ("20%", None), ("20以上", None), ("20左右", None), ("20上下", None), ("20不足", None),
        ("3个半", None), ("1年", None), ("三四年", None), ("3周", None), ("12k", None),
        ("一万二", None),
    ],
)  # fmt: skip
def test_a_number_of_another_unit_or_about_so_many_is_asked_for_again(
    written: str, number: int | None
) -> None:
    """1年 was read as one month, and 85% as 85 votes."""
    assert whole_number(written) == number


ONES = "零一二三四五六七八九"


def in_words(number: int) -> str:
    """A number below ten thousand as a Chinese speaker writes it."""
    words, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            words += ("零" if gap and words else "") + ONES[digit] + name
        gap = digit == 0
    return words or ONES[0]


@given(st.integers(0, 9999))
def test_every_number_written_in_words_reads_back(number: int) -> None:
    assert figures(in_words(number)) == str(number)


@given(st.text(max_size=60))
def test_no_text_at_all_breaks_the_reading(text: str) -> None:
    parse_day(text, TODAY)
    weekday_of(text)


@pytest.mark.parametrize(
    "said",
    [
        "3天前", "20号", "上周八", "周八", "上周五", "昨天", "大前天", "2026年2月30日",
        "二月三十日", "2026-02-30", "5月初三", "腊月廿三", "农历五月初三", "上个月", "月底",
        "2026年5月", "32号",
        "2026年11月20日（星期四）", "11月20日下午", "Feb 30 2026", "last friday", "前几天",
        "20261399",
    ],
)  # fmt: skip
def test_what_says_a_day_is_known_for_one_though_there_is_none(said: str) -> None:
    assert says_day(said)


@pytest.mark.parametrize(
    "said",
    [
        "", " ", "20", "8人", "二十", "3天", "15天", "六个月", "三个月", "5月", "2026年",
        "2026", "本人",
        "18/20", "20 18 2", "初中", "上午", "上周五开的会", "牙组发〔2026〕12号", "第5号", "9号楼",
        "1组",
        "一致同意", "汉族", "应到20 实到18", "13800000000",
    ],
)  # fmt: skip
def test_what_says_something_else_is_no_day(said: str) -> None:
    assert not says_day(said)


@pytest.mark.parametrize(
    ("said", "lunar"),
    [
        ("五月初三", True),
        ("腊月廿三", True),
        ("农历8月15", True),
        ("二月三十日", False),
        ("5月3日", False),
    ],
)
def test_a_day_of_the_old_calendar_is_told_from_one_that_is_none(said: str, lunar: bool) -> None:
    assert is_lunar(said) is lunar


FORMS = (
    "{y}年{m}月{d}日", "{y}-{m}-{d}", "{y}.{m}.{d}", "{y}/{m:02}/{d:02}", "{y} 年 {m} 月 {d} 号",
    "{y}{m:02}{d:02}", "{y}、{m}、{d}", "“{y}年{m}月{d}日”。", "{y}年{m}月{d}日上午9点",
)  # fmt: skip
WITHOUT_YEAR = ("{m}月{d}日", "{m}.{d}", "{m}-{d}", "{m}月{d}", "{m}月{d}号晚上")
TODAYS = st.dates(date(2001, 1, 1), date(2099, 12, 31))


@given(
    form=st.sampled_from(FORMS),
    year=st.integers(1000, 9999),
    month=st.integers(0, 15),
    day=st.integers(0, 35),
    today=TODAYS,
)
def test_a_day_with_its_year_is_that_day_or_none(
    form: str, year: int, month: int, day: int, today: date
) -> None:
    said = form.format(y=year, m=month, d=day)
    read = parse_day(said, today)
    try:
        assert read == date(year, month, day)
    except ValueError:
        assert read is None, said
    assert read is None or says_day(said)


@given(
    form=st.sampled_from(WITHOUT_YEAR),
    month=st.integers(0, 15),
    day=st.integers(0, 35),
    today=TODAYS,
    ahead=st.booleans(),
)
def test_a_day_without_its_year_is_one_of_that_month_and_never_ahead_unasked(
    form: str, month: int, day: int, today: date, ahead: bool
) -> None:
    said = form.format(m=month, d=day)
    read = parse_day(said, today, ahead)
    if read is not None:
        assert (read.month, read.day) == (month, day), said
        assert ahead or read <= today
        assert abs((read - today).days) <= 366 * 8 + 1
        assert says_day(said)


@given(
    number=st.integers(0, 999),
    unit=st.sampled_from(["天", "日", "周", "个星期", "星期"]),
    behind=st.sampled_from(["前", "后", "以前", "之后"]),
    today=TODAYS,
)
def test_so_many_days_before_or_after_are_so_many(
    number: int, unit: str, behind: str, today: date
) -> None:
    said = f"{number}{unit}{behind}"
    away = timedelta(days=number * (1 if unit in "天日" else 7))
    assert parse_day(said, today) == (today - away if "前" in behind else today + away)
    assert says_day(said)


KNOWN = {**WEEKDAYS, "七": 6}


@given(
    near=st.sampled_from(["", "上", "本", "这", "下", "上个"]),
    name=st.sampled_from(["周", "星期", "礼拜"]),
    weekday=st.sampled_from(list("一二三四五六日天七八九十0123456789")),
    today=TODAYS,
)
def test_a_weekday_is_that_weekday_of_that_week_or_none(
    near: str, name: str, weekday: str, today: date
) -> None:
    said = f"{near}{name}{weekday}"
    read = parse_day(said, today)
    if weekday not in KNOWN:
        assert read is None, said
    elif read is not None:
        assert read.weekday() == KNOWN[weekday]
        weeks = {"上": -1, "下": 1}.get(near[:1], 0)
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
        assert not near or monday <= read < monday + timedelta(weeks=1)
        assert near or today - timedelta(days=7) < read <= today


PIECES = st.sampled_from(
    [
        "2026", "年", "月", "日", "号", "2", "30", "11", "三十", "初三", "上", "下", "本", "周",
        "八", "五", "前", "后", "天", "昨天", "个", "-", "/", ".", "，", "（星期四）", "农历",
        "去年", "今", "廿", "〇", "底", "feb", "last", "friday", "下午", "9点", "半", "\u3000",
        "\u200b", "①", "²", "½", "٣", "万", "999999999999",
    ]
)  # fmt: skip


@given(pieces=st.lists(PIECES, max_size=9), today=st.dates(), ahead=st.booleans())
def test_no_heap_of_pieces_breaks_the_reading_and_what_is_read_says_a_day(
    pieces: list[str], today: date, ahead: bool
) -> None:
    said = "".join(pieces)
    read = parse_day(said, today, ahead)
    weekday_of(said)
    is_lunar(said)
    assert read is None or says_day(said), said


@given(st.text(max_size=60))
def test_no_text_at_all_breaks_the_telling_of_days(text: str) -> None:
    assert says_day(text) in (True, False)
    is_lunar(text)
