"""What the web chat has to be told."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from gateway.web.passphrases import Cost


@dataclass(frozen=True)
class WebSettings:
    """`url`: where people open it, without a slash at its end. `host`, `port`: where this process
    listens for the proxy in front of it."""

    url: str
    host: str = "127.0.0.1"
    port: int = 8100
    cost: Cost = field(default_factory=Cost)

    @property
    def secure(self) -> bool:
        """Whether cookies go over an encrypted line alone: always but on this machine."""
        return urlsplit(self.url).scheme == "https"
