"""One number for a chat, whichever messenger it is of: two of them may both have a chat 7.

The first source keeps its own numbers, so that an installation with one messenger stores what it
always did. Worked example, chat 7 of the first source and of source 2, and group -100 of source 2:

    chat_at(0, 7)      7
    chat_at(2, 7)      18014398509481991           2 * 2**53 + 7
    chat_at(2, -100)   18014398509481884           source_of gives 2, within gives -100
"""

SPAN = 1 << 53
"""A chat's own number has 52 bits at most, and a sign."""


def chat_at(source: int, chat: int) -> int:
    """The number of a chat among all sources. `source`: 0 for the first."""
    return source * SPAN + chat


def is_chat(number: int) -> bool:
    """Whether a chat can have this number. A source that says another one isn't believed: added up,
    it would be a chat of another source."""
    return abs(number) < SPAN // 2


def source_of(number: int) -> int:
    return (number + SPAN // 2) // SPAN


def within(number: int) -> int:
    """The chat's own number, by which its source knows it."""
    return number - source_of(number) * SPAN
