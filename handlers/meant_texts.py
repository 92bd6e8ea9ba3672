"""What people write where nothing was asked, in a few patterns: a greeting, and what is asked of
somebody. Nothing is guessed: what fits none of them is looked for as a name."""

import re
from collections.abc import Mapping
from enum import StrEnum

from domain.writing.names import tidy

GREETINGS = frozenset({
    "你好", "您好", "你好啊", "您好啊", "你们好", "大家好", "喂", "在吗", "在么", "在不在",
    "有人吗", "早", "早上好", "上午好", "中午好", "下午好", "晚上好", "菜单", "开始",
    "hello", "hi", "hey", "good morning", "good afternoon", "good evening", "menu", "start",
})  # fmt: skip
"""Of these words alone: 你好 with more behind it says something else."""
SIGNS = " ，,。.！!？?~～、；;：:…"


class Asked(StrEnum):
    """What is asked of a person."""

    FULL_MEMBERSHIP = "full_membership"
    DUE = "due"
    NEXT = "next"


ASKING: Mapping[Asked, tuple[str, ...]] = {
    Asked.FULL_MEMBERSHIP: ("转正", "预备期满", "预备期到", "full member", "end of probation"),
    Asked.DUE: ("到期", "期限", "截止", "逾期", "最迟", "还有几天", "还有多少天",
                "什么时候", "哪一天", "哪天", "几号", "deadline", "due", "when"),
    Asked.NEXT: ("下一步", "接下来", "该办什么", "要办什么", "办到哪", "到哪一步",
                 "进展", "怎么样了", "next", "how far"),
}  # fmt: skip
"""By what is asked, in the order in which they are looked for: 什么时候转正 asks for both."""


JOINING = re.compile(r"\s*(?:加入|join)\s*[：:]?\s*([A-Za-z0-9_-]{16,64})\s*", re.IGNORECASE)
"""What an invitation says to send where no link can be opened. A token is as long as that: 加入 and
a name is something else."""


def join_token(text: str) -> str:
    """The token of an invitation that somebody wants to take up in words; "" where there is
    none."""
    found = JOINING.fullmatch(text)
    return found[1] if found else ""


def greets(text: str) -> bool:
    """Whether a text is a greeting and nothing else."""
    return tidy(text).casefold().strip(SIGNS) in GREETINGS


def asked(text: str) -> Asked | None:
    """What a text asks of somebody; None where it fits no pattern."""
    said = tidy(text).casefold()
    return next((what for what, words in ASKING.items() if any(w in said for w in words)), None)


def without_signs(text: str) -> str:
    """A text without the signs that end a sentence."""
    return text.strip(SIGNS)
