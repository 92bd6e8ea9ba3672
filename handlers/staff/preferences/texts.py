"""/settings and /language."""

from datetime import date, time

from domain.calendar.office_hours import Wishes
from handlers.staff.shared import texts as words
from services.core.i18n import gettext as _
from services.core.i18n import ngettext
from services.reminders.preferences import Waits

Span = tuple[time, time] | None


def settings(wishes: Wishes) -> str:
    return _(
        "<b>提醒</b>\n"
        "每个工作日{digest}起提醒一次，安静时间：{quiet}。\n"
        "点下面的按钮可以改。工作日8:30到18:00以外，本来就不打扰。"
    ).format(digest=clock(wishes.digest), quiet=span(wishes.quiet))


def clock(at: time) -> str:
    return f"{at.hour}:{at.minute:02}"


def span(quiet: Span) -> str:
    return _("不设") if quiet is None else f"{clock(quiet[0])}–{clock(quiet[1])}"


def chosen_or_not(label: str, chosen: bool) -> str:
    return f"✓ {label}" if chosen else label


def week_off() -> str:
    return _("每周一的支部图：不再发")


def week_on() -> str:
    return _("每周一的支部图：发")


def week_is_off() -> str:
    return _("好的，每周一不再发支部的图。要再发，在 /settings 里按。")


def week_is_on() -> str:
    return _("好的，每周一8:30发支部的图。")


def language() -> str:
    return _("语言 Language")


def how_long(waits: Waits) -> str:
    about = _("{person} · {step}").format(
        person=words.typed(waits.person), step=words.step_name(waits.step.id, waits.step.title)
    )
    if not waits.days:
        return _("{about}：今天到期，不能再推。").format(about=about)
    return _("{about}：几天后再提醒您？别人照常提醒。").format(about=about)


def days(number: int) -> str:
    return ngettext("{n}天后", "{n}天后", number).format(n=number)


def left_alone(until: date, today: date) -> str:
    return _("好的，{day}再提醒您。").format(day=words.short_day(until, today))


def choose() -> str:
    return _("用哪种语言？ Which language?")


def name(language: str) -> str:
    return {"zh": "中文", "en": "English"}[language]


def chosen() -> str:
    return _("好的，以后用中文。")
