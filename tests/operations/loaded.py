"""What the process has loaded from which those of the tests are forked."""

from bot.app.deferred_validators import load_aiogram

load_aiogram()

import bot.cli.backup  # noqa: E402
import bot.cli.doctor  # noqa: E402
import bot.cli.install  # noqa: E402
import bot.cli.keys_command  # noqa: E402
import bot.cli.rules_command  # noqa: E402
import bot.processes.public  # noqa: E402
import bot.processes.staff  # noqa: E402, F401
