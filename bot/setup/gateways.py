"""What `yinlu setup` asks of the messengers beside Telegram, and how it tries them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe

from pydantic import SecretStr

from bot.app.settings import (
    FEISHU,
    GATEWAYS,
    MATRIX,
    MATRIX_USER,
    SECURE,
    SOCKETS,
    WEB,
    WECOM,
    Settings,
    page_address,
)
from bot.cli.doctor import health_of
from bot.processes.gateway import LoginRefused, signs_in
from bot.setup import setup_texts as texts
from bot.setup.asking import Terminal, Wrong, an_address, said_to_remain, something
from bot.setup.files import EnvironmentFile

ON_TELEGRAM = "telegram"
NUMBER = 700001
"""Of the bot where no Telegram gave it one."""
WORD_BYTES = 24


def _a_matrix_user(answer: str) -> str:
    if not MATRIX_USER.fullmatch(answer):
        raise Wrong(texts.not_a_matrix_user())
    return answer


def _begins_with(known: tuple[str, ...]) -> Callable[[str], str]:
    """Nothing is fine too: the messenger's own address."""

    def check(answer: str) -> str:
        if answer and not answer.startswith(known):
            raise Wrong(texts.not_a_gateway_address(known[0]))
        return answer.rstrip("/")

    return check


def _a_page(answer: str) -> str:
    try:
        return page_address(answer)
    except ValueError:
        raise Wrong(texts.not_a_page(SECURE[0])) from None


def _some_messengers(answer: str) -> str:
    names = re.findall(r"\w+", answer.lower())
    if not names or {*names} - {ON_TELEGRAM, *GATEWAYS}:
        raise Wrong(texts.not_messengers())
    return " ".join(names)


@dataclass(frozen=True)
class GatewayQuestions:
    """The settings of one messenger, and what their answers have to be. `account`, `secret`: ""
    where it has none, since we are the messenger ourselves."""

    url: str
    account: str
    secret: str
    an_address: Callable[[str], str]
    an_account: Callable[[str], str] = something


ASKED: Mapping[str, GatewayQuestions] = {
    MATRIX: GatewayQuestions(
        "YINLU_MATRIX_URL", "YINLU_MATRIX_USER", "YINLU_MATRIX_PASSWORD",
        an_address, _a_matrix_user,
    ),
    WECOM: GatewayQuestions(
        "YINLU_WECOM_URL", "YINLU_WECOM_BOT", "YINLU_WECOM_SECRET", _begins_with(SOCKETS)
    ),
    FEISHU: GatewayQuestions(
        "YINLU_FEISHU_URL", "YINLU_FEISHU_APP", "YINLU_FEISHU_SECRET", _begins_with(SECURE)
    ),
    WEB: GatewayQuestions("YINLU_WEB_URL", "", "", _a_page),
}  # fmt: skip


