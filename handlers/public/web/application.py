"""The web forms put together: five requests, and headers that keep the page to itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from functools import partial

import structlog
from aiohttp import web

from handlers.public.error_location import location_of
from handlers.public.web.connections import Connection
from handlers.public.web.forms import Forms
from handlers.public.web.page import GUIDANCE, REPORT, STATUS, address, trouble_page
from handlers.public.web.security_headers import HEADERS
from services.core.i18n import LANGUAGES, SOURCE, use
from services.intake.intake import Intake

SWEEP_SECONDS = 60.0
OURS = ("same-origin", "none", "")
"""Where a form may come from, as far as the browser says so."""

log = structlog.get_logger()
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def build_web(intake: Intake, now: Callable[[], datetime]) -> web.Application:
    """`now` gives an aware time. To be run by `connections.serving`."""
    forms = Forms(intake, now)
    made = web.Application(middlewares=[_counted, _speaking])
    made.on_response_prepare.append(_set_headers)
    made.cleanup_ctx.append(partial(_sweeping, forms))
    made.router.add_get("/", _to_the_report)
    made.router.add_get(REPORT, forms.show_report, allow_head=False)
    made.router.add_post(REPORT, forms.take_report)
    made.router.add_get(STATUS, forms.show_status, allow_head=False)
    made.router.add_post(STATUS, forms.take_status)
    made.router.add_get(GUIDANCE, forms.show_guidance, allow_head=False)
    return made


async def _sweeping(forms: Forms, app: web.Application) -> AsyncIterator[None]:
    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await forms.filings.sweep()
            except Exception as error:
                # What isn't forgotten now is forgotten in a minute; nothing else does it.
                log.error("sweep_failed", error=type(error).__name__, at=location_of(error))

    task = asyncio.create_task(sweep())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _to_the_report(request: web.Request) -> web.StreamResponse:
    raise web.HTTPSeeOther(address(REPORT))


async def _set_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


@web.middleware
async def _counted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say at the connection that a request of its is in hand."""
    connection = request.protocol
    if not isinstance(connection, Connection):
        return await handler(request)
    with connection.handling(request):
        return await handler(request)


@web.middleware
async def _speaking(request: web.Request, handler: Handler) -> web.StreamResponse:
    """In the language that the address names. Of the browser two things are looked at: whether it
    says that another site sent the form, and whether it is a workplace's app
    (`handlers.public.web.workplace`)."""
    language = request.query.get("lang", SOURCE)
    with use(language if language in LANGUAGES else SOURCE):
        # Another site could file in the name of whoever looks at it.
        if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "") not in OURS:
            raise web.HTTPForbidden
        try:
            return await handler(request)
        except web.HTTPException:
            raise
        except Exception as error:
            log.error("web_failed", error=type(error).__name__, at=location_of(error))
            return web.Response(text=trouble_page(), content_type="text/html", status=500)
