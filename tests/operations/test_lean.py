"""What isn't used isn't built; what is used works as ever."""

import ssl

import pytest

from bot.app.clock import BEGAN
from bot.app.lean import trusting_nobody
from bot.app.settings import Settings
from bot.app.staff import make_bot, opened
from tests.operations.process import TOKEN


def authorities(context: ssl.SSLContext) -> int:
    return context.cert_store_stats()["x509_ca"]


def test_who_trusts_nobody_still_asks_for_a_certificate() -> None:
    with trusting_nobody():
        made = ssl.create_default_context()
    assert authorities(made) == 0
    assert (made.verify_mode, made.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert authorities(ssl.create_default_context()) > 0


@pytest.mark.parametrize(
    ("api", "trusts"), [("http://127.0.0.1:9", False), ("https://api.telegram.org", True)]
)
async def test_certificates_are_read_where_the_messenger_is_elsewhere(
    settings: Settings, api: str, trusts: bool
) -> None:
    given = Settings.model_validate({"data": settings.data, "api": api, "staff_token": TOKEN})
    async with opened(given) as (services, _):
        bot, silences = await make_bot(given, services)
        assert (authorities(bot.session._connector_init["ssl"]) > 0) is trusts
        assert silences.limiter.begun == BEGAN
        await bot.session.close()
