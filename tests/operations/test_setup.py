"""`yinlu setup`: asks, writes, tries each connection; run again it changes nothing that stands."""

import os
import pwd
import re
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from bot.app.clock import SystemClock
from bot.app.engines import engine_for, sqlite_url
from bot.app.keys import opener
from bot.app.settings import Settings, SettingsError
from bot.commands import parser
from bot.processes.gateway import LoginRefused, signs_in
from bot.processes.staff_services import opened
from bot.setup.asking import Stopped, Terminal
from bot.setup.files import EnvironmentFile, Installation, quoted, unit
from bot.setup.setup import Setup, hand_over, make_folders, place_of, starts
from gateway.feishu.events import ENTERED, MESSAGE, PRESS
from messenger.core.settings import BOTS, MessengerSettings
from messenger.server import Running, running
from services.core.acts import Act
from services.operations.doctor import Check
from tests.gateway.feishu.server import APP, feishu
from tests.gateway.feishu.server import SECRET as APPS_SECRET
from tests.gateway.wecom.server import BOT as ROBOT
from tests.gateway.wecom.server import SECRET as ROBOTS_SECRET
from tests.gateway.wecom.server import wecom
from tests.ports import free_port

MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
STAFF, PUBLIC = BOTS["staff"][0], BOTS["public"][0]
NAMES = "白桦市委组织部", "苏和"
ACCOUNT = "@yinlu:here.test"


class Told(Terminal):
    """Whoever sets it up: answers in order, and goes away when there is nothing more to say."""

    def __init__(self, *answers: str) -> None:
        self.answers, self.said = list(answers), ""

    def say(self, text: str) -> None:
        self.said += f"{text}\n"

    def ask(self, text: str, default: str = "", *, secret: bool = False) -> str:
        self.said += f"{text}\n"
        if not self.answers:
            raise Stopped
        return self.answers.pop(0) or default


@pytest.fixture(autouse=True)
def _on_a_day_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """From December on the doctor asks for next year's plan of holidays."""
    monkeypatch.setattr(SystemClock, "now", lambda _: MORNING)


@pytest.fixture
async def messenger() -> AsyncIterator[Running]:
    async with running(MessengerSettings(port=0, clock=MORNING)) as server:
        yield server


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    lib = tmp_path / "lib"
    return Installation(tmp_path / "etc", lib / "yinlu", lib / "yinlu-public", lib / "yinlu-intake")


async def asked(place: Installation, *answers: str) -> tuple[Told, Setup]:
    told = Told(*answers)
    setup = Setup(place, told)
    await setup.run()
    assert told.answers == [], "all was asked for"
    return told, setup


@asynccontextmanager
async def answering(port: int) -> AsyncIterator[None]:
    """A gateway that is connected, as far as can be seen from outside."""

    async def healthz(request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz)])
    async with TestServer(app, port=port):
        yield


def files(place: Installation) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in place.folder.iterdir()}


