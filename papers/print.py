"""What is typeset: ballots with their counting sheet, a public notice as a sheet or a poster."""

from collections.abc import Iterator, Mapping
from datetime import date
from io import BytesIO
from typing import Any

import segno

from domain.rulebook.schema import Body, Step
from papers.filling import Filled
from papers.forms import LINK, ONLY_IF, QR, SAID
from papers.matter import CaseOnPaper
from papers.processes.typesetting import Job
from papers.values import clean

COUNTING = "计票单"
SPARE = 20
"""One slip more for each twenty: some are spoilt before they are handed out."""
ANSWERS: Mapping[str, str] = {"yes": "同意", "no": "不同意", "abstain": "弃权"}
OF_MASSES: Mapping[str, str] = {"yes": "赞成", "no": "不赞成", "abstain": "弃权"}
COUNTS: Mapping[str, str] = {
    "entitled": "有表决权", "due": "应到", "present": "实到", "written": "书面意见",
    "issued": "发出", "returned": "收回", "valid": "有效",
}  # fmt: skip
RULES = (
    "在选定的一项后面的方框内画“○”。只选一项。"
    "选两项以上、不选、涂改得认不清、在票上另写别的，是废票。不署名，当场投票，当场计票。"
)
MATTERS: Mapping[str, str] = {
    "admission": "讨论接收为预备党员",
    "full_membership": "讨论转正",
    "probation": "讨论核实结果",
}
APPRAISED: Mapping[str, str] = {
    "admission": "接收预备党员民主测评",
    "full_membership": "转正民主测评",
}


def slips_of(due: int) -> int:
    """Return how many slips are printed for so many who are due: 5 % more, rounded up."""
    return due + -(-due // SPARE)


def boxes(step: Step) -> tuple[str, ...]:
    """The answers of a slip: two, or three where the rules count abstentions."""
    counted = {field.count for field in step.counted}
    words = OF_MASSES if step.body is Body.MASSES else ANSWERS
    return tuple(word for count, word in words.items() if count in counted)


def ballots(title: str, matter: CaseOnPaper, step: Step, due: int, link: str) -> tuple[Job, Job]:
    """The slips, and the counting sheet whose code leads to `link`."""
    counted = {field.count for field in step.counted}
    about = APPRAISED if step.body is Body.MASSES else MATTERS
    common: dict[str, Any] = {
        "person": clean(matter.person),
        "matter": about.get(step.stage, step.title.zh),
        "boxes": boxes(step),
        "count": slips_of(due),
    }
    names = (*(word for count, word in COUNTS.items() if count in counted), "废票", *boxes(step))
    sheet = {
        **common,
        "branch": clean(matter.branch),
        "counts": names,
        "qr": _svg(link),
        "made": _day(matter.today),
    }
    return Job("slips", {**common, "title": title, "rules": RULES}), Job("counting", sheet)


def notice(filled: Filled, *, poster: bool, kind: str = "pdf") -> Job:
    """The text of a public notice, on A3 where it is a `poster`; its code leads to where somebody
    may object."""
    lines = tuple(_lines(filled))
    data = {
        "title": filled.form.title,
        "lines": tuple(line for line in lines if line["side"] != "beside"),
        # Beside the code, where there is room: a notice is one sheet.
        "beside": tuple(line["text"] for line in lines if line["side"] == "beside"),
        "qr": _svg(filled.link),
        "poster": poster,
        "made": filled.made,
    }
    return Job("notice", data, kind)


def _lines(filled: Filled) -> Iterator[dict[str, str]]:
    """The text of the form, filled: the same words as in the Word file."""
    for line in filled.form.text.splitlines():
        found = ONLY_IF.match(line)
        if found and not filled.asked[found[1]]:
            continue
        text = line[found.end() :].strip(" ") if found else line
        if f"{{{{ {QR} }}}}" in text:
            yield {"side": "qr", "text": ""}
            continue
        if text.startswith("^"):
            # An address may be parted anywhere: that of an onion is longer than a line.
            address = f"{{{{ {LINK} }}}}" in text
            yield {"side": "beside", "text": "\u200b".join(filled.link) if address else text[1:]}
            continue
        side = "right" if text.startswith(">") else ""
        # Without the marks of the layout (`papers.layout`): of those, a sheet knows the side only.
        said = SAID.sub(lambda name: filled.values[name[1]], text.lstrip("=>^# "))
        yield {"side": side, "text": said.rstrip("　")}


def _svg(link: str) -> str:
    if not link:
        return ""
    written = BytesIO()
    # A quarter of it may be soiled: sheets hang outdoors and pass through many hands.
    segno.make(link, error="q", micro=False).save(written, kind="svg", border=0)
    return written.getvalue().decode()


def _day(value: date) -> str:
    return f"{value:%Y-%m-%d}"


__all__ = ["ballots", "boxes", "notice", "slips_of"]
