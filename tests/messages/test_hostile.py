"""Whatever comes to the webhook in Telegram's name, who speaks next is answered
(docs/promises.md Q7)."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pipeline import worker as module
from bot.pipeline.worker import Worker
from services.core.advisory_locks import AdvisoryLocks
from services.core.database import Database
from tests.chance import examples
from tests.conversation.conftest import House, database_url
from tests.conversation.people import Somebody
from tests.conversation.telegram import ME
from tests.messages.conftest import said
from tests.messages.test_fuzz import stored
from tests.messages.test_webhook import JSON, Hook

__all__ = ["database_url"]
WAYS = (
    ("message",), ("message", "chat"), ("message", "from"), ("message", "text"),
    ("message", "date"), ("message", "message_id"), ("message", "chat", "id"),
    ("message", "chat", "type"), ("message", "from", "id"), ("message", "from", "language_code"),
    ("message", "entities"), ("message", "photo"), ("message", "document"), ("message", "contact"),
    ("message", "forward_origin"), ("message", "reply_to_message"), ("message", "via_bot"),
    ("message", "new_chat_members"), ("message", "web_app_data"), ("edited_message",),
    ("callback_query",), ("callback_query", "data"), ("callback_query", "message"),
    ("callback_query", "message", "chat"), ("callback_query", "message", "date"),
    ("callback_query", "from"), ("callback_query", "id"), ("my_chat_member",), ("poll",),
)  # fmt: skip
LIKELY = st.sampled_from(
    [None, "", 0, -1, 2**53, 10**40, "group", "channel", "\ud800", {}, [], [{}]]
)
WRITTEN = ("entry", "case_file", "post", "preference", "audit_line")


def pressed(chat: int) -> dict[str, Any]:
    update = said("x", chat)
    message = update.pop("message")
    sender = message["from"]
    shown = message | {"from": ME.model_dump(exclude_none=True)}
    query = {"id": "1", "from": sender, "chat_instance": "1", "message": shown, "data": "g:todo"}
    return update | {"callback_query": query}


def spoilt(way: tuple[str, ...], what: object, chat: int) -> dict[str, Any]:
    """An update in which one thing is what it can't be."""
    update = deepcopy(pressed(chat) if way[0] == "callback_query" else said("x", chat))
    place: dict[str, Any] = update
    for name in way[:-1]:
        place = place[name]
    place[way[-1]] = what
    return update


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@examples(12, 100)
@given(way=st.sampled_from(WAYS), what=LIKELY | JSON)
async def test_after_anything_at_all_the_next_who_speaks_is_answered(
    house: House,
    secretary: Somebody,
    database: Database,
    second: Database,
    locks: AdvisoryLocks,
    monkeypatch: pytest.MonkeyPatch,
    way: tuple[str, ...],
    what: object,
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.001)
    monkeypatch.setattr(module, "LOCK_RETRY", 0.001)
    bot, chat = house.line.bot, secretary.chat_id
    worker = Worker("staff", bot, house.line.dispatcher, house.services.inbox, locks, house.now)
    before = {name: rows for name, rows in (await stored(second)).items() if name in WRITTEN}
    async with Hook(bot, database) as hook:
        assert await hook.post(spoilt(way, what, chat)) == 200
        worker.wake(hook.woken)
        await worker.idle()
        after = {name: rows for name, rows in (await stored(second)).items() if name in WRITTEN}
        assert after == before
        secretary.chat.clear()
        assert await hook.post(said("待办", chat)) == 200
        worker.wake(hook.woken)
        await worker.idle()
    assert await house.services.inbox.chats("staff") == ()
    assert "现在没有要您办的事" in secretary.screen.text
