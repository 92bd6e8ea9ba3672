"""Tell invited people from strangers: those with a post, and those with an open invitation."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from models import CaseHelper, Invitation, Person, PostRow
from models.in_values import among
from services.core.database import Database
from services.people.people import chat_index, is_open, token_hash

LINK_PRESS = "uj"
"""The prefix of the button that answers whether a link is for whoever opened it; its token follows
after a colon. Here, since it is read before anybody is known, and by no router."""


class Newcomers:
    """Asked once for a whole batch of updates before any is stored, so that strangers take neither
    the place nor the turn of staff (docs/promises.md Q12)."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def known(self, chats: Collection[int]) -> frozenset[int]:
        """Return those of the chats whose people hold a post or help in a case now."""
        by_index = {chat_index(chat): chat for chat in chats}
        async with self.database.read() as session:
            return frozenset(by_index[index] for index in await _known(session, by_index))

    async def open_links(self, tokens: Collection[str], at: datetime) -> frozenset[str]:
        """Return those of the tokens that can still be taken up."""
        by_hash = {token_hash(token): token for token in tokens}
        async with self.database.read() as session:
            statement = select(Invitation).where(among(col(Invitation.token_hash), by_hash))
            found = (await session.exec(statement)).all()
        return frozenset(by_hash[row.token_hash] for row in found if is_open(row, at))


async def _known(session: AsyncSession, indexes: Collection[str]) -> set[str]:
    # Whole rows of both tables: a post that somebody wrote by hand makes nobody known.
    posts = select(Person, PostRow).join(PostRow, col(PostRow.person_id) == Person.id)
    helps = select(Person, CaseHelper).join(CaseHelper, col(CaseHelper.person_id) == Person.id)
    asked = among(col(Person.chat_index), indexes)
    found = [
        *(await session.exec(posts.where(asked, col(PostRow.until).is_(None)))),
        *(await session.exec(helps.where(asked, col(CaseHelper.until).is_(None)))),
    ]
    return {person.chat_index for person, _ in found if person.chat_index is not None}
