"""What is said of a case that is shown in one look."""

from datetime import date

from handlers.staff.cases import texts
from handlers.staff.shared import texts as words
from services.cases.views import CaseCard
from services.core.i18n import gettext as _


def way() -> str:
    return _("全程一图")


def again() -> str:
    return _("刷新这张图")


def working() -> str:
    return _("正在画图，请稍等。")


def caption(card: CaseCard, today: date) -> list[str]:
    """Under the picture, and instead of it where none can be made."""
    following = card.progress.next
    if following is None:
        return [*texts.head(card), _("没有要办的步骤了。")]
    return [*texts.head(card), *words.next_step(following, today)]


def no_picture(fonts: bool) -> str:
    if fonts:
        return _("这台服务器没有中文字体，画不了图。装字体请找管理员。")
    return _("图没有画成。请再按一次。")
