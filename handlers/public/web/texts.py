"""What is read in the web page: the same as in the chat, for whoever has no chat."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from domain.case.reports import AnswerTime
from handlers.public.texts import day, within
from services.attachments.formats import JPEG, PDF, WORD
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.intake.intake import LEAST_TEXT, LONGEST_TEXT, MOST_FILES


def title() -> str:
    return _("向组织部反映情况")


def status_title() -> str:
    return _("凭八个字查进展")


def chinese() -> str:
    """As its readers call it, whatever is spoken now."""
    return "中文"


def first_words(days: int, time: AnswerTime) -> list[str]:
    return [
        _("这一页不用账号，也不知道您的 Telegram 账号。"),
        _("没有 Cookie，没有脚本，不记录是谁、从哪里来。"),
        _("您的网络服务商能看到您打开过这个地址。不放心，请用 Tor 浏览器，换一台别的电脑或手机。"),
        _("我们只存封好的内容和日期。交了以后给您八个字，请抄在纸上，凭它查结果。"),
        _("{within}给答复。结案{days}天后，内容全部删除。").format(within=within(time), days=days),
    ]


def own_phone() -> str:
    return _("用自己的手机、自己的流量打开，不要在单位的软件里打开。")


def inside() -> str:
    """Above everything, to whoever opened the page in an app of a workplace."""
    return _(
        "这一页像是在微信、企业微信、飞书或者钉钉里打开的，这些软件可能知道是谁打开的。"
        "请先关掉，不要在这里写。把地址抄到自己手机的浏览器里打开，地址里没有您的信息。"
    )


def about() -> str:
    return _("反映哪一份公示上的人？")


def other() -> str:
    return _("都不是，写在下面")


def whom() -> str:
    return _("反映谁，或者哪个支部？")


def whom_hint() -> str:
    return _("姓名和单位。上面选了公示，就不用写。")


def what() -> str:
    return _("发生了什么？")


def what_hint() -> str:
    return _("什么时间、什么地点、什么事。{least}到{most}个字。不要写自己的名字。").format(
        least=LEAST_TEXT, most=LONGEST_TEXT
    )


def files() -> str:
    return _("照片、PDF或Word文件")


def files_hint() -> str:
    return _(
        "没有就不选。最多{n}份，每份不超过20 MB，一共不超过40 MB。"
        "我们会去掉里面的位置、时间和作者。"
    ).format(n=MOST_FILES)


def choose_files() -> str:
    """The browser's own button speaks the browser's language, not that of the page."""
    return _("选文件")


def send() -> str:
    return _("封好，交上去")


def filed() -> str:
    return _("已交给组织部")


def handed_in() -> str:
    return _("这一件已经交过，不用再交。八个字只显示半小时，凭抄下的查进展。")


def kept(kinds: Sequence[str]) -> str:
    """What became of the files, by kind; "" without any."""
    count = Counter(kinds)
    said = [
        ngettext("照片{n}份", "照片{n}份", count[JPEG]).format(n=count[JPEG]),
        ngettext("PDF {n}份", "PDF {n}份", count[PDF]).format(n=count[PDF]),
        ngettext("Word {n}份", "Word {n}份", count[WORD]).format(n=count[WORD]),
    ]
    shown = _("、").join(
        text for text, kind in zip(said, (JPEG, PDF, WORD), strict=True) if count[kind]
    )
    number = len(kinds)
    text = ngettext("附件{n}份，都已清理：{kinds}。", "附件{n}份，都已清理：{kinds}。", number)
    return text.format(n=number, kinds=shown) if kinds else ""


def pictures() -> str:
    return _("照片清理后是这样。要紧的地方看不清，可以凭八个字补写：")


def picture(number: int) -> str:
    return _("清理后的照片{n}").format(n=number)


def your_code() -> str:
    return _("您的八个字，请现在抄在纸上，不要截屏。只显示这一次，丢了谁也找不回来：")


def when(by: date) -> str:
    return _("{day}之前有答复，到时候凭这八个字查。").format(day=day(by))


def receipt() -> str:
    return _("收条：交过的证明")


def receipt_hint() -> str:
    return _("二维码里没有内容，也没有八个字。用不着就不要留。存成文件，下载记录里会有一条。")


def save_receipt() -> str:
    return _("存成文件")


def leave() -> str:
    return _("抄好以后，请关掉这一页，清除浏览记录。")


def code() -> str:
    return _("八个字")


def code_hint() -> str:
    return _("中间有空格也行。")


def look() -> str:
    return _("查看进展")


def more() -> str:
    return _("要补充的情况")


def more_hint() -> str:
    return _("只看进展，就不用写。")


def send_more() -> str:
    return _("补充")


def sure() -> str:
    return _("我要撤回，内容马上删除，不能恢复")


def to_take_back() -> str:
    return _("要撤回这一件")


def take_back() -> str:
    return _("撤回")


def more_taken() -> str:
    return _("补充的内容已封好交上去。")


def taken_back() -> str:
    return _("已撤回，内容已经删除。")


def wrong(reason: str) -> str:
    """What is wrong with a form, and what to do."""
    said = {
        "form": _("没有收到完整的内容，什么都没有存。请再交一次。"),
        "header": _("有一份附件的文件名太长或者有坏字，什么都没有存。请把文件名改短，再选一次。"),
        "stale": _("这一页打开太久了，或者已经交过。这一次没有存。请再按一次提交。"),
        "stale_report": _(
            "这一次没有存：这一页打开太久了，或者已经交过。"
            "见过八个字，请凭它查进展：那里说交成了没有，要补也在那里写。没有见过，请再按一次提交。"
        ),
        "crowded": _("现在交的人太多，没有收。请退回上一页，过几分钟再交。"),
        "too_slow": _("传得太慢，没有收完，什么都没有存。请少选几份附件再交。"),
        "too_much": _("附件一共超过40 MB，什么都没有存。请少选几份再交。"),
        "too_many_files": _("附件最多{n}份，什么都没有存。请少选几份再交。").format(n=MOST_FILES),
        "whom": _("请写反映谁，或者哪个支部，最多200个字。什么都没有存。"),
        "too_short": _("内容太短，至少{n}个字，才能核实。什么都没有存。").format(n=LEAST_TEXT),
        "too_long": _("内容太长，最多{n}个字。什么都没有存。").format(n=LONGEST_TEXT),
        "no_more": _("请写要补充的情况，最多{n}个字。什么都没有存。").format(n=LONGEST_TEXT),
        "away": _("请过几分钟再试。现在存不了，什么都没有存，也没有改动。"),
        "not_sure": _("要撤回，请先在“我要撤回”前面打勾。什么都没有改动。"),
    }
    return said[reason]


def repeated() -> str:
    return _(
        "同样的内容刚才已经交过，这一次没有存。凭上次的八个字查进展。"
        "没有见到八个字，请退回上一页再按一次提交，会再给一次；退不回去，过30分钟再交。"
    )


def choose_again() -> str:
    return _("附件要重新选，写的都在。")


def still_there() -> str:
    return _("写的都在。")


def other_files() -> str:
    return _("附件照第一次交的算，这一次另选的没有收。要紧的，请凭八个字用文字补写。")


def file_wrong(number: int, reason: str) -> str:
    return _("第{n}份附件：{reason}").format(n=number, reason=reason)


def trouble() -> str:
    return _("出了点问题。请过一会儿，退回上一页再按一次；已经办成的，不会办两次。")
