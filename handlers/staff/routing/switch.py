"""Ask only the features that may answer: by what kind of update one has handlers for, and by the
prefix of a pressed button.

aiogram asks router after router, each through its middlewares and all its filters, until one
answers; of forty features one knows the prefix. Worked example, a press "c:ab12:s" (a card):

    errors, membership     have no handler for a press             not asked
    joining                its filter looks at who presses         asked, as it stands before
    help, settings, …      know the prefixes hp, s, …              not asked
    cases                  knows c                                 asked, answers
"""

from collections.abc import Iterable
from typing import Any

from aiogram import Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.dispatcher.event.handler import HandlerObject
from aiogram.filters.callback_data import CallbackQueryFilter
from aiogram.types import CallbackQuery, TelegramObject

PRESS = "callback_query"
Asked = tuple[Router, ...]


class Switch(Router):
    """The features in the order in which they are asked. They are complete when the first update
    comes: what is registered later isn't seen."""

    def __init__(self, features: Iterable[Router]) -> None:
        super().__init__(name="switch")
        self.include_routers(*features)
        self._asked: dict[tuple[str, str], Asked] = {}
        self._prefixes: frozenset[str] | None = None

    async def propagate_event(self, update_type: str, event: TelegramObject, **kwargs: Any) -> Any:
        for router in self._for(update_type, event):
            answer = await router.propagate_event(update_type, event, **kwargs)
            if answer is not UNHANDLED:
                return answer
        return UNHANDLED

    def _for(self, update_type: str, event: TelegramObject) -> Asked:
        prefix = self._prefix(event) if isinstance(event, CallbackQuery) else ""
        found = self._asked.get((update_type, prefix))
        if found is None:
            asked = (one for one in self.sub_routers if _may_answer(one, update_type, prefix))
            found = self._asked[update_type, prefix] = tuple(asked)
        return found

    def _prefix(self, query: CallbackQuery) -> str:
        """The prefix of a press; "" for one that no feature knows, of which there are as many as
        somebody cares to send."""
        if self._prefixes is None:
            # All below it, as a feature may have several routers.
            handlers = (one for router in self.chain_tail for one in router.callback_query.handlers)
            self._prefixes = frozenset(found for one in handlers if (found := _prefix_of(one)))
        prefix, _, _ = (query.data or "").partition(":")
        return prefix if prefix in self._prefixes else ""


def _may_answer(router: Router, update_type: str, prefix: str) -> bool:
    return any(_knows(one, update_type, prefix) for one in router.chain_tail)


def _knows(router: Router, update_type: str, prefix: str) -> bool:
    observer = router.observers.get(update_type)
    if observer is None:
        return True
    if update_type != PRESS:
        return bool(observer.handlers)
    return any(_prefix_of(handler) in (None, prefix) for handler in observer.handlers)


def _prefix_of(handler: HandlerObject) -> str | None:
    """The prefix without which a handler doesn't answer; None where it goes by something else."""
    for one in handler.filters or ():
        if isinstance(one.callback, CallbackQueryFilter):
            kind = one.callback.callback_data
            # Cut at another sign, its prefix would be read wrongly.
            return kind.__prefix__ if kind.__separator__ == ":" else None
    return None
