"""What a dialog knows while one update is handled."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from aiogram_dialog import DialogManager

from handlers.staff.common.middleware import Acts
from services.casefile.update_context import UpdateContext
from services.container import Services
from services.people.views import Actor

COMPLAINT = "complaint"


@dataclass(frozen=True)
class Talk:
    """Who is there, what day it is, whom to ask; and what has to be said above the question."""

    manager: DialogManager

    @property
    def _data(self) -> dict[str, Any]:
        return self.manager.middleware_data

    @property
    def services(self) -> Services:
        found: Services = self._data["services"]
        return found

    @property
    def actor(self) -> Actor:
        found: Actor = self._data["actor"]
        return found

    @property
    def act(self) -> Acts:
        found: Acts = self._data["act"]
        return found

    @property
    def update(self) -> UpdateContext:
        found: UpdateContext = self._data["update_context"]
        return found

    @property
    def today(self) -> date:
        found: date = self._data["today"]
        return found

    def complain(self, text: str) -> None:
        """Said above the question, which stays."""
        self._data[COMPLAINT] = text

    @property
    def complaint(self) -> str:
        return str(self._data.get(COMPLAINT, ""))


async def take_over(start_data: Any, manager: DialogManager) -> None:
    """What a dialog is started with becomes its data."""
    manager.dialog_data.update(start_data or {})
    manager.current_context().start_data = None
