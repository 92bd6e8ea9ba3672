"""The page, put together from a frame and few pieces. Everything that is shown is escaped here."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template

from handlers.public import status_texts
from handlers.public.web import texts
from services.core.i18n import SOURCE, current, use
from services.intake.intake import LONGEST_NAME, LONGEST_TEXT, Filed, ReportState
from services.intake.notices import RunningNotice

HERE = Path(__file__).parent
FRAME = Template((HERE / "page.html").read_text("utf-8"))
STYLE = (HERE / "page.css").read_text("utf-8")
STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
REPORT, STATUS = "/report", "/status"


@dataclass(frozen=True)
class Entered:
    """What stands in the report's form already."""

    notice: str = ""
    about: str = ""
    text: str = ""


def report_page(
    token: str,
    notices: Sequence[RunningNotice],
    entered: Entered,
    days: int,
    wrong: Sequence[str] = (),
) -> str:
    """`days`: how long content is kept after closing."""
    body = [_errors(wrong), _first_words(days), _open_form(REPORT, token)]
    if notices:
        body.append(_choices(notices, entered.notice))
    body += [
        _label("about", texts.whom(), texts.whom_hint() if notices else ""),
        f'<input type="text" id="about" name="about" maxlength="{LONGEST_NAME}" '
        f'value="{escape(entered.about)}" autocomplete="off">',
        _label("text", texts.what(), texts.what_hint()),
        f'<textarea id="text" name="text" maxlength="{LONGEST_TEXT}" required autocomplete="off">'
        f"{escape(entered.text)}</textarea>",
        _label("files", texts.files(), texts.files_hint()),
        '<input type="file" id="files" name="files" multiple '
        'accept="image/*,.pdf,.docx,application/pdf">',
        f"<button>{escape(texts.send())}</button></form>",
    ]
    return _page(REPORT, texts.title(), body)


def filed_page(filed: Filed, by: str) -> str:
    return _page(REPORT, texts.filed(), [
        f'<div class="done"><p>{escape(texts.your_code())}</p>',
        f'<p class="code">{escape(filed.code)}</p><p>{escape(by)}</p></div>',
        f"<p>{escape(texts.receipt())}</p>",
        f'<p class="receipt">{escape(filed.receipt)}</p><p>{escape(texts.leave())}</p>',
    ])  # fmt: skip


def status_page(
    token: str, found: ReportState | None = None, said: str = "", wrong: Sequence[str] = (),
    more: str = "",
) -> str:  # fmt: skip
    body = [_errors(wrong)]
    if said:
        body.append(f'<p class="done">{escape(said)}</p>')
    if found is not None:
        body.append(f'<div class="done"><pre>{escape(status_texts.state(found))}</pre></div>')
    body += [
        _open_form(STATUS, token),
        _label("code", texts.code(), texts.code_hint()),
        '<input type="text" id="code" name="code" maxlength="60" required autocomplete="off">',
        f'<button name="do" value="look">{escape(texts.look())}</button>',
        _label("more", texts.more(), texts.more_hint()),
        f'<textarea id="more" name="more" maxlength="{LONGEST_TEXT}" autocomplete="off">'
        f"{escape(more)}</textarea>",
        f'<button class="other" name="do" value="more">{escape(texts.send_more())}</button>',
        '<label class="check"><input type="checkbox" name="sure" value="yes">'
        f"<span>{escape(texts.sure())}</span></label>",
        f'<button class="other" name="do" value="withdraw">{escape(texts.take_back())}</button>',
        "</form>",
    ]
    return _page(STATUS, texts.status_title(), body)


def trouble_page() -> str:
    return _page(REPORT, texts.title(), [_errors([texts.trouble()])])


def _page(path: str, title: str, body: Sequence[str]) -> str:
    return FRAME.substitute(
        lang="en" if current() == "en" else "zh-Hans",
        title=escape(title),
        style=STYLE,
        nav=_navigation(path),
        body="\n".join(body),
    )


def address(path: str, language: str = "") -> str:
    """A path of ours in a language: nothing is asked of the browser, it stands in the address."""
    spoken = language or current()
    return path if spoken == SOURCE else f"{path}?lang={spoken}"


def _navigation(path: str) -> str:
    other = SOURCE if current() != SOURCE else "en"
    with use(other):
        switch = f'<a href="{address(path)}" hreflang="{other}">{_own_name(other)}</a>'
    links = [(REPORT, texts.title()), (STATUS, texts.status_title())]
    named = [f'<a href="{address(link)}">{escape(text)}</a>' for link, text in links]
    return "".join([*named, switch])


def _own_name(language: str) -> str:
    return "English" if language == "en" else texts.chinese()


def _open_form(path: str, token: str) -> str:
    return (
        f'<form method="post" action="{address(path)}" enctype="multipart/form-data" '
        f'autocomplete="off"><input type="hidden" name="token" value="{escape(token)}">'
    )


def _label(name: str, text: str, hint: str = "") -> str:
    small = f"<small>{escape(hint)}</small>" if hint else ""
    return f'<label for="{name}">{escape(text)}</label>{small}'


def _choices(notices: Sequence[RunningNotice], chosen: str) -> str:
    options = [("", texts.other()), *((n.id, f"{n.person} · {n.unit}") for n in notices)]
    shown = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(text)}</option>"
        for value, text in options
    )
    return f'{_label("notice", texts.about())}<select id="notice" name="notice">{shown}</select>'


def _first_words(days: int) -> str:
    items = "".join(f"<li>{escape(words)}</li>" for words in texts.first_words(days))
    return f'<div class="note"><ul>{items}</ul></div>'


def _errors(wrong: Sequence[str]) -> str:
    return "".join(f'<p class="error" role="alert">{escape(words)}</p>' for words in wrong)
