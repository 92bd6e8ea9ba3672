"""Which function answers which method of the Bot API."""

from collections.abc import Awaitable, Callable
from typing import Any

from botapi import methods as api
from botapi.methods import Kind
from messenger.bot_side import changing, profile, queue, sending
from messenger.bot_side.call import Call

Answer = Callable[[Call[Any]], Awaitable[Any]]


async def accept(call: Call[Any]) -> Any:
    """Closes nothing: there is one server, and it is here."""
    return True


ANSWERS: dict[Kind, Answer] = {
    api.GetMe: profile.get_me,
    api.GetUpdates: queue.get_updates,
    api.SetWebhook: queue.set_webhook,
    api.DeleteWebhook: queue.delete_webhook,
    api.GetWebhookInfo: queue.get_webhook_info,
    api.SendMessage: sending.send_message,
    api.SendPhoto: sending.send_photo,
    api.SendDocument: sending.send_document,
    api.SendChatAction: sending.send_chat_action,
    api.GetChat: sending.get_chat,
    api.GetFile: sending.get_file,
    api.EditMessageText: changing.edit_text,
    api.EditMessageCaption: changing.edit_caption,
    api.EditMessageReplyMarkup: changing.edit_markup,
    api.EditMessageMedia: changing.edit_media,
    api.DeleteMessage: changing.delete_message,
    api.DeleteMessages: changing.delete_messages,
    api.AnswerCallbackQuery: changing.answer_press,
    api.SetMyCommands: profile.set_commands,
    api.GetMyCommands: profile.get_commands,
    api.DeleteMyCommands: profile.delete_commands,
    api.SetMyName: profile.set_name,
    api.GetMyName: profile.get_name,
    api.SetMyDescription: profile.set_description,
    api.GetMyDescription: profile.get_description,
    api.SetMyShortDescription: profile.set_short,
    api.GetMyShortDescription: profile.get_short,
    api.SetChatMenuButton: profile.set_menu_button,
    api.GetChatMenuButton: profile.get_menu_button,
    api.LogOut: accept,
    api.Close: accept,
}
