"""材料: what can be printed, what it lacks, and what stands under a file."""

from collections.abc import Sequence

from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.papers.archive import Packed
from services.papers.views import (
    CannotPrint,
    CaptionKind,
    CasePapers,
    PaperFile,
    PaperLine,
    StepPapers,
)

NAMED = 8
"""Gaps that are named; of more their number is said."""


def listed(found: CasePapers) -> list[str]:
    done = [step for step in found.steps if step.entered]
    ahead = [step for step in found.steps if not step.entered]
    lines = [_("<b>{person}</b>的材料：按步骤选").format(person=words.typed(found.person))]
    if done:
        lines += ["", words.bold(_("办过的步骤")), *map(_step, done)]
    if ahead:
        lines += ["", words.bold(_("还没办的步骤，可以先打印")), *map(_ahead, ahead)]
    return [*lines, "", note()]


def _step(found: StepPapers) -> str:
    """With what its papers lack; ready ones are ticked."""
    papers = _("；").join(_paper(line) for line in found.papers)
    return _("· {step}：{papers}").format(step=_name(found), papers=papers)


def _ahead(found: StepPapers) -> str:
    papers = _("、").join(line.title for line in found.papers)
    return _("· {step}：{papers}").format(step=_name(found), papers=papers)


def _name(found: StepPapers) -> str:
    return words.step_name(found.step.id, found.step.title)


def _paper(line: PaperLine) -> str:
    if not line.missing:
        return f"{line.title} ✓"
    return ngettext("{title}（缺{n}项）", "{title}（缺{n}项）", len(line.missing)).format(
        title=line.title, n=len(line.missing)
    )


def of_step(found: CasePapers, step: StepPapers) -> list[str]:
    lines = [f"{words.typed(found.person)} · {words.bold(_name(step))}"]
    for line in step.papers:
        lines.append(f"· {line.title}")
        lines += [f"  {lacks(line.missing)}"] if line.missing else []
    return [*lines, "", note()]


def lacks(missing: Sequence[str]) -> str:
    named = _("、").join(words.typed(label) for label in missing[:NAMED])
    if len(missing) > NAMED:
        return _("还缺{names}等{n}项，纸上留空，由人填写。").format(names=named, n=len(missing))
    return _("还缺{names}，纸上留空，由人填写。").format(names=named)


def note() -> str:
    return _("意见、结论、签字、盖章都留空，由本人和组织填写。")


def sent(file: PaperFile) -> str:
    """Below the file."""
    said = [_("{person}：{title}").format(person=words.typed(file.person), title=file.title)]
    if file.kind is CaptionKind.SLIPS:
        more = ngettext("共{n}张，裁开，盖章后发。", "共{n}张，裁开，盖章后发。", file.papers)
        return "\n".join([*said, more.format(n=file.papers)])
    if file.kind is CaptionKind.COUNTING:
        return "\n".join([*said, _("计完票扫单上的码，填票数。")])
    if file.papers > 1:
        said.append(ngettext("共{n}份。", "共{n}份。", file.papers).format(n=file.papers))
    if file.missing:
        said.append(lacks(file.missing))
    if file.ours:
        said.append(ours())
    return "\n".join([*said, note()])


def ours() -> str:
    return _("本单位的模板这次没有做成，先用了通用模板。")


def slips(title: str) -> str:
    return _("{title}（打印）").format(title=title)


def ask_due() -> list[str]:
    return [words.bold(_("应到多少人？")), _("按应到人数多印百分之五，同计票单一起发来。")]


def due_wanted() -> str:
    return _("请输入人数，1到2000，例如 48。")


def sheet() -> str:
    return _("公示（PDF）")


def poster() -> str:
    return _("大张公示（A3）")


def cannot_print(refused: CannotPrint) -> str:
    if refused.fonts:
        return _("这台服务器没有中文字体，做不了PDF。公示请用上面的Word文件；装字体请找管理员。")
    return _("PDF没有做成。请再按一次；还不行，公示请用上面的Word文件。")


def no_slips(refused: CannotPrint) -> str:
    """Of slips there is no Word file to take instead."""
    if refused.fonts:
        return _("这台服务器没有中文字体，做不了票和计票单。装字体请找管理员。")
    return _("票没有做成。请从材料里再打印一次；还不行，请找管理员。")


def nothing() -> str:
    return _("这一步没有可以打印的材料。")


def everything() -> str:
    return _("这一步的全部材料（压缩包）")


def whole() -> str:
    return _("全程纪实表")


def label(found: StepPapers) -> str:
    return words.step_label(found.step)


def back() -> str:
    return _("‹ 全部材料")


def archive() -> str:
    return _("归档压缩包")


def making(done: int, total: int) -> str:
    return _("正在生成材料：{done}/{total}，请稍等。").format(done=done, total=total)


def packing(done: int, total: int) -> str:
    return _("正在整理归档材料：{done}/{total}，请稍等。").format(done=done, total=total)


def part(file: PaperFile) -> str:
    return _("{person}：{title}").format(person=words.typed(file.person), title=file.title)


def packed(found: Packed, refused: Sequence[str] = ()) -> list[str]:
    """What was sent, and what has to be added by hand. `refused`: parts that the messenger didn't
    take."""
    said = _not_sent(found, refused) if refused else _sent(found)
    if found.paper:
        paper = ngettext(
            "目录中注明“纸质”的{n}件，请放原件。",
            "目录中注明“纸质”的{n}件，请放原件。",
            found.paper,
        )
        said.append(paper.format(n=found.paper))
    if found.no_pdf is not None:
        no_fonts = _("这台服务器没有中文字体，归档目录只有Word文件。")
        said.append(no_fonts if found.no_pdf.fonts else _("归档目录的PDF没有做成，只有Word文件。"))
    if found.ours:
        said.append(ours())
    return [*said, note()]


def _sent(found: Packed) -> list[str]:
    files = ngettext("归档材料{n}个文件，见上。", "归档材料{n}个文件，见上。", found.files)
    said = [files.format(n=found.files)]
    if found.parts > 1:
        # Where a part doesn't get through at once, all are sent again.
        parts = _("分成{parts}个压缩包，解压到同一个文件夹。发了两遍的，以后一遍为准。")
        said.append(parts.format(parts=found.parts))
    return said


def _not_sent(found: Packed, refused: Sequence[str]) -> list[str]:
    gone = _("“{parts}”没有发出去：文件太大，聊天软件不收。请告诉管理员，调好以后再按一次。")
    said = [gone.format(parts=_("、").join(refused))]
    if len(refused) < found.parts:
        said.append(_("其余的见上，还不是全部。"))
    return said
