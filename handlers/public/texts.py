"""What a citizen reads: honest, short, the next act first."""

from datetime import date

from domain.case.reports import A_WEEK, AnswerTime
from domain.rulebook.schema import Unit
from handlers import attachment_texts
from services.core.i18n import current, ngettext
from services.core.i18n import gettext as _
from services.intake.guidance import PublicGuidance
from services.intake.intake import LEAST_TEXT, LONGEST_NAME, LONGEST_TEXT, MOST_FILES
from services.intake.notices import RunningNotice


def day(value: date) -> str:
    if current() == "en":
        return f"{value.day} {value:%b} {value.year}"
    return _("{year}年{month}月{day}日").format(year=value.year, month=value.month, day=value.day)


def welcome(page: str) -> str:
    said = _(
        "这里收群众对发展党员工作的反映，交给市委组织部。\n\n"
        "按“我要反映”，先问您反映谁，再问发生了什么、有没有照片。给您看一遍，您确认了才交；不想写了，随时停。\n\n"
        "请先知道三件事：\n"
        "1. Telegram 公司看得到是哪个账号在写，这一点我们改不了。"
        "不放心，就不要在这里写，写信一样受理。\n"
        "2. 我们不存您的姓名、账号、号码，只存封好的内容和日期。\n"
        "3. 交了以后给您八个字。请抄在纸上，凭它查结果，别的都查不到。\n\n"
        "没交完的内容，30分钟后自动清除。"
    )
    return f"{said}\n\n{to_page(page)}" if page else said


def to_page(address: str) -> str:
    return _("不想让 Telegram 知道，请用网页：{address}").format(address=address)


def to_report() -> str:
    return _("我要反映")


def to_status() -> str:
    return _("查看进展")


def words_for_report() -> tuple[str, ...]:
    """What people write to begin a report, where nothing else can be meant."""
    return tuple(
        _("我要举报、我要反映问题、我要反映情况、反映、举报、反映问题、反映情况").split(_("、"))
    )


def words_for_status() -> tuple[str, ...]:
    """What people write to ask after a report, where nothing else can be meant."""
    return tuple(_("查进展、查结果、查询、看结果、我要查进展、我要查结果").split(_("、")))


def to_privacy() -> str:
    return _("存什么，不存什么")


def privacy(days: int) -> str:
    return _(
        "存的：您写的内容和清理过的附件（封好，只有组织部的承办人能打开）、收到的日期、是从这里还是从网页来的。\n"
        "不存的：姓名、账号、号码、语言、文件名、照片里的位置和时间。\n"
        "保留多久：结案{days}天后，内容全部删除，只留日期和处理结果。\n"
        "要删除：用八个字查看进展，按“撤回”，内容马上删除。\n"
        "聊天里的消息：交了以后由我们删掉。请您也看一眼，确认已经没有了。\n"
        "管不了的：Telegram 公司知道您同本机器人说过话。"
    ).format(days=days)


def ask_language() -> str:
    return _("请选语言 / Choose a language")


def language_name(code: str) -> str:
    return {"zh": "简体中文", "en": "English"}[code]


def spoken() -> str:
    return _("好的，从现在起用中文说。只在这次对话里记着，半小时不用就忘掉。")


def to_guidance() -> str:
    return _("发展党员指导意见")


def guidance_part(name: str) -> str:
    names = {"conditions": _("发展条件"), "procedure": _("工作程序"), "focus": _("工作重点")}
    return names[name]


def guidance_title(item: PublicGuidance) -> str:
    return _("{year}年发展党员指导意见（组织部{day}公布）").format(
        year=item.year, day=day(item.published_on)
    )


def guidance(item: PublicGuidance) -> str:
    said = [guidance_title(item)]
    for name, text in item.parts.items():
        said += ["", guidance_part(name), text]
    return "\n".join(said)


def no_guidance() -> str:
    return _("今年的指导意见还没有公布。")


def within(time: AnswerTime) -> str:
    """How soon an answer comes."""
    if time == A_WEEK:
        return _("一周之内")
    if time.unit is Unit.WORKING_DAYS:
        said = ngettext("{n}个工作日之内", "{n}个工作日之内", time.days).format(n=time.days)
    else:
        said = ngettext("{n}天之内", "{n}天之内", time.days).format(n=time.days)
    return _("{time}（通行做法）").format(time=said) if time.practice else said