class Gateways:
    """The messengers of the staff, in the settings of their bot: a gateway reads the same ones."""

    def __init__(self, file: EnvironmentFile, terminal: Terminal, remains: list[str]) -> None:
        self.file, self.terminal, self.remains = file, terminal, remains

    def ask_which(self) -> None:
        """Where Telegram isn't among them, the first gateway stands in its place, and the token is
        a secret that the two share. Raises Stopped, SettingsError."""
        stands = self.file.read()
        if "YINLU_GATEWAYS" not in stands:
            names = self.terminal.asked(texts.messengers(), _some_messengers, ON_TELEGRAM).split()
            there = {name: self._address(name) for name in GATEWAYS if name in names}
            answered, api = {}, self.file.settings().api
            if ON_TELEGRAM not in names and not stands.keys() & {"YINLU_API", "YINLU_STAFF_TOKEN"}:
                answered["YINLU_API"] = api = next(iter(there.values()))
            beside = [f"{name}={address}" for name, address in there.items() if address != api]
            answered["YINLU_GATEWAYS"] = " ".join(beside)
            # At once: broken off in between, half an answer would count when it is asked anew.
            self.file.add_all(answered)
        if self.in_its_place():
            self.file.add("YINLU_STAFF_TOKEN", f"{NUMBER}:{token_urlsafe(WORD_BYTES)}")

    def named(self) -> tuple[str, ...]:
        """The messengers that the staff bot asks for on this machine."""
        settings = self.file.settings()
        asked = {settings.api, *(source.api for source in settings.sources)}
        return tuple(name for name in GATEWAYS if self._address(name) in asked)

    def in_its_place(self) -> bool:
        """Whether a gateway stands where Telegram would."""
        api = self.file.settings().api
        return any(self._address(name) == api for name in GATEWAYS)

    def _address(self, name: str) -> str:
        return f"http://127.0.0.1:{self.file.settings().gateway_port_of(name)}"

    @property
    def page(self) -> str:
        """Where people open the web chat; "" where it isn't among their messengers."""
        return self.file.settings().web_url if WEB in self.named() else ""

    def page_alone(self) -> bool:
        """Whether there is nothing to open but the web chat."""
        return self.in_its_place() and self.named() == (WEB,)

    async def ask_each(self) -> None:
        """Raises Stopped."""
        for name in self.named():
            if ASKED[name].secret:
                await self._ask(name, ASKED[name])
            else:
                await self._ask_page(name, ASKED[name])

    async def _ask_page(self, name: str, asked: GatewayQuestions) -> None:
        if asked.url in self.file.read():
            await self._look_again(name)
            return
        while True:
            address = self.terminal.asked(texts.gateway_address(name), asked.an_address)
            given = {_field(asked.url): address}
            try:
                await self._sign_in(name, self.file.settings().model_copy(update=given))
            except Wrong as wrong:
                self.terminal.say(str(wrong))
            else:
                self.file.add(asked.url, address)
                return

    async def _ask(self, name: str, asked: GatewayQuestions) -> None:
        stands = self.file.read()
        if asked.url not in stands:
            address = self.terminal.asked(texts.gateway_address(name), asked.an_address)
            self.file.add(asked.url, address)
        if stands.keys() >= {asked.account, asked.secret}:
            await self._look_again(name)
            return
        refused = False
        while True:
            account = self._account(name, asked, refused)
            secret = self.terminal.asked(texts.gateway_secret(name), something, secret=True)
            given = {_field(asked.account): account, _field(asked.secret): SecretStr(secret)}
            try:
                await self._sign_in(name, self.file.settings().model_copy(update=given))
            except Wrong as wrong:
                self.terminal.say(str(wrong))
                refused = True
            else:
                self.file.add(asked.secret, secret)
                return

    def _account(self, name: str, asked: GatewayQuestions, refused: bool) -> str:
        """As it was answered before this run was broken off; asked for where it wasn't, and again
        where it was refused: nobody knows whether it or the secret was wrong."""
        stands = self.file.read().get(asked.account, "")
        if stands and not refused:
            return stands
        account = self.terminal.asked(texts.gateway_account(name), asked.an_account, stands)
        self.file.put(asked.account, account)
        return account

    async def _look_again(self, name: str) -> None:
        """One that runs is left alone: WeCom would push it out. The doctor says how it is."""
        settings = self.file.settings()
        if await health_of(settings, name) is None:
            with said_to_remain(self.remains, texts.standing_login_refused(name, self.file.path)):
                await self._sign_in(name, settings)

    async def _sign_in(self, name: str, settings: Settings) -> None:
        """Raises Wrong where the messenger refuses it."""
        try:
            reached = await signs_in(settings, name)
        except LoginRefused as problem:
            raise Wrong(texts.login_refused(name, str(problem))) from None
        if reached:
            self.terminal.say(texts.signed_in(name))
        else:
            self.terminal.say(texts.gateway_not_reached(name))
            self.remains.append(texts.gateway_not_reached(name))


def _field(variable: str) -> str:
    return variable.removeprefix("YINLU_").lower()
