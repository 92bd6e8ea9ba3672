"""People's names as they are stored, and when two of them are written alike.

Names come from keyboards, sheets and notices: full-width letters, spaces inside 王 芳, four kinds
of interpunct in 买买提·艾力, signs that nobody sees.
"""

import re
import unicodedata
from collections.abc import Callable

DOT = "·"
DOTS = re.compile(r"\s*[·•∙‧⋅・]\s*")
UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn")
BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
"""Fillers and selectors of variants: unseen too, though Unicode calls them letters or marks."""
HAN = "\u3400-\u9fff\U00020000-\U0003ffff"
USUAL = re.compile("[\u4e00-\u9fa5]+")
"""Nearly every name: nothing of it could be written in another way."""
STOP = re.compile(rf"(?<=[{HAN}])\s*\.\s*(?=[{HAN}])")
"""Typed for the interpunct of 买买提.艾力 where a keyboard has none."""
NUMBERED = re.compile(r"\(\d+\)$")
"""As `told_apart` writes it, once its brackets are folded."""
GAP = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")


def tidy(text: str) -> str:
    """One way of writing: compatibility forms folded (NFKC), one interpunct, no unseen signs, no
    spaces between Chinese characters, one between other words."""
    if USUAL.fullmatch(text):
        return text
    # Spaces and line ends count as control signs too, and must part words, not join them.
    folded = unicodedata.normalize("NFKC", " ".join(text.split()))
    seen = "".join(sign for sign in folded if unicodedata.category(sign) not in UNSEEN)
    seen = " ".join(BLANK.sub("", seen).split())
    return GAP.sub("", STOP.sub(DOT, DOTS.sub(DOT, seen)))


def spelling(name: str) -> str:
    """What two names have in common that are written alike."""
    if USUAL.fullmatch(name):
        return name
    # Without the interpunct too: who has no key for it leaves it out.
    return NUMBERED.sub("", tidy(name)).replace(" ", "").replace(DOT, "").casefold()


def alike(one: str, other: str) -> bool:
    """Whether two names may be one person's; the numbers of `told_apart` don't count."""
    return spelling(one) == spelling(other)


def named_in(text: str) -> Callable[[str], bool]:
    """Return what says of a name whether a text names this person, however either is spaced; a
    single character is no name."""
    said = spelling(text)

    def named(name: str) -> bool:
        key = spelling(name)
        return len(key) > 1 and key in said

    return named


def told_apart(names: list[str]) -> list[str]:
    """The names in their order, those that are alike numbered: 李秀兰（1）, 李秀兰（2）."""
    keys = [spelling(name) for name in names]
    seen: dict[str, int] = {}
    labels = []
    for name, key in zip(names, keys, strict=True):
        seen[key] = seen.get(key, 0) + 1
        # Numbered by how they are written, not how they are typed: 王芳 and 王 芳 look the same.
        labels.append(f"{name}（{seen[key]}）" if keys.count(key) > 1 else name)
    return labels
