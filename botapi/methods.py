"""The methods of the Bot API that our servers answer, with the parameters that they read.

What else a bot may send along is passed over. `tests/messenger/test_shapes.py` holds each of these
against the library's own type, so that a name or a kind can't drift from the API.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from botapi.errors import ApiError


class Parameters(BaseModel):
    """What a bot sends along, read once and never changed."""

    model_config = ConfigDict(frozen=True)

    def told(self) -> dict[str, Any]:
        """As JSON, without what isn't there."""
        return self.model_dump(mode="json", exclude_none=True)


# What stands below a message


class CopyTextButton(Parameters):
    text: str


class WebAppInfo(Parameters):
    url: str


class InlineKeyboardButton(Parameters):
    text: str
    url: str | None = None
    callback_data: str | None = None
    web_app: WebAppInfo | None = None
    copy_text: CopyTextButton | None = None


class InlineKeyboardMarkup(Parameters):
    inline_keyboard: list[list[InlineKeyboardButton]]


class KeyboardButton(Parameters):
    text: str


class ReplyKeyboardMarkup(Parameters):
    keyboard: list[list[KeyboardButton]]


class ReplyKeyboardRemove(Parameters):
    remove_keyboard: Literal[True]


class ForceReply(Parameters):
    force_reply: Literal[True]


Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | ForceReply


class ReplyParameters(Parameters):
    message_id: int
    allow_sending_without_reply: bool | None = None


class InputMedia(Parameters):
    type: Literal["animation", "audio", "document", "photo", "video"]
    media: str
    caption: str | None = None
    parse_mode: str | None = None


# What a bot says of itself


class BotCommand(Parameters):
    command: str
    description: str


class ScopeOfAll(Parameters):
    type: Literal["default", "all_private_chats", "all_group_chats", "all_chat_administrators"]


class ScopeOfChat(Parameters):
    type: Literal["chat", "chat_administrators"]
    chat_id: int | str


class ScopeOfMember(Parameters):
    type: Literal["chat_member"]
    chat_id: int | str
    user_id: int


Scope = ScopeOfAll | ScopeOfChat | ScopeOfMember


class MenuButton(Parameters):
    type: Literal["commands", "default"]


class MenuButtonWebApp(Parameters):
    type: Literal["web_app"]
    text: str
    web_app: WebAppInfo


# The methods


class Method(Parameters):
    """Each class carries the name of its method."""


class GetMe(Method):
    pass


class GetUpdates(Method):
    offset: int | None = None
    limit: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


class SetWebhook(Method):
    url: str
    max_connections: int | None = None
    allowed_updates: list[str] | None = None
    drop_pending_updates: bool | None = None
    secret_token: str | None = None


class DeleteWebhook(Method):
    drop_pending_updates: bool | None = None


class GetWebhookInfo(Method):
    pass


class Sending(Method):
    chat_id: int | str
    parse_mode: str | None = None
    protect_content: bool | None = None
    reply_parameters: ReplyParameters | None = None
    reply_markup: Markup | None = None


class SendMessage(Sending):
    text: str


class SendPhoto(Sending):
    photo: str
    caption: str | None = None


class SendDocument(Sending):
    document: str
    caption: str | None = None


class SendChatAction(Method):
    chat_id: int | str
    action: str


class GetChat(Method):
    chat_id: int | str


class GetFile(Method):
    file_id: str


class Editing(Method):
    chat_id: int | str | None = None
    message_id: int | None = None
    reply_markup: InlineKeyboardMarkup | None = None


class EditMessageText(Editing):
    text: str | None = None
    parse_mode: str | None = None


class EditMessageCaption(Editing):
    caption: str | None = None
    parse_mode: str | None = None


class EditMessageReplyMarkup(Editing):
    pass


class EditMessageMedia(Editing):
    media: InputMedia


class DeleteMessage(Method):
    chat_id: int | str
    message_id: int


class DeleteMessages(Method):
    chat_id: int | str
    message_ids: list[int]


class AnswerCallbackQuery(Method):
    callback_query_id: str
    text: str | None = None
    show_alert: bool | None = None


class OfLanguage(Method):
    language_code: str | None = None


class SetMyCommands(OfLanguage):
    commands: list[BotCommand]
    scope: Scope | None = None


class GetMyCommands(OfLanguage):
    scope: Scope | None = None


class DeleteMyCommands(OfLanguage):
    scope: Scope | None = None


class SetMyName(OfLanguage):
    name: str | None = None


class GetMyName(OfLanguage):
    pass


class SetMyDescription(OfLanguage):
    description: str | None = None


class GetMyDescription(OfLanguage):
    pass


class SetMyShortDescription(OfLanguage):
    short_description: str | None = None


class GetMyShortDescription(OfLanguage):
    pass


class SetChatMenuButton(Method):
    chat_id: int | None = None
    menu_button: MenuButton | MenuButtonWebApp | None = None


class GetChatMenuButton(Method):
    chat_id: int | None = None


class LogOut(Method):
    pass


class Close(Method):
    pass


Kind = type[Method]

ANSWERED: tuple[Kind, ...] = (
    GetMe,
    GetUpdates,
    SetWebhook,
    DeleteWebhook,
    GetWebhookInfo,
    SendMessage,
    SendPhoto,
    SendDocument,
    SendChatAction,
    GetChat,
    GetFile,
    EditMessageText,
    EditMessageCaption,
    EditMessageReplyMarkup,
    EditMessageMedia,
    DeleteMessage,
    DeleteMessages,
    AnswerCallbackQuery,
    SetMyCommands,
    GetMyCommands,
    DeleteMyCommands,
    SetMyName,
    GetMyName,
    SetMyDescription,
    GetMyDescription,
    SetMyShortDescription,
    GetMyShortDescription,
    SetChatMenuButton,
    GetChatMenuButton,
    LogOut,
    Close,
)
METHODS: dict[str, Kind] = {kind.__name__.lower(): kind for kind in ANSWERED}


def method_named(name: str) -> Kind:
    """Case doesn't matter, as at Telegram. Raises ApiError 404."""
    kind = METHODS.get(name.lower())
    if kind is None:
        raise ApiError(404, "Not Found: method not found")
    return kind
