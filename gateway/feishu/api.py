"""Calls to the platform: each with the app's token, which is asked for anew before it ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog
from aiohttp import (
    ClientConnectorError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    FormData,
)

from gateway.feishu.answers import LostToken, check, check_login
from gateway.network import json_of, network, read_whole
from gateway.platform import NotSent, Refused, TooOften, Unreachable

OFFICIAL = "https://open.feishu.cn"
TOKEN = "/open-apis/auth/v3/tenant_access_token/internal"
EARLIER, SHORTEST, LONGEST = 600.0, 60.0, 7200
"""Seconds before its end that a token is asked for anew, and that one lasts at least and at most.
Feishu gives the same one until half an hour before."""
ANSWER_IN, FILE_IN = 20.0, 120.0
LONGEST_ANSWER = 1024 * 1024
RESET = "x-ogw-ratelimit-reset"
MOST_PAUSE = 60
Json = dict[str, Any]
Found = TypeVar("Found")


log = structlog.get_logger()


@dataclass(frozen=True)
class FeishuSettings:
    """`app`: App ID. `url`: of the open platform: Feishu's, Lark's, or a private installation's."""

    app: str
    secret: str = field(repr=False)
    url: str = OFFICIAL


@dataclass
class Api:
    settings: FeishuSettings
    session: ClientSession
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self._token, self._until = "", 0.0
        self._asking = asyncio.Lock()

    async def call(
        self,
        method: str,
        path: str,
        told: Mapping[str, Any] | None = None,
        form: Callable[[], FormData] | None = None,
        **params: str,
    ) -> Json:
        """`data` of the answer. `form`: made anew for each try. Raises what `check` does, and
        NotSent where surely nothing was done."""
        waits = ClientTimeout(FILE_IN if form is not None else ANSWER_IN)

        async def ask(token: str) -> Json:
            sent = {"data": form()} if form is not None else {"json": told}
            async with self._asked(method, path, token, waits, params=params, **sent) as answer:
                return await _checked(answer)

        return await self._with_token(ask)

    async def fetch(self, path: str, most: int, **params: str) -> bytes:
        """A file. Raises as `call`."""
        waits = ClientTimeout(FILE_IN)

        async def ask(token: str) -> bytes:
            async with self._asked("GET", path, token, waits, params=params) as answer:
                # Somebody's file may be JSON as well.
                is_file = answer.content_disposition or answer.content_type != "application/json"
                if is_file and answer.status == 200:
                    return await read_whole(answer, most)
                await _checked(answer)
            raise Refused("no file")

        return await self._with_token(ask)

    async def _with_token(self, ask: Callable[[str], Awaitable[Found]]) -> Found:
        for _ in range(2):
            token = await self._fresh_token()
            try:
                return await ask(token)
            except LostToken:
                if token == self._token:
                    self._until = 0.0
        raise Unreachable

    @asynccontextmanager
    async def _asked(
        self, method: str, path: str, token: str, waits: ClientTimeout, **more: Any
    ) -> AsyncIterator[ClientResponse]:
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.settings.url}/open-apis{path}"
        async with network():
            asked = self.session.request(method, url, headers=headers, timeout=waits, **more)
            try:
                answer = await asked
            except ClientConnectorError:
                raise NotSent from None
            async with answer:
                yield answer

    async def _fresh_token(self) -> str:
        async with self._asking:
            if self.clock() < self._until:
                return self._token
            told = {"app_id": self.settings.app, "app_secret": self.settings.secret}
            try:
                found = await ask_openly(self.session, f"{self.settings.url}{TOKEN}", told)
                check_login(found)
            except Refused as problem:
                # Messages wait: the gateway ends when it connects the next time, and says why.
                log.error("feishu_refuses_the_app", error=str(problem))
                raise NotSent from None
            except Unreachable:
                raise NotSent from None
            token, lasts = found.get("tenant_access_token"), found.get("expire")
            if not isinstance(token, str) or not token:
                raise NotSent
            seconds = float(min(lasts, LONGEST)) if isinstance(lasts, int) else SHORTEST
            self._token, self._until = token, self.clock() + max(seconds - EARLIER, SHORTEST)
            return token


async def ask_openly(session: ClientSession, url: str, told: Mapping[str, Any]) -> Json:
    """What is asked with the app's secret, before there is a token. Raises Unreachable,
    TooOften."""
    async with network(), session.post(url, json=told, timeout=ClientTimeout(ANSWER_IN)) as answer:
        return await _object(answer)


async def _checked(answer: ClientResponse) -> Json:
    found = await _object(answer)
    check(found, _pause(answer))
    data = found.get("data")
    return data if isinstance(data, dict) else {}


async def _object(answer: ClientResponse) -> Json:
    """Raises Unreachable where it is none, TooOften."""
    try:
        text = await read_whole(answer, LONGEST_ANSWER)
    except Refused:
        # A page of something in between: Feishu itself has refused nothing.
        raise Unreachable from None
    if answer.status == 429:
        raise TooOften(_pause(answer))
    found = json_of(text)
    if answer.status >= 500 or not isinstance(found, dict) or "code" not in found:
        raise Unreachable
    return found


def _pause(answer: ClientResponse) -> int:
    """Seconds that it asks to wait, within reason."""
    told = answer.headers.get(RESET, "")
    seconds = int(told) if told.isascii() and told.isdecimal() and len(told) < 6 else 1
    return min(max(seconds, 1), MOST_PAUSE)