def help_(time: AnswerTime) -> str:
    return _(
        "反映问题：按“我要反映”，一步一步写，最后确认。\n"
        "查结果：按“查看进展”，输入八个字。\n"
        "不想写了：按“不交了，清除”，写的内容马上清除。\n"
        "{within}给答复。"
    ).format(within=within(time))


def commands() -> list[tuple[str, str]]:
    return [
        ("start", _("反映问题")),
        ("status", _("凭八个字查进展")),
        ("guidance", _("发展党员指导意见")),
        ("privacy", _("存什么，不存什么")),
        ("language", _("语言 Language")),
        ("help", _("怎么用")),
        ("cancel", _("不写了，清除")),
    ]


def ask_about(notices: int) -> str:
    if not notices:
        return ask_whom()
    return _(
        "您要反映谁？下面是公示上的人，是谁就按谁；都不是，按“反映别的人或支部”，"
        "也可以直接写出姓名和单位。"
    )


def notice_label(notice: RunningNotice) -> str:
    return _("{person} · {unit}").format(person=notice.person, unit=notice.unit)


def hotline(notice: RunningNotice) -> str:
    """Another way to object to this notice, named by a person who answers."""
    if notice.hotline is None:
        return _("这里还没有公布举报电话，请直接在这里写。")
    return _("也可以打举报电话：{phone}（{person}负责）。").format(
        phone=notice.hotline.phone, person=notice.hotline.person
    )


def other() -> str:
    return _("反映别的人或支部")


def next_page() -> str:
    return _("下一页 ›")


def ask_whom() -> str:
    return _("您要反映谁，或者哪个支部？请写出姓名和单位。")


def ask_what(about: str) -> str:
    return _(
        "反映对象：{about}\n\n"
        "请写发生了什么：什么时间、什么地点、什么事。可以分几条发，写完按“写完了”。\n"
        "不要写自己的名字。"
    ).format(about=about)


def heard(count: int) -> str:
    return _("记下了，共{n}个字。还可以接着写，写完按“写完了”。").format(n=count)


def written() -> str:
    return _("写完了")


def ask_evidence() -> str:
    return _(
        "有照片、PDF或Word文件吗？最多{n}份，每份不超过20 MB。\n"
        "我们会去掉里面的位置、时间和作者。没有就按“没有了”。"
    ).format(n=MOST_FILES)


def cleaning() -> str:
    # True for good: where the messenger's answer is lost, this can't be taken back.
    return _("文件到了，先清理，再告诉您结果。")


def file_taken(count: int, shown: bool) -> str:
    return _kept(count, shown) + more_files()


def file_taken_early(count: int, shown: bool) -> str:
    return _kept(count, shown) + _("请接着写，写完按“写完了”。")


def file_taken_late(count: int, shown: bool) -> str:
    return _kept(count, shown) + _("请看下面的核对。")


def _kept(count: int, shown: bool) -> str:
    """`shown`: what was kept stands above."""
    if not shown:
        return ngettext("收到{n}份，已清理。", "收到{n}份，已清理。", count).format(n=count)
    return ngettext("收到{n}份，已清理，留下的就是这样。",
                    "收到{n}份，已清理，留下的就是这样。", count).format(n=count)  # fmt: skip


def more_files() -> str:
    return _("还有就接着发，没有就按“没有了”。")


def file_too_early() -> str:
    return _("文件和附的话没有收，后面会问。")


def words_taken() -> str:
    return _("附的话记在内容里了。")


def words_not_taken() -> str:
    return _("附的话没有收：内容已经够长。")


def no_more() -> str:
    return _("没有了")


def words_for_no_more() -> tuple[str, ...]:
    """What people write where there is a button for it."""
    return tuple(
        _(
            "没有、没、无、没了、都没有、没有照片、没有图片、没有文件、没有附件、没有证据、没有材料、没有别的、"
            "没别的了、暂时没有、不用、不用了、就这些"
        ).split(_("、"))
    )


def summary(about: str, text: str, files: int) -> str:
    return _("请核对：\n\n反映对象：{about}\n\n{text}\n\n附件：{files}份").format(
        about=about, text=text, files=files
    )


def confirm() -> str:
    return _("确认，交上去")


def rewrite() -> str:
    return _("重写内容")


