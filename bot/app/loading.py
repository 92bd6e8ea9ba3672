"""Loading libraries with the garbage collector at rest."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Pause the garbage collector during imports, and leave what they made out of its later runs.

    Modules, classes and functions stay until the process ends. Looking for garbage among them costs
    a third of a second while the bots' libraries load, more in every full collection, and most of a
    second when the interpreter ends: longer than closing everything.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
