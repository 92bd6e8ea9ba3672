"""`yinlu gateway wecom`, the command itself: killed, refused, and pushed out by a second one."""

from pathlib import Path

import pytest

from tests.gateway.command import killed_while_it_sends, says_two_things, send_it, settings_for
from tests.gateway.house import TOKEN
from tests.gateway.wecom.server import BOT, SECRET, Colleague, WeComServer
from tests.messenger.libraries import aiogram_bot
from tests.operations.process import ended, running
from tests.ports import free_port

pytestmark = pytest.mark.slow
COMMAND = "gateway", "wecom"


def told(folder: Path, server: WeComServer, port: int, secret: str = SECRET) -> dict[str, str]:
    return settings_for(
        folder,
        port - 1,
        YINLU_WECOM_BOT=BOT,
        YINLU_WECOM_SECRET=secret,
        YINLU_WECOM_URL=server.url,
    )


async def test_killed_between_sending_and_hearing_it_repeats_marks_and_loses_nothing(
    tmp_path: Path, server: WeComServer, wang: Colleague
) -> None:
    port = free_port()
    here, there = told(tmp_path, server, port), f"http://127.0.0.1:{port}"
    bot = aiogram_bot(there, TOKEN)
    async with running(here, *COMMAND) as first:
        await server.subscribed.wait()
        chat = await says_two_things(wang, bot, there)
        server.codes["aibot_send_msg"] = [None]
        await killed_while_it_sends(first, bot, chat, wang)
    async with running(here, *COMMAND) as second:
        await wang.hears("（可能重复）记下了")
        # What the bot hadn't confirmed is told again; asked again it isn't said a third time.
        (update,) = await bot.get_updates(timeout=20)
        assert update.message is not None
        assert update.message.text == "待办"
        await send_it(bot, chat)
        assert wang.sees() == ["记下了\n好", "（可能重复）记下了\n好"]
        await wang.presses("好")
        await wang.hears("已选：好")
        await bot.session.close()
        log = first.log + second.log
        assert not [word for word in (SECRET, TOKEN, wang.user, "记下了", BOT) if word in log]


async def test_a_refused_secret_and_a_second_process_end_it_with_what_to_do(
    tmp_path: Path, server: WeComServer
) -> None:
    refused = await ended(told(tmp_path, server, free_port(), "another"), *COMMAND)
    assert refused.code == 2
    assert "YINLU_WECOM_SECRET" in refused.said + refused.out
    async with running(told(tmp_path, server, free_port()), *COMMAND) as first:
        await server.subscribed.wait()
        other = told(tmp_path / "other", server, free_port())
        async with running(other, *COMMAND):
            assert await first.process.wait() == 2
            while "another process has taken this robot over" not in first.log:
                first.spoke.clear()
                await first.spoke.wait()
            assert server.connection is not None
