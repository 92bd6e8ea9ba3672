"""An organisation's own Word template: a stranger's program until it was looked at. It is read and
filled in a process of its own, which can open nothing, for five seconds of the processor at most.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from papers.filling import Filled
from papers.forms import PaperForm
from papers.processes import child_process

WORKER = "papers.office_templates.template_worker"
LARGEST = 20 * 1024 * 1024
"""Bytes of a template; a messenger gives a bot no larger file."""
LONGEST = 30.0
"""Seconds on the clock, where a machine is busy; of the processor it has five
(`papers.office_templates.template_worker`)."""
REASONS = (
    "too_big", "not_word", "encrypted", "macros", "objects", "links", "bomb", "broken", "program",
    "loop", "unknown", "nothing", "too_hard",
)  # fmt: skip


class Unfit(Exception):
    """A template that isn't taken. `reason`: one of `REASONS`; `names`: what it concerns."""

    def __init__(self, reason: str, names: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.names = reason, names


@dataclass(frozen=True)
class TemplateFields:
    """What a template that fits asks for: `names`, in their order."""

    names: tuple[str, ...]


def file_name(form: PaperForm) -> str:
    """What a template is called when somebody takes it to change it."""
    return f"模板_{form.title}.docx"


async def look(form: PaperForm, content: bytes, longest: float = LONGEST) -> TemplateFields:
    """Look whether a file can take the place of a form's own template. Raises Unfit."""
    # Before a process is started for it.
    if len(content) > LARGEST:
        raise Unfit("too_big")
    said = await _ask({"form": form.id, "fields": list(form.fields)}, content, longest)
    return TemplateFields(tuple(map(str, said["names"])))


async def fill_in(filled: Filled, content: bytes) -> bytes:
    """Return the paper, made by an own template. Raises Unfit."""
    question = {
        "form": filled.form.id,
        "fields": list(filled.form.fields),
        "context": {
            **filled.values,
            "asked": dict(filled.asked),
            "rows": {name: list(map(dict, rows)) for name, rows in filled.rows.items()},
            "made": filled.made,
        },
        "link": filled.link,
    }
    said = await _ask(question, content, LONGEST)
    return b64decode(said["file"])


async def _ask(question: Mapping[str, Any], content: bytes, longest: float) -> Mapping[str, Any]:
    asked = json.dumps({**question, "content": b64encode(content).decode()}).encode()
    try:
        return read(await child_process.ask(WORKER, asked, longest))
    except OSError:
        # Too long (TimeoutError is one), or neither memory nor room for a process: ours, made in
        # this one, may still be printed.
        raise Unfit("too_hard") from None


def read(said: bytes) -> Mapping[str, Any]:
    """Read the process's answer without trusting it. Raises Unfit."""
    try:
        answer = json.loads(said)
        if not isinstance(answer, dict):
            raise TypeError
        reason, names = answer.get("unfit"), tuple(map(str, answer.get("names", ())))
    except (ValueError, TypeError):
        # It ended without a word: out of memory, or killed for its time.
        raise Unfit("too_hard") from None
    if reason is not None:
        # The process may have been taken over by the file: only reasons that we know have words.
        raise Unfit(reason if reason in REASONS else "broken", names)
    return answer
