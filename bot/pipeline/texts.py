"""What the program says of itself, in a chat or on the terminal."""

from services.core.i18n import gettext as _


def parked() -> str:
    return _("这一条没能处理，已经记下，会有人查看。其他都没有丢，请按“待办”接着办。")
