"""What the gateway says by itself: little, since all else comes from the bot.

It keeps no language of anybody: it speaks that of the screen it carries.
"""

import re
from collections.abc import Mapping

TITLE = "引路"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAYS_LETTER = re.compile(r"选?\s*([A-Z]{1,2})\s*[。.．、,，)）]?")
"""A letter as people write it, after full-width forms were made plain: A, a, Ａ, 选A, «A。»."""
INVITATION = re.compile(r"[A-Za-z0-9_-]{24}")
"""A token as the bot makes them. It comes alone as well: scanned from a QR, or copied."""
JOIN = re.compile(r"(?:加入|join)[\s:：]*(\S+)", re.IGNORECASE)

ZH: Mapping[str, str] = {
    "protected": "这里不能发送这条内容：这个软件里的消息可能被单位保存和转发。请在引路的 Telegram "
    "对话里查看，或者请本部门能查看的人办理。内容没有丢。",
    "repeated": "（可能重复）",
    "join": "打开“引路”，发送：加入 {token}",
    "join_at": "打开“引路”（{link}），发送：加入 {token}",
    "choose": "回复字母选择：",
    "pick": "请选择",
    "pick_day": "选日期",
    "pressed": "已选：{label}",
    "stale": "这张卡片过时了，请看下面最新的一条。",
    "seen": "知道了",
    "too_many": "一小时内试的邀请码太多了。请过一小时再发一次；邀请码没有因此失效。",
    "unread": "这条消息在这里读不出来。请用文字再发一次，之前的都没有丢。",
}
EN: Mapping[str, str] = {
    "protected": "This can't be shown here: messages in this app may be kept and passed on by your "
    "employer. Read it in the Telegram chat of 引路, or ask somebody of your department "
    "who may. Nothing is lost.",
    "repeated": "(may be a repetition)",
    "join": "open 引路 and send: join {token}",
    "join_at": "open 引路 ({link}) and send: join {token}",
    "choose": "Answer with a letter:",
    "pick": "Choose",
    "pick_day": "Choose a day",
    "pressed": "Chosen: {label}",
    "stale": "This card is out of date: see the newest message below.",
    "seen": "Seen",
    "too_many": "Too many invitations were tried within an hour. Send yours again in an hour; this "
    "didn't use it up.",
    "unread": "This message can't be read here. Send it again as text; what you sent before is "
    "kept.",
}


def said(name: str, beside: str = "", **values: str) -> str:
    """A sentence in the language of the text `beside` it."""
    texts = ZH if CHINESE.search(beside) or not beside else EN
    return texts[name].format(**values)
