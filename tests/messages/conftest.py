"""The house of the conversation stories, on both databases, and updates of the messenger."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from aiogram import Bot

from services.core.advisory_locks import AdvisoryLocks
from services.core.database import Database
from tests.conversation.conftest import committee, director, house, introducer, procedure, secretary
from tests.conversation.telegram import Telegram
from tests.conversation.test_filling import opened

__all__ = ["committee", "director", "house", "introducer", "opened", "procedure", "secretary"]

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""Monday, 10 o'clock in Shanghai."""
IDS = count(1)


def said(text: str, chat: int = 7, update: int | None = None) -> dict[str, Any]:
    """An update in which somebody says something."""
    number = next(IDS) if update is None else update
    person = {"id": chat, "is_bot": False, "first_name": "x", "language_code": "zh-hans"}
    message = {"message_id": number, "date": 1795310000, "chat": {"id": chat, "type": "private"}}
    return {"update_id": number, "message": message | {"from": person, "text": text}}


@pytest.fixture
def telegram() -> Telegram:
    return Telegram()


@pytest.fixture
def bot(telegram: Telegram) -> Bot:
    return Bot("42:TEST", session=telegram)


@pytest.fixture
async def locks(database: Database) -> AsyncIterator[AdvisoryLocks]:
    made = AdvisoryLocks(database)
    yield made
    await made.close()


@pytest.fixture
async def other_locks(second: Database) -> AsyncIterator[AdvisoryLocks]:
    """Those of another process."""
    made = AdvisoryLocks(second)
    yield made
    await made.close()
