"""Each messenger says itself how words are told from its signs."""

import pytest

from gateway.markdown import Markdown


def test_a_messenger_that_does_not_say_how_words_are_quoted_writes_nothing_at_all() -> None:
    with pytest.raises(TypeError, match="quote"):
        Markdown()  # type: ignore[abstract]
