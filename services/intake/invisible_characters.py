"""Strip invisible characters from what somebody wrote: they can mark who copied it."""

import re
import unicodedata

JOINER, AS_EMOJI = "\u200d", "\ufe0f"
KEPT_CONTROLS = "\n\t"
UNSEEN = ("Cc", "Cf", "Cs", "Co")
SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def visible(text: str) -> str:
    """Return `text` without control, direction and zero-width signs; emoji stay whole."""
    # As most texts are: nothing of the kind is printable but a selector.
    if text.isprintable() and SELECTORS.search(text) is None:
        return text.strip()
    kept: list[str] = []
    for sign in text.replace("\r\n", "\n"):
        if _shown(sign, kept[-1] if kept else ""):
            kept.append(sign)
    return "".join(kept).strip()


def _shown(sign: str, before: str) -> bool:
    if sign in (JOINER, AS_EMOJI):
        return before == AS_EMOJI or _is_emoji(before)
    if sign in KEPT_CONTROLS:
        return True
    return SELECTORS.match(sign) is None and unicodedata.category(sign) not in UNSEEN


def _is_emoji(sign: str) -> bool:
    return sign != "" and unicodedata.category(sign) in ("So", "Sk")


def units(text: str) -> int:
    """Return the length of `text` as the messenger counts it, in UTF-16 units: an emoji has two."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, most: int) -> str:
    """Return as many whole signs of `text` as `most` units hold, with an ellipsis where more
    follow."""
    if units(text) <= most:
        return text
    # "ignore" drops half an emoji that the cut went through.
    return text.encode("utf-16-le")[: 2 * (most - 1)].decode("utf-16-le", "ignore") + "…"


def pieces(text: str, most: int) -> list[str]:
    """Split `text` into parts of at most `most` units each, for messages one after the other."""
    parts: list[str] = []
    while text:
        part = text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")
        parts.append(part)
        text = text[len(part) :]
    return parts
