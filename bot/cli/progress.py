"""How far a command is that takes longer than two seconds, on the terminal where somebody waits.

    rows:  41%|████▏     | 119400/290000 [00:02<00:03, 54272.2 rows/s]

On standard error, so that what the command says can go on to another program; nothing where no
terminal is, as in a nightly run.
"""

from tqdm import tqdm

from services.core.ports import Told

SHOWN_AFTER = 2
"""Seconds."""


def progress(what: str) -> Told:
    """Return who hears how far `what` is, and shows it, with the time that is left where the total
    is known."""
    bar = tqdm(desc=what, unit=" rows", delay=SHOWN_AFTER, disable=None)

    async def told(done: int, total: int) -> None:
        bar.total = total or None
        bar.update(done - bar.n)
        if total and done == total:
            bar.close()

    return told
