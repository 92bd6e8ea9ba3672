"""Why a file can't be taken."""

REASONS = (
    "empty",
    "too_big",
    "too_many_pixels",
    "too_long",
    "too_many_pages",
    "too_hard",
    "encrypted",
    "scanned_jbig2",
    "not_readable",
    "heic",
    "raw_photo",
    "moving",
    "audio",
    "other_recording",
    "video",
    "old_word",
    "wps",
    "rtf",
    "open_document",
    "ofd",
    "sheet",
    "slides",
    "packed",
    "plain_text",
    "unknown_kind",
)


class Unusable(Exception):
    """`reason`: one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
