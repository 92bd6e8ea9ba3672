"""Controls of the messenger itself: clock, faults, record, and the stream of changes."""

import asyncio
from datetime import datetime

from aiohttp import WSMsgType, web

from botapi.methods import METHODS
from messenger.core.faults import ANY, KINDS
from messenger.core.state import STATE, Fault, State
from messenger.people_side.bodies import body_of, bot_named, number, refuse, seconds, text

PULSE = 20.0


async def clock(request: web.Request) -> web.Response:
    """The time here, and the next deadline as far as a bot told it."""
    return _told(request.app[STATE])


async def set_clock(request: web.Request) -> web.Response:
    """Moves it on by `advance`, or to `to`: a moment, or "next" for the next deadline. `next`: what
    a bot says is due next."""
    state, body = request.app[STATE], await body_of(request)
    try:
        if "advance" in body:
            state.clock.advance(text(body, "advance"))
        elif "to" in body:
            to = text(body, "to")
            if to == "next":
                state.clock.move_to_next()
            else:
                state.clock.move_to(datetime.fromisoformat(to))
        elif "next" in body:
            # Null takes the deadline away: nothing is due any more.
            following = text(body, "next") if body["next"] else ""
            state.clock.expect(datetime.fromisoformat(following) if following else None)
        else:
            raise refuse("expected advance, to or next")
    except (ValueError, OverflowError) as error:
        raise refuse(str(error)) from None
    state.touch()
    return _told(state)


def _told(state: State) -> web.Response:
    following = state.clock.next_deadline
    return web.json_response(
        {
            "now": state.clock.now().isoformat(),
            "next": following.isoformat() if following else None,
        }
    )


async def faults(request: web.Request) -> web.Response:
    """What happens to the next `count` calls of a method, or of any method."""
    body = await body_of(request)
    kind, method = text(body, "kind"), text(body, "method", ANY).lower()
    if kind not in KINDS:
        raise refuse(f"kind: expected {', '.join(KINDS[:-1])} or {KINDS[-1]}")
    if method != ANY and method not in METHODS:
        raise refuse("method: expected a method of the Bot API, or *")
    bot, count = bot_named(request, body.get("bot")), number(body, "count", 1)
    if not 1 <= count <= 1000:
        raise refuse("count: expected 1 to 1000")
    bot.faults.append(Fault(method, kind, count, seconds(body, "seconds", 1)))
    return web.json_response({"faults": len(bot.faults)})


async def record(request: web.Request) -> web.Response:
    """Everything a bot was allowed to send, in order."""
    return web.json_response(bot_named(request, request.query.get("bot")).record)


async def events(request: web.Request) -> web.WebSocketResponse:
    """Tells the counter and the clock at every change."""
    state = request.app[STATE]
    socket = web.WebSocketResponse(heartbeat=PULSE)
    await socket.prepare(request)
    reader = asyncio.create_task(_read_until_closed(socket))
    try:
        while not reader.done():
            # Before sending: what changes while that waits has to be told as well.
            seen = state.seq
            await socket.send_json({"seq": seen, "now": state.clock.now().isoformat()})
            # A second at most: a socket that was closed doesn't ring the bell.
            while state.seq == seen and not reader.done():
                await state.wait(1)
    except ConnectionError:
        pass
    finally:
        reader.cancel()
    return socket


async def _read_until_closed(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            return