def cancel() -> str:
    return _("不交了，清除")


def cancelled() -> str:
    return _("已清除，什么都没有存。要反映，随时按 /start。")


def code(value: str, by: date) -> str:
    return _(
        "已交给组织部。您的八个字：\n\n<code>{code}</code>\n\n"
        "请现在抄在纸上，不要截屏。这条30分钟后自动删掉，丢了谁也找不回来。\n"
        "{day}之前有答复。到时候凭这八个字查。\n"
        "“收条”是交过的证明，没有内容。用不着就不要留。"
    ).format(code=" ".join(value), day=day(by))


def filing() -> str:
    # True for good: where the messenger's answer is lost, this can't be taken back.
    return _("收到您的确认。见到八个字，才算交成。")


def one_moment() -> str:
    return _("请稍等。")


def code_delayed() -> str:
    return _(
        "内容收到了，八个字还没能给您，正在再给。请过一会儿随便发一条，会再给一次。"
        "30分钟还给不了，就撤回，等于没有交。"
    )


def not_filed() -> str:
    return _("没有交成：八个字没能给您，内容已经删除。请按 /start 再交一次。")


def copy() -> str:
    return _("复制八个字")


def to_receipt() -> str:
    return _("收条")


def receipt() -> str:
    return _("收条：二维码里没有内容，也没有八个字。要留就现在存，这条30分钟后自动删掉。")


def no_receipt() -> str:
    return _("超过30分钟，收条已经清除。查进展用八个字，不用收条。")


def receipt_not_sent() -> str:
    return _("收条没有发成，交过的还在。请再按一次“收条”。")


def copied() -> str:
    return _("我抄好了，删掉这条")


def gone() -> str:
    return _("删掉了。到时候按“查看进展”。")


def expired() -> str:
    return _("超过30分钟，没交的内容已经清除。要反映，请按 /start 重新开始。")


def old_button() -> str:
    return _("这个按钮已经过期。请按 /start 重新开始。")


def passed_button() -> str:
    return _("这个按钮是前面一步的，没有改动任何东西。请接着最下面的一步办。")


def no_command() -> str:
    return _("没有这个指令。前面的都在，请接着办；不办了，按 /cancel。")


def still_writing() -> str:
    return _("您有一件还没写完，前面的都在，请接着写。不写了，按“不交了，清除”。")


def go_on() -> str:
    return _("您正在写的还在，请接着写。")


def text_wanted() -> str:
    return _("这里请写文字。前面的都在，没有丢。")


def too_short() -> str:
    return _("太短了，至少{n}个字，才能核实。前面的都在，请接着写。").format(n=LEAST_TEXT)


def too_long() -> str:
    return _("太长了，一共最多{n}个字。这一条没有收，前面的都在。").format(n=LONGEST_TEXT)


def forwarded() -> str:
    return _("转发的消息带着别人的名字，没有收。请自己写，前面的都在。")


def edited() -> str:
    return _("改已发的消息不算。要改，请再发一条；核对时也可以重写。")


def file_wanted() -> str:
    return _("这里收照片、PDF或Word文件。没有就按“没有了”。前面的都在。")


def name_too_long() -> str:
    return _(
        "这一条没有收：这里先只写姓名和单位，最多{n}个字。发生了什么，接着就问，那时再写。"
    ).format(n=LONGEST_NAME)


def check_wanted() -> str:
    return _(
        "这一条没有收，前面写的都在。对了，按“{confirm}”；要补要改，按“{rewrite}”，再写一遍。"
    ).format(confirm=confirm(), rewrite=rewrite())


def press_wanted() -> str:
    return _("这一条没有收，前面的都在。请按上面的按钮。")


def too_many_files() -> str:
    return _("最多{n}份，这一份没有收。请按“没有了”接着办。").format(n=MOST_FILES)


def unusable(reason: str) -> str:
    return attachment_texts.refused(reason) + _("前面的都在。")


def repeated() -> str:
    return _("同样的内容刚才已经交过，不用再交。凭上次的八个字查进展。")


def trouble() -> str:
    return _("出了点问题，这一步没有办成。请再试一次，或者按 /start 重新开始。")


def unknown() -> str:
    return _(
        "这里可以反映发展党员工作中的问题，也可以凭八个字查进展。现在没有正在写的内容，刚才这一条没有收。"
    )
