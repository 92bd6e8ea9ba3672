"""What is shown is fitted to what a platform can show, and nothing is lost on the way."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botapi import markup
from botapi.markup import MessageEntity, Said, units
from gateway.platform import Abilities, Button, Content
from gateway.screens import Rows, Screen, fit, letter_of, split, token_of

TEXT = Abilities(buttons=0, text_bytes=60_000, file_bytes=1)
CARD = Abilities(buttons=6, text_bytes=2048, file_bytes=1)
LABELS = st.text(st.sampled_from("张三李四公示AB 12年"), min_size=3, max_size=12)
BUTTON = LABELS.map(lambda label: Button(label, data=label))
WORDS = st.lists(st.sampled_from(["党支部", "😀", "大会", "\n", "abc"]), max_size=40)
ROWS = st.lists(st.lists(BUTTON, min_size=1, max_size=3).map(tuple), max_size=14).map(tuple)


def html(text: str) -> Said:
    return markup.read(text, "HTML")


def bold_in(said: Said) -> list[str]:
    raw = said.plain.encode("utf-16-le")
    return [
        raw[e.offset * 2 : (e.offset + e.length) * 2].decode("utf-16-le") for e in said.entities
    ]


@given(ROWS)
def test_every_button_can_be_pressed_or_has_one_letter(rows: Rows) -> None:
    every = [button for row in rows for button in row if button.text.strip()]
    for can in (TEXT, CARD):
        fitted = fit(Screen(Said("问题"), rows), can)
        native = [button for part in fitted.parts for row in part.buttons for button in row]
        # Those or the others, never both, in the order of the bot.
        assert not (native and fitted.menu)
        chosen = native or list(fitted.menu.values())
        assert [b for b in chosen if b.text.strip()] == every
        assert len(native) <= can.buttons
        whole = "\n".join(part.said.plain for part in fitted.parts)
        assert all(f"{letter} {button.text}" in whole for letter, button in fitted.menu.items())
        assert not any(character.isdigit() for letter in fitted.menu for character in letter)


@given(st.text(max_size=300), st.integers(4, 60))
def test_a_split_loses_only_line_breaks_and_keeps_the_limit(text: str, most: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    pieces = split(Said(text), most)
    assert all(len(piece.plain.encode()) <= most for piece in pieces)
    assert "".join(p.plain for p in pieces).replace("\n", "") == text.replace("\n", "")


@given(WORDS, st.integers(8, 40))
def test_what_was_bold_stays_bold_where_it_was_split(words: list[str], most: int) -> None:
    text = "".join(words)
    bold = [
        MessageEntity(type="bold", offset=units(text[:at]), length=1)
        for at, character in enumerate(text)
        if character in "党会"
    ]
    for piece in split(Said(text, entities=tuple(bold)), most):
        expected = [character for character in piece.plain if character in "党会"]
        assert bold_in(piece) == expected


def test_a_menu_without_buttons_is_lettered_lines_and_a_calendar_is_left_out() -> None:
    # As the bot draws November 2026 on its 23rd.
    drawn = (
        "« ‹ 11月 › »", "一 二 三 四 五 六 日", "\u2800 \u2800 \u2800 \u2800 \u2800 \u2800 1",
        "2 3 4 5 6 7 8", "9 10 11 12 13 14 15", "16 17 18 19 20 21 22", "[23] · · · · · ·",
    )  # fmt: skip
    calendar = tuple(tuple(Button(label, data=label) for label in row.split(" ")) for row in drawn)
    rows = (*calendar, (Button("◀ 10月", data="back"), Button("今天", data="now")))
    fitted = fit(Screen(html("<b>哪天开会</b>？也可以写11月22日"), rows), TEXT)
    assert [part.said.plain for part in fitted.parts] == [
        "哪天开会？也可以写11月22日\n\n回复字母选择：\nA ◀ 10月 · B 今天"
    ]
    # A platform's own takes its place, under the last part alone; what isn't a grid is no reason.
    own = replace(CARD, dates=True, text_bytes=30)
    *above, last = fit(Screen(html("<b>哪天开会</b>？也可以写11月22日"), rows), own).parts
    assert [one.dates for one in (*above, last)] == [*[False] * len(above), True]
    assert [button.text for row in last.buttons for button in row] == ["◀ 10月", "今天"]
    assert not fit(Screen(Said("几号"), rows[-1:]), own).parts[-1].dates
    assert [entity.type for entity in fitted.parts[0].said.entities] == ["bold"]
    assert {letter: button.data for letter, button in fitted.menu.items()} == {
        "A": "back",
        "B": "now",
    }
    # On a card that has room for the rest they are buttons.
    assert fit(Screen(Said("哪天"), rows), CARD).parts[0].buttons == (rows[-1],)


def test_more_than_twenty_six_go_on_with_two_letters() -> None:
    rows = tuple((Button(f"支部{n}", data=str(n)),) for n in range(30))
    menu = fit(Screen(Said("选一个"), rows), TEXT).menu
    assert list(menu)[24:30] == ["Y", "Z", "AA", "AB", "AC", "AD"]


def test_a_reply_keyboard_says_its_labels_and_links_are_written_out() -> None:
    rows = ((Button("打开网页", link="https://here.test/report"), Button("复制", copies="K7Q2")),)
    fitted = fit(Screen(Said("菜单"), rows, (("待办", "卡片"), ("更多",))), TEXT)
    assert "打开网页：https://here.test/report" in fitted.parts[0].said.plain
    assert "复制：K7Q2" in fitted.parts[0].said.plain
    assert [button.says for button in fitted.menu.values()] == ["待办", "卡片", "更多"]


def test_a_file_comes_before_its_text_and_the_menu_stands_last() -> None:
    paper = Content("document", "纪要.docx", "application/x", 3, {})
    fitted = fit(Screen(Said("字" * 1000), ((Button("好了", data="x"),),), content=paper), CARD)
    assert [bool(part.content) for part in fitted.parts] == [True, False, False]
    assert [bool(part.buttons) for part in fitted.parts] == [False, False, True]


LETTERS = {"A": "A", "a": "A", "Ａ": "A", "选b": "B", "选 B。": "B", "c.": "C", "ab）": "AB"}
NO_LETTERS = ("22", "2", "张三", "ABC", "A 张三", "", "选", "A1")


@pytest.mark.parametrize(
    ("written", "letter"), [*LETTERS.items(), *((text, "") for text in NO_LETTERS)]
)
def test_letters_are_read_as_people_write_them_and_digits_never(written: str, letter: str) -> None:
    assert letter_of(written) == letter


def test_a_start_link_says_what_to_send_and_leaves_the_rest_in_place() -> None:
    said = html("请转给<b>王芳</b>：https://t.me/yinlu_bot?start=AbC-1_x （<b>七天</b>内）")
    here = "https://here.test/#/@yinlu"
    # Not ours: a notice's link to the public bot is opened on Telegram.
    assert fit(Screen(said), TEXT, here, bot="yinlu_staff").parts[0].said.plain == said.plain
    part = fit(Screen(said), TEXT, here, bot="yinlu_bot").parts[0].said
    assert "t.me" not in part.plain
    assert "（https://here.test/#/@yinlu），发送：加入 AbC-1_x" in part.plain
    assert bold_in(part) == ["王芳", "七天"]


@pytest.mark.parametrize(
    "written",
    ["加入 AbC", "加入：AbC", "join AbC", "Join AbC", "https://t.me/yinlu_bot?start=AbC"],
)
def test_a_token_is_read_from_what_people_send(written: str) -> None:
    assert token_of(written) == "AbC"


@pytest.mark.parametrize("written", ["我要加入", "加入", "AbC"])
def test_what_isnt_sent_to_join_is_no_token(written: str) -> None:
    assert token_of(written) == ""


def test_the_gateway_speaks_the_language_of_the_screen() -> None:
    fitted = fit(Screen(Said("Which day?"), ((Button("Today", data="x"),),)), TEXT)
    assert fitted.parts[0].said.plain == "Which day?\n\nAnswer with a letter:\nA Today"
