"""What a browser sent, read into memory within limits: no byte of it touches a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message

import structlog
from aiohttp import BodyPartReader, MultipartReader, hdrs, web
from aiohttp.http import HttpProcessingError

from handlers.public.web.uploads import STEP, GaveWay, Upload
from services.attachments.formats import LARGEST
from services.intake.intake import MOST_BYTES, MOST_FILES

LONGEST_FIELD = 24_000
"""Bytes: 4,000 characters, each of up to six."""
MOST_FIELDS = 40

log = structlog.get_logger()


class UnreadableForm(Exception):
    """`reason`: form | header | too_much | too_big | too_many_files; `FormData.wrong` has also
    too_slow | busy | crowded."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class FormData:
    """Fields by name, and files without theirs. What was read before a form went wrong is kept, so
    that nobody has to write it again. `attached`: a file was chosen, whatever became of it."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[bytes] = field(default_factory=list)
    attached: bool = False
    wrong: str = ""

    def field(self, name: str) -> str:
        return self.fields.get(name, "")


async def read_form(request: web.Request, upload: Upload) -> FormData:
    """Never raises for what was sent: `wrong` says why it can't be taken."""
    given = FormData()
    try:
        async with upload.moving():
            await _read(request, given, upload)
    except (TimeoutError, GaveWay):
        given.wrong = "crowded" if upload.gave_way else "too_slow"
    except UnreadableForm as problem:
        given.wrong = problem.reason
    except Exception as error:
        # aiohttp has no one kind of error for what it can't read. Its words may quote the form.
        log.info("form_unreadable", error=type(error).__name__)
        given.wrong = "form"
    if given.wrong:
        given.files.clear()
    return given


async def _read(request: web.Request, given: FormData, upload: Upload) -> None:
    if request.content_type != "multipart/form-data":
        raise UnreadableForm("form")
    reader, count = _reader(request), 0
    while (part := await _next(reader)) is not None:
        count += 1
        if isinstance(part, MultipartReader) or count > MOST_FIELDS:
            raise UnreadableForm("form")
        name, chosen = disposition(part.headers)
        if chosen is None:
            content = await _part(part, LONGEST_FIELD, "form", upload)
            if name in given.fields:
                raise UnreadableForm("form")
            given.fields[name] = content.decode("utf-8")
        else:
            given.attached |= chosen
            content = await _part(part, LARGEST, "too_big", upload)
            # A browser sends an empty part without a name where no file was chosen; under a name,
            # it couldn't read the file.
            if content or chosen:
                _keep(given, content)


def _reader(request: web.Request) -> MultipartReader:
    # Of a form, aiohttp reads the disposition of each part itself: it takes a name with `;` in it
    # for a broken header, and warns with the name in its words. Of other parts it reads none.
    _, _, parameters = request.headers[hdrs.CONTENT_TYPE].partition(";")
    return MultipartReader({hdrs.CONTENT_TYPE: f"multipart/mixed;{parameters}"}, request.content)


async def _next(reader: MultipartReader) -> MultipartReader | BodyPartReader | None:
    try:
        return await reader.next()
    except HttpProcessingError:
        raise UnreadableForm("header") from None


def disposition(headers: Mapping[str, str]) -> tuple[str, bool | None]:
    """The name of a part's field, and whether a file was chosen in it, None where it is no field
    for files; what the file is called isn't kept. Raises UnreadableForm."""
    head = Message()
    head[hdrs.CONTENT_DISPOSITION] = headers.get(hdrs.CONTENT_DISPOSITION, "")
    name = head.get_param("name", header=hdrs.CONTENT_DISPOSITION)
    if head.get_content_disposition() != "form-data" or not isinstance(name, str) or not name:
        raise UnreadableForm("header")
    file_name = head.get_param("filename", header=hdrs.CONTENT_DISPOSITION)
    return name, None if file_name is None else bool(file_name)


def _keep(given: FormData, content: bytes) -> None:
    if len(given.files) >= MOST_FILES:
        raise UnreadableForm("too_many_files")
    if sum(map(len, given.files)) + len(content) > MOST_BYTES:
        raise UnreadableForm("too_much")
    given.files.append(content)


async def _part(part: BodyPartReader, most: int, reason: str, upload: Upload) -> bytes:
    content = bytearray()
    while not part.at_eof():
        chunk = await part.read_chunk(STEP)
        upload.brings(len(chunk))
        content += chunk
        if len(content) > most:
            raise UnreadableForm(reason)
    return bytes(content)