async def test_whoever_is_called_away_goes_on_where_they_were(
    place: Installation, messenger: Running
) -> None:
    first = Told(
        "nowhere", "yakeshi", "", "ftp://x", f"{messenger.url}/", "abc", "7:nobody_knows", STAFF
    )
    with pytest.raises(Stopped):
        await Setup(place, first).run()
    assert "nowhere.toml: -: there is no such file" in first.said
    assert "http:// 或 https:// 开头" in first.said
    assert "整条复制过来" in first.said
    assert "消息服务不认这个令牌" in first.said
    assert "接通了：@yinlu_staff_bot" in first.said
    begun = place.environment("staff").read()
    assert begun["YINLU_STAFF_TOKEN"] == STAFF
    assert begun["YINLU_PROFILE"] == "yakeshi"

    told, setup = await asked(
        place, messenger.url, STAFF, PUBLIC, "mysql://x", "postgresql+asyncpg://a:b@127.0.0.1:1/x",
        "", "70000", "8090", "fy.example.cn", "https://fy.example.cn",
        "http://peers.example.cn", "https://peers.example.cn/", "0", "",
        "short", "a passphrase", "a passphrasf", "a passphrase", "a passphrase", "", *NAMES,
    )  # fmt: skip
    assert "两个机器人要用两个令牌" in told.said
    assert "postgresql+asyncpg:// 开头" in told.said
    assert "连不上（ConnectionRefusedError）" in told.said
    assert "a:b@" not in told.said, "an address may hold a password"
    assert "端口是0到65535的数" in told.said
    assert "这个网址要以 https:// 开头：经过它的是整件的材料" in told.said
    assert "端口是1到65535的数" in told.said
    assert "/peers 转到本机 8120 端口" in told.said
    assert "口令至少12个字符" in told.said
    assert "两遍不一样" in told.said
    assert "a passphrase" not in told.said
    assert "这一项要写" in told.said
    staff = place.environment("staff").settings()
    assert (staff.peers_url, staff.peers_port) == ("https://peers.example.cn", 8120)
    assert opener(staff) is None, "locked until a holder unlocks it"
    assert opener(staff.model_copy(update={"report_passphrase": SecretStr("a passphrase")}))
    assert b"a passphrase" not in b"".join(files(place).values())
    assert setup.remains == []
    public = place.environment("public").read()
    assert public["YINLU_PUBLIC_URL"] == "https://fy.example.cn"
    assert public["YINLU_INTAKE_URL"] == place.environment("staff").read()["YINLU_INTAKE_URL"]
    for bot in ("staff", "public"):
        assert place.environment(bot).path.stat().st_mode & 0o777 == 0o600
    given = {path.name for path in place.public_data.iterdir()}
    assert given == {"pepper", "receipt.key", "report.pub", "answers.pub"}


async def test_run_again_it_changes_nothing_that_stands(
    place: Installation, messenger: Running
) -> None:
    given = "", "", messenger.url, STAFF, messenger.url, PUBLIC, "", "0", "", "", *NAMES
    told, _ = await asked(place, *given)
    token = told.said.partition("发送“加入 ")[2].partition("”")[0]
    stood = files(place)
    again, setup = await asked(place)
    assert files(place) == stood
    assert token in again.said
    assert setup.remains == []

    async with opened(place.environment("staff").settings()) as (services, clock):
        director = await services.people.join(Act("1", clock.now()), 7, token, "zh")
        assert director.posts[0].organisation == NAMES[0]
    staff, public = (place.environment(bot).path for bot in ("staff", "public"))
    staff.write_text(staff.read_text("utf-8").replace(STAFF, "7:taken_back_since"), "utf-8")
    away = public.read_text("utf-8").replace(messenger.url, "http://127.0.0.1:9")
    public.write_text(away, "utf-8")
    (place.public_data / "report.pub").write_text("another key", "utf-8")
    stood = files(place)
    after, setup = await asked(place)
    assert files(place) == stood, "what doesn't hold any more is named and left alone"
    assert "部长已经加入" in after.said
    assert token not in after.said
    assert f"{staff} 里的令牌，消息服务不认" in after.said
    assert "现在连不上 http://127.0.0.1:9" in after.said
    assert "report.pub 不一样" in after.said
    assert len(setup.remains) == 3


