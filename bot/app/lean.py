"""Loads libraries without building what isn't used.

aiogram builds the validators of all its types and methods while it is imported: five seconds and a
hundred megabytes, of which two bots use a few. pydantic can build them when they are first used
(`defer_build`, which aiogram sets for its types); only a loop at the end of aiogram's import builds
them all the same. Here that loop puts the names that a type's annotations need beside the type, and
leaves the building to pydantic.
"""

import re
import ssl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from ctypes import CDLL
from typing import Any

from pydantic import BaseModel

NAME = re.compile(r"[A-Za-z_]\w*")


def load_aiogram() -> None:
    """To be called before anything imports aiogram; does nothing afterwards."""
    if "aiogram" not in sys.modules:
        with _building_later():
            import aiogram  # noqa: F401


@contextmanager
def _building_later() -> Iterator[None]:
    original = BaseModel.__dict__["model_rebuild"]

    def later(
        cls: type[BaseModel], /, *, _types_namespace: Mapping[str, Any] | None = None, **more: Any
    ) -> bool | None:
        if _types_namespace is None or not cls.model_config.get("defer_build"):
            built: bool | None = original.__func__(cls, _types_namespace=_types_namespace, **more)
            return built
        _name_what_it_needs(cls, _types_namespace)
        return None

    BaseModel.model_config["defer_build"] = True
    BaseModel.model_rebuild = classmethod(later)  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        del BaseModel.model_config["defer_build"]
        BaseModel.model_rebuild = original  # type: ignore[method-assign]


def _name_what_it_needs(cls: type[BaseModel], names: Mapping[str, Any]) -> None:
    module = vars(sys.modules[cls.__module__])
    for annotation in vars(cls).get("__annotations__", {}).values():
        for name in NAME.findall(annotation if isinstance(annotation, str) else ""):
            if name in names:
                module.setdefault(name, names[name])


@contextmanager
def trusting_nobody() -> Iterator[None]:
    """Inside, the certificates of this machine aren't read for TLS, which takes some time for each
    context: for who only talks to this machine, without TLS. With such a context no other one can
    be reached."""
    original = ssl.create_default_context
    ssl.create_default_context = _trusting_nobody
    try:
        yield
    finally:
        ssl.create_default_context = original


def _trusting_nobody(*_: object, **__: object) -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


MMAP_THRESHOLD, LARGE = -3, 256 * 1024
ARENA_MAX = -8


def share_one_arena() -> None:
    """glibc gives each thread memory of its own to waste; ours mostly wait for a disk. Nothing
    elsewhere."""
    with suppress(AttributeError, OSError):
        CDLL(None).mallopt(ARENA_MAX, 1)


def give_back_large_blocks() -> None:
    """glibc learns to keep large blocks once they were used, per thread: after a few photos a
    process would hold twice what it needs. Told a size, it gives them back. Nothing elsewhere."""
    with suppress(AttributeError, OSError):
        CDLL(None).mallopt(MMAP_THRESHOLD, LARGE)
