"""`python -m bot`: the same as `yinlu`."""

import gc
import signal
import sys


def main() -> None:
    """The collector rests while the libraries are loaded: nothing of them is garbage."""
    gc.disable()
    try:
        from bot.cli.commands import main as begin

        begin()
    except KeyboardInterrupt:
        # Before there was a loop to hear of it.
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
