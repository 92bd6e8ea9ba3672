"""What is said to somebody who asks after their report."""

from domain.reports import IntakeState
from handlers.public.texts import day
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.intake.intake import ReportState
from services.intake.store import LetterLine


def ask_code() -> str:
    return _("请输入八个字，中间有空格也行。您发的这条会马上删掉。")


def bad_code(count: int) -> str:
    return _("要八个字，这里认出{n}个。请对着纸再输一遍，什么都没有丢。").format(n=count)


def no_picture_of_code() -> str:
    return _("八个字请打出来，照片里的认不了。您发的这条已经删掉。")


def unknown_code() -> str:
    return _("没有查到。请对着纸，一个字一个字再输一遍。")


def busy() -> str:
    return _("现在查的人太多，请过几分钟再试。什么都没有丢。")


def wait(seconds: int) -> str:
    return ngettext("请过{n}秒再试。", "请过{n}秒再试。", seconds).format(n=seconds)


def not_filed() -> str:
    return _("没有交成，请再交一次。当时八个字没能确认送到您手里，内容已经删除。")


def state(found: ReportState) -> str:
    if found.state is IntakeState.NOT_FILED:
        return not_filed()
    names = {
        "received": _("已收到，还没有开始核实"),
        "checking": _("正在核实"),
        "answered": _("已答复，可以补充情况"),
        "again": _("已答复，您补充的情况等回复"),
        "withdrawn": _("已撤回，内容已经删除"),
    }
    lines = [
        _("进展：{state}").format(state=names[found.state]),
        _("收到：{day}").format(day=day(found.received_on)),
    ]
    if found.state in (IntakeState.RECEIVED, IntakeState.CHECKING, IntakeState.AGAIN):
        lines.append(_("答复期限：{day}").format(day=day(found.answer_by)))
    return "\n".join([*lines, *(letter(line) for line in found.lines)])


def letter(line: LetterLine) -> str:
    if line.sender == "reporter":
        return _("\n{day}，您补充过内容。").format(day=day(line.day))
    if line.text is None:
        return _("\n{day}，这里有一条不是组织部写的，不显示。请打举报电话告诉组织部。").format(
            day=day(line.day)
        )
    return _("\n{day}，组织部答复：\n{text}").format(day=day(line.day), text=line.text)


def stop() -> str:
    return _("不查了")


def stop_writing() -> str:
    return _("不补充了")


def keep() -> str:
    return _("不撤回")


def stopped() -> str:
    return _("停下了，什么都没有改动。交过的还在，凭八个字随时可以查。")


def go_on_writing() -> str:
    return _("上面是查到的进展。您正在写的还在，请接着写。")


def not_looked_up() -> str:
    return _(
        "这八个字像查进展用的，现在查不了，也没有写进去。要查，请过几分钟再发；是内容，请再多写几个字发一遍。"
    )


def code_forgotten() -> str:
    return _("超过30分钟，请再输一次八个字。交过的还在；刚才没有收下新的内容。")


def write_on() -> str:
    return _("补充情况")


def ask_more() -> str:
    return _("请写要补充的情况，一条发完。不要写自己的名字。")


def no_files() -> str:
    return _(
        "补充只收文字，这个文件和附的话没有收。请写成文字；要交照片，请按“不补充了”，"
        "再按 /start 另写一件。"
    )


def no_more_letters() -> str:
    return _("这一件不能再补充了。前面的都在。要说新的情况，请按 /start 另写一件。")


def more_taken() -> str:
    return _("补充的内容已封好交上去，聊天里的删掉了。")


def withdraw() -> str:
    return _("撤回")


def sure_to_withdraw() -> str:
    return _("撤回以后，内容马上删除，不能恢复。还要撤回吗？")


def yes_withdraw() -> str:
    return _("撤回，删除内容")


def withdrawn() -> str:
    return _("已撤回，内容已经删除。")


def done() -> str:
    return _("看完了，删掉这条")
