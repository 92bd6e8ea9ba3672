"""Files: brought up as a picture or as any file, fetched as a part of the message they came in."""

from aiohttp import FormData

from gateway.feishu.answers import not_of_time
from gateway.feishu.api import Api
from gateway.platform import Content, Refused

LARGEST = 20 * 1024 * 1024
"""Feishu takes 30 MB; what comes has to be small enough for the staff bot."""
LARGEST_PICTURE = 10 * 1024 * 1024
PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
OTHER = "application/octet-stream"


async def bring_up(api: Api, kind: str, name: str, content_type: str, content: bytes) -> Content:
    """As `Platform.store`. A picture that is too large for one goes as a file."""
    if not content:
        raise Refused("the file is empty")
    shown = kind == "photo" and content_type in PICTURES and len(content) <= LARGEST_PICTURE
    as_kind, path = ("image", "/im/v1/images") if shown else ("file", "/im/v1/files")

    def form() -> FormData:
        made = FormData(quote_fields=False)
        if shown:
            made.add_field("image_type", "message")
        else:
            made.add_field("file_type", "stream")
            made.add_field("file_name", name)
        # Its name stands in a field: Chinese in this place isn't read everywhere.
        made.add_field(as_kind, content, filename="file", content_type=content_type or OTHER)
        return made

    with not_of_time():
        key = (await api.call("POST", path, form=form)).get(f"{as_kind}_key")
    if not isinstance(key, str) or not key:
        raise Refused("no key")
    return Content(kind, name, content_type, len(content), {"key": key, "type": as_kind})


async def fetch(api: Api, content: Content) -> bytes:
    """Raises Refused where it is gone or too large, and as Api.call."""
    kind, key = content.ref["type"], content.ref["key"]
    with not_of_time():
        if message := content.ref.get("message"):
            return await api.fetch(f"/im/v1/messages/{message}/resources/{key}", LARGEST, type=kind)
        return await api.fetch(f"/im/v1/{kind}s/{key}", LARGEST)
