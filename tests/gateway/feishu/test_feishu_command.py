"""`yinlu gateway feishu`, the command itself: killed, and refused."""

from pathlib import Path

import pytest

from tests.gateway.command import killed_while_it_sends, says_two_things, send_it, settings_for
from tests.gateway.conftest import on_both_stores
from tests.gateway.feishu.server import APP, SECRET, Colleague, FeishuServer
from tests.gateway.house import TOKEN
from tests.messenger.libraries import aiogram_bot
from tests.operations.process import ended, running
from tests.ports import free_port

pytestmark = pytest.mark.slow
COMMAND = "gateway", "feishu"


def told(
    folder: Path, server: FeishuServer, port: int, store: str, secret: str = SECRET
) -> dict[str, str]:
    return settings_for(
        folder,
        port - 2,
        YINLU_GATEWAY_STORE=store,
        YINLU_FEISHU_APP=APP,
        YINLU_FEISHU_SECRET=secret,
        YINLU_FEISHU_URL=server.url,
    )


@on_both_stores
async def test_killed_between_sending_and_hearing_it_is_seen_once_and_loses_nothing(
    tmp_path: Path, file: str, server: FeishuServer, wang: Colleague
) -> None:
    port = free_port()
    here, there = told(tmp_path, server, port, file), f"http://127.0.0.1:{port}"
    bot = aiogram_bot(there, TOKEN)
    async with running(here, *COMMAND) as first:
        await server.connected.wait()
        chat = await says_two_things(wang, bot, there)
        server.codes["send"] = [None]
        await killed_while_it_sends(first, bot, chat, wang)
    # What was written while nobody was there is pushed to whoever comes.
    await wang.writes("还在吗")
    async with running(here, *COMMAND) as second:
        found: list[str] = []
        while len(found) < 2:
            updates = await bot.get_updates(timeout=20)
            found = [one.message.text or "" for one in updates if one.message is not None]
        # What the bot hadn't confirmed is told again.
        assert found == ["待办", "还在吗"]
        await send_it(bot, chat)
        assert [text for text in wang.sees() if "记下了" in text] == ["记下了\n好"]
        await wang.presses("好")
        await wang.is_told("已选：好")
        await bot.session.close()
        log = first.log + second.log
        assert not [w for w in (SECRET, TOKEN, wang.user, "记下了", APP, "ticket") if w in log]


async def test_a_refused_secret_ends_it_with_what_to_do(
    tmp_path: Path, file: str, server: FeishuServer
) -> None:
    refused = await ended(told(tmp_path, server, free_port(), file, "another"), *COMMAND)
    assert refused.code == 2
    assert "YINLU_FEISHU_SECRET" in refused.said + refused.out