async def test_the_staff_use_other_messengers_beside_telegram(
    place: Installation, messenger: Running
) -> None:
    port = free_port()
    place.environment("staff").add("YINLU_GATEWAY_PORT", str(port))
    async with wecom() as robot, feishu() as app:
        told, setup = await asked(
            place, "", "skype", "Telegram wecom, feishu", messenger.url, STAFF, messenger.url,
            PUBLIC, "https://x", robot.url, "mistyped", "", "not it", ROBOT, ROBOTS_SECRET,
            "http://x", app.url, APP, "not it", "", APPS_SECRET, "", "0", "", "", *NAMES,
        )  # fmt: skip
        assert "只能写 telegram、matrix、wecom、feishu、web" in told.said
        assert "地址要以 wss:// 开头" in told.said
        assert "企业微信不认这个账号或者密钥（errcode 40001）" in told.said
        assert "飞书不认这个账号或者密钥（code 10003）" in told.said
        assert "企业微信接通了" in told.said
        assert "飞书接通了" in told.said
        assert "事件配置和回调配置都选长连接" in told.said
        assert not [kind for kind in (MESSAGE, ENTERED, PRESS) if kind not in told.said]
        assert ROBOTS_SECRET not in told.said
        assert APPS_SECRET not in told.said
        assert "发送“加入 " in told.said, "wherever the director opens it"

        file = place.environment("staff")
        staff = file.settings()
        assert file.path.stat().st_mode & 0o777 == 0o600
        assert staff.gateways_here == ("wecom", "feishu")
        assert (staff.wecom(), staff.feishu()) == ((ROBOT, ROBOTS_SECRET), (APP, APPS_SECRET))
        there = {source.name: source.api for source in staff.sources}
        assert there == {
            "wecom": f"http://127.0.0.1:{port + 1}",
            "feishu": f"http://127.0.0.1:{port + 2}",
        }
        assert "WECOM" not in place.environment("public").path.read_text("utf-8")
        assert f"link {place.unit('staff')} {place.unit('public')}" in told.said
        for name in there:
            written = place.unit(f"gateway {name}").read_text("utf-8")
            assert f"yinlu gateway {name}\n" in written
            assert f"EnvironmentFile={file.path}" in written
            assert f"yinlu-gateway-{name}.service" in told.said
        (doctor,) = setup.remains
        for number, name in ((1, "wecom"), (2, "feishu")):
            assert f"it doesn't answer on port {port + number}: `yinlu gateway {name}`" in doctor

        # Again, with the robot's gateway running, which a second connection would push out.
        stood, before = files(place), len(robot.asked)
        app.secret = "changed since"
        async with answering(port + 1):
            _, setup = await asked(place)
        assert files(place) == stood
        assert len(robot.asked) == before
        refused, doctor = setup.remains
        assert f"{file.path} 里飞书的账号或者密钥，飞书不认" in refused
        assert f"port {port + 1}: `yinlu gateway wecom`" not in doctor


async def test_where_nobody_uses_telegram_the_staff_bot_needs_no_token_of_its_own(
    place: Installation, messenger: Running
) -> None:
    port = free_port()
    place.environment("staff").add("YINLU_GATEWAY_PORT", str(port))
    given = "matrix", messenger.url, PUBLIC, "nowhere", "http://127.0.0.1:9", "yinlu", ACCOUNT
    first = Told("", *given)
    with pytest.raises(Stopped):
        await Setup(place, first).run()
    assert "账号是“@名字:服务器”的样子" in first.said
    assert "工作人员的机器人的令牌" not in first.said

    # Broken off at the password: what was answered before it isn't asked again.
    assert "YINLU_MATRIX_PASSWORD" not in place.environment("staff").read()
    told, setup = await asked(place, "a long password", "", "0", "", "", *NAMES)
    assert "现在连不上Matrix" in told.said
    assert "a long password" not in told.said
    staff = place.environment("staff").settings()
    assert staff.api == f"http://127.0.0.1:{port}"
    assert staff.sources == ()
    assert staff.token("staff") != PUBLIC
    assert (staff.matrix().user, staff.matrix().password) == (ACCOUNT, "a long password")
    assert place.unit("gateway matrix").exists()
    assert not place.unit("gateway wecom").exists()
    unreached, doctor = setup.remains
    assert "现在连不上Matrix" in unreached
    assert f"it doesn't answer on port {port}: `yinlu gateway matrix`" in doctor
    stood = files(place)
    _, setup = await asked(place)
    assert files(place) == stood
    assert len(setup.remains) == 2


async def test_where_there_is_no_messenger_at_all_the_staff_open_a_page(
    place: Installation, messenger: Running
) -> None:
    """The proxy of an organisation leads to the page's port; here the port itself is opened."""
    port, page = free_port(), free_port()
    file = place.environment("staff")
    file.add("YINLU_GATEWAY_PORT", str(port))
    file.add("YINLU_WEB_PORT", str(page))
    address = f"http://127.0.0.1:{page}"
    async with answering(port):
        told, setup = await asked(
            place, "", "web", messenger.url, PUBLIC, "http://yinlu.example", f"{address}/yinlu",
            f"http://127.0.0.1:{port}", f"{address}/", "", "0", "", "", *NAMES,
        )  # fmt: skip
    assert "地址要以 https:// 开头，后面不带目录" in told.said
    assert "这个地址打开的不是这里的网页版（HTTP 404）" in told.said
    assert "网页版接通了" in told.said
    staff = file.settings()
    assert staff.gateways_here == ("web",)
    assert staff.web() == (address, "127.0.0.1", page)
    assert staff.api == f"http://127.0.0.1:{port + 3}"
    assert f"给部长的邀请，七天内有效，只能用一次：{address}/#join=" in told.said
    assert "发送“加入 " not in told.said
    assert "yinlu gateway web\n" in place.unit("gateway web").read_text("utf-8")
    (doctor,) = setup.remains
    assert f"it doesn't answer on port {port + 3}: `yinlu gateway web`" in doctor

    # Again: with the gateway running nothing is asked; away, the address leads nowhere else.
    stood = files(place)
    async with answering(port + 3):
        told, _ = await asked(place)
    assert "网页版接通了" not in told.said
    async with answering(page):
        _, setup = await asked(place)
    assert files(place) == stood
    assert f"{file.path} 里网页版的地址，打开的不是这里" in setup.remains[0]


