"""What may fail around a gateway, beside what each messenger's own folder has: a full disk, a clock
that is wrong, one person with two accounts."""

import gc
from typing import Any

import pytest
from aiogram.exceptions import TelegramServerError
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from gateway.platform import Account
from tests.gateway.conftest import FakeHouse
from tests.gateway.fake import Somebody
from tests.gateway.house import Bot
from tests.gateway.test_core import TOKENS, begun, buttons


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_on_a_full_disk_nothing_is_taken_or_sent_that_isnt_stored(
    bot: Bot, wang: Somebody
) -> None:
    chat = await begun(bot, wang)
    engine = bot.gateway.store.transactions.asked

    def full(connection: Any, *_: object) -> None:
        # As SQLite says it where the disk has no room: no page more than there are.
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def roomy(connection: Any, *_: object) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")

    event.listen(engine, "begin", full)
    long = "长" * 20_000
    with pytest.raises(OperationalError, match="full"):
        # Raised to the platform, which doesn't acknowledge it.
        await wang.writes(long, id="e-long")
    with pytest.raises(TelegramServerError):
        await bot.api.send_message(chat, "记下了" * 1300)
    assert wang.sees() == []
    event.remove(engine, "begin", full)
    event.listen(engine, "begin", roomy)
    # There is room again: what wasn't acknowledged comes again, and the bot asks again.
    await wang.writes(long, id="e-long")
    (update,) = await bot.updates()
    assert update["message"]["text"] == long
    await bot.api.send_message(chat, "记下了")
    assert wang.sees() == ["记下了"]
    # The driver warns of connections that SQLite rolled back by itself: here, not in another test.
    gc.collect()


async def test_a_clock_that_goes_back_gives_no_number_twice_and_shuts_nobody_out(
    house: FakeHouse, wang: Somebody
) -> None:
    async with house.running() as bot:
        chat = await begun(bot, wang)
        first = await bot.api.send_message(chat, "选", reply_markup=buttons("甲"))
        for token in TOKENS[:6]:
            await wang.writes(token)
        tried = await bot.updates()
        assert len(tried) == 5
        house.passes(days=-2)
        await wang.writes("A")
        (press,) = await bot.updates()
        assert press["callback_query"]["message"]["message_id"] == first.message_id
        assert press["update_id"] > tried[-1]["update_id"]
        # The hour of wrong tokens isn't two days long.
        await wang.writes(TOKENS[6])
        assert len(await bot.updates()) == 1
        house.passes(days=-1)
    async with house.running() as bot:
        again = await bot.api.send_message(chat, "再选", reply_markup=buttons("乙"))
        assert again.message_id > first.message_id
        await wang.writes("在")
        *_, update = await bot.updates()
        assert update["update_id"] > press["update_id"]


async def test_one_person_with_two_accounts_has_two_chats(bot: Bot, wang: Somebody) -> None:
    second = Somebody(wang.platform, Account("@wang2:here.test", "!room2", wang.account.name))
    chats = [await begun(bot, wang), await begun(bot, second)]
    assert len({*chats}) == 2
    for chat in chats:
        await bot.api.send_message(chat, "选", reply_markup=buttons("甲"))
    await second.writes("A")
    (press,) = await bot.updates()
    assert press["callback_query"]["message"]["chat"]["id"] == chats[1]
    # The one that is left takes the other with it nowhere.
    await second.leaves()
    (left,) = await bot.updates()
    assert left["my_chat_member"]["chat"]["id"] == chats[1]
    await bot.api.send_message(chats[0], "还在")
    assert wang.sees()[-1] == "还在"
