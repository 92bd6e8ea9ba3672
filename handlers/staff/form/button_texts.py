"""What people call the buttons of a form when they write instead of pressing."""

from collections.abc import Mapping

from handlers.staff.form.buttons import Verb

CALLED_OFF = frozenset(("取消", "cancel"))
"""Written anywhere, they do what /cancel does."""
SAID: Mapping[str, tuple[Verb, ...]] = {
    **dict.fromkeys(("上一项", "上一步", "上一题", "返回", "back", "previous"), (Verb.BACK,)),
    **dict.fromkeys(("下一项", "下一步", "下一题", "next"), (Verb.NEXT, Verb.SKIP)),
    **dict.fromkeys(("跳过", "skip"), (Verb.SKIP,)),
    **dict.fromkeys(("去核对", "核对", "check all"), (Verb.SUMMARY, Verb.NEXT, Verb.SKIP)),
    **dict.fromkeys(("取消", "退出", "cancel"), (Verb.CANCEL,)),
    **dict.fromkeys(("保存", "save"), (Verb.CONFIRM, Verb.SAVE, Verb.LATER)),
    **dict.fromkeys(("确认", "确认保存", "confirm"), (Verb.CONFIRM, Verb.SAVE)),
    **dict.fromkeys(("全部点上", "全选", "all"), (Verb.ALL,)),
    **dict.fromkeys(("逐项点", "别的日子"), ()),
}
"""What people call the buttons of a form, in both languages: no answer to any question, whether the
button is there or not. The first that is there is meant."""
