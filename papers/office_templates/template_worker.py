"""The process that reads and fills a stranger's Word template: a question in JSON comes in, an
answer in JSON goes out.

Before it looks at the file it gives up what it can: to open a file or a connection, to start a
process, to take more than its memory and time. What may stand in a template is a list, not a
sandbox alone: fields, conditions on fields, and one loop over a list of ours. Everything that
docxtpl hands to jinja2, headers, notes and properties among it, passes `Allowed`.
"""

import json
import resource
import sys
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any

from docx.oxml import parse_xml
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import TemplateSyntaxError
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.sandbox import SandboxedEnvironment

from papers.forms import QR
from papers.word import TEMPLATES, qr

MEMORY = 512 * 1024 * 1024
SECONDS = 5
"""Of the processor, after what it takes to begin."""
MOST_PARTS, MOST_BYTES = 2000, 100 * 1024 * 1024
"""Of what is packed in a file, unpacked."""
OLD_WORD = b"\xd0\xcf\x11\xe0"
"""Begins a .doc, and a .docx under a password."""
OBJECTS = ("activex", "embeddings/", "vbadata")
ENDS = frozenset({"endif", "else", "endfor"})
ROWS, ITEM, ASKED, MADE = "rows", "item", "asked", "made"
LISTS = frozenset({"steps", "papers"})
COLUMNS = frozenset({"number", "step", "day", "body", "source", "title", "kept"})


class Unfit(Exception):
    def __init__(self, reason: str, names: Iterable[str] = ()) -> None:
        super().__init__(reason)
        self.reason, self.names = reason, tuple(dict.fromkeys(names))


class Allowed(Extension):
    """Reads every tag before jinja2 does, and refuses all but the few that a form needs."""

    fields: frozenset[str]
    names: list[str]
    unknown: list[str]

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        tokens = list(stream)
        depth = 0
        for kind, words in _tags(tokens):
            if kind == "variable":
                self._field(words)
            elif words[:1] == ["for"]:
                depth += 1
                if depth > 1 or not _is_our_loop(words):
                    raise Unfit("loop", [" ".join(words)])
            elif words[:1] == ["endfor"]:
                depth -= 1
            else:
                self._condition(words)
        return iter(tokens)

    def _field(self, words: list[str]) -> None:
        if len(words) == 1 and words[0].isidentifier() and not words[0].startswith("_"):
            self._note(words[0])
        elif len(words) == 3 and words[:2] == [ITEM, "."]:
            if words[2] not in COLUMNS:
                raise Unfit(
                    "program" if words[2].startswith("_") else "unknown",
                    [".".join((ITEM, words[2]))],
                )
        else:
            raise Unfit("program", ["".join(words)])

    def _condition(self, words: list[str]) -> None:
        if len(words) == 1 and words[0] in ENDS:
            return
        rest = words[2:] if words[1:2] == ["not"] else words[1:]
        if words[:1] not in (["if"], ["elif"]):
            raise Unfit("program", [" ".join(words)])
        if len(rest) == 3 and rest[:2] == [ASKED, "."]:
            rest = rest[2:]
        self._field(rest)

    def _note(self, name: str) -> None:
        known = self.fields | {QR, MADE}
        (self.names if name in known else self.unknown).append(name)


def _tags(tokens: Iterable[Token]) -> Iterator[tuple[str, list[str]]]:
    kind, words = "", list[str]()
    for token in tokens:
        if token.type in ("variable_begin", "block_begin"):
            kind, words = token.type.removesuffix("_begin"), []
        elif token.type in ("variable_end", "block_end"):
            yield kind, words
            kind = ""
        elif kind:
            words.append("." if token.type == "dot" else str(token.value))


def _is_our_loop(words: list[str]) -> bool:
    return words[:5] == ["for", ITEM, "in", ROWS, "."] and len(words) == 6 and words[5] in LISTS


def environment(fields: Iterable[str]) -> tuple[SandboxedEnvironment, Allowed]:
    made = SandboxedEnvironment(autoescape=True, extensions=[Allowed])
    (allowed,) = (one for one in made.extensions.values() if isinstance(one, Allowed))
    allowed.fields, allowed.names, allowed.unknown = frozenset(fields), [], []
    return made, allowed


