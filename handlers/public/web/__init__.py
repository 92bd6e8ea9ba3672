"""The second forms: the same report in a web page, which never learns a Telegram id."""

from handlers.public.web.application import build_web
from handlers.public.web.connections import serving

__all__ = ["build_web", "serving"]
