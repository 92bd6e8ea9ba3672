"""Why a file can't be taken."""


class Unusable(Exception):
    """`reason`: too_big | too_many_pixels | too_many_pages | encrypted | not_readable |
    unknown_kind."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
