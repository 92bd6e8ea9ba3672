"""The methods of the Bot API that our servers answer, by the name that stands in the address."""

from typing import Any

from aiogram import methods as api
from aiogram.methods.base import TelegramMethod

from botapi.errors import ApiError

Kind = type[TelegramMethod[Any]]

ANSWERED: tuple[Kind, ...] = (
    api.GetMe,
    api.GetUpdates,
    api.SetWebhook,
    api.DeleteWebhook,
    api.GetWebhookInfo,
    api.SendMessage,
    api.SendPhoto,
    api.SendDocument,
    api.SendChatAction,
    api.GetChat,
    api.GetFile,
    api.EditMessageText,
    api.EditMessageCaption,
    api.EditMessageReplyMarkup,
    api.EditMessageMedia,
    api.DeleteMessage,
    api.DeleteMessages,
    api.AnswerCallbackQuery,
    api.SetMyCommands,
    api.GetMyCommands,
    api.DeleteMyCommands,
    api.SetMyName,
    api.GetMyName,
    api.SetMyDescription,
    api.GetMyDescription,
    api.SetMyShortDescription,
    api.GetMyShortDescription,
    api.SetChatMenuButton,
    api.GetChatMenuButton,
    api.LogOut,
    api.Close,
)
METHODS: dict[str, Kind] = {kind.__api_method__.lower(): kind for kind in ANSWERED}


def method_named(name: str) -> Kind:
    """Case doesn't matter, as at Telegram. Raises ApiError 404."""
    kind = METHODS.get(name.lower())
    if kind is None:
        raise ApiError(404, "Not Found: method not found")
    return kind
