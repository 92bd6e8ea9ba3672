"""`python -m bot`: the same as `yinlu`."""

import signal
import sys


def main() -> None:
    from bot.app.loading import loading

    try:
        with loading():
            from bot.commands import main as begin
        begin()
    except KeyboardInterrupt:
        # Before there was a loop to hear of it.
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
