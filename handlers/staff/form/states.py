"""Where a conversation about a step can stand."""

from aiogram.fsm.state import State, StatesGroup


class Filling(StatesGroup):
    reason = State()
    asking = State()
    summary = State()
