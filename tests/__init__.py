"""The stories. aiogram is loaded as the bots load it: that takes 0.6 seconds instead of three, in
each process of the suite."""

from bot.app.deferred_validators import load_aiogram
from bot.app.loading import loading

with loading():
    load_aiogram()
