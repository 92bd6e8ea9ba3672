"""Every kind of callback data that a button of the staff bot can carry."""

from collections.abc import Sequence

from aiogram.filters.callback_data import CallbackData

import handlers.staff


def callback_types() -> Sequence[type[CallbackData]]:
    room = handlers.staff.__name__
    kinds = CallbackData.__subclasses__()
    return [kind for kind in kinds if kind.__module__.startswith(f"{room}.")]
