"""What is said of an update itself, whatever it asks."""

from services.core.i18n import gettext as _


def parked() -> str:
    """Of one that failed again and again."""
    return _("这一条没能处理，已经记下，会有人查看。其他都没有丢，请按“待办”接着办。")
