"""The web chat over HTTP: what the page sends and is told, with a bot on the other side."""

from tests.gateway.house import Bot
from tests.gateway.web.conftest import taken_in
from tests.gateway.web.pages import Browser


async def test_somebody_joins_and_reads(bot: Bot, wang: Browser) -> None:
    chat = await taken_in(bot, wang)
    await bot.api.send_message(chat, "您好 <b>王</b>", parse_mode="HTML")
    await wang.hears("您好 王")
    print(wang.lines)
