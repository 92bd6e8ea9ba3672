"""The web chat behind nginx, set up as docs/operations.md says, over TLS at a host name."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from benchmarks.left_behind import ends_with_us
from tests.browser.start import chromium
from tests.browser.watched import NARROW
from tests.browser.web_chat import PASSPHRASE, ChatPage, LiveOffice, keyboard
from tests.certificates import write_certificate
from tests.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOCS = Path(__file__).parents[2] / "docs"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
HOST = "yinlu.example.cn"
AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/errors.log;
{user}
events {{}}
http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {server}
}}
"""
"""What a distribution's nginx.conf has around the example, for a process without its folders."""


class PublicOffice(LiveOffice):
    """Opened at a host name; nginx alone asks its port."""

    @property
    def page(self) -> str:
        return f"https://{HOST}"


@dataclass
class Nginx:
    folder: Path
    behind: int
    port: int

    def example(self, page: str) -> str:
        """Of that page of the docs, with this machine's ports and certificate."""
        found = re.search(r"```\n# nginx:.*?\n(.*?)```", (DOCS / page).read_text("utf-8"), re.S)
        assert found
        own = {
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            "/etc/ssl/yinlu.pem": f"{self.folder}/here.pem",
            "/etc/ssl/yinlu.key": f"{self.folder}/here.pem",
            "127.0.0.1:8100": f"127.0.0.1:{self.behind}",
        }
        text = found[1]
        for written, here in own.items():
            assert written in text
            text = text.replace(written, here)
        return text

    @contextmanager
    def running(self) -> Iterator[None]:
        assert NGINX
        # As root it would give up its rights, and then find no folder of a test.
        user = "user root;" if os.geteuid() == 0 else ""
        text = AROUND.format(folder=self.folder, user=user, server=self.example("operations.md"))
        file = self.folder / "nginx.conf"
        file.write_text(text, "utf-8")
        started = subprocess.Popen([NGINX, "-c", str(file), "-p", str(self.folder)])
        ends_with_us(started.pid)
        try:
            self._listens(started)
            yield
        finally:
            started.terminate()
            assert started.wait(60) == 0

    def _listens(self, started: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert started.poll() is None, (self.folder / "errors.log").read_text("utf-8")
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
        raise AssertionError


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicOffice]:
    folder = tmp_path_factory.mktemp("office")
    made = PublicOffice(f"sqlite+aiosqlite:///{folder / 'gateway.db'}")
    made.begins()
    yield made
    made.closes()


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory, office: PublicOffice) -> Nginx:
    if NGINX is None:
        why = "no nginx on this machine: the example in docs/operations.md isn't tried"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("nginx")
    write_certificate(folder / "here.pem", HOST)
    return Nginx(folder, office.port, free_port())


@pytest.fixture(scope="module")
def browser(nginx: Nginx) -> Iterator[Browser]:
    """One that finds the host name here, and takes a certificate that nobody has signed."""
    here = f"MAP {HOST}:443 127.0.0.1:{nginx.port}"
    with chromium(f"--host-resolver-rules={here}", "--ignore-certificate-errors") as started:
        yield started


def test_somebody_works_through_the_web_server_and_outlives_its_restart(
    browser: Browser, office: PublicOffice, nginx: Nginx, tmp_path: Path
) -> None:
    context = browser.new_context(
        viewport={"width": NARROW, "height": 740}, locale="zh-CN", reduced_motion="reduce"
    )
    desk = ChatPage(context.new_page(), office.page)
    with nginx.running():
        desk.joins("wulan")
        assert office.meets().startswith("/start ")
        office.says("欢迎您，乌兰。", reply_markup=keyboard("待办"))
        desk.sees("欢迎您，乌兰")
        desk.says("待办")
        assert office.hears() == "待办"
        # Pushed over the socket: the page asks for nothing in between.
        sockets = [one for one in desk.asked if one.startswith("wss:")]
        assert sockets == [f"wss://{HOST}/api/changes"]
        office.says("待办3项")
        desk.sees("待办3项")
        # Larger than what nginx keeps in memory of a request.
        paper = tmp_path / "申请书.pdf"
        paper.write_bytes(b"%PDF-1.7\n" + bytes(9_000_000))
        desk.page.locator("#file").set_input_files([paper])
        desk.says("申请书在这里")
        assert office.next()["message"]["document"]["file_size"] == paper.stat().st_size
    expect(desk.page.locator("#line")).to_contain_text("消息可能晚到")
    desk.says("断网时写的")
    office.says("断网时说的")
    with nginx.running():
        assert office.hears() == "断网时写的"
        desk.sees("断网时说的")
        office.silence()
        cookies = context.cookies()
        assert {one["name"] for one in cookies} == {"__Host-yinlu", "__Host-yinlu-known"}
        for one in cookies:
            assert (one["secure"], one["httpOnly"], one["sameSite"]) == (True, True, "Strict")
        desk.ends()
        context.close()
    assert not list(nginx.folder.glob("**/access*"))


def test_wrong_passphrases_are_counted_by_who_asks_and_not_by_the_web_server(
    office: PublicOffice, nginx: Nginx
) -> None:
    def answers(here: str, phrase: str, claims: str = "") -> list[str]:
        """What somebody at that address is told, four times in a row."""
        told = {"Host": HOST, "Origin": office.page, "X-Forwarded-For": claims or here}
        way = httpx.HTTPTransport(local_address=here, verify=False)
        with httpx.Client(transport=way, headers=told) as client:
            asked = f"https://127.0.0.1:{nginx.port}/api/sign-in"
            given = {"name": "gaoyuan", "passphrase": phrase}
            return [client.post(asked, json=given).json()["error"] for _ in range(4)]

    with nginx.running():
        assert answers("127.0.0.2", PASSPHRASE) == ["wrong_sign_in"] * 4
        # One more is looked at, whatever address somebody makes up for themselves.
        assert answers("127.0.0.2", PASSPHRASE, "10.1.1.1")[1:] == ["too_many_tries"] * 3
        assert answers("127.0.0.3", PASSPHRASE) == ["wrong_sign_in"] * 4


def test_both_languages_show_the_same_example(nginx: Nginx) -> None:
    english, chinese = nginx.example("operations.md"), nginx.example("zh/operations.md")
    assert english == chinese
