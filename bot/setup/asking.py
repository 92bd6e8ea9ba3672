"""Asks whoever sets an installation up, one line at a time."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from getpass import getpass

from bot.setup import setup_texts as texts
from bot.setup.files import quoted


class Stopped(Exception):
    """Whoever answers has gone away."""


class Wrong(Exception):
    """An answer that can't be; says what is expected."""


class Terminal:
    """Asks one line at a time."""

    def say(self, text: str) -> None:
        print(text, flush=True)  # noqa: T201

    def ask(self, text: str, default: str = "", *, secret: bool = False) -> str:
        """Raises Stopped."""
        asked = f"{text}\n{f'[{default}] ' if default else ''}> "
        try:
            if secret and sys.stdin.isatty():
                return getpass(asked).strip() or default
            return input(asked).strip() or default
        except (EOFError, KeyboardInterrupt):
            raise Stopped from None

    def asked(
        self,
        text: str,
        check: Callable[[str], str],
        default: str = "",
        *,
        secret: bool = False,
    ) -> str:
        """Ask until an answer passes. Raises Stopped."""
        while True:
            try:
                answer = check(self.ask(text, default, secret=secret))
                quoted(answer)
            except Wrong as wrong:
                self.say(str(wrong))
            except ValueError:
                self.say(texts.unwritable())
            else:
                return answer


def something(answer: str) -> str:
    """Raises Wrong for nothing."""
    if not answer:
        raise Wrong(texts.needed())
    return answer


def an_address(answer: str) -> str:
    """Raises Wrong."""
    if not answer.startswith(("http://", "https://")):
        raise Wrong(texts.not_an_address())
    return answer.rstrip("/")


@contextmanager
def said_to_remain(remains: list[str], said: str) -> Iterator[None]:
    """What is wrong with an answer that stands is told at the end, not asked again."""
    try:
        yield
    except Wrong:
        remains.append(said)
