"""The Chinese pages say what the English ones do, as far as headings and commands tell."""

import pytest

from docs import translated
from docs.translated import check, problems

BLOCKS = "```\n# no heading\nyinlu init\n```\n\n1. x\n   ```\n   yinlu staff\n   ```\n\n"
ENGLISH = f"# One\n\n{BLOCKS}## Two\n"
CHINESE = f"# 一 <!-- One -->\n\n{BLOCKS}## 二 <!-- Two -->\n"


def test_every_chinese_page_is_in_step() -> None:
    assert check() == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("# 一 <!-- One -->", "# 一", "1 headings don't name"),
        ("\n## 二 <!-- Two -->\n", "", "expected the heading ('##', 'Two'), found None"),
        ("## 二", "### 二", "expected the heading ('##', 'Two')"),
        ("yinlu init", "yinlu start", "block 1"),
        ("yinlu staff", "yinlu public", "block 2"),
    ],
)
def test_what_falls_behind_is_named(old: str, new: str, said: str) -> None:
    assert not [*problems(CHINESE, ENGLISH)]
    assert said in "\n".join(problems(CHINESE.replace(old, new), ENGLISH))


def test_a_page_that_is_not_translated_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translated, "NEEDED", ("operations.md", "elsewhere.md"))
    assert check() == ["docs/zh/elsewhere.md: isn't there"]
