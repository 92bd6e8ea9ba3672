"""A text that can't be said in English is found before anybody reads it."""

from babel.messages.catalog import Message

from locales.__main__ import placeholders, wrong


def test_a_complete_translation_is_fine() -> None:
    source = Message("还有{days}天")
    assert wrong(source, Message("还有{days}天", "{days} days left")) is None


def test_a_missing_empty_or_fuzzy_translation_is_found() -> None:
    source = Message("待办")
    assert wrong(source, None) == "no translation"
    assert wrong(source, Message("待办", "")) == "no translation"
    assert wrong(source, Message("待办", "To do", flags=["fuzzy"])) is not None


def test_a_placeholder_the_source_lacks_is_found() -> None:
    assert wrong(Message("第{n}步"), Message("第{n}步", "step {number}")) is not None


def test_placeholders_are_read_as_format_reads_them() -> None:
    assert placeholders("{a} of {b:,} {{c}}") == {"a", "b"}
