"""What `yinlu cell` says."""

from pathlib import Path

from services.core.i18n import gettext as _


def databases(staff: str, intake: str) -> str:
    return _("数据库建好了：{staff}、{intake}。").format(staff=staff, intake=intake)


def served(name: str, file: Path) -> str:
    return _(
        "单元 {name} 的工作端不用单独启动：yinlu cells {file} 会自己接上，没运行的话请启动它。"
        "上面的服务只管群众反映端等。"
    ).format(name=name, file=file)
