"""/help and /privacy."""

from services.core.i18n import gettext as _


def help_() -> str:
    return _(
        "<b>怎么用</b>\n"
        "· “待办”：今天要办的事，急的在前，点一下就能填。\n"
        "· “发展名册”：您管的每个人办到哪一步。直接输入姓名也能查找。\n"
        "· “开始新的一件”：收到一份入党申请书就登记一件。\n"
        "· 填写时可以随时停下，填过的都在，过几天接着填也行。\n"
        "· 票数可以一行写完：应到50 实到48 赞成46 不赞成2。\n"
        "· 日期可以点日历，也可以写 2026-11-22、11月22日、三月五日、今天。\n"
        "· 记错了，在那一件的“办理记录”里更正，要写原因，原记录留着。\n"
        "· 到期前会提醒，只在工作日的8:30到18:00；几点提醒、什么时候别打扰，在 /settings 里设。\n\n"
        "/todo 待办　/cases 发展名册　/cancel 停下　/privacy 隐私　/settings 设置　/language 语言"
    )


def page() -> str:
    return _("一页说明（打印）")


def page_sent() -> str:
    return _("一页纸：每天做什么，要记住什么，由您办的步骤。")


def working() -> str:
    return _("正在排版，请稍等。")


def not_printed(fonts: bool) -> str:
    if fonts:
        return _("这台服务器没有中文字体，排不了版。装字体请找管理员。")
    return _("没有排成。请再按一次。")


def calendar(first: int, last: int) -> str:
    return _(
        "工作日按国务院放假安排算，现有{first}年至{last}年。"
        "{later}年起的日期暂按周一至周五推算，标明“推算”，安排公布后自动重算。"
    ).format(first=first, last=last, later=last + 1)


def privacy() -> str:
    return _(
        "<b>存什么</b>\n"
        "· 您的姓名、职务、所在组织和聊天编号，用来认出您和提醒您。\n"
        "· 您填写的步骤、日期、票数总数、谈话和走访记录、证明材料。\n"
        "· 谁在什么时候记了什么、改了什么。\n\n"
        "<b>不存什么</b>\n"
        "· 不存身份证号，请不要发。\n"
        "· 不存谁投了什么票，只存总数。\n\n"
        "<b>怎么保管</b>\n"
        "· 姓名和内容加密存放，密钥与数据分开。\n"
        "· 只有职责相关的人能看到；不排名，不打卡。\n"
        "· 消息经过 Telegram，它的公司能看到您和本机器人的往来。\n\n"
        "要查看、更正或删除自己的资料，请找邀请您的上级党组织。"
    )
