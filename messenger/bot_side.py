"""The side that bots talk to: /bot<token>/<method> and /file/bot<token>/<path>."""

import asyncio
import time
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from messenger.methods import METHODS
from messenger.requests import ApiError, Call, bad, read
from messenger.state import Bot, State

STATE: web.AppKey[State] = web.AppKey("state", State)
HOOKS: web.AppKey[list[asyncio.Task[None]]] = web.AppKey("hooks", list)
BATCH = 100


def bot_of(request: web.Request) -> Bot:
    token = request.match_info["token"]
    for bot in request.app[STATE].bots.values():
        if bot.token == token:
            return bot
    raise ApiError(401, "Unauthorized")


async def handle(request: web.Request) -> web.StreamResponse:
    """One call of a bot, answered as Telegram answers, faults included."""
    state = request.app[STATE]
    try:
        bot = bot_of(request)
        call = await read(request)
        fault = await _fault(bot, call.method)
        result = await _run(state, bot, call, request)
        if fault == "lost_answer" and request.transport is not None:
            request.transport.close()
        return web.json_response({"ok": True, "result": result})
    except ApiError as error:
        body: dict[str, Any] = {
            "ok": False,
            "error_code": error.code,
            "description": error.description,
        }
        if error.parameters:
            body["parameters"] = error.parameters
        return web.json_response(body, status=error.code)


async def _run(state: State, bot: Bot, call: Call, request: web.Request) -> Any:
    if call.method == "getupdates":
        return await get_updates(state, bot, call)
    if call.method == "setwebhook":
        return await set_webhook(state, bot, call, request.app[HOOKS])
    if call.method == "deletewebhook":
        bot.webhook = {}
        return True
    if call.method == "getwebhookinfo":
        return {
            "url": bot.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(bot.updates),
        }
    method = METHODS.get(call.method)
    if method is None:
        raise ApiError(404, "Not Found: method not found")
    return await method(state, bot, call)


async def _fault(bot: Bot, method: str) -> str | None:
    """Plays a fault that a person or a test asked for. Raises ApiError where it says so."""
    found = next((f for f in bot.faults if f["method"].lower() in (method, "*")), None)
    if found is None:
        return None
    found["count"] -= 1
    if found["count"] <= 0:
        bot.faults.remove(found)
    kind, seconds = found["kind"], found.get("seconds", 1)
    if kind == "delay":
        await asyncio.sleep(seconds)
    elif kind == "rate_limit":
        wait = int(seconds)
        raise ApiError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
    elif kind == "server_error":
        raise ApiError(502, "Bad Gateway")
    return str(kind)


async def get_updates(state: State, bot: Bot, call: Call) -> list[dict[str, Any]]:
    """Long polling. What lies before `offset` is confirmed; the rest is given again and again."""
    if bot.webhook:
        raise ApiError(
            409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook"
        )
    bot.poll += 1
    mine = bot.poll
    await state.touch()
    offset, limit = int(call.params.get("offset") or 0), int(call.params.get("limit") or BATCH)
    allowed = call.params.get("allowed_updates") or ()
    until = time.monotonic() + float(call.params.get("timeout") or 0)
    while bot.updates and bot.updates[0]["update_id"] < offset:
        bot.updates.popleft()
    await state.touch()
    while True:
        if bot.poll != mine:
            raise ApiError(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot "
                "instance is running",
            )
        found = [u for u in bot.updates if not allowed or set(allowed) & u.keys()]
        left = until - time.monotonic()
        if found or left <= 0:
            return found[: max(1, min(limit, BATCH))]
        await state.wait(left)


async def set_webhook(state: State, bot: Bot, call: Call, hooks: list[asyncio.Task[None]]) -> bool:
    url = call.text("url")
    if not url.startswith(("http://127.0.0.1", "http://localhost")):
        raise bad("bad webhook: only addresses of this machine are called")
    bot.webhook = {"url": url, "secret": call.text("secret_token"), "since": state.next_id()}
    task = asyncio.create_task(_deliver(state, bot, bot.webhook["since"]))
    hooks.append(task)
    task.add_done_callback(hooks.remove)
    return True


async def _deliver(state: State, bot: Bot, since: int) -> None:
    """Calls the webhook with each update in order, again until it answers 200."""
    async with ClientSession(timeout=ClientTimeout(total=10)) as session:
        while bot.webhook.get("since") == since:
            if not bot.updates:
                await state.wait(30)
                continue
            headers = {"X-Telegram-Bot-Api-Secret-Token": bot.webhook["secret"]}
            try:
                async with session.post(
                    bot.webhook["url"], json=bot.updates[0], headers=headers
                ) as answer:
                    delivered = answer.status == 200
            except (ClientError, TimeoutError):
                delivered = False
            if delivered:
                bot.updates.popleft()
                await state.touch()
            else:
                await state.wait(1)


async def download(request: web.Request) -> web.Response:
    bot_of(request)
    media = request.app[STATE].files.get(request.match_info["path"])
    if media is None:
        return web.json_response({"ok": False, "error_code": 404}, status=404)
    return web.Response(body=media.content, content_type="application/octet-stream")
