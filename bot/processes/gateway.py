"""The gateway in one process: the only place that knows both the house and `gateway`.

A messenger's own part is imported where it is asked for: what Matrix stands on isn't loaded for
another one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.app.clock import SystemClock
from bot.app.engines import direct_for, engine_for
from bot.app.instance_lock import alone
from bot.app.settings import FEISHU, MATRIX, WEB, WECOM, Settings, SettingsError
from gateway.bodies import GatewayBot
from gateway.gateway_texts import TITLE
from gateway.matrix.account import tenant_of
from gateway.platform import Elsewhere, Platform, Refused, TooOften, Unreachable
from gateway.server import Gateway, PortTaken, Tokens, listening
from gateway.store import Store
from gateway.tables import Transactions, metadata
from models.crypto import KeyRing

HOST = "127.0.0.1"
USERNAME = "yinlu_staff_bot"
PURPOSE = "gateway rows"
BACKED_UP = frozenset(
    {"account", "shown", "update_row", "seen", "file"}
    | {"web_account", "web_message", "web_event", "web_file"}
)
"""What a backup holds. No session of the web chat: put back, those that were ended meanwhile would
be good again. The login isn't in it: it is worth nothing without the keys of its
device, and an older copy of those would send what people can't read. Nor is the place in the
stream: what was said after the backup would be said again, hours later and to an older state."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Client:
    """One account of a messenger. `platform` gets its store and the ring of the gateway. `sign_in`:
    once, as the gateway would."""

    platform: Callable[[Store, KeyRing], Platform]
    sign_in: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Messenger:
    """What one messenger needs here. `client` raises SettingsError for what isn't set. `refused`,
    `elsewhere`: said when its server refuses the login, and when it has ended it, where one does;
    `{problem}` is what it said. `meanwhile`: what becomes of what came while it couldn't be
    stored."""

    tenant: Callable[[Settings], str]
    client: Callable[[Settings], Client]
    refused: str
    meanwhile: str
    elsewhere: str = ""


def load(name: str) -> None:
    """Import what the gateway to a messenger stands on, in one go with all else that is loaded."""
    import_module(f"gateway.{name}.client")


async def serve(settings: Settings, stop: asyncio.Event, name: str) -> None:
    """The gateway to a messenger, until `stop` is set. Raises SettingsError."""
    settings.make_folder()
    with only_one(settings, name):
        gateway = gateway_for(settings, name)
        try:
            async with listening(gateway, HOST, settings.gateway_port_of(name)):
                log.info("began", bot="gateway", platform=name)
                await _until(stop, gateway)
        except PortTaken as problem:
            raise SettingsError(f"YINLU_GATEWAY_PORT: {problem}") from None
        except (OSError, DBAPIError) as error:
            raise SettingsError(
                f"YINLU_GATEWAY_STORE: it can't be opened or written ({type(error).__name__}). "
                f"What came meanwhile {MESSENGERS[name].meanwhile}"
            ) from None
        finally:
            await gateway.store.transactions.close()


def gateway_for(settings: Settings, name: str) -> Gateway:
    """Everything joined, nothing running. Raises SettingsError."""
    staff, public = settings.token("staff"), settings.public_token
    tokens = Tokens(staff, public.get_secret_value() if public else "")
    if tokens.public == tokens.staff:
        raise SettingsError(
            "YINLU_STAFF_TOKEN: this is the token of the public bot, which a gateway never serves"
        )
    store = store_for(settings, name)
    client = MESSENGERS[name].client(settings)
    platform = client.platform(store, gateway_ring(settings.ring()))
    bot = GatewayBot(int(staff.split(":")[0]), USERNAME, TITLE)
    return Gateway(store, platform, bot, tokens, settings.gateway_protected == "refuse")


def _matrix(settings: Settings) -> Client:
    from gateway.matrix.client import MatrixPlatform, MatrixSettings, sign_in

    matrix = settings.matrix()

    def platform(store: Store, ring: KeyRing) -> Platform:
        told = MatrixSettings(
            matrix.url,
            matrix.user,
            matrix.password,
            settings.gateway_folder,
            ring.subkey(ring.index_key, "gateway pickle").hex(),
            settings.matrix_encrypted,
        )
        return MatrixPlatform(told, store)

    return Client(platform, lambda: sign_in(matrix.url, matrix.user, matrix.password))


def _wecom(settings: Settings) -> Client:
    from gateway.wecom.client import OFFICIAL, WeComPlatform, WeComSettings, sign_in

    told = WeComSettings(*settings.wecom(), settings.wecom_url or OFFICIAL)
    return Client(lambda store, ring: WeComPlatform(told), lambda: sign_in(told))


def _feishu(settings: Settings) -> Client:
    from gateway.feishu.api import OFFICIAL, FeishuSettings
    from gateway.feishu.client import FeishuPlatform, sign_in

    told = FeishuSettings(*settings.feishu(), settings.feishu_url or OFFICIAL)
    return Client(lambda store, ring: FeishuPlatform(told), lambda: sign_in(told))


