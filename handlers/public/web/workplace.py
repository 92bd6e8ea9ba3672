"""Whether the page was opened inside an app of a workplace, which knows its user by name."""

MARKS = ("micromessenger", "wxwork", "lark", "feishu", "dingtalk")
"""What the user agents of WeChat, WeCom, Lark, Feishu and DingTalk hold, in small letters."""


def inside(user_agent: str) -> bool:
    """Whether a user agent names such an app. Looked at once for an answer, and kept nowhere."""
    said = user_agent.lower()
    return any(mark in said for mark in MARKS)
