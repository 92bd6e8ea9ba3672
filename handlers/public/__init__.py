"""The public bot: it knows nobody. `build` is its one entrance for `bot`."""

from handlers.public.chat.application import build

__all__ = ["build"]
