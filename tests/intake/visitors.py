"""Somebody at a browser, and what every answer to them has to be like."""

import re
from html import unescape
from io import BytesIO

from aiohttp import ClientResponse, FormData
from aiohttp.test_utils import TestClient

from tests.intake.citizens import SAID


class Visitor:
    """Somebody at a browser: opens a page, fills in its form, sends it."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    async def opens(self, path: str = "/report", user_agent: str = "") -> str:
        headers = {"User-Agent": user_agent} if user_agent else {}
        async with self.client.get(path, headers=headers) as answer:
            assert answer.status == 200
            checked(answer)
            return await answer.text()

    async def sends(
        self, path: str = "/report", *files: bytes, user_agent: str = "", **fields: str
    ) -> tuple[int, str]:
        if "token" not in fields:
            fields["token"] = token_of(await self.opens(path))
        form = FormData(fields, default_to_multipart=True)
        for number, content in enumerate(files):
            form.add_field("files", BytesIO(content), filename=f"私人{number}.jpg")
        headers = {"User-Agent": user_agent} if user_agent else {}
        async with self.client.post(path, data=form, headers=headers) as answer:
            checked(answer)
            return answer.status, unescape(await answer.text())

    async def reports(self, *files: bytes) -> str:
        """Files a report; gives its code."""
        status, page = await self.sends("/report", *files, about="河湾村 某某", text=SAID)
        assert status == 200
        return re.findall(r'class="code">(.{8})<', page)[0]


def token_of(page: str) -> str:
    return re.findall(r'name="token" value="([^"]+)"', page)[0]


def checked(answer: ClientResponse) -> None:
    """Every answer keeps to itself."""
    assert "Set-Cookie" not in answer.headers
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "frame-ancestors 'none'" in policy
    assert "aiohttp" not in answer.headers.get("Server", "")
