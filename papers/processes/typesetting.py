"""Papers ready for print, as PDF or PNG: typst sets them, in a process of its own, since it takes
150 MB while it runs."""

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from papers.processes import child_process

WORKER = "papers.processes.typeset_worker"
LONGEST = 30.0
"""Seconds; fifty ballots take a quarter of one."""


class NoFonts(Exception):
    """No Chinese font is on this machine: every character would be an empty box."""


class NotSet(Exception):
    """The process ended or took too long."""


@dataclass(frozen=True)
class Job:
    """`template`: a name in `templates/`. `data`: what it reads, plain JSON. `kind`: pdf | png."""

    template: str
    data: Mapping[str, Any]
    kind: str = "pdf"


async def typeset(jobs: Sequence[Job], fonts: Path | None = None) -> tuple[bytes, ...]:
    """Return a file for each job. `fonts`: the folder in which to look first. Raises NoFonts,
    NotSet."""
    asked = [{"template": j.template, "data": j.data, "kind": j.kind} for j in jobs]
    said = await _ask({"jobs": asked, "fonts": str(fonts) if fonts else ""})
    return tuple(b64decode(one) for one in said["files"])


async def fonts_used(fonts: Path | None = None) -> Mapping[str, str]:
    """Return the font of each purpose. Raises as `typeset`."""
    said = await _ask({"jobs": [], "fonts": str(fonts) if fonts else ""})
    return {purpose: str(families[0]) for purpose, families in said["fonts"].items()}


async def _ask(question: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return read(await child_process.ask(WORKER, json.dumps(question).encode(), LONGEST))
    except TimeoutError:
        raise NotSet("took too long") from None


def read(said: bytes) -> Mapping[str, Any]:
    """Return what the process answered. Raises as `typeset`."""
    try:
        answer: Mapping[str, Any] = json.loads(said)
    except ValueError:
        raise NotSet("ended without an answer") from None
    if answer.get("error") == "fonts":
        raise NoFonts
    if "error" in answer:
        raise NotSet(str(answer["error"]))
    return answer
