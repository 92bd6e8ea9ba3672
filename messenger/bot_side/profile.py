"""What a bot says of itself: name, descriptions, commands and the button beside the text field."""

import json
import re
from typing import Any

from botapi import methods, wire
from botapi.errors import bad
from messenger.bot_side.call import Call
from messenger.core.state import EVERYWHERE

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
MOST_COMMANDS, LONGEST_ABOUT = 100, 256


async def get_me(call: Call[methods.GetMe]) -> Any:
    return wire.bot_user(call.bot)


def _scope(asked: Any) -> str:
    return json.dumps(asked.scope.told(), sort_keys=True) if asked.scope else EVERYWHERE


async def set_commands(call: Call[methods.SetMyCommands]) -> Any:
    commands = [one.told() for one in call.asked.commands]
    if len(commands) > MOST_COMMANDS:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        if not COMMAND.fullmatch(one["command"].removeprefix("/")):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(one["description"]) <= LONGEST_ABOUT:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    call.bot.commands[_scope(call.asked), call.asked.language_code or ""] = commands
    call.state.touch()
    return True


async def get_commands(call: Call[methods.GetMyCommands]) -> Any:
    return call.bot.commands.get((_scope(call.asked), call.asked.language_code or ""), [])


async def delete_commands(call: Call[methods.DeleteMyCommands]) -> Any:
    call.bot.commands.pop((_scope(call.asked), call.asked.language_code or ""), None)
    call.state.touch()
    return True


def _set(call: Call[Any], what: str, longest: int, text: str | None) -> bool:
    if len(text or "") > longest:
        raise bad(f"bot {what.replace('_', ' ')} is too long")
    call.bot.profile[what, call.asked.language_code or ""] = text or ""
    call.state.touch()
    return True


def _get(call: Call[Any], what: str) -> dict[str, str]:
    return {what: call.bot.about(what, call.asked.language_code or "")}


async def set_name(call: Call[methods.SetMyName]) -> Any:
    return _set(call, "name", 64, call.asked.name)


async def get_name(call: Call[methods.GetMyName]) -> Any:
    # A bot always has a name: emptied, it goes back to the one it was made with.
    return {"name": _get(call, "name")["name"] or call.bot.title}


async def set_description(call: Call[methods.SetMyDescription]) -> Any:
    return _set(call, "description", 512, call.asked.description)


async def get_description(call: Call[methods.GetMyDescription]) -> Any:
    return _get(call, "description")


async def set_short(call: Call[methods.SetMyShortDescription]) -> Any:
    return _set(call, "short_description", 120, call.asked.short_description)


async def get_short(call: Call[methods.GetMyShortDescription]) -> Any:
    return _get(call, "short_description")


async def set_menu_button(call: Call[methods.SetChatMenuButton]) -> Any:
    asked = call.asked.menu_button
    call.bot.menu_button = asked.told() if asked else {"type": "default"}
    call.state.touch()
    return True


async def get_menu_button(call: Call[methods.GetChatMenuButton]) -> Any:
    return call.bot.menu_button
