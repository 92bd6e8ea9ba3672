"""Answers each press once, whoever does it first.

A pressed button shows a clock until its press is answered. A screen answers before it is shown,
an error below it says why in its answer, and aiogram-dialog answers each press of a form once more
when it is done with it; none of them knows of the others, and a second answer is refused.
"""

from collections import OrderedDict
from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import AnswerCallbackQuery, TelegramMethod
from aiogram.methods.base import TelegramType

MOST = 1000
"""Presses that are remembered; all answers to one come while its update is handled."""


class AnswerOnce(BaseRequestMiddleware):
    """Let the first answer to a press through, and none after it. One that the messenger refuses
    came too late: that changes nothing, and nobody is told."""

    def __init__(self) -> None:
        self._answered: OrderedDict[str, bool] = OrderedDict()

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Any:
        press = method.callback_query_id if isinstance(method, AnswerCallbackQuery) else None
        # Empty is an id as well: a hostile update brings it, and its second answer is refused too.
        if press is None:
            return await make_request(bot, method)
        if press not in self._answered:
            self._remember(press)
            try:
                return await make_request(bot, method)
            except TelegramBadRequest:
                return True
            except BaseException:
                # It may not have arrived: handled again, the update answers again.
                self._answered.pop(press, None)
                raise
        return True

    def _remember(self, press: str) -> None:
        self._answered[press] = True
        if len(self._answered) > MOST:
            self._answered.popitem(last=False)
