"""What the process has loaded from which those of the tests are forked."""

from bot.app.deferred_validators import load_aiogram

load_aiogram()

from aiogram.methods import AnswerCallbackQuery, EditMessageText, GetUpdates, SendMessage  # noqa: E402
from aiogram.types import Update  # noqa: E402
from sqlalchemy.orm import configure_mappers  # noqa: E402

import bot.cli.backup  # noqa: E402
import bot.cli.doctor  # noqa: E402
import bot.cli.install  # noqa: E402
import bot.cli.keys_command  # noqa: E402
import bot.cli.rules_command  # noqa: E402
import bot.processes.public  # noqa: E402
import bot.processes.staff  # noqa: E402, F401
from services.container import procedure_of  # noqa: E402

# What every process of ours makes of its libraries and its own files when it first needs it: most
# are ended before they have done as much work.
procedure_of()
configure_mappers()
for kind in (Update, GetUpdates, SendMessage, EditMessageText, AnswerCallbackQuery):
    kind.model_rebuild()
