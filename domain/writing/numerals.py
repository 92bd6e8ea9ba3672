"""Numbers in Chinese numerals, as minutes and notices write them, turned into figures."""

import re

DIGITS = {sign: value for value, signs in enumerate(
    ("〇○零0", "一壹1", "二两贰2", "三叁3", "四肆4", "五伍5", "六陆6", "七柒7", "八捌8", "九玖9")
) for sign in signs}  # fmt: skip
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
MYRIAD = "万"
UNIT_SIGNS = {*UNITS, MYRIAD}
SHORT = {"廿": "二十", "卅": "三十"}
RUN = re.compile(rf"[{''.join((*DIGITS, *UNITS, MYRIAD, *SHORT))}]+")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
NUMBER = re.compile(
    r"([+-]?\d{1,9})(?:[^\d几多余来以左上不近半%‰kw年周]{0,3}|(?P<year>年度?))", re.IGNORECASE
)
"""A number, perhaps with a unit behind it. None are 二十几, 20以上 and 85%, nor 3个半 or 3周, whose
unit is another than the one asked for."""
FIRST_YEAR = 1000
"""年 stands behind the number of a year; 1年 isn't one month."""
ZEROS = set("〇○零0")
WRITTEN_OUT = (1, 4)
"""Digits without a unit are a number where they are one, or a year; 三四 says three or four."""


def figures(text: str) -> str:
    """`text` with every number in numerals in figures: 二〇二六 and 二0二六 are 2026, 二十四 is 24,
    一百零五 is 105. What is no number, or could be two, stays as it is."""
    return RUN.sub(_in_figures, text)


def whole_number(text: str) -> int | None:
    """The number that `text` is, in figures or in numerals, with commas or a unit."""
    found = NUMBER.fullmatch(figures(without_commas(text)))
    if found is None or (found["year"] and int(found[1]) < FIRST_YEAR):
        return None
    return int(found[1])


def without_commas(text: str) -> str:
    """`text` with 1,234 as 1234."""
    return THOUSANDS.sub("", text)


def _in_figures(found: re.Match[str]) -> str:
    said = found[0]
    if said.isascii():
        return said
    for sign, meant in SHORT.items():
        said = said.replace(sign, meant)
    if not UNIT_SIGNS.isdisjoint(said):
        value = _by_units(said)
        return said if value is None else str(value)
    # A year is read digit by digit; 三四 means three or four, so it stays as it is.
    one_by_one = len(said) in WRITTEN_OUT or bool(ZEROS & set(said))
    return "".join(str(DIGITS[sign]) for sign in said) if one_by_one else said


def _by_units(said: str) -> int | None:
    high, part, tail = said.rpartition(MYRIAD)
    if not part:
        return _below_myriad(tail)
    before = _below_myriad(high) if high else None
    # 一万二 is said for 12000, and is no 10002.
    after = None if tail in DIGITS else _below_myriad(tail) if tail else 0
    return None if before is None or after is None else before * 10_000 + after


def _below_myriad(said: str) -> int | None:
    """None where the units don't fall, or a digit stands where it could mean two things: 一百二."""
    total, last = 0, 10_000
    digit: int | None = None
    zero = False
    for sign in said:
        if sign in UNITS:
            unit = UNITS[sign]
            # Only 十 begins a number without its digit (十二); 百 and 千 need one (一百).
            if unit >= last or (digit is None and (unit != UNITS["十"] or total)):
                return None
            total += (1 if digit is None else digit) * unit
            last, digit, zero = unit, None, False
        elif sign not in DIGITS or digit is not None:
            return None
        elif DIGITS[sign] == 0:
            zero = True
        else:
            digit = DIGITS[sign]
    # 一百二 is said for 120 and read as 102.
    if digit is not None and last > UNITS["十"] and total and not zero:
        return None
    return total + (digit or 0)
