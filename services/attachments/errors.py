"""Why a file can't be taken."""

REASONS = (
    "too_big",
    "too_many_pixels",
    "too_many_pages",
    "too_hard",
    "encrypted",
    "scanned_jbig2",
    "not_readable",
    "unknown_kind",
    "heic",
    "recording",
    "old_office",
    "ofd",
    "sheet",
    "plain_text",
)


class Unusable(Exception):
    """`reason`: one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
