"""Takes a bot's calls and answers them."""

from typing import Any

from aiohttp import web

from botapi.errors import ApiError
from botapi.methods import method_named
from botapi.requests import parse, read
from messenger.bot_side.call import Call
from messenger.bot_side.methods import ANSWERS
from messenger.core.faults import next_fault, play
from messenger.core.state import STATE, Bot


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
    kind = method_named(name)
    params, files = await read(request)
    # The request is read first: a client that is cut off while sending would report another
    # fault.
    if fault := next_fault(bot, name):
        await play(fault)
    result = await ANSWERS[kind](Call(parse(kind, params), files, request.app[STATE], bot))
    # The call is done before its answer is lost: a bot can't tell that from a lost request.
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
