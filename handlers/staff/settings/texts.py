"""/language."""

from services.i18n import gettext as _


def choose() -> str:
    return _("用哪种语言？ Which language?")


def name(language: str) -> str:
    return {"zh": "中文", "en": "English"}[language]


def chosen() -> str:
    return _("好的，以后用中文。")