def _web(settings: Settings) -> Client:
    from gateway.web.client import WebPlatform, is_led_here
    from gateway.web.settings import WebSettings

    told = WebSettings(*settings.web())
    return Client(lambda store, ring: WebPlatform(told, store), lambda: is_led_here(told))


MESSENGERS = {
    MATRIX: Messenger(
        lambda settings: tenant_of(settings.matrix().user),
        _matrix,
        "YINLU_MATRIX_USER, YINLU_MATRIX_PASSWORD: the server refuses them ({problem})",
        "is asked for again at the next start",
        "the Matrix server has ended this login ({problem}): somebody signed the account out, or "
        "changed its password. Started again, the gateway signs in as a new device",
    ),
    WECOM: Messenger(
        lambda settings: settings.wecom()[0][:64],
        _wecom,
        "YINLU_WECOM_BOT, YINLU_WECOM_SECRET: WeCom refuses them ({problem}): copy both from the "
        "robot's page, where a new secret makes the old one worthless",
        "may have to be written again: WeCom pushes it once",
        "another process has taken this robot over: WeCom lets one be connected, and this one "
        "stops. End the other one before it is started again",
    ),
    FEISHU: Messenger(
        lambda settings: settings.feishu()[0][:64],
        _feishu,
        "YINLU_FEISHU_APP, YINLU_FEISHU_SECRET: Feishu refuses them ({problem}): copy both from "
        "the app's credentials; one of Lark needs YINLU_FEISHU_URL=https://open.larksuite.com",
        "is pushed again by Feishu for some hours, but for presses",
    ),
    WEB: Messenger(
        lambda settings: WEB,
        _web,
        "YINLU_WEB_HOST, YINLU_WEB_PORT: nothing can listen there for people ({problem})",
        "wasn't taken: whoever sent it was told so, and their page keeps it",
    ),
}


async def forget_account(settings: Settings, name: str) -> bool:
    """Forget an account of the web chat, also while it runs: what is open there is signed out
    within a minute. Whether there was one. Raises SettingsError."""
    from gateway.web.records import Records

    records = Records(store_for(settings, WEB))
    try:
        await records.store.open()
        await records.open()
        return await records.forget(name)
    finally:
        await records.store.transactions.close()


class LoginRefused(Exception):
    """The messenger doesn't know the account or its secret. The text is what it said: a code."""


async def signs_in(settings: Settings, name: str) -> bool:
    """Sign in once, as the gateway would; False where the messenger isn't reached. Raises
    LoginRefused, SettingsError for what isn't set."""
    try:
        await MESSENGERS[name].client(settings).sign_in()
    except (Refused, Elsewhere) as problem:
        raise LoginRefused(str(problem)) from None
    except (Unreachable, TooOften):
        return False
    return True


def store_for(settings: Settings, name: str) -> Store:
    """Raises SettingsError."""
    tenant = MESSENGERS[name].tenant(settings)
    rows = transactions_for(settings.gateway_databases[name])
    return Store(rows, gateway_ring(settings.ring()), SystemClock().now, name, tenant)


def transactions_for(url: str) -> Transactions:
    engine = engine_for(url)
    return Transactions(engine, direct_for(engine))


async def make_tables(engine: AsyncEngine, name: str) -> None:
    """For a restore; a gateway that begins makes its own."""
    made = [metadata]
    if name == WEB:
        from gateway.web.tables import metadata as of_web

        made.append(of_web)
    async with engine.execution_options(yinlu_write=True).begin() as connection:
        for one in made:
            await connection.run_sync(one.create_all)


def gateway_ring(ring: KeyRing) -> KeyRing:
    """A ring of one key, which follows from the index key: that one never changes, so that `yinlu
    keys rotate` and `forget`, which know the staff database alone, lose nothing here."""
    return KeyRing((ring.subkey(ring.index_key, PURPOSE),), ring.index_key)


def only_one(settings: Settings, name: str) -> AbstractContextManager[None]:
    """Two with one account would both answer everybody. Raises SettingsError."""
    said = f"{settings.data}: another gateway to {name} runs with this folder"
    return alone(settings.data / f"gateway-{name}.lock", said)


async def _until(stop: asyncio.Event, gateway: Gateway) -> None:
    running, stopping = asyncio.create_task(gateway.run()), asyncio.create_task(stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not running.done():
        running.cancel()
    try:
        await running
    except asyncio.CancelledError:
        return
    except ExceptionGroup as group:
        raise _told(group.exceptions[0], gateway.platform.name) from None


def _told(problem: Exception, name: str) -> Exception:
    if isinstance(problem, Refused):
        return SettingsError(MESSENGERS[name].refused.format(problem=problem))
    if isinstance(problem, Elsewhere):
        return SettingsError(MESSENGERS[name].elsewhere.format(problem=problem))
    return problem
