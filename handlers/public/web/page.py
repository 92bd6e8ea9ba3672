"""The pages, drawn by templates that escape whatever they show."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from domain.case.reports import AnswerTime
from handlers.public import status_texts
from handlers.public import texts as chat
from handlers.public.web import texts
from services.core.i18n import SOURCE, current, use
from services.intake.guidance import PublicGuidance
from services.intake.intake import LONGEST_NAME, LONGEST_TEXT, Filed, ReportState
from services.intake.notices import RunningNotice
from services.intake.receipts import FILE_NAME, qr

TEMPLATES = Path(__file__).parent / "templates"
STYLE = (TEMPLATES / "page.css").read_text("utf-8")
# The style stands in the page itself: a style sheet of its own would be one more request to be
# seen on the line. The header allows exactly these bytes.
STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
REPORT, STATUS, GUIDANCE = "/report", "/status", "/guidance"
PICTURES = "<section"
"""What the pictures of `filed.html` begin with."""
PAGES = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
PAGES.globals.update(
    texts=texts,
    hotline=chat.hotline,
    guidance_title=chat.guidance_title,
    guidance_part=chat.guidance_part,
    no_guidance=chat.no_guidance,
    style=Markup(STYLE),
    longest_name=LONGEST_NAME,
    longest_text=LONGEST_TEXT,
)


@dataclass(frozen=True)
class FormValues:
    """What stands in the report's form already. `inside`: opened in an app of a workplace."""

    notice: str = ""
    about: str = ""
    text: str = ""
    inside: bool = False


def report_page(
    token: str,
    notices: Sequence[RunningNotice],
    values: FormValues,
    days: int,
    answer_time: AnswerTime,
    wrong: Sequence[str] = (),
) -> str:
    """`days`: how long content is kept after closing. `answer_time`: how soon an answer
    comes."""
    return _page(
        "report.html",
        (REPORT, texts.title()),
        wrong,
        values.inside,
        token=token,
        notices=notices,
        values=values,
        days=days,
        answer_time=answer_time,
    )


def filed_page(
    filed: Filed,
    by: str,
    kept: Sequence[str],
    previews: Sequence[bytes],
    other_files: bool = False,
) -> tuple[str, str]:
    """Return the page in two parts, the code in the first, the pictures in the second. `kept`: the
    media types of its files; `previews`: JPEGs; `other_files`: sent again, it came with others."""
    shown = [b64encode(content).decode() for content in previews]
    receipt = b64encode(qr(filed.receipt)).decode()
    page = _page("filed.html", (REPORT, texts.filed()), filed=filed, by=by, receipt=receipt,
                 file_name=FILE_NAME, kept=texts.kept(kept), previews=shown,
                 other_files=other_files)  # fmt: skip
    first, mark, rest = page.partition(PICTURES)
    return first, mark + rest


def handed_in_page(other_files: bool) -> str:
    """Of a form that is sent again when its code can't be shown any more: no form, so that nobody
    hands it in twice. `other_files`: it came with others this time."""
    return _page("handed_in.html", (REPORT, texts.filed()), other_files=other_files)


def status_page(
    token: str,
    found: ReportState | None = None,
    said: str = "",
    wrong: Sequence[str] = (),
    more: str = "",
    withdrawing: bool = False,
    inside: bool = False,
) -> str:
    """`withdrawing`: it was to be taken back, which is folded away else. `inside`: opened in an app
    of a workplace."""
    state = status_texts.state(found) if found is not None else ""
    named = (STATUS, texts.status_title())
    return _page("status.html", named, wrong, inside, token=token, state=state, said=said,
                 more=more, withdrawing=withdrawing)  # fmt: skip


def guidance_page(found: Sequence[PublicGuidance]) -> str:
    return _page("guidance.html", (GUIDANCE, chat.to_guidance()), found=found)


def trouble_page() -> str:
    return _page("page.html", (REPORT, texts.title()), [texts.trouble()])


def unreadable_page() -> str:
    return _page("page.html", (REPORT, texts.title()), [texts.wrong("form")])


def _page(
    template: str,
    named: tuple[str, str],
    wrong: Sequence[str] = (),
    inside: bool = False,
    **shown: Any,
) -> str:
    path, title = named
    return PAGES.get_template(template).render(
        language="en" if current() == "en" else "zh-Hans",
        title=title,
        action=address(path),
        links=[
            {"address": address(REPORT), "text": texts.title()},
            {"address": address(STATUS), "text": texts.status_title()},
            {"address": address(GUIDANCE), "text": chat.to_guidance()},
        ],
        other=_other_language(path),
        wrong=wrong,
        inside=inside,
        **shown,
    )


def address(path: str, language: str = "") -> str:
    """A path of ours in a language: nothing is asked of the browser, it stands in the address."""
    spoken = language or current()
    return path if spoken == SOURCE else f"{path}?lang={spoken}"


def _other_language(path: str) -> dict[str, str]:
    other = SOURCE if current() != SOURCE else "en"
    with use(other):
        name = "English" if other == "en" else texts.chinese()
        return {"address": address(path), "language": other, "name": name}