async def test_a_matrix_login_is_tried_and_leaves_no_device() -> None:
    heard: list[str] = []

    async def login(request: web.Request) -> web.Response:
        told = await request.json()
        if told["password"] != "right":
            return web.json_response({"errcode": "M_FORBIDDEN", "error": ""}, status=403)
        heard.append("login")
        user = {"user_id": ACCOUNT, "device_id": "D", "access_token": "t"}
        return web.json_response(user)

    async def logout(request: web.Request) -> web.Response:
        heard.append(f"logout {request.headers['Authorization']}")
        return web.json_response({})

    app = web.Application()
    client = "/_matrix/client/{version}"
    app.add_routes([web.post(f"{client}/login", login), web.post(f"{client}/logout", logout)])
    async with TestServer(app) as server:
        settings = Settings(
            matrix_url=str(server.make_url("/")),
            matrix_user=ACCOUNT,
            matrix_password=SecretStr("right"),
        )
        assert await signs_in(settings, "matrix")
        assert heard == ["login", "logout Bearer t"]
        wrong = settings.model_copy(update={"matrix_password": SecretStr("wrong")})
        with pytest.raises(LoginRefused, match="M_FORBIDDEN"):
            await signs_in(wrong, "matrix")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_reads_the_units(place: Installation, tmp_path: Path) -> None:
    spaced = Installation(
        tmp_path / "e", tmp_path / "d", tmp_path / "p", tmp_path / "s", "games", "news"
    )
    for where, users in ((place, False), (spaced, True)):
        gateway = tmp_path / "yinlu-gateway-wecom.service"
        gateway.write_text(unit(where, "gateway wecom"), "utf-8")
        file = tmp_path / "yinlu-staff.service"
        file.write_text(unit(where, "staff"), "utf-8")
        ran = subprocess.run(["systemd-analyze", "verify", gateway], capture_output=True, text=True)
        assert str(gateway) not in ran.stderr
        assert "news" not in gateway.read_text("utf-8"), "it has nothing to do with reports"
        ran = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True)
        assert str(file) not in ran.stderr
        assert ("SupplementaryGroups=news" in file.read_text("utf-8")) is users


@pytest.mark.skipif(os.geteuid() != 0, reason="only root sets it up for other users")
def test_a_user_who_isnt_there_is_named_before_anything_is_made(tmp_path: Path) -> None:
    given = ["setup", "--folder", str(tmp_path / "etc"), "--data", str(tmp_path / "lib")]
    with pytest.raises(SettingsError, match=r"useradd .* nobody_here"):
        place_of(parser().parse_args([*given, "--staff-user", "nobody_here"]))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root sets it up for other users")
