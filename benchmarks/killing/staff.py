"""What the nursery loads and forks for our own bot: the same as `python -m bot staff`."""

from bot.app.deferred_validators import load_aiogram

load_aiogram()

import bot.processes.staff  # noqa: E402, F401
from bot.commands import main as command_line  # noqa: E402
from services.container import procedure_of  # noqa: E402
from services.core.failpoints import VARIABLE, arm  # noqa: E402

# Read once, as the libraries are.
procedure_of()


def main(environment: dict[str, str]) -> None:
    arm(environment.get(VARIABLE, ""))
    command_line(["staff"])
