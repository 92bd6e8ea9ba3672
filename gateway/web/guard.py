"""Who asks, from where, and what a browser may do with the answer."""

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hmac import compare_digest

import structlog
from aiohttp import web

from gateway.web.people import Here, People
from gateway.web.records import WebAccount
from gateway.web.web_texts import Problem, said

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types shell"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
A_YEAR = "max-age=31536000"
COOKIE_FOR = 90 * 86400
MARK_FOR = 366 * 86400
"""Longer than any session: it is looked at when one has ended by itself."""
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
API = "/api/"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger()


@dataclass(frozen=True)
class Guard:
    """`origin`: of the pages that may ask. `secure`: they are opened over https."""

    people: People
    origin: str
    secure: bool

    @property
    def cookie(self) -> str:
        # With this prefix a browser takes it from https alone, and from no neighbour's host.
        return "__Host-yinlu" if self.secure else "yinlu"

    @web.middleware
    async def answers(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Every answer, also of what went wrong, with the headers of this house."""
        try:
            response = await handler(request)
        except Problem as problem:
            response = refusal(request, problem)
        except web.HTTPException as problem:
            response = _unknown(request, problem)
        except ConnectionError:
            raise
        except (UnicodeError, web.RequestPayloadError):
            # Bytes that no browser sends, or a body that isn't what it says.
            response = refusal(request, Problem("bad_request"))
        except Exception as error:
            # Without its text, which may quote what was written.
            log.error("web_failed", error=type(error).__name__)
            response = refusal(request, Problem("failed", 500))
        if not response.prepared:
            self._complete(request, response)
        return response

    def _complete(self, request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers.setdefault(
            "Cache-Control", "no-store" if request.path.startswith(API) else "no-cache"
        )
        # Not which versions answer.
        response.headers["Server"] = "yinlu"
        if self.secure:
            response.headers["Strict-Transport-Security"] = A_YEAR

    def from_our_page(self, request: web.Request) -> None:
        """Raises Problem where another site's page asks."""
        if request.headers.get("Origin") != self.origin:
            raise Problem("other_page", 403)

    async def signed_in(self, request: web.Request) -> Here:
        """Who asks. Raises Problem for nobody, and for a change that our page didn't ask for."""
        token = self.token(request)
        here = await self.people.here(token)
        if here is None:
            raise Problem("signed_out", 401)
        given = request.headers.get("X-CSRF-Token")
        if request.method in CHANGES:
            self.from_our_page(request)
            given = given or ""
        # Said also where the page only looks: one that slept while somebody else signed in beside
        # it would show their chat under another's name.
        if given is not None and not compare_digest(given.encode(), self.csrf(token).encode()):
            raise Problem("stale_page", 403)
        return here

    def token(self, request: web.Request) -> str:
        return request.cookies.get(self.cookie, "")

    @property
    def mark_cookie(self) -> str:
        return f"{self.cookie}-known"

    def mark(self, request: web.Request) -> str:
        """Who has signed in here before, as `People.mark` wrote it."""
        return request.cookies.get(self.mark_cookie, "")

    def csrf(self, token: str) -> str:
        return self.people.records.blind(token, "csrf")

    def let_in(self, response: web.Response, account: WebAccount, token: str) -> web.Response:
        self._leave(response, self.cookie, token, COOKIE_FOR)
        return self.remember(response, account)

    def remember(self, response: web.Response, account: WebAccount) -> web.Response:
        """Leave the mark by which this browser is known when somebody signs in again."""
        self._leave(response, self.mark_cookie, self.people.mark(account), MARK_FOR)
        return response

    def _leave(self, response: web.Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name, value, max_age=seconds, path="/", secure=self.secure,
            httponly=True, samesite="Strict",
        )  # fmt: skip

    def let_out(self, response: web.Response) -> web.Response:
        """Nothing stays in the browser, for it may be somebody else's."""
        for name in (self.cookie, self.mark_cookie):
            response.del_cookie(
                name, path="/", secure=self.secure, httponly=True, samesite="Strict"
            )
        return response


def refusal(request: web.Request, problem: Problem) -> web.Response:
    text = said(problem.code, request.headers.get("Accept-Language", ""))
    return web.json_response({"error": problem.code, "text": text}, status=problem.status)


def _unknown(request: web.Request, problem: web.HTTPException) -> web.Response:
    if problem.status == 413:
        return refusal(request, Problem("large_file", 413))
    code = "not_found" if problem.status in (404, 405) else "bad_request"
    return refusal(request, Problem(code, problem.status))


def address_of(request: web.Request) -> str:
    """From where somebody asks. A proxy on this machine says it last in X-Forwarded-For; what
    stands before that, and what anybody else says, may be made up."""
    peer = request.remote or ""
    # Some proxies add a line of their own below the one that came.
    lines = request.headers.getall("X-Forwarded-For", [""])
    forwarded = lines[-1].rsplit(",", 1)[-1].strip()
    try:
        here = _plain(peer)
        return _network(_plain(forwarded) if here.is_loopback and forwarded else here)
    except ValueError:
        return peer


def _plain(address: str) -> Address:
    """Of the fourth version also where a listener for both writes it as one of the sixth: else
    all of them would be one network. Raises ValueError."""
    found = ipaddress.ip_address(address)
    return getattr(found, "ipv4_mapped", None) or found


def _network(address: Address) -> str:
    # One subscriber has a whole network of the sixth version.
    if address.version == 6:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    return str(address)


SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"),
    ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip


def device_of(request: web.Request) -> str:
    """What somebody can tell their devices apart by."""
    agent = request.headers.get("User-Agent", "")
    found = [
        next((name for mark, name in marks if mark in agent), "") for marks in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(filter(None, found)) or said("other_device")