async def test_a_link_put_there_by_a_bot_hands_nothing_over(
    place: Installation, tmp_path: Path
) -> None:
    users = replace(place, staff_user="games", public_user="news")
    make_folders(users)
    mine, theirs = users.public_data / "report.pub", users.public_data / "theirs"
    secret = tmp_path / "salaries.sqlite3"
    for path in (mine, theirs):
        path.write_text("-", "utf-8")
    with closing(sqlite3.connect(secret)) as another:
        another.execute("CREATE TABLE salaries (person)")
    secret.chmod(0o640)
    os.chown(theirs, 4243, 4243)
    for link in (users.public_data / "link", users.shared / "intake.sqlite3"):
        link.symlink_to(secret)
        os.chown(link, 4243, 4243, follow_symlinks=False)
    engine = engine_for(sqlite_url(users.shared / "intake.sqlite3"))
    async with engine.connect():
        pass
    await engine.dispose()
    hand_over(users)
    assert (secret.stat().st_uid, secret.stat().st_mode & 0o777) == (0, 0o640)
    assert mine.stat().st_uid == pwd.getpwnam("news").pw_uid
    assert theirs.stat().st_uid == 4243


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts a program as somebody else")
def test_a_program_out_of_reach_of_its_users_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    games = pwd.getpwnam("games")
    monkeypatch.setattr("bot.setup.setup.PYTHON", Path("/usr"))
    monkeypatch.setattr("bot.setup.setup.PROGRAM", Path("/usr/bin/true"))
    assert starts(games)
    mine = tmp_path / "yinlu"
    shutil.copy("/usr/bin/true", mine)
    mine.chmod(0o700)
    monkeypatch.setattr("bot.setup.setup.PROGRAM", mine)
    assert not starts(games)
    # A unit with ProtectHome= hides what the user itself could start.
    monkeypatch.setattr("bot.setup.setup.PROGRAM", Path("/home/somebody/.venv/bin/yinlu"))
    assert not starts(games)
    monkeypatch.setattr("bot.setup.setup.PROGRAM", Path("/usr/bin/true"))
    monkeypatch.setattr("bot.setup.setup.PYTHON", Path("/root/.pyenv/versions/3.11.7"))
    assert not starts(games)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts a program as somebody else")
def test_a_program_is_tried_without_roots_environment_and_only_for_so_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("YINLU_STAFF_TOKEN", STAFF)
    monkeypatch.setattr("bot.setup.setup.HIDDEN", ())
    with TemporaryDirectory(dir="/tmp") as name:
        program = Path(name, "yinlu")
        monkeypatch.setattr("bot.setup.setup.PROGRAM", program)
        for does, well in (('[ -z "$YINLU_STAFF_TOKEN" ]', True), ("exec sleep 30", False)):
            program.write_text(f"#!/bin/sh\n{does}\n", "utf-8")
            for path in (program.parent, program):
                path.chmod(0o755)
            monkeypatch.setattr("bot.setup.setup.LONGEST_START", 5 if well else 0.2)
            assert starts(pwd.getpwnam("games")) is well


async def test_what_the_doctor_finds_remains(
    place: Installation, messenger: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def found(settings: Settings) -> tuple[Check, ...]:
        return Check("fonts", True, "no Chinese font"), Check("rows", False, "fine")

    monkeypatch.setattr("bot.setup.setup.check_up", found)
    given = "", "", messenger.url, STAFF, messenger.url, PUBLIC, "", "8090", "", "", "", *NAMES
    told, setup = await asked(place, *given)
    page, fonts = setup.remains
    assert "网页还没有群众能打开的网址" in page
    assert fonts == "!!  fonts: no Chinese font"
    assert place.environment("public").settings().report_page == ""
    assert "都好了" not in told.said


@pytest.mark.parametrize("value", ["it's", "a\\b", "two\nlines"])
def test_what_two_readers_read_differently_isnt_written(value: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=re.escape(value)):
        EnvironmentFile(tmp_path / "a.env").add("YINLU_DATA", value)
    assert not (tmp_path / "a.env").exists()


def test_a_file_is_read_whatever_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YINLU_PROFILE", "national_2014")
    file = EnvironmentFile(tmp_path / "a.env")
    file.add("YINLU_DATA", "/srv/two words # and a sign")
    file.add("YINLU_DATA", "/elsewhere")
    file.path.write_text(file.path.read_text("utf-8").rstrip("\n"), "utf-8")
    file.add("YINLU_LOG_LEVEL", "debug")
    settings = file.settings()
    assert settings.data == Path("/srv/two words # and a sign")
    assert (settings.profile, settings.log_level) == ("yakeshi", "DEBUG")
    assert quoted("a b") == "'a b'"
    file.add("YINLU_STAF_TOKEN", "1:secret_secret")
    with pytest.raises(SettingsError) as refused:
        file.settings()
    assert "secret_secret" not in str(refused.value)
    assert str(refused.value) == "YINLU_STAF_TOKEN: there is no such setting"
