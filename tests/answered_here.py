"""What the program asks a process of its own, answered in this one: to start one takes up to two
seconds of the processor, for each photo, paper and sheet of a story. Tests marked `own_process`
tell of the processes."""

from importlib import import_module

import pytest

from papers.processes import child_process
from services.attachments.formats import CleanFile, clean, clean_sound
from services.attachments.kinds import Content
from services.attachments.process import AttachmentCleaner


async def ask(module: str, question: bytes, _longest: float) -> bytes:
    said: str = import_module(module).reply(question)
    return said.encode()


async def clean_here(
    _cleaner: AttachmentCleaner, content: Content, *, recording: bool = False
) -> CleanFile:
    return (clean_sound if recording else clean)(content)


def answer_here(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(child_process, "ask", ask)
    patch.setattr(AttachmentCleaner, "clean_here", clean_here)
