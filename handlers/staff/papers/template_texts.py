"""材料模板: what is said of an organisation's own templates."""

from collections.abc import Sequence

from handlers.staff.shared import texts as words
from papers.forms import ALSO_PDF
from services.core.i18n import gettext as _
from services.papers.views import TemplateLine

NAMED = 8
"""Names that are said; a template with more of them was made for something else."""


def title() -> str:
    return _("材料模板")


def which_place() -> str:
    return _("要换哪个组织的模板？")


def listed(lines: Sequence[TemplateLine]) -> list[str]:
    own = [f"· {_whose(line)}" for line in lines if line.whose]
    said = _("可以把哪一份换成自己的Word模板？本组织和下级都照它打印，下级有自己的模板的除外。")
    # What has no template is said too: nobody should look for it.
    fixed = _("表决票、测评票、计票单、群众举报的材料和所有PDF总用通用版式。")
    return [words.bold(title()), said, fixed, *([""] if own else []), *own]


def _whose(line: TemplateLine) -> str:
    return _("{title}：用{organisation}的模板").format(
        title=line.title, organisation=words.typed(line.whose)
    )


def button(line: TemplateLine) -> str:
    return f"{line.title} ✓" if line.mine else line.title


def one(line: TemplateLine) -> list[str]:
    holds = _whose(line) if line.whose else _("{title}：用通用模板").format(title=line.title)
    fields = [f"<code>{{{{ {name} }}}}</code> {label}" for name, label in line.fields]
    pdf = [_("它的PDF仍用通用版式，要用自己的版式请打印Word。")] if line.paper in ALSO_PDF else []
    return [
        words.bold(holds),
        *pdf,
        _("先下载现在用的模板，在Word中改好，再发回来。下面的字段可以写在模板中："),
        "",
        *fields,
    ]


def get() -> str:
    return _("下载现在用的模板")


def give() -> str:
    return _("换成自己的模板")


def drop() -> str:
    return _("收回自己的模板")


def got(title: str) -> str:
    return _("{title}的模板。双花括号中的字段不要改名，其余随意改，改好后发回来。").format(
        title=title
    )


def ask(line: TemplateLine) -> list[str]:
    return [
        words.bold(line.title),
        _("请发Word模板（.docx，不超过20 MB）。收到后先检查，检查通过才换。"),
    ]


def file_wanted() -> str:
    return _("请发一个Word文件（.docx）。什么都没有改。")


def taken(line: TemplateLine) -> str:
    return _("已换：{title}以后照这个模板打印，下级没有自己的模板的也用它。").format(
        title=line.title
    )


def dropped(line: TemplateLine) -> str:
    return _("已收回{title}的模板。").format(title=line.title)


def unfit(reason: str, names: Sequence[str]) -> str:
    """One sentence: what is wrong, what is expected, that nothing was changed."""
    said = {
        "too_big": _("文件超过20 MB，请发小一些的模板。"),
        "not_word": _("这不是Word文件（.docx），请另存为.docx再发。"),
        "encrypted": _("文件加了密码，或者是旧版的.doc，请去掉密码，另存为.docx再发。"),
        "macros": _("文件中有宏，请另存为不带宏的.docx再发。"),
        "objects": _("文件中嵌有别的对象，请删去再发。"),
        "links": _("文件要从外面取东西（链接的图片、模板或者网址），请删去再发。"),
        "bomb": _("文件解开以后太大，请发普通的模板。"),
        "broken": _("按这个文件做不出材料，请用下载的模板改。"),
        "program": _("模板中只能写字段和条件，这里写了别的：{names}。"),
        "loop": _("模板中只能有一重循环，列出步骤（rows.steps）或者材料（rows.papers）：{names}。"),
        "unknown": _("模板中有不认识的字段：{names}。"),
        "nothing": _("模板中没有一个字段，打印出来人人都一样。"),
        "too_hard": _(
            "没有检查完：文件太复杂，或者服务器正忙。请再发一次，还不行就发简单一些的模板。"
        ),
    }[reason]
    shown = _("、").join(words.typed(name) for name in names[:NAMED]) or "…"
    return said.format(names=shown) + _("什么都没有改。")
