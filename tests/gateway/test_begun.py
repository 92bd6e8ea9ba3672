"""`yinlu gateway` begins with what it was told, or says by name what is missing."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from benchmarks.postgres import on_server
from bot.app.settings import Settings, SettingsError
from bot.cli.backup import back_up, restore
from bot.cli.doctor import gateway as gateway_check
from bot.processes.gateway import forget_account, gateway_for, gateway_ring, only_one, store_for
from gateway.platform import Account
from gateway.store import BEGUN, Doing, Doubled, Shown, new_key
from gateway.web.records import Line, Records
from models.crypto import KeyRing
from tests.gateway.conftest import FakeHouse

RING = KeyRing.new()
WHOLE: dict[str, Any] = {
    "keys": RING.write(),
    "staff_token": "700001:local-staff",
    "public_token": "700002:local-public",
    "matrix_url": "https://matrix.here.test",
    "matrix_user": "@yinlu:here.test",
    "matrix_password": "secret",
}

WECOM = {"wecom_bot": "aib-here", "wecom_secret": "word-of-the-robot"}
FEISHU = {"feishu_app": "cli_here", "feishu_secret": "word-of-the-app"}
WEB = {"web_url": "https://yinlu.here.test"}


def settings(folder: Path, **more: Any) -> Settings:
    return Settings.model_validate({"data": folder, **WHOLE, **more})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"matrix_url": ""}, "YINLU_MATRIX_URL"),
        ({"matrix_user": "yinlu"}, "YINLU_MATRIX_USER"),
        ({"matrix_password": ""}, "YINLU_MATRIX_PASSWORD"),
        ({"staff_token": None}, "YINLU_STAFF_TOKEN"),
        ({"public_token": "700001:local-staff"}, "token of the public bot"),
    ],
)
def test_what_is_missing_is_said_by_name(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        gateway_for(settings(tmp_path, **more), "matrix")
    assert "secret" not in str(refused.value)


async def test_its_rows_stay_readable_when_the_keys_are_changed(
    tmp_path: Path,
) -> None:
    gateway = gateway_for(settings(tmp_path), "matrix")
    assert gateway.refuse
    assert gateway.store.tenant == "here.test"
    await gateway.store.transactions.close()
    newer = RING.with_new_key()
    forgotten = newer.without(newer.ids[1:])
    sealed = gateway_ring(RING).seal("书记".encode(), "gateway.here")
    assert gateway_ring(forgotten).open(sealed, "gateway.here").decode() == "书记"


async def test_the_doctor_says_what_the_gateway_needs(tmp_path: Path, house: FakeHouse) -> None:
    async with house.running() as bot:
        here = settings(tmp_path, gateway_port=urlsplit(bot.gateway.url).port)
        # As a process before this one left it.
        store = store_for(here, "matrix")
        await store.open()
        await store.remember("login", "kept")
        await store.transactions.close()
        assert not (await gateway_check(here, "matrix")).needs
        here.gateway_folder.mkdir()
        here.gateway_folder.chmod(0o755)
        house.platform.connected = False
        other = settings(tmp_path, keys=KeyRing.new().write(), gateway_port=here.gateway_port)
        found = await gateway_check(other, "matrix")
        assert [item.split(":")[0] for item in found.items] == [
            "gateway-matrix can be read by others",
            "its rows don't open with these keys",
            "it runs, and can't reach the messenger",
        ]
    away = settings(tmp_path, gateway_port=here.gateway_port)
    (left,) = (await gateway_check(away, "matrix")).items[1:]
    assert left.startswith("it doesn't answer")


async def test_a_backup_brings_everybody_back_and_says_nothing_twice(tmp_path: Path) -> None:
    await comes_back(settings(tmp_path / "here"), settings(tmp_path / "fresh"), tmp_path)


@pytest.mark.slow
async def test_so_it_is_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    async with on_server(postgres_url) as one, on_server(postgres_url) as another:
        here = settings(tmp_path / "here", gateway_store=one)
        await comes_back(here, settings(tmp_path / "fresh", gateway_store=another), tmp_path)


async def comes_back(here: Settings, fresh: Settings, folder: Path) -> None:
    here.make_folder()
    store = store_for(here, "matrix")
    await store.open()
    wang = Account("@wang:here.test", "!room", "王芳")
    known = await store.account_of(wang)
    update, shown = {"message": {"text": "待办"}}, Shown(known.chat, 7, 7, 1.0, 1.0, ids=("$7",))
    await store.take("$e1", known.chat, [(store.next_id(), update)], account={"started": True})
    await store.write(shown)
    for name in ("login", "sync"):
        await store.remember(name, "kept")
    await store.begin(Doing(new_key(), known.chat, 8, "d", BEGUN, 1.0, {"text": "待办"}))
    await store.transactions.close()
    counted = await back_up(here, folder / "monday.backup")
    assert counted == {"gateway-matrix": 4}
    fresh.make_folder()
    # One that runs wouldn't look again at what waits for the bot.
    with only_one(fresh, "matrix"), pytest.raises(SettingsError, match="another gateway"):
        await restore(fresh, folder / "monday.backup")
    assert await restore(fresh, folder / "monday.backup") == counted
    back = store_for(fresh, "matrix")
    await back.open()
    assert await back.account_of(wang) == replace(known, started=True)
    assert [(chat, body) for _, chat, body in await back.updates()] == [(known.chat, update)]
    assert await back.shown(known.chat, 7) == shown
    with pytest.raises(Doubled):
        await back.take("$e1", known.chat, [])
    # A device of its own, which begins where the stream is then.
    assert [await back.recall(name) for name in ("login", "sync")] == ["", ""]
    assert await back.begun() == []
    await back.transactions.close()


async def test_a_backup_of_the_web_chat_holds_the_chats_and_no_session(tmp_path: Path) -> None:
    here, fresh = (settings(tmp_path / name, matrix_url="", **WEB) for name in ("here", "fresh"))
    for one in (here, fresh):
        one.make_folder()
    kept = Records(store_for(here, "web"))
    await kept.store.open()
    await kept.open()

    def event_of(_: int, line: Line) -> dict[str, str]:
        return {"kind": "written", "id": str(line.id), "text": "待办"}

    account, token, line = await kept.add_account("王芳", "hash", "", {"plain": "待办"}, event_of)
    file = await kept.keep(account.key, b"%PDF")
    assert await kept.session_of(token)
    await kept.store.transactions.close()
    counted = await back_up(here, tmp_path / "monday.backup")
    assert counted == {"gateway-web": 4}
    assert await restore(fresh, tmp_path / "monday.backup") == counted
    back = Records(store_for(fresh, "web"))
    await back.open()
    assert await back.account_named("王芳") == account
    assert await back.before(account.key, None, 9) == [line]
    assert [told["text"] for _, _, told in await back.events()] == ["待办"]
    assert await back.content(file) == (account.key, b"%PDF")
    # One that was ended since would be good again: everybody signs in anew.
    assert await back.session_of(token) is None
    assert await forget_account(fresh, " 王芳")
    assert await back.before(account.key, None, 9) == []
    assert await back.content(file) is None
    await back.store.transactions.close()


async def test_a_gateway_that_isnt_set_up_there_is_named_before_anything_is_restored(
    tmp_path: Path,
) -> None:
    here = settings(tmp_path / "here")
    here.make_folder()
    store = store_for(here, "matrix")
    await store.open()
    await store.transactions.close()
    await back_up(here, tmp_path / "monday.backup")
    url = f"sqlite+aiosqlite:///{tmp_path}/{{platform}}.db"
    fresh = settings(tmp_path / "fresh", **WECOM, matrix_url="", gateway_store=url)
    with pytest.raises(SettingsError, match="the gateway to matrix, which isn't set up here"):
        await restore(fresh, tmp_path / "monday.backup")
    assert not [*tmp_path.glob("*.db"), *fresh.data.iterdir()]


def test_a_second_process_with_the_same_account_is_refused(tmp_path: Path) -> None:
    here = settings(tmp_path)
    first = only_one(here, "matrix")
    with first, pytest.raises(SettingsError, match="another gateway"), only_one(here, "matrix"):
        pass
    with only_one(here, "matrix"):
        pass


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("wecom", {"wecom_bot": ""}, "YINLU_WECOM_BOT"),
        ("wecom", {"wecom_secret": ""}, "YINLU_WECOM_SECRET"),
        ("feishu", {"feishu_app": ""}, "YINLU_FEISHU_APP"),
        ("feishu", {"feishu_secret": ""}, "YINLU_FEISHU_SECRET"),
        ("web", {"web_url": ""}, "YINLU_WEB_URL"),
        *(
            (name, *one)
            for name in ("wecom", "feishu", "web")
            for one in (
                ({"staff_token": None}, "YINLU_STAFF_TOKEN"),
                ({"public_token": "700001:local-staff"}, "token of the public bot"),
            )
        ),
    ],
)
def test_what_is_missing_for_another_messenger_is_said_by_name(
    tmp_path: Path, name: str, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(SettingsError, match=said) as refused:
        gateway_for(settings(tmp_path, **WECOM | FEISHU | WEB | more), name)
    assert "word-of-the" not in str(refused.value)


def test_no_secret_goes_out_in_the_clear(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="wss://"):
        settings(tmp_path, wecom_url="ws://wecom.example")
    with pytest.raises(ValidationError, match="https://"):
        settings(tmp_path, feishu_url="http://feishu.example")
    for address in ("http://yinlu.example", "https://yinlu.example/chat", "https://"):
        with pytest.raises(ValidationError, match="begins with https://, without a folder"):
            settings(tmp_path, web_url=address)
    assert settings(tmp_path, web_url="https://Yinlu.example/").web_url == "https://yinlu.example"


async def test_gateways_stand_side_by_side(tmp_path: Path) -> None:
    """Each with a port, a database and a lock of its own; the doctor asks each."""
    here = settings(tmp_path, **WECOM, **FEISHU, **WEB)
    names = ("matrix", "wecom", "feishu", "web")
    assert here.gateways_here == names
    assert [here.gateway_port_of(name) for name in names] == [8091, 8092, 8093, 8094]
    files = [url.rsplit("/", 1)[-1] for url in here.gateway_databases.values()]
    assert files == [f"gateway-{name}.sqlite3" for name in names]
    shared = {"gateway_store": "postgresql+asyncpg://here/gw"}
    with pytest.raises(SettingsError, match=r"expected \{platform\} in it"):
        _ = settings(tmp_path, **WECOM, **shared).gateway_databases
    assert settings(tmp_path, **shared).gateway_databases == {"matrix": shared["gateway_store"]}
    with pytest.raises(SettingsError, match="a database of its own"):
        _ = settings(tmp_path, **shared, database_url=shared["gateway_store"]).gateway_databases
    told = settings(tmp_path, **WECOM, gateway_store="postgresql+asyncpg://here/gw_{platform}")
    assert told.gateway_databases["wecom"].endswith("gw_wecom")
    with only_one(here, "matrix"), only_one(here, "wecom"), only_one(here, "feishu"):
        pass
    for name, tenant in (("wecom", "aib-here"), ("feishu", "cli_here"), ("web", "web")):
        gateway = gateway_for(here, name)
        assert (gateway.refuse, gateway.store.tenant) == (True, tenant)
        await gateway.store.transactions.close()
        (away,) = (await gateway_check(here, name)).items
        assert f"`yinlu gateway {name}`" in away
    # It keeps no login: whoever wrote is what doesn't open with other keys.
    store = store_for(here, "wecom")
    await store.open()
    await store.account_of(Account("WangFang", "WangFang"))
    await store.transactions.close()
    other = settings(tmp_path, **WECOM, keys=KeyRing.new().write())
    (unread, _) = (await gateway_check(other, "wecom")).items
    assert unread.startswith("its rows don't open with these keys")
    folder = f"sqlite+aiosqlite:///{tmp_path}"
    elsewhere = settings(tmp_path, **WECOM, matrix_url="", gateway_store=folder)
    (unread, _) = (await gateway_check(elsewhere, "wecom")).items
    assert unread.startswith("its database can't be read")


async def test_a_gateway_loads_what_its_own_messenger_needs() -> None:
    """What Matrix stands on has fifteen megabytes, and what the bot stands on has more."""
    looks = (
        "import sys, bot.commands; from bot.processes.gateway import load; "
        "load('wecom'); load('feishu'); load('web'); without = set(sys.modules); load('matrix'); "
    )
    wanted = "{'gateway.wecom.client', 'gateway.feishu.client', 'gateway.web.client'} <= without"
    unwanted = "'nio' in without or {'aiogram', 'telegram'} & set(sys.modules)"
    asked = f"{looks}sys.exit(bool({unwanted} or not {wanted}))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", asked)
    assert await process.wait() == 0
