"""The side that bots talk to: /bot<token>/<method> and /file/bot<token>/<path>."""

from typing import Any

from aiohttp import web

from messenger.errors import ApiError
from messenger.faults import next_fault, play
from messenger.methods import METHODS
from messenger.requests import Call, parse, read
from messenger.state import Bot, State

STATE: web.AppKey[State] = web.AppKey("state", State)


def bot_of(request: web.Request) -> Bot:
    token = request.match_info["token"]
    for bot in request.app[STATE].bots.values():
        if bot.token == token:
            return bot
    raise ApiError(401, "Unauthorized")


async def handle(request: web.Request) -> web.StreamResponse:
    """One call of a bot, answered as Telegram answers, faults included."""
    try:
        return web.json_response({"ok": True, "result": await _run(request)})
    except ApiError as error:
        return web.json_response(error.body(), status=error.code)


async def _run(request: web.Request) -> Any:
    bot, name = bot_of(request), request.match_info["method"].lower()
    if name not in METHODS:
        raise ApiError(404, "Not Found: method not found")
    kind, answer = METHODS[name]
    params, files = await read(request)
    if fault := next_fault(bot, name):
        await play(fault)
    result = await answer(Call(request.app[STATE], bot, parse(kind, params), files))
    if fault and fault.kind == "lost_answer" and request.transport is not None:
        request.transport.abort()
    return result


async def download(request: web.Request) -> web.Response:
    try:
        media = request.app[STATE].file_of(bot_of(request), request.match_info["path"])
        if media is None:
            raise ApiError(404, "Not Found: file not found")
    except ApiError as error:
        return web.json_response(error.body(), status=error.code)
    return web.Response(body=media.content, content_type="application/octet-stream")