def looked_into(content: bytes) -> None:
    """Look at the file as an archive, before anything of it is unpacked. Raises Unfit."""
    if content.startswith(OLD_WORD):
        raise Unfit("encrypted")
    try:
        archive = zipfile.ZipFile(BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Unfit("not_word") from None
    infos = archive.infolist()
    names = [info.filename.lower() for info in infos]
    # By what the archive says of itself, before anything of it is unpacked.
    if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > MOST_BYTES:
        raise Unfit("bomb")
    if any(info.flag_bits & 1 for info in infos):
        raise Unfit("encrypted")
    if "word/document.xml" not in names or "[content_types].xml" not in names:
        raise Unfit("not_word")
    kinds = archive.read("[Content_Types].xml")
    if b"macroEnabled" in kinds or any("vbaproject" in name for name in names):
        raise Unfit("macros")
    if any(word in name for name in names for word in OBJECTS):
        raise Unfit("objects")
    rels = (info for info in infos if info.filename.endswith(".rels"))
    # A picture or template fetched when the paper is opened would tell somebody outside of it.
    if any(_leads_out(archive.read(info)) for info in rels):
        raise Unfit("links")


def _leads_out(rels: bytes) -> bool:
    """Whether a part fetches something from elsewhere when the paper is opened."""
    return any(one.get("TargetMode") == "External" for one in parse_xml(rels))


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """Look at a template, and fill it where the question has a `context`. Raises Unfit."""
    content = b64decode(question["content"])
    looked_into(content)
    made, allowed = environment(question["fields"])
    template = DocxTemplate(BytesIO(content))
    given = question.get("context")
    context: dict[str, Any] = dict(given) if given else _sample(question["fields"])
    link = question.get("link") or ("" if given else "https://example.org")
    if link:
        context[QR] = InlineImage(template, BytesIO(qr(link)), width=Mm(30))
    template.render(context, made, autoescape=True)
    if allowed.unknown:
        raise Unfit("unknown", allowed.unknown)
    if not allowed.names:
        raise Unfit("nothing")
    written = BytesIO()
    template.save(written)
    if given is None:
        return {"names": list(dict.fromkeys(allowed.names))}
    return {"file": b64encode(written.getvalue()).decode()}


def _sample(fields: Iterable[str]) -> dict[str, Any]:
    row = dict.fromkeys(COLUMNS, "一")
    names = dict.fromkeys(fields, "一")
    rows = {name: [row] for name in LISTS}
    return {**names, ASKED: dict.fromkeys(names, True), ROWS: rows, MADE: "一"}


def said_to(question: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a question in words of ours, whatever the file does to its parser."""
    try:
        return answer(question)
    except Unfit as problem:
        return {"unfit": problem.reason, "names": list(problem.names)[:20]}
    except TemplateSyntaxError as problem:
        return {"unfit": "program", "names": [str(problem.message)[:80]]}
    except MemoryError:
        return {"unfit": "too_hard"}
    except Exception:
        # Whoever writes the file chooses what its parser stumbles over; the answer is the same.
        return {"unfit": "broken"}


def give_up() -> None:
    """Give up files, connections, processes and memory for good."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    # On top of what loading took: the limit counts from the beginning of the process.
    seconds = int(used.ru_utime + used.ru_stime) + SECONDS
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def load() -> None:
    """Fill a template of ours, so that all is imported that another will need."""
    ours = (TEMPLATES / "notice.docx").read_bytes()
    looked_into(ours)
    # Text in quotes is decoded by a codec, and an error is told by a module, that are loaded when
    # they are first used.
    SandboxedEnvironment().from_string("{{ 'x' }}")
    with suppress(TemplateSyntaxError):
        SandboxedEnvironment().from_string("{% if x %}")
    made, _ = environment(())
    template = DocxTemplate(BytesIO(ours))
    picture = InlineImage(template, BytesIO(qr("x")), width=Mm(30))
    template.render({"asked": {"link": True}, QR: picture}, made, autoescape=True)
    template.save(BytesIO())


def reply(question: bytes) -> str:
    return json.dumps(said_to(json.loads(question)))


def main() -> None:
    question = sys.stdin.buffer.read()
    load()
    give_up()
    sys.stdout.write(reply(question))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
