"""Files as people send them, made here, with what must not come through."""

from io import BytesIO
from zipfile import ZipFile

from PIL import Image
from pypdf import PdfWriter


def jpeg(width: int = 60, height: int = 40) -> bytes:
    written = BytesIO()
    Image.new("RGB", (width, height), (90, 120, 30)).save(written, "JPEG")
    return written.getvalue()


def encrypted_pdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="RC4-128")
    written = BytesIO()
    writer.write(written)
    return written.getvalue()


def archive_of(**parts: bytes) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written.getvalue()
